/* itertools.h: each itertool against what CPython gives, whose expression stands beside it; and
 * what they have in common: ends, errors, waiting, closing, refusing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static struct unhandled_error {
    int code, count;
} unhandled;
#define GEN_UNHANDLED(exc) (unhandled.code = (exc).code, unhandled.count++)
#include "itertools.h"

enum { EFIRST = GEN_EUSER, ESECOND };

/* Yields 0 to n - 1; waits before each if told to; ends with an error, if there is one. */
gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    struct gen_unwind unwind[1];
    int n, at, error;
    bool waits, left;
};
gen_define(numbers)
{
    gen_begin();
    gen_try_finally {
        for (; self->at < self->n; self->at++) {
            if (self->waits)
                gen_suspend();
            gen_yield(self->at);
        }
        if (self->error)
            gen_raise(self->error, "numbers");
    }
    gen_finally {
        self->left = true;
    }
    gen_end_finally
    gen_end();
}

/* def fibonacci(), as in seed after seed */
gen_declare(fibonacci, int);
struct fibonacci {
    struct gen gen;
    int a, b;
};
gen_define(fibonacci)
{
    int next;
    gen_begin();
    gen_yield(2);
    for (self->a = 2, self->b = 1;;) {
        gen_yield(self->b);
        next = self->a + self->b;
        self->a = self->b;
        self->b = next;
    }
    gen_end();
}

/* -- What items look like ---------------------------------------------------------------------- */

struct pair {
    int number;
    char letter;
};
struct numbered {
    size_t index;
    int value;
};

typedef void writer(char *to, size_t size, const void *item, size_t n);

static void write_int(char *to, size_t size, const void *item, size_t n)
{
    (void)n;
    (void)snprintf(to, size, "%d", *(const int *)item);
}
static void write_ints(char *to, size_t size, const void *item, size_t n)
{
    const int *x = item;
    size_t at = 0;
    to[0] = '\0';
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(to + at, size - at, i ? ",%d" : "%d", x[i]);
}
static void write_indices(char *to, size_t size, const void *item, size_t n)
{
    int x[8] = {0};
    for (size_t i = 0; i < n; i++)
        x[i] = (int)((const size_t *)item)[i];
    write_ints(to, size, x, n);
}
static void write_chars(char *to, size_t size, const void *item, size_t n)
{
    assert_true(n < size);
    memcpy(to, item, n); /* as not every library's printf has "%.*s" */
    to[n] = '\0';
}
static void write_pair(char *to, size_t size, const void *item, size_t n)
{
    const struct pair *p = item;
    (void)n;
    (void)snprintf(to, size, "%d%c", p->number, p->letter);
}
static void write_numbered(char *to, size_t size, const void *item, size_t n)
{
    const struct numbered *p = item;
    (void)n;
    (void)snprintf(to, size, "%d:%d", (int)p->index, p->value);
}
static void write_batch(char *to, size_t size, const void *item, size_t n)
{
    const struct iter_batch *b = item;
    (void)n;
    write_ints(to, size, b->items, b->count);
}

#ifndef SHOWN
#define SHOWN 1024 /* less where a target has less */
#endif

/* At most `most` of what is left, in words; then "..." if that was not all that was asked for, or
 * "!" and the text of an error. */
static const char *show_with(writer *write, struct gen_any it, int most, size_t n)
{
    static char text[SHOWN];
    size_t at = 0;
    text[0] = '\0';
    for (int i = 0; i < most; i++) {
        long long item[16] = {0};
        struct gen_io io;
        enum gen_status st;
        gen__io_init(&io, NULL, item);
        st = it.resume(it.frame, &io);
        assert_true(at + 64 < sizeof text);
        if (st == GEN_RETURNED)
            return text;
        if (i > 0)
            text[at++] = ' ';
        if (st == GEN_RAISED) {
            assert_int_equal(gen_any_error(it), io.exc.code);
            (void)snprintf(text + at, sizeof text - at, "!%s",
                           io.exc.text ? io.exc.text : iter_error_name(io.exc.code));
            return text;
        }
        assert_int_equal(st, GEN_YIELDED);
        write(text + at, sizeof text - at, item, n);
        at += strlen(text + at);
    }
    (void)snprintf(text + at, sizeof text - at, " ...");
    return text;
}
static const char *show(struct gen_any it)
{
    return show_with(write_int, it, 12, 1);
}

#define assert_shows(it, expected) assert_string_equal(show(it), expected)
#define assert_shows_as(write, n, it, expected)                                                    \
    assert_string_equal(show_with((write), (it), 99, (n)), expected)

static bool is_odd(const void *item, void *arg)
{
    (void)arg;
    return *(const int *)item % 2 != 0;
}
static bool is_less(const void *item, void *arg)
{
    return *(const int *)item < *(const int *)arg;
}
static bool less(const void *a, const void *b, void *arg)
{
    (void)arg;
    return *(const int *)a < *(const int *)b;
}
static bool same_tens(const void *a, const void *b, void *arg)
{
    (void)arg;
    return *(const int *)a / 10 == *(const int *)b / 10;
}
static void square(const void *item, void *out, void *arg)
{
    int x = *(const int *)item;
    if (arg != NULL)
        ++*(int *)arg; /* calls */
    *(int *)out = x * x;
}
static void power(const void *item, void *out, void *arg)
{
    const int *pair = item;
    (void)arg;
    *(int *)out = 1;
    for (int i = 0; i < pair[1]; i++)
        *(int *)out *= pair[0];
}
static void add(void *total, const void *item, void *arg)
{
    (void)arg;
    *(int *)total += *(const int *)item;
}
static void add_long(void *total, const void *item, void *arg)
{
    (void)arg;
    *(long long *)total += *(const int *)item;
}

/* -- Sources ----------------------------------------------------------------------------------- */

static void arrays_and_strings(void **state)
{
    struct fibonacci fib = {.a = 0};
    int list[] = {4, 7, 0, 3};
    struct iter_array named = {.items = list, .size = sizeof(int), .count = 2};
    int x = 0;
    (void)state;
    assert_shows(iter_array(list), "4 7 0 3"); /* list(iter([4, 7, 0, 3])) */
    assert_shows(iter_array((int[]){4, 7, 0, 3}), "4 7 0 3");
    assert_shows_as(write_chars, 1, iter_chars("abc"), "a b c"); /* list("abc") */
    assert_shows_as(write_chars, 1, iter_chars(""), "");
    assert_shows(iter_of(numbers, .n = 3), "0 1 2");
    assert_shows(iter_of(numbers), "");
    assert_true(iter_array_next(&named, &x) && x == 4);
    assert_true(iter_array_next(&named, NULL));
    assert_false(iter_array_next(&named, &x));
    assert_int_equal(x, 4);
    assert_int_equal(gen_state(&named), GEN_CLOSED);
    /* list(islice(fibonacci(), 10)) */
    assert_shows(iter_islice(fibonacci_any(&fib), 10), "2 1 3 4 7 11 18 29 47 76");
    assert_shows(iter_islice(iter_of(fibonacci), 10), "2 1 3 4 7 11 18 29 47 76");
}

/* -- range ------------------------------------------------------------------------------------- */

iter_define_range(bytes, signed char);
iter_define_range(longs, int64_t);
iter_define_range(unsigneds, uint64_t);

static void range_is_cpythons(void **state)
{
    struct iter_range_value r = ITER_RANGE(0, 20, 3);
    struct iter_range it = iter_range_iter(r), reversed = iter_range_reversed(r);
    uintmax_t i = 0;
    int x = 0;
    (void)state;
    assert_shows(iter_range(3), "0 1 2");               /* list(range(3)) */
    assert_shows(iter_range(-2, 2), "-2 -1 0 1");       /* list(range(-2, 2)) */
    assert_shows(iter_range(5, 0, -2), "5 3 1");        /* list(range(5, 0, -2)) */
    assert_shows(iter_range(0), "");                    /* list(range(0)) */
    assert_shows(iter_range(3, 3, -1), "");             /* list(range(3, 3, -1)) */
    assert_int_equal(iter_range_length(r), 7);          /* len(range(0, 20, 3)) */
    assert_true(iter_range_at(r, 6, &x) && x == 18);    /* range(0, 20, 3)[6] */
    assert_true(iter_range_at(r, -1, &x) && x == 18);   /* range(0, 20, 3)[-1] */
    assert_true(iter_range_at(r, -7, &x) && x == 0);    /* range(0, 20, 3)[-7] */
    assert_false(iter_range_at(r, 7, &x));              /* IndexError */
    assert_false(iter_range_at(r, -8, &x));             /* IndexError */
    assert_false(iter_range_at(r, INTMAX_MIN, &x));     /* IndexError */
    assert_true(iter_range_contains(r, 9));             /* 9 in range(0, 20, 3) */
    assert_false(iter_range_contains(r, 10));           /* 10 in range(0, 20, 3) */
    assert_false(iter_range_contains(r, 21));           /* 21 in range(0, 20, 3) */
    assert_true(iter_range_index(r, 15, &i) && i == 5); /* range(0, 20, 3).index(15) */
    assert_false(iter_range_index(r, -3, &i));          /* ValueError */
    /* list(reversed(range(0, 20, 3))), and two iterators of one range */
    assert_shows(iter_range_any(&reversed), "18 15 12 9 6 3 0");
    assert_true(iter_range_next(&it, &x) && x == 0);
    assert_shows(iter_range_any(&(struct iter_range){.range = r}), "0 3 6 9 12 15 18");
    assert_shows(iter_range_any(&it), "3 6 9 12 15 18");
}

static void ranges_are_equal_as_sequences(void **state)
{
    const struct iter_range_value a = ITER_RANGE(0, 3, 2), b = ITER_RANGE(0, 4, 2);
    const struct iter_range_value none = ITER_RANGE(0), nothing = ITER_RANGE(7, 1, 9);
    const struct iter_range_value one = ITER_RANGE(5, 6, 1), single = ITER_RANGE(5, 9, 100);
    (void)state;
    assert_true(iter_range_equal(a, b));          /* range(0, 3, 2) == range(0, 4, 2) */
    assert_true(iter_range_equal(none, nothing)); /* range(0) == range(7, 1, 9) */
    assert_true(iter_range_equal(one, single));   /* range(5, 6) == range(5, 9, 100) */
    assert_false(iter_range_equal(a, one));
    assert_false(iter_range_equal(a, (struct iter_range_value)ITER_RANGE(0, 2)));
}

/* Every question about ranges of a small type, asked of a loop in a larger one. */
static void ranges_up_to_the_ends_of_a_type(void **state)
{
    static const int ends[] = {SCHAR_MIN, SCHAR_MIN + 1, -3, 0, 1, 5, SCHAR_MAX - 1, SCHAR_MAX};
    static const intmax_t steps[] = {1,  -1,  2,   -2,   3,          -3,
                                     97, -97, 255, -255, INTMAX_MAX, INTMAX_MIN};
    enum { ENDS = sizeof ends / sizeof ends[0], STEPS = sizeof steps / sizeof steps[0] };
    (void)state;
    for (size_t k = 0; k < (size_t)ENDS * ENDS * STEPS; k++) {
        const int start = ends[k % ENDS], stop = ends[k / ENDS % ENDS];
        const intmax_t step = steps[k / ENDS / ENDS];
        const intmax_t clipped = step > 1000 ? 1000 : step < -1000 ? -1000 : step;
        struct bytes_value r = {.start = (signed char)start, .stop = (signed char)stop};
        struct bytes it, back;
        int expected[256], count = 0, sum = 0;
        uintmax_t index = 0;
        signed char x = 0;
        r.step = step;
        for (int i = start; step > 0 ? i < stop : i > stop; i += (int)clipped)
            expected[count++] = i;
        assert_int_equal(bytes_length(r), count);
        it = bytes_iter(r);
        back = bytes_reversed(r);
        for (int i = 0; i < count; i++) {
            assert_true(bytes_next(&it, &x));
            assert_int_equal(x, expected[i]);
            assert_true(bytes_next(&back, &x));
            assert_int_equal(x, expected[count - 1 - i]);
            assert_true(bytes_at(r, i, &x) && x == expected[i]);
            assert_true(bytes_at(r, i - count, &x) && x == expected[i]);
            assert_true(bytes_index(r, (signed char)expected[i], &index));
            assert_int_equal(index, i);
        }
        assert_false(bytes_next(&it, &x) || bytes_next(&it, &x));
        assert_false(bytes_next(&back, &x) || bytes_next(&back, &x));
        assert_false(bytes_at(r, count, &x) || bytes_at(r, -1 - count, &x));
        for (int i = SCHAR_MIN; i <= SCHAR_MAX; i++)
            sum += bytes_contains(r, (signed char)i);
        assert_int_equal(sum, count);
    }
}

static void ranges_of_the_largest_types(void **state)
{
    const struct longs_value all = ITER_RANGE(INT64_MIN, INT64_MAX);
    const struct longs_value far = ITER_RANGE(INT64_MIN, INT64_MAX, INT64_MAX);
    const struct longs_value down = ITER_RANGE(INT64_MAX, INT64_MIN, INT64_MIN);
    const struct unsigneds_value top = ITER_RANGE(UINT64_MAX, UINT64_MAX - 4, -2);
    struct longs it = longs_reversed(all);
    struct unsigneds u = unsigneds_iter(top);
    int64_t x = 0;
    uint64_t y = 0;
    (void)state;
    /* r = range(-2**63, 2**63 - 1); r[-1] + 1 - r[0], which len(r) would be */
    assert_true(longs_length(all) == UINT64_MAX);
    assert_true(longs_at(all, INT64_MAX, &x) && x == -1); /* r[2**63 - 1] */
    assert_true(longs_next(&it, &x) && x == INT64_MAX - 1);
    /* list(range(-2**63, 2**63 - 1, 2**63 - 1)) */
    it = longs_iter(far);
    assert_true(longs_next(&it, &x) && x == INT64_MIN);
    assert_true(longs_next(&it, &x) && x == -1);
    assert_true(longs_next(&it, &x) && x == INT64_MAX - 1);
    assert_false(longs_next(&it, &x));
    /* list(range(2**63 - 1, -2**63, -2**63)), and reversed */
    it = longs_iter(down);
    assert_true(longs_next(&it, &x) && x == INT64_MAX);
    assert_true(longs_next(&it, &x) && x == -1);
    assert_false(longs_next(&it, &x));
    it = longs_reversed(down);
    assert_true(longs_next(&it, &x) && x == -1);
    assert_true(longs_next(&it, &x) && x == INT64_MAX);
    assert_false(longs_next(&it, &x));
    /* list(range(2**64 - 1, 2**64 - 5, -2)) */
    assert_true(unsigneds_next(&u, &y) && y == UINT64_MAX);
    assert_true(unsigneds_next(&u, &y) && y == UINT64_MAX - 2);
    assert_false(unsigneds_next(&u, &y));
}

static void a_step_of_0_is_an_error(void **state)
{
    const struct iter_range_value r = ITER_RANGE(0, 5, 0);
    struct iter_range it = iter_range_iter(r), back = iter_range_reversed(r);
    int x = 7;
    (void)state;
    assert_int_equal(iter_range_step(&it, &x), GEN_RAISED); /* ValueError */
    assert_int_equal(gen_error(&it), ITER_ESTEP);
    assert_int_equal(iter_range_step(&back, &x), GEN_RAISED);
    assert_int_equal(iter_range_length(r), 0);
    assert_false(iter_range_at(r, 0, &x) || iter_range_contains(r, 0));
    assert_int_equal(x, 7);
    assert_shows(iter_range(0, 5, 0), "!ITER_ESTEP: the step of a range is 0");
}

/* -- Endless ones ------------------------------------------------------------------------------ */

iter_define_count(byte_count, unsigned char);

static void count_stops_where_its_type_does(void **state)
{
    struct iter_count it = {.start = INT_MAX - 1, .step = 1};
    struct iter_count down = {.start = INT_MIN + 3, .step = -2};
    struct byte_count byte = {.start = 250, .step = 3};
    unsigned char b = 0;
    (void)state;
    assert_shows(iter_islice(iter_count(5), 3), "5 6 7");        /* islice(count(5), 3) */
    assert_shows(iter_islice(iter_count(5, -2), 4), "5 3 1 -1"); /* islice(count(5, -2), 4) */
    assert_shows(iter_islice(iter_count(5, 0), 3), "5 5 5");     /* islice(count(5, 0), 3) */
    assert_shows(iter_count_any(&it), "2147483646 2147483647 "
                                      "!ITER_EOVERFLOW: a count at the end of its type");
    assert_shows(iter_count_any(&it), "!ITER_EOVERFLOW: a count at the end of its type");
    assert_shows(iter_count_any(&down), "-2147483645 -2147483647 "
                                        "!ITER_EOVERFLOW: a count at the end of its type");
    assert_true(byte_count_next(&byte, &b) && b == 250);
    assert_true(byte_count_next(&byte, &b) && b == 253);
    assert_false(byte_count_next(&byte, &b));
    assert_int_equal(gen_error(&byte), ITER_EOVERFLOW);
}

static void repeat_and_cycle(void **state)
{
    int room[3];
    struct gen_any it;
    (void)state;
    assert_shows(iter_repeat(int, 17, 3), "17 17 17");          /* list(repeat(17, 3)) */
    assert_shows(iter_repeat(int, 17, 0), "");                  /* list(repeat(17, 0)) */
    assert_shows(iter_islice(iter_repeat(int, 1), 3), "1 1 1"); /* islice(repeat(1), 3) */
    it = iter_repeat(int, 1);
    assert_string_equal(show_with(write_int, it, 3, 1), "1 1 1 ...");
    assert_true(((struct iter_repeat *)it.frame)->times == ITER_FOREVER);
    /* islice(cycle(range(3)), 8) */
    assert_shows(iter_islice(iter_cycle(iter_range(3), room), 8), "0 1 2 0 1 2 0 1");
    assert_shows(iter_islice(iter_cycle(iter_range(2), room), 5), "0 1 0 1 0");
    assert_shows(iter_cycle(iter_range(0), room), ""); /* list(cycle(range(0))) */
    /* islice(cycle("|/-\\"), 6) */
    assert_shows_as(write_chars, 1, iter_islice(iter_cycle(iter_chars("|/-\\"), (char[4]){0}), 6),
                    "| / - \\ | /");
    /* islice(chain(repeat(17, 3), cycle(range(3))), 10) */
    it = iter_chain(iter_repeat(int, 17, 3), iter_cycle(iter_range(3), room));
    assert_shows(iter_islice(it, 10), "17 17 17 0 1 2 0 1 2 0");
    it = iter_cycle(iter_range(5), room);
    assert_shows(it, "0 1 2 !ITER_EFULL: no room for another item");
    assert_string_equal(show_with(write_int, it, 1, 1), "!ITER_EFULL: no room for another item");
    assert_string_equal(show_with(write_int, it, 4, 1), "0 1 2 0 ...");
}

/* -- One source -------------------------------------------------------------------------------- */

static void chain_goes_through_its_sources(void **state)
{
    struct gen_any parts[2];
    struct gen_any list[3] = {iter_range(2), iter_range(0), iter_range(7, 9)};
    struct numbers broken = {.n = 1, .error = EFIRST};
    struct gen_any it;
    (void)state;
    assert_shows(iter_chain(iter_range(2), iter_range(0), iter_range(5, 7)), "0 1 5 6");
    assert_shows(iter_chain(iter_chain(iter_range(1), iter_range(2)), iter_range(1)), "0 0 1 0");
    assert_shows(iter_chain(iter_range(0)), "");
    /* chain.from_iterable([range(2), range(0), range(7, 9)]) */
    assert_shows(iter_chain_from_iterable(iter_array(list)), "0 1 7 8");
    parts[0] = iter_of(numbers, .n = 1, .error = EFIRST);
    parts[1] = iter_range(3, 5);
    it = iter_chain_from_iterable(iter_array(parts));
    assert_shows(it, "0 !numbers");
    assert_shows(it, "3 4");
    /* a source that raised has ended, and the next one follows */
    it = iter_chain(numbers_any(&broken), iter_range(2));
    assert_shows(it, "0 !numbers");
    assert_shows(it, "0 1");
    assert_shows(it, "");
}

static void islice_takes_no_more_than_it_says(void **state)
{
    struct numbers source = {.n = 100};
    struct gen_any it = numbers_any(&source);
    (void)state;
    assert_shows(iter_islice(it, 3), "0 1 2");      /* it = iter(range(100)); islice(it, 3) */
    assert_shows(iter_islice(it, 2, 5), "5 6 7");   /* islice(it, 2, 5) */
    assert_shows(iter_islice(it, 0, 6, 4), "8 12"); /* islice(it, 0, 6, 4) */
    assert_shows(iter_islice(it, 1), "14");         /* islice(it, 1): 6 were taken */
    assert_shows(iter_islice(it, 4, 2), "");        /* islice(it, 4, 2): 4 are taken */
    assert_shows(iter_islice(it, 1), "19");         /* islice(it, 1) */
    assert_shows(iter_islice(it, 0), "");           /* islice(it, 0) */
    assert_shows(iter_islice(it, 75, ITER_FOREVER, 3), "95 98"); /* islice(it, 75, None, 3) */
    assert_shows(iter_islice(it, 5), "");
    assert_shows(iter_islice(iter_count(0), 3, 5, SIZE_MAX), "3");
    assert_shows(iter_islice(iter_range(5), 0, ITER_FOREVER, SIZE_MAX), "0");
    assert_shows(iter_islice(iter_range(5), SIZE_MAX - 1, ITER_FOREVER), "");
}

static void filters_and_whiles(void **state)
{
    int limit = 3, list[] = {1, 4, 6, 3, 8}, x = 99;
    struct gen_any it;
    struct numbers source = {.n = 10};
    (void)state;
    /* filter(lambda x: x % 2, range(10)), filterfalse */
    assert_shows(iter_filter(int, is_odd, iter_range(10)), "1 3 5 7 9");
    assert_shows(iter_filterfalse(int, is_odd, iter_range(10)), "0 2 4 6 8");
    assert_shows(iter_filter(int, is_less, iter_range(10), &limit), "0 1 2");
    limit = 5;
    /* takewhile(lambda x: x < 5, [1, 4, 6, 3, 8]), dropwhile */
    assert_shows(iter_takewhile(int, is_less, iter_array(list), &limit), "1 4");
    assert_shows(iter_dropwhile(int, is_less, iter_array(list), &limit), "6 3 8");
    limit = 0;
    assert_shows(iter_takewhile(int, is_less, iter_array(list), &limit), "");
    assert_shows(iter_dropwhile(int, is_less, iter_array(list), &limit), "1 4 6 3 8");
    limit = 100;
    assert_shows(iter_dropwhile(int, is_less, iter_array(list), &limit), "");
    /* it = iter(range(10)); list(takewhile(lambda x: x < 3, it)); list(it): 3 is lost */
    limit = 3;
    assert_shows(iter_takewhile(int, is_less, numbers_any(&source), &limit), "0 1 2");
    assert_shows(numbers_any(&source), "4 5 6 7 8 9");
    /* what does not hold is not seen, and nothing has to be stored */
    it = iter_filter(int, is_odd, iter_range(3));
    assert_true(gen_any_next(it, NULL));
    assert_false(gen_any_next(it, &x));
    assert_int_equal(x, 99);
}

static void compress_takes_what_is_selected(void **state)
{
    bool bits[] = {true, false, true, false, true, true};
    (void)state;
    /* compress("ABCDEF", [1, 0, 1, 0, 1, 1]) */
    assert_shows_as(write_chars, 1, iter_compress(char, iter_chars("ABCDEF"), iter_array(bits)),
                    "A C E F");
    assert_shows(iter_compress(int, iter_range(2), iter_array(bits)), "0");
    assert_shows(iter_compress(int, iter_count(0), iter_array(bits)), "0 2 4 5");
}

static void map_and_starmap(void **state)
{
    int calls = 0, x = 0;
    int pairs[][2] = {{2, 5}, {3, 2}, {10, 3}};
    typedef int two_ints[2];
    struct iter_map star = {.function = power, .item = (int[2]){0}, .result = &x};
    struct gen_any it = iter_map(int, int, square, iter_range(4), &calls);
    (void)state;
    assert_shows(it, "0 1 4 9"); /* map(lambda x: x * x, range(4)) */
    assert_int_equal(calls, 4);
    it = iter_map(int, int, square, iter_range(4), &calls);
    assert_true(gen_any_next(it, NULL));
    assert_int_equal(calls, 5);
    /* starmap(pow, [(2, 5), (3, 2), (10, 3)]) */
    star.source = iter_array(pairs);
    assert_shows(iter_map_any(&star), "32 9 1000");
    assert_shows(iter_starmap(two_ints, int, power, iter_array(pairs)), "32 9 1000");
}

static void enumerate_counts(void **state)
{
    struct gen_any it = iter_enumerate(struct numbered, index, value, iter_range(5, 8));
    struct numbered n = {0, 0};
    (void)state;
    assert_shows_as(write_numbered, 1, it, "0:5 1:6 2:7"); /* enumerate(range(5, 8)) */
    it = iter_enumerate(struct numbered, index, value, iter_range(5, 8), 10);
    assert_true(gen_any_next(it, NULL));
    assert_shows_as(write_numbered, 1, it, "11:6 12:7"); /* enumerate(range(5, 8), 10) */
    it = iter_enumerate(struct numbered, index, value, iter_range(2), SIZE_MAX);
    assert_true(gen_any_next(it, &n) && n.index == SIZE_MAX);
    assert_true(gen_any_next(it, &n) && n.index == 0);
}

static void accumulate_yields_totals(void **state)
{
    int list[] = {1, 2, 3, 4, 5}, item = 0;
    long long total = 0;
    const long long hundred = 100;
    struct iter_accumulate it = {.source = iter_array(list),
                                 .function = add_long,
                                 .item = &item,
                                 .total = &total,
                                 .size = sizeof total,
                                 .initial = &hundred};
    struct gen_any sums = iter_accumulate(int, add, iter_array(list));
    (void)state;
    assert_shows(sums, "1 3 6 10 15"); /* accumulate([1, 2, 3, 4, 5]) */
    /* accumulate([1, 2, 3, 4, 5], initial=100) */
    total = 0;
    for (int i = 0; i < 6; i++) {
        static const int expected[] = {100, 101, 103, 106, 110, 115};
        assert_true(iter_accumulate_next(&it, &total));
        assert_int_equal(total, expected[i]);
    }
    assert_false(iter_accumulate_next(&it, &total));
    assert_shows(iter_accumulate(int, add, iter_range(0)), ""); /* accumulate([]) */
}

static void pairwise_and_batched(void **state)
{
    int room[3];
    struct iter_batched none = {.items = room, .size = sizeof(int), .capacity = 0};
    struct gen_any it;
    struct iter_batch batch = {NULL, 0};
    (void)state;
    /* pairwise(range(4)), pairwise(range(1)) */
    assert_shows_as(write_ints, 2, iter_pairwise(int, iter_range(4)), "0,1 1,2 2,3");
    assert_shows_as(write_ints, 2, iter_pairwise(int, iter_range(1)), "");
    it = iter_pairwise(int, iter_range(4));
    assert_true(gen_any_next(it, NULL));
    assert_shows_as(write_ints, 2, it, "1,2 2,3");
    /* batched(range(7), 3), batched(range(6), 3), batched([], 3) */
    assert_shows_as(write_batch, 0, iter_batched(iter_range(7), room), "0,1,2 3,4,5 6");
    assert_shows_as(write_batch, 0, iter_batched(iter_range(6), room), "0,1,2 3,4,5");
    assert_shows_as(write_batch, 0, iter_batched(iter_range(0), room), "");
    none.source = iter_range(3);
    assert_false(iter_batched_next(&none, &batch));
    assert_int_equal(gen_error(&none), ITER_ESIZE);
}

static void groupby_finds_runs(void **state)
{
    int list[] = {1, 2, 11, 12, 13, 21, 3, 4};
    struct gen_any it = iter_groupby(int, same_tens, iter_array(list));
    struct iter_group group = {NULL, {NULL, NULL}};
    (void)state;
    /* [(k, list(g)) for k, g in groupby([1, 2, 11, 12, 13, 21, 3, 4], lambda x: x // 10)] */
    assert_true(gen_any_next(it, &group) && *(const int *)group.key == 1);
    assert_shows(group.items, "1 2");
    assert_shows(group.items, "");
    assert_true(gen_any_next(it, &group) && *(const int *)group.key == 11);
    assert_string_equal(show_with(write_int, group.items, 1, 1), "11 ...");
    /* the rest of a group is skipped when the next one is asked for */
    assert_true(gen_any_next(it, &group) && *(const int *)group.key == 21);
    assert_true(gen_any_next(it, &group) && *(const int *)group.key == 3);
    assert_shows(group.items, "3 4");
    assert_false(gen_any_next(it, &group));
    assert_shows(group.items, "");
    assert_false(gen_any_next(iter_groupby(int, same_tens, iter_range(0)), &group));
}

/* -- Several sources --------------------------------------------------------------------------- */

static void zip_ends_with_the_shortest(void **state)
{
    const struct pair fill = {-1, '?'};
    struct numbers source = {.n = 10};
    struct gen_any it = iter_zip(struct pair, number, iter_range(3), letter, iter_chars("abcd"));
    (void)state;
    assert_shows_as(write_pair, 1, it, "0a 1b 2c"); /* zip(range(3), "abcd") */
    /* zip(it, "ab") takes a third of it */
    it = iter_zip(struct pair, number, numbers_any(&source), letter, iter_chars("ab"));
    assert_shows_as(write_pair, 1, it, "0a 1b");
    assert_shows_as(write_pair, 1, it, "");
    assert_shows(iter_islice(numbers_any(&source), 1), "3");
    assert_shows_as(write_pair, 1, iter_zip(struct pair, letter, iter_chars("")), "");
    /* zip_longest(range(3), "abcd", fillvalue=...) */
    it = iter_zip_longest(struct pair, &fill, number, iter_range(3), letter, iter_chars("abcd"));
    assert_shows_as(write_pair, 1, it, "0a 1b 2c -1d");
    it = iter_zip_longest(struct pair, &fill, number, iter_range(3), letter, iter_chars("a"));
    assert_shows_as(write_pair, 1, it, "0a 1? 2?");
    it = iter_zip_longest(struct pair, &fill, number, iter_range(0), letter, iter_chars(""));
    assert_shows_as(write_pair, 1, it, "");
}

static void tees_are_independent(void **state)
{
    int room[3];
    struct iter_tees t = ITER_TEES(iter_range(7), room);
    struct gen_any a = iter_tee(&t), b = iter_tee(&t), late;
    (void)state;
    assert_string_equal(show_with(write_int, a, 2, 1), "0 1 ...");
    assert_string_equal(show_with(write_int, b, 1, 1), "0 ...");
    assert_string_equal(show_with(write_int, a, 2, 1), "2 3 ...");
    assert_shows(a, "!ITER_EFULL: no room for another item");
    assert_shows(a, "!ITER_EFULL: no room for another item");
    assert_string_equal(show_with(write_int, b, 4, 1), "1 2 3 4 ..."); /* b is ahead now */
    late = iter_tee(&t);
    assert_string_equal(show_with(write_int, a, 2, 1), "4 5 ...");
    assert_shows(b, "5 6");
    assert_shows(a, "6");
    assert_shows(late, "5 6");
    assert_shows(a, "");
    /* the end, too, is asked for where there is room for an item */
    t = (struct iter_tees)ITER_TEES(iter_range(3), room);
    a = iter_tee(&t);
    b = iter_tee(&t);
    assert_shows(a, "0 1 2 !ITER_EFULL: no room for another item");
    assert_string_equal(show_with(write_int, b, 1, 1), "0 ...");
    assert_shows(a, "");
    assert_shows(b, "1 2");
}

static void a_closed_tee_holds_nobody_back(void **state)
{
    int room[1];
    struct iter_tees t = ITER_TEES(iter_range(4), room);
    struct iter_tee a = {.gen = {0, 0}}, b = {.gen = {0, 0}};
    int x = 0;
    (void)state;
    iter_tee_init(&a, &t);
    iter_tee_init(&b, &t);
    assert_true(iter_tee_next(&a, &x) && x == 0);
    assert_false(iter_tee_next(&a, &x));
    assert_int_equal(gen_error(&a), ITER_EFULL);
    assert_int_equal(iter_tee_close(&b), 0);
    assert_shows(iter_tee_any(&a), "1 2 3");
}

/* -- Combinatorics ----------------------------------------------------------------------------- */

static void products(void **state)
{
    char ab[] = {'a', 'b'}, xyz[] = {'x', 'y', 'z'};
    int bits[] = {0, 1};
    const struct iter_pool none[] = {{bits, 2}, {bits, 0}}, two[] = {{NULL, 2}, {NULL, 3}};
    size_t room[2];
    struct iter_product it = {.pools = none, .count = 2, .repeat = 1, .indices = room};
    (void)state;
    /* product("ab", "xyz") */
    assert_shows_as(write_chars, 2, iter_product(ab, xyz), "ax ay az bx by bz");
    assert_shows_as(write_chars, 1, iter_product(ab), "a b");
    /* product([0, 1], repeat=3) */
    assert_shows_as(write_ints, 3, iter_product_repeat(3, bits),
                    "0,0,0 0,0,1 0,1,0 0,1,1 1,0,0 1,0,1 1,1,0 1,1,1");
    /* product("ab", "xyz", repeat=2), the first three */
    assert_shows_as(write_chars, 4, iter_islice(iter_product_repeat(2, ab, xyz), 4),
                    "axax axay axaz axbx");
    assert_shows_as(write_ints, 2, iter_product_any(&it), ""); /* product([0, 1], []) */
    it = (struct iter_product){.pools = two, .count = 2, .repeat = 1, .indices = room};
    assert_shows_as(write_indices, 2, iter_product_any(&it), "0,0 0,1 0,2 1,0 1,1 1,2");
    it = (struct iter_product){.pools = two, .count = 2, .repeat = 0, .indices = room};
    assert_true(iter_product_next(&it, NULL)); /* list(product("ab", repeat=0)) == [()] */
    assert_false(iter_product_next(&it, NULL));
}

static void arrangements(void **state)
{
    char abc[] = {'a', 'b', 'c'}, abcd[] = {'A', 'B', 'C', 'D'};
    size_t room[8];
    struct iter_permutations it = {.count = 3, .r = 3, .indices = room};
    int count = 0;
    (void)state;
    /* permutations("ABCD", 2), permutations("abc"), permutations("abc", 0), ("abc", 4) */
    assert_shows_as(write_chars, 2, iter_permutations(abcd, 2),
                    "AB AC AD BA BC BD CA CB CD DA DB DC");
    assert_shows_as(write_chars, 3, iter_permutations(abc, 3), "abc acb bac bca cab cba");
    assert_shows_as(write_chars, 0, iter_permutations(abc, 0), "");
    assert_true(gen_any_next(iter_permutations(abc, 0), NULL));
    assert_false(gen_any_next(iter_permutations(abc, 4), NULL));
    assert_shows_as(write_indices, 3, iter_permutations_any(&it),
                    "0,1,2 0,2,1 1,0,2 1,2,0 2,0,1 2,1,0");
    it = (struct iter_permutations){.count = 4, .r = 4, .indices = room};
    while (iter_permutations_next(&it, NULL))
        count++;
    assert_int_equal(count, 24);
    /* combinations("ABCD", 2), ("abc", 3), ("abc", 4), ("abc", 0) */
    assert_shows_as(write_chars, 2, iter_combinations(abcd, 2), "AB AC AD BC BD CD");
    assert_shows_as(write_chars, 3, iter_combinations(abc, 3), "abc");
    assert_shows_as(write_chars, 3, iter_combinations(abcd, 3), "ABC ABD ACD BCD");
    assert_false(gen_any_next(iter_combinations(abc, 4), NULL));
    assert_true(gen_any_next(iter_combinations(abc, 0), NULL));
    /* combinations_with_replacement("abc", 2), ("abc", 4) has 15 */
    assert_shows_as(write_chars, 2, iter_combinations_with_replacement(abc, 2),
                    "aa ab ac bb bc cc");
    count = 0;
    iter_for (int, unused, iter_combinations_with_replacement(((int[]){1, 2, 3}), 1))
        count += unused;
    assert_int_equal(count, 6);
    {
        struct iter_combinations_with_replacement c = {.count = 3, .r = 4, .indices = room};
        struct iter_combinations_with_replacement none = {.count = 0, .r = 1, .indices = room};
        struct iter_combinations_with_replacement empty = {.count = 0, .r = 0, .indices = room};
        for (count = 0; iter_combinations_with_replacement_next(&c, NULL);)
            count++;
        assert_int_equal(count, 15);
        assert_false(iter_combinations_with_replacement_next(&none, NULL));
        assert_true(iter_combinations_with_replacement_next(&empty, NULL));
    }
}

/* -- Consumers and loops ----------------------------------------------------------------------- */

static void consumers(void **state)
{
    int room[4], x = 0, y = 0, total = 0, list[] = {3, 1, 4, 1, 5};
    size_t count = 99;
    bool result = false;
    struct numbers source = {.n = 6, .error = EFIRST};
    struct gen_any it = numbers_any(&source);
    (void)state;
    assert_int_equal(iter_list(it, room, &count), 0); /* list(islice(it, 4)) */
    assert_int_equal(count, 4);
    assert_int_equal(room[3], 3);
    assert_int_equal(iter_list(it, room, &count), EFIRST);
    assert_int_equal(count, 2);
    assert_int_equal(room[1], 5);
    /* sum(x * x for x in range(10)) */
    it = iter_map(int, int, square, iter_range(10));
    assert_int_equal(iter_reduce(it, &total, add, &x, NULL), 0);
    assert_int_equal(total, 285);
    /* any(x % 2 for x in range(4)), all(x % 2 for x in [1, 3]), any([]), all([]) */
    it = iter_range(4);
    assert_int_equal(iter_any(it, &result, is_odd, &x, NULL), 0);
    assert_true(result && x == 1);
    assert_shows(it, "2 3");
    assert_int_equal(iter_all(iter_range(1, 4, 2), &result, is_odd, &x, NULL), 0);
    assert_true(result);
    assert_int_equal(iter_all(iter_range(1, 4), &result, is_odd, &x, NULL), 0);
    assert_false(result);
    assert_int_equal(iter_any(iter_range(0), &result, is_odd, &x, NULL), 0);
    assert_false(result);
    assert_int_equal(iter_all(iter_range(0), &result, is_odd, &x, NULL), 0);
    assert_true(result);
    source = (struct numbers){.n = 1, .error = EFIRST};
    assert_int_equal(iter_any(numbers_any(&source), &result, is_odd, &x, NULL), EFIRST);
    /* min([3, 1, 4, 1, 5]), max(...), min([]) */
    assert_int_equal(iter_min(iter_array(list), &y, less, &x, sizeof x, NULL), 0);
    assert_int_equal(y, 1);
    assert_int_equal(iter_max(iter_array(list), &y, less, &x, sizeof x, NULL), 0);
    assert_int_equal(y, 5);
    assert_int_equal(iter_min(iter_range(0), &y, less, &x, sizeof x, NULL), ITER_EEMPTY);
    source = (struct numbers){.n = 2, .error = EFIRST};
    assert_int_equal(iter_max(numbers_any(&source), &y, less, &x, sizeof x, NULL), EFIRST);
    source = (struct numbers){.error = EFIRST};
    assert_int_equal(iter_max(numbers_any(&source), &y, less, &x, sizeof x, NULL), EFIRST);
}

/* def doubled(it): for x in it: yield 2 * x, and what became of an error */
gen_declare(doubled, int);
struct doubled {
    struct gen gen;
    struct gen_any it;
    int x;
    struct gen_exc caught;
};
gen_define(doubled)
{
    gen_begin();
    gen_try {
        iter_for_in (self->x, self->it)
            gen_yield(2 * self->x);
    }
    gen_except_any {
        self->caught = gen_caught;
    }
    gen_end_try
    gen_yield_from_any(self->it);
    gen_end();
}

static void loops_in_and_out_of_bodies(void **state)
{
    struct iter_islice slice = {.source = iter_count(0), .stop = 4};
    struct doubled d = {.it = iter_chain(iter_of(numbers, .n = 2, .error = EFIRST), iter_range(2))};
    struct gen_any it;
    int x = 0, sum = 0;
    (void)state;
    gen_each (x, iter_islice, &slice)
        sum += x;
    assert_int_equal(sum, 6);
    assert_shows(doubled_any(&d), "0 2 0 1");
    assert_int_equal(d.caught.code, EFIRST);
    assert_string_equal(d.caught.text, "numbers");
    /* one expression, evaluated once; break leaves what is left */
    it = iter_range(6);
    iter_for (int, i, iter_filter(int, is_odd, it)) {
        if (i == 3)
            break;
        sum += i;
    }
    assert_int_equal(sum, 7);
    assert_shows(it, "4 5");
    unhandled.code = unhandled.count = 0;
    iter_for (int, i, iter_of(numbers, .n = 2, .error = ESECOND))
        sum += i;
    assert_int_equal(sum, 8);
    assert_int_equal(unhandled.code, ESECOND);
    assert_int_equal(unhandled.count, 1);
}

static void names_of_errors(void **state)
{
    (void)state;
    for (int code = ITER_ESTEP; code <= ITER_EEMPTY; code++)
        assert_true(strncmp(iter_error_name(code), "ITER_E", 6) == 0);
    assert_string_equal(iter_error_name(GEN_ESTOP), gen_error_name(GEN_ESTOP));
}

/* -- Static ones ------------------------------------------------------------------------------- */

iter_define_range(ints, int);
iter_define_map(squares, ints, int, x, x *x);
iter_define_filter(odds, squares, x, x % 2);
iter_define_filter(below, ints, x, x < *(const int *)self->arg);
iter_define_takewhile(small, odds, x, x < 50);
iter_define_dropwhile(late_ones, ints, x, x % 5 != 3);
iter_define_islice(slice, ints);
iter_define_islice(first_fibs, fibonacci);
iter_define_enumerate(numbered_odds, odds);
iter_define_zip(both, ints, squares);
iter_define_map(products_of_both, both, long, p, (long)p.first *p.second);
iter_define_chain(ints_then_squares, ints, squares);
iter_define_accumulate(sums, ints, long, total, x, total + x);
iter_define_accumulate(factorials, ints, int, total, x, total *x);

static void static_ones_are_as_the_dynamic(void **state)
{
    const int three = 3;
    int sum = 0, n = 0;
    (void)state;
    gen_for (x, ints, .range = ITER_RANGE(5, 0, -2))
        sum = sum * 10 + x;
    assert_int_equal(sum, 531);
    sum = 0;
    gen_for (x, odds, .source.source.range = ITER_RANGE(10))
        sum += x;
    assert_int_equal(sum, 165); /* sum(y for y in (x * x for x in range(10)) if y % 2) */
    assert_shows(small_any(&(struct small){.source.source.source.range = ITER_RANGE(99)}),
                 "1 9 25 49");
    assert_shows(below_any(&(struct below){.source.range = ITER_RANGE(9), .arg = (void *)&three}),
                 "0 1 2");
    assert_shows(late_ones_any(&(struct late_ones){.source.range = ITER_RANGE(7)}), "3 4 5 6");
    /* islice(range(99), 2, 9, 3), islice(range(99), 3), islice(fibonacci(), 10) */
    assert_shows(slice_any(&(struct slice){
                     .source.range = ITER_RANGE(99), .start = 2, .stop = 9, .step = 3}),
                 "2 5 8");
    assert_shows(slice_any(&(struct slice){.source.range = ITER_RANGE(99), .stop = 3}), "0 1 2");
    assert_shows(first_fibs_any(&(struct first_fibs){.stop = 10}), "2 1 3 4 7 11 18 29 47 76");
    gen_for (x, numbered_odds, .source.source.source.range = ITER_RANGE(6), .start = 1) {
        assert_int_equal(x.index, 1 + n);
        assert_int_equal(x.value, (2 * n + 1) * (2 * n + 1));
        n++;
    }
    assert_int_equal(n, 3);
    sum = 0;
    gen_for (x, products_of_both, .source.first.range = ITER_RANGE(1, 9),
             .source.second.source.range = ITER_RANGE(1, 4))
        sum += (int)x;
    assert_int_equal(sum, 1 + 8 + 27);
    assert_shows(ints_then_squares_any(&(struct ints_then_squares){
                     .first.range = ITER_RANGE(2), .second.source.range = ITER_RANGE(2, 5)}),
                 "0 1 4 9 16");
    /* accumulate(range(1, 6), lambda total, x: total * x) */
    assert_shows(factorials_any(&(struct factorials){.source.range = ITER_RANGE(1, 6)}),
                 "1 2 6 24 120");
    /* accumulate(range(5)), accumulate(range(3), initial=10) */
    sum = 0;
    gen_for (x, sums, .source.range = ITER_RANGE(5))
        sum = sum * 100 + (int)x;
    assert_int_equal(sum, 1030610);
    sum = 0;
    gen_for (x, sums, .source.range = ITER_RANGE(3), .total = 10, .initial = true)
        sum = sum * 100 + (int)x;
    assert_int_equal(sum, 10101113);
}

/* -- What they have in common ------------------------------------------------------------------ */

/* Every one over a source of ints, by number. */
iter_define_map(static_map, numbers, int, x, x + 1);
iter_define_filter(static_filter, numbers, x, x >= 0);
iter_define_takewhile(static_takewhile, numbers, x, x < 99);
iter_define_dropwhile(static_dropwhile, numbers, x, x < 0);
iter_define_islice(static_islice, numbers);
iter_define_enumerate(static_enumerate, numbers);
iter_define_zip(static_zip, numbers, ints);
iter_define_zip(static_zip_back, ints, numbers);
iter_define_chain(static_chain, numbers, ints);
iter_define_accumulate(static_accumulate, numbers, int, total, x, total + x);

static bool always(const void *item, void *arg)
{
    (void)item, (void)arg;
    return true;
}
static bool never(const void *item, void *arg)
{
    (void)item, (void)arg;
    return false;
}
static bool different(const void *a, const void *b, void *arg)
{
    (void)arg;
    return *(const int *)a == *(const int *)b;
}

/* The source of the one that was made last; a static one has it inside. */
static struct numbers *source;

enum { KINDS = 28 };
static struct gen_any over(int kind, struct numbers n)
{
    static struct numbers outside;
    static int item[4], result, room[8];
    static bool bits[] = {true, true, true, true, true, true, true, true};
    static struct iter_array yes;
    static struct pair pair;
    static struct gen_any sources[1];
    static struct iter_field fields[2];
    static const struct pair fill = {7, 'x'};
    static struct iter_tees tees;
    static union {
        struct iter_cycle cycle;
        struct iter_chain chain;
        struct iter_islice islice;
        struct iter_filter filter;
        struct iter_filterfalse filterfalse;
        struct iter_takewhile takewhile;
        struct iter_dropwhile dropwhile;
        struct iter_compress compress;
        struct iter_map map;
        struct iter_zip zip;
        struct iter_zip_longest longest;
        struct iter_enumerate enumerate;
        struct iter_accumulate accumulate;
        struct iter_pairwise pairwise;
        struct iter_batched batched;
        struct iter_groupby groupby;
        struct iter_tee tee;
        struct static_map static_map;
        struct static_filter static_filter;
        struct static_takewhile static_takewhile;
        struct static_dropwhile static_dropwhile;
        struct static_islice static_islice;
        struct static_enumerate static_enumerate;
        struct static_zip static_zip;
        struct static_zip_back static_zip_back;
        struct static_chain static_chain;
        struct static_accumulate static_accumulate;
    } u;
    struct gen_any it = numbers_any(&outside);
    outside = n;
    source = &outside;
    yes = (struct iter_array){.items = bits, .size = sizeof(bool), .count = n.n ? 8 : 0};
    memset(&u, 0, sizeof u);
    memset(item, 0, sizeof item);
#define SELECTOR(NAME, p)                                                                          \
    u.NAME =                                                                                       \
        (struct iter_##NAME){.source = it, .predicate = (p), .item = item, .size = sizeof(int)};   \
    return iter_##NAME##_any(&u.NAME)
#define STATIC(NAME, member)                                                                       \
    u.NAME.member = n;                                                                             \
    source = &u.NAME.member;                                                                       \
    return NAME##_any(&u.NAME)
    switch (kind) {
    case 0:
        u.cycle =
            (struct iter_cycle){.source = it, .items = room, .size = sizeof(int), .capacity = 8};
        return iter_cycle_any(&u.cycle);
    case 1:
        sources[0] = it;
        u.chain = (struct iter_chain){.sources = sources, .count = 1};
        return iter_chain_any(&u.chain);
    case 2:
        u.islice = (struct iter_islice){.source = it, .start = 1, .stop = 9, .step = 2};
        return iter_islice_any(&u.islice);
    case 3:
        SELECTOR(filter, always);
    case 4:
        SELECTOR(filterfalse, never);
    case 5:
        SELECTOR(takewhile, always);
    case 6:
        SELECTOR(dropwhile, never);
    case 7:
        u.compress = (struct iter_compress){
            .data = it, .selectors = iter_array_any(&yes), .item = item, .size = sizeof(int)};
        return iter_compress_any(&u.compress);
    case 8:
        u.map =
            (struct iter_map){.source = it, .function = square, .item = item, .result = &result};
        return iter_map_any(&u.map);
    case 9:
    case 10:
        fields[kind == 9].source = it;
        fields[kind == 9].offset = offsetof(struct pair, number);
        fields[kind != 9].source = iter_array_any(&yes);
        fields[kind != 9].offset = offsetof(struct pair, letter);
        u.zip = (struct iter_zip){.fields = fields, .count = 2, .item = &pair, .size = sizeof pair};
        return iter_zip_any(&u.zip);
    case 11:
        yes.count = 0;
        fields[0].source = iter_array_any(&yes);
        fields[0].offset = offsetof(struct pair, letter);
        fields[1].source = it;
        fields[1].offset = offsetof(struct pair, number);
        u.longest = (struct iter_zip_longest){
            .fields = fields, .count = 2, .item = &pair, .size = sizeof pair, .fill = &fill};
        return iter_zip_longest_any(&u.longest);
    case 12:
        u.enumerate = (struct iter_enumerate){.source = it,
                                              .index = offsetof(struct numbered, index),
                                              .value = offsetof(struct numbered, value)};
        return iter_enumerate_any(&u.enumerate);
    case 13:
        u.accumulate = (struct iter_accumulate){
            .source = it, .function = add, .item = item, .total = &result, .size = sizeof(int)};
        return iter_accumulate_any(&u.accumulate);
    case 14:
        u.pairwise = (struct iter_pairwise){.source = it, .items = item, .size = sizeof(int)};
        return iter_pairwise_any(&u.pairwise);
    case 15:
        u.batched =
            (struct iter_batched){.source = it, .items = room, .size = sizeof(int), .capacity = 2};
        return iter_batched_any(&u.batched);
    case 16:
        u.groupby = (struct iter_groupby){
            .source = it, .relation = different, .items = item, .size = sizeof(int)};
        return iter_groupby_any(&u.groupby);
    case 17:
        tees = (struct iter_tees)ITER_TEES(it, room);
        return iter_tee_init(&u.tee, &tees);
    case 18:
        STATIC(static_map, source);
    case 19:
        STATIC(static_filter, source);
    case 20:
        STATIC(static_takewhile, source);
    case 21:
        STATIC(static_dropwhile, source);
    case 22:
        u.static_islice.stop = ITER_FOREVER;
        STATIC(static_islice, source);
    case 23:
        STATIC(static_enumerate, source);
    case 24:
        u.static_zip.second.range = (struct ints_value)ITER_RANGE(n.n ? 9 : 0);
        STATIC(static_zip, first);
    case 25:
        u.static_zip_back.first.range = (struct ints_value)ITER_RANGE(n.n ? 9 : 0);
        STATIC(static_zip_back, second);
    case 26:
        u.static_chain.second.range = (struct ints_value)ITER_RANGE(0);
        STATIC(static_chain, first);
    default:
        STATIC(static_accumulate, source);
    }
#undef SELECTOR
#undef STATIC
}

union any_item {
    unsigned char bytes[64];
    struct iter_group group;
};

static void the_end_stays_the_end(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        struct gen_any it = over(kind, (struct numbers){.n = 0});
        int value = 1;
        assert_int_equal(gen_any_send(it, NULL, NULL), GEN_RETURNED);
        assert_int_equal(gen__ask(it).state, GEN_CLOSED);
        *source = (struct numbers){.n = 5}; /* which would have more now */
        assert_false(gen_any_next(it, NULL));
        assert_int_equal(gen_any_send(it, &value, NULL), GEN_RETURNED);
        assert_int_equal(gen_state(source), GEN_CREATED);
        assert_int_equal(gen_any_error(it), 0);
    }
}

static void errors_of_a_source_come_through(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        struct gen_any it = over(kind, (struct numbers){.n = 5, .error = EFIRST});
        union any_item item;
        struct gen_io io;
        enum gen_status st;
        int items = -1;
        do {
            gen__io_init(&io, NULL, &item);
            st = it.resume(it.frame, &io);
            items++;
        } while (st == GEN_YIELDED);
        assert_true(items >= 2);
        assert_int_equal(st, GEN_RAISED);
        assert_int_equal(io.exc.code, EFIRST);
        assert_string_equal(io.exc.text, "numbers");
        assert_int_equal(gen_any_error(it), EFIRST);
        assert_int_equal(gen_state(source), GEN_CLOSED);
        /* It goes on with what its source has: nothing; what it kept comes out. */
        assert_int_equal(gen__ask(it).state, GEN_SUSPENDED);
        assert_true(gen_any_send(it, NULL, &item) >= GEN_RETURNED);
        assert_int_equal(gen_any_error(it), 0);
    }
}

/* A source that waits costs a GEN_EPENDING each time, and nothing else. */
static void nothing_is_lost_when_a_source_waits(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        union any_item expected[8], item;
        struct gen_any it = over(kind, (struct numbers){.n = 5});
        /* without the padding of struct static_enumerate_item */
        const size_t size = kind == 23 ? sizeof(size_t) + sizeof(int) : sizeof item;
        int n = 0, pending = 0, tries = 0;
        memset(expected, 0, sizeof expected);
        while (n < 7 && gen_any_next(it, &expected[n]))
            n++;
        assert_true(n >= 2);
        it = over(kind, (struct numbers){.n = 5, .waits = true});
        for (int i = 0; i < n; i++) {
            memset(&item, 0, sizeof item);
            while (!gen_any_next(it, &item)) {
                assert_int_equal(gen_any_error(it), GEN_EPENDING);
                assert_true(++tries < 99);
                pending++;
            }
            assert_memory_equal(&item, &expected[i], size);
        }
        assert_true(pending == 5 || kind == 2); /* islice leaves the last alone */
        assert_int_equal(gen_any_close(it), 0);
    }
}

static void closing_leaves_the_source_open(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        struct gen_any it = over(kind, (struct numbers){.n = 5});
        int at = 0;
        assert_true(gen_any_next(it, NULL));
        at = source->at;
        assert_int_equal(gen_any_close(it), 0);
        assert_false(gen_any_next(it, NULL));
        assert_int_equal(gen_state(source), GEN_SUSPENDED);
        assert_int_equal(source->at, at);
        assert_false(source->left);
        assert_int_equal(gen_any_throw(it, GEN_EXIT, NULL), GEN_RAISED);
        assert_int_equal(numbers_close(source), 0);
        assert_true(source->left);
    }
}

static void what_is_sent_or_thrown_stays_out_of_the_source(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        struct gen_any it = over(kind, (struct numbers){.n = 5});
        int value = 1;
        assert_int_equal(gen_any_send(it, &value, NULL), GEN_RAISED);
        assert_int_equal(gen_any_error(it), GEN_ESTARTED);
        assert_int_equal(gen__ask(it).state, GEN_CREATED);
        assert_int_equal(gen_any_send(it, NULL, NULL), GEN_YIELDED);
        assert_int_equal(gen_any_send(it, &value, NULL), GEN_YIELDED);
        assert_int_equal(gen_any_where(it).line, 0);
        assert_true(strlen(gen_any_where(it).name) > 3);
        assert_int_equal(gen_any_throw(it, ESECOND, NULL), GEN_RAISED);
        assert_int_equal(gen_any_error(it), ESECOND);
        assert_int_equal(gen__ask(it).state, GEN_CLOSED);
        assert_int_equal(gen_state(source), GEN_SUSPENDED);

        it = over(kind, (struct numbers){.n = 5});
        assert_int_equal(gen_any_throw(it, GEN_STOP, NULL), GEN_RAISED);
        assert_int_equal(gen_any_error(it), GEN_ESTOP);
        assert_int_equal(gen_state(source), GEN_CREATED);
    }
}

/* A source that asks the one that asks it. */
static struct gen_any outer;
gen_declare(selfish, int);
struct selfish {
    struct gen gen;
    int refused;
};
gen_define(selfish)
{
    gen_begin();
    for (;;) {
        self->refused += !gen_any_next(outer, NULL) && gen_any_error(outer) == GEN_ERUNNING;
        self->refused += gen_any_close(outer) == GEN_ERUNNING;
        gen_yield(1);
    }
    gen_end();
}

static void a_running_one_refuses(void **state)
{
    struct selfish s = {.refused = 0};
    (void)state;
    outer = iter_map(int, int, square, iter_filter(int, is_odd, selfish_any(&s)));
    assert_true(gen_any_next(outer, NULL));
    assert_int_equal(gen_any_error(outer), 0);
    assert_true(gen_any_next(outer, NULL));
    assert_int_equal(s.refused, 4);
}

static void on_a_gen_stack_and_below_delegates(void **state)
{
    static char room[1024];
    static struct gen_stack stack;
    struct gen_any it;
    struct doubled d = {.it = iter_range(0)};
    (void)state;
    gen_stack_init(&stack, room, sizeof room);
    it = gen_start(&stack, iter_count, .start = INT_MAX - 2, .step = 1);
    assert_string_equal(show_with(write_int, it, 2, 1), "2147483645 2147483646 ...");
    assert_int_equal(gen_stack_state(&stack), GEN_SUSPENDED);
    assert_int_equal(gen_any_close(it), 0);
    assert_int_equal(gen_stack_state(&stack), GEN_CLOSED);
    /* close through gen_yield_from_any ends the itertool, and the delegator */
    assert_false(doubled_next(&d, NULL));
    d = (struct doubled){.it = iter_range(3)};
    assert_true(doubled_next(&d, NULL));
    assert_int_equal(doubled_close(&d), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_and_strings),
        cmocka_unit_test(range_is_cpythons),
        cmocka_unit_test(ranges_are_equal_as_sequences),
        cmocka_unit_test(ranges_up_to_the_ends_of_a_type),
        cmocka_unit_test(ranges_of_the_largest_types),
        cmocka_unit_test(a_step_of_0_is_an_error),
        cmocka_unit_test(count_stops_where_its_type_does),
        cmocka_unit_test(repeat_and_cycle),
        cmocka_unit_test(chain_goes_through_its_sources),
        cmocka_unit_test(islice_takes_no_more_than_it_says),
        cmocka_unit_test(filters_and_whiles),
        cmocka_unit_test(compress_takes_what_is_selected),
        cmocka_unit_test(map_and_starmap),
        cmocka_unit_test(enumerate_counts),
        cmocka_unit_test(accumulate_yields_totals),
        cmocka_unit_test(pairwise_and_batched),
        cmocka_unit_test(groupby_finds_runs),
        cmocka_unit_test(zip_ends_with_the_shortest),
        cmocka_unit_test(tees_are_independent),
        cmocka_unit_test(a_closed_tee_holds_nobody_back),
        cmocka_unit_test(products),
        cmocka_unit_test(arrangements),
        cmocka_unit_test(consumers),
        cmocka_unit_test(loops_in_and_out_of_bodies),
        cmocka_unit_test(names_of_errors),
        cmocka_unit_test(static_ones_are_as_the_dynamic),
        cmocka_unit_test(the_end_stays_the_end),
        cmocka_unit_test(errors_of_a_source_come_through),
        cmocka_unit_test(nothing_is_lost_when_a_source_waits),
        cmocka_unit_test(closing_leaves_the_source_open),
        cmocka_unit_test(what_is_sent_or_thrown_stays_out_of_the_source),
        cmocka_unit_test(a_running_one_refuses),
        cmocka_unit_test(on_a_gen_stack_and_below_delegates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
