/* A program over generators of other files: of a library, in its public header primes.h, and of a
 * header that has them whole, range.h. It is C, and C++ too. Exit status: 0, or the line of the first
 * check that fails. */
#include "primes.h"
#include "range.h"

/* Delegates to generators of other files in every way. */
gen_declare(chain, int, int);
struct chain {
    struct gen gen;
    struct primes small;
    struct range rest;
    struct gen_any it;
    int found, x, caught;
};
gen_define(chain)
{
    gen_begin();
    self->small.to = 8;
    gen_yield_from(primes, &self->small);
    self->found = self->small.result;
    gen_yield_from_new(primes, .from = 20, .to = 30);
    self->found += gen_returned(primes)->result;
    self->rest.from = 100;
    self->rest.to = 104;
    gen_for_in (self->x, range, &self->rest)
        if (self->x == 101)
            break;
    self->it = range_any(&self->rest);
    gen_yield_from_any(self->it);
    gen_try {
        gen_yield_from_new(primes, .to = -1);
    }
    gen_except (PRIMES_NEGATIVE) {
        self->caught = gen_caught.code;
    }
    gen_end_try
    gen_yield(self->found);
    gen_end();
}

static bool ends_in(const char *text, const char *end)
{
    size_t n = 0, m = 0;
    while (text[n] != '\0')
        n++;
    while (end[m] != '\0')
        m++;
    while (n > 0 && m > 0 && text[n - 1] == end[m - 1]) {
        n--;
        m--;
    }
    return m == 0;
}

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__;                                                                       \
    } while (0)

static int outside_a_body(void)
{
    int ended = 0, sum = 0, x = 0;
    struct primes p = {.from = 2, .to = 1000, .ended = &ended};
    struct range r = {.from = 5, .to = 8};
    uint_least32_t line;

    gen_for (prime, primes, .to = 30, .ended = &ended) {
        if (prime > 20)
            break;
        sum += prime;
    }
    CHECK(sum == 77 && ended == 1);
    gen_each (x, range, &r)
        if (x == 6)
            break;
    CHECK(x == 6 && range_where(&r).line > 0 && ends_in(range_where(&r).file, "range.h"));

    CHECK(primes_where(&p).line == 0);
    CHECK(primes_next(&p, &x) && x == 2);
    line = primes_where(&p).line;
    CHECK(line > 0 && ends_in(primes_where(&p).name, "primes"));
    CHECK(ends_in(primes_where(&p).file, "primes.c"));
    CHECK(primes_send(&p, 900, &x) == GEN_YIELDED && x == 907);
    CHECK(gen_any_where(primes_any(&p)).line == line);
    CHECK(gen_any_next(primes_any(&p), &x) && x == 911);
    CHECK(primes_throw(&p, GEN_EUSER + 1, &x) == GEN_RAISED && gen_error(&p) == GEN_EUSER + 1);
    CHECK(gen_state(&p) == GEN_CLOSED && ended == 2 && p.result == 3);
    return 0;
}

static int inside_a_body(void)
{
    static const int expected[] = {2, 3, 5, 7, 23, 29, 102, 103, 6};
    static void *room[128];
    struct gen_stack stack;
    const struct chain *root;
    struct gen_any it;
    int ahead = 25, x = 0;
    size_t i;

    gen_stack_init(&stack, room, sizeof room);
    it = gen_start(&stack, chain);
    for (i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        CHECK(gen_any_next(it, &x) && x == expected[i]);
        if (x == 23)
            CHECK(ends_in(gen_any_where(it).file, "primes.c"));
    }
    CHECK(!gen_any_next(it, &x) && gen_any_error(it) == 0);
    root = gen_stack_root(&stack, chain);
    CHECK(root != NULL && root->caught == PRIMES_NEGATIVE);

    it = gen_start(&stack, chain);
    CHECK(gen_any_next(it, &x) && gen_any_close(it) == 0);
    it = gen_start(&stack, chain);
    CHECK(gen_any_next(it, &x) && gen_any_send(it, &ahead, &x) == GEN_YIELDED && x == 23);
    CHECK(gen_any_send(it, &ahead, &x) == GEN_YIELDED && x == 29);
    return 0;
}

int main(void)
{
    int line = outside_a_body();
    return line ? line : inside_a_body();
}
