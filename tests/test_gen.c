/* What stands outside a body: next, send, throw, close, state, error, where, loops, gen_any. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#define GEN_UNHANDLED(exc) (unhandled = (exc))
#include "gen.h"

static struct gen_exc unhandled;

enum { EFIRST = GEN_EUSER, ESECOND, ELAST = INT16_MAX };

gen_declare(countdown, int);
struct countdown {
    struct gen gen;
    int n;
};
gen_define(countdown)
{
    gen_begin();
    for (; self->n > 0; self->n--)
        gen_yield(self->n);
    gen_end();
}

/* Yields what it was last sent, -1 after next(). */
gen_declare(echo, int, int);
struct echo {
    struct gen gen;
    int result;
};
gen_define(echo)
{
    gen_begin();
    while (gen_sent == NULL || *gen_sent >= 0)
        gen_yield(gen_sent ? *gen_sent : -1);
    gen_return(*gen_sent);
    gen_end();
}

/* Catches what is thrown, yields its code, and goes on. */
gen_declare(catcher, int);
struct catcher {
    struct gen gen;
    int yields;
};
gen_define(catcher)
{
    gen_begin();
    for (;;) {
        gen_try {
            gen_yield(0);
            self->yields++;
        }
        gen_except_all {
            gen_yield(gen_caught.code);
        }
        gen_end_try
    }
    gen_end();
}

/* Raises `code` as soon as it is resumed, or when it is told to close. */
gen_declare(raiser, int);
struct raiser {
    struct gen gen;
    int code;
    bool at_close;
};
gen_define(raiser)
{
    gen_begin();
    if (!self->at_close)
        gen_raise(self->code, "raiser");
    gen_try {
        gen_yield(1);
    }
    gen_except (GEN_EXIT) {
        gen_raise(self->code, "closing");
    }
    gen_end_try
    gen_end();
}

/* Resumes itself in every way there is. */
gen_declare(selfish, int, int);
struct selfish {
    struct gen gen;
    int refused;
    bool ends;
};
static void provoke(struct selfish *g)
{
    int x = 77;
    g->refused += gen_state(g) == GEN_RUNNING;
    g->refused += !selfish_next(g, &x) && gen_error(g) == GEN_ERUNNING;
    g->refused += selfish_send(g, 1, &x) == GEN_RAISED;
    g->refused += selfish_throw(g, EFIRST, &x) == GEN_RAISED && gen_error(g) == GEN_ERUNNING;
    g->refused += selfish_close(g) == GEN_ERUNNING;
    g->refused += gen_any_close(selfish_any(g)) == GEN_ERUNNING;
    g->refused += selfish_where(g).line == 0;
    g->refused += x == 77 && gen_state(g) == GEN_RUNNING;
}
gen_define(selfish)
{
    gen_begin();
    provoke(self);
    if (!self->ends)
        gen_yield(1);
    provoke(self);
    gen_end();
}

gen_declare(ticker, void);
struct ticker {
    struct gen gen;
    int n;
};
gen_define(ticker)
{
    gen_begin();
    while (self->n-- > 0)
        gen_yield();
    gen_end();
}

/* A comma that no parentheses hide from a macro: C's compound literal, or C++'s. */
struct pair {
    int a, b;
};
#ifdef __cplusplus
#define PAIR pair
#else
#define PAIR (struct pair)
#endif
gen_declare(pairs, struct pair);
struct pairs {
    struct gen gen;
    int n;
};
gen_define(pairs)
{
    gen_begin();
    gen_yield(PAIR{1, 2});
    for (self->n = 0; self->n < 2; self->n++)
        if (self->n == 0)
            gen_yield(PAIR{3, 4});
        else
            gen_yield((self->n > 5) ? PAIR{0, 0} : PAIR{5, 6});
    gen_end();
}

/* Many commas, and a member with the name of a macro that has arguments. */
#define least(a, b) ((a) < (b) ? (a) : (b))
struct board {
    int squares[6][6], least;
};
#ifdef __cplusplus
#define BOARD board
#else
#define BOARD (struct board)
#endif
gen_declare(boards, struct board);
struct boards {
    struct gen gen;
    struct board least;
};
gen_define(boards)
{
    gen_begin();
    gen_yield((self->least));
    gen_yield(BOARD{{{1, 1, 1, 1, 1, 1},
                     {1, 1, 1, 1, 1, 1},
                     {1, 1, 1, 1, 1, 1},
                     {1, 1, 1, 1, 1, 1},
                     {1, 1, 1, 1, 1, 1},
                     {1, 1, 1, 1, 1, 7}},
                    least(self->least.least, 9)});
    gen_end();
}

gen_declare(pointers, void *);
struct pointers {
    struct gen gen;
};
gen_define(pointers)
{
    gen_begin();
    gen_yield(self);
    gen_yield((void *)&self->gen);
    gen_end();
}

gen_declare(lines, int);
struct lines {
    struct gen gen;
};
gen_define(lines)
{
    gen_begin();
    gen_yield(__LINE__);
    gen_try {
        gen_yield(__LINE__);
    }
    gen_except_any {
        gen_yield(__LINE__);
    }
    gen_end_try
    gen_end();
}

#ifndef HUGE_ITEM
#define HUGE_ITEM 70000 /* less where a target has less */
#endif
struct huge {
    char bytes[HUGE_ITEM];
};
static int huge_made;
static struct huge make_huge(void)
{
    struct huge h;
    memset(&h, 0x55, sizeof h);
    huge_made++;
    return h;
}
gen_declare(hoarder, struct huge);
struct hoarder {
    struct gen gen;
};
gen_define(hoarder)
{
    gen_begin();
    for (;;) {
        gen_try {
            gen_yield(make_huge());
        }
        gen_except (GEN_EXIT) {
            gen_yield(make_huge());
        }
        gen_end_try
    }
    gen_end();
}

static void a_generator_yields_then_ends_for_ever(void **state)
{
    struct countdown g = {.n = 2};
    int x = 0;
    (void)state;
    assert_true(sizeof(struct gen) <= 4);
    assert_int_equal(gen_state(&g), GEN_CREATED);
    assert_true(countdown_next(&g, &x));
    assert_int_equal(x, 2);
    assert_int_equal(gen_state(&g), GEN_SUSPENDED);
    assert_int_equal(countdown_step(&g, &x), GEN_YIELDED);
    assert_int_equal(x, 1);
    for (int i = 0; i < 3; i++) {
        assert_false(countdown_next(&g, &x));
        assert_int_equal(countdown_step(&g, &x), GEN_RETURNED);
        assert_int_equal(gen_state(&g), GEN_CLOSED);
        assert_int_equal(gen_error(&g), 0);
    }
    assert_int_equal(x, 1);
}

static void throw_after_the_end_raises_what_is_thrown(void **state)
{
    struct countdown g = {.n = 0};
    (void)state;
    assert_false(countdown_next(&g, NULL));
    assert_int_equal(countdown_throw(&g, EFIRST, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&g), EFIRST);
    assert_int_equal(countdown_throw(&g, GEN_STOP, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&g), GEN_STOP);
    assert_int_equal(countdown_step(&g, NULL), GEN_RETURNED);
    assert_int_equal(gen_state(&g), GEN_CLOSED);
}

static void send_reaches_the_yield_and_the_result_stays(void **state)
{
    struct echo g = {.result = 0};
    int x = 0;
    (void)state;
    assert_true(echo_next(&g, &x));
    assert_int_equal(x, -1);
    assert_int_equal(echo_send(&g, 5, &x), GEN_YIELDED);
    assert_int_equal(x, 5);
    assert_true(echo_next(&g, &x));
    assert_int_equal(x, -1);
    assert_int_equal(echo_send(&g, -7, &x), GEN_RETURNED);
    assert_int_equal(g.result, -7);
    assert_int_equal(echo_send(&g, 1, &x), GEN_RETURNED);
    assert_int_equal(x, -1);
}

static void send_to_a_created_generator_is_refused(void **state)
{
    struct echo g = {.result = 0};
    int x = 99;
    (void)state;
    assert_int_equal(echo_send(&g, 5, &x), GEN_RAISED);
    assert_int_equal(gen_error(&g), GEN_ESTARTED);
    assert_int_equal(gen_state(&g), GEN_CREATED);
    assert_int_equal(x, 99);
    assert_true(echo_next(&g, &x));
    assert_int_equal(x, -1);
    assert_int_equal(gen_error(&g), 0);
}

static void throw_into_a_created_generator_closes_it(void **state)
{
    struct catcher g = {.yields = 0};
    int x = 99;
    (void)state;
    assert_int_equal(catcher_throw(&g, EFIRST, &x), GEN_RAISED);
    assert_int_equal(gen_error(&g), EFIRST);
    assert_int_equal(gen_state(&g), GEN_CLOSED);
    assert_int_equal(catcher_step(&g, &x), GEN_RETURNED);
    assert_int_equal(x, 99);
    assert_int_equal(gen_error(&g), EFIRST);
}

static void throw_yields_what_the_handler_yields(void **state)
{
    struct catcher g = {.yields = 0};
    int x = 99;
    (void)state;
    assert_true(catcher_next(&g, &x));
    assert_int_equal(catcher_throw(&g, ESECOND, &x), GEN_YIELDED);
    assert_int_equal(x, ESECOND);
    assert_int_equal(g.yields, 0);
    assert_int_equal(catcher_throw(&g, EFIRST, &x), GEN_RAISED);
    assert_int_equal(gen_error(&g), EFIRST);
    assert_int_equal(gen_state(&g), GEN_CLOSED);
}

static void throw_of_what_is_no_code_is_refused(void **state)
{
    static const int wrong[] = {0, 32768, -32769, 65536 + GEN_EUSER};
    struct catcher g = {.yields = 0};
    int x = 99;
    (void)state;
    assert_true(catcher_next(&g, &x));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(catcher_throw(&g, wrong[i], &x), GEN_RAISED);
        assert_int_equal(gen_error(&g), GEN_EBADSTATE);
        assert_int_equal(gen_any_throw(catcher_any(&g), wrong[i], &x), GEN_RAISED);
        assert_int_equal(gen_state(&g), GEN_SUSPENDED);
    }
    assert_true(catcher_next(&g, &x));
    assert_int_equal(g.yields, 1);
    assert_int_equal(gen_error(&g), 0);
}

static void close_of_a_created_generator_never_runs_it(void **state)
{
    struct raiser g = {.code = EFIRST};
    (void)state;
    assert_int_equal(raiser_close(&g), 0);
    assert_int_equal(gen_state(&g), GEN_CLOSED);
    assert_false(raiser_next(&g, NULL));
    assert_int_equal(gen_error(&g), 0);
}

static void close_is_obeyed_or_raises_or_is_ignored(void **state)
{
    struct countdown obeys = {.n = 3};
    struct raiser raises = {.code = ESECOND, .at_close = true};
    struct catcher ignores = {.yields = 0};
    int x = 99;
    (void)state;
    assert_true(countdown_next(&obeys, NULL));
    assert_int_equal(countdown_close(&obeys), 0);
    assert_int_equal(gen_state(&obeys), GEN_CLOSED);

    assert_true(raiser_next(&raises, NULL));
    assert_int_equal(raiser_close(&raises), ESECOND);
    assert_int_equal(gen_error(&raises), ESECOND);
    assert_int_equal(gen_state(&raises), GEN_CLOSED);
    assert_int_equal(raiser_close(&raises), 0);

    assert_true(catcher_next(&ignores, NULL));
    assert_int_equal(catcher_close(&ignores), GEN_EIGNORED);
    assert_int_equal(gen_error(&ignores), GEN_EIGNORED);
    assert_int_equal(gen_state(&ignores), GEN_SUSPENDED);
    assert_true(catcher_next(&ignores, &x));
    assert_int_equal(x, 0);
    assert_int_equal(gen_error(&ignores), 0);
}

static void an_error_closes_and_stays_readable(void **state)
{
    struct raiser g = {.code = EFIRST};
    (void)state;
    assert_int_equal(raiser_step(&g, NULL), GEN_RAISED);
    assert_int_equal(gen_state(&g), GEN_CLOSED);
    assert_false(raiser_next(&g, NULL));
    assert_int_equal(raiser_step(&g, NULL), GEN_RETURNED);
    assert_int_equal(gen_error(&g), EFIRST);
}

static void stop_that_leaves_a_body_becomes_estop(void **state)
{
    struct raiser g = {.code = GEN_STOP};
    struct countdown thrown = {.n = 2};
    (void)state;
    assert_int_equal(raiser_step(&g, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&g), GEN_ESTOP);
    assert_true(countdown_next(&thrown, NULL));
    assert_int_equal(countdown_throw(&thrown, GEN_STOP, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&thrown), GEN_ESTOP);
}

static void raise_of_what_is_no_code_is_badstate(void **state)
{
    struct raiser zero = {.code = 0}, wide = {.code = 32768};
    (void)state;
    assert_int_equal(raiser_step(&zero, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&zero), GEN_EBADSTATE);
    assert_int_equal(raiser_step(&wide, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&wide), GEN_EBADSTATE);
}

static void void_struct_and_pointer_items(void **state)
{
    struct ticker t = {.n = 2};
    struct pairs p = {.n = 0};
    struct pointers v = {.gen = {0, 0}};
    struct pair x = {0, 0};
    void *q = NULL;
    int sum = 0;
    (void)state;
    assert_true(ticker_next(&t, NULL));
    assert_true(ticker_next(&t, NULL));
    assert_false(ticker_next(&t, NULL));
    gen_each (x, pairs, &p)
        sum = sum * 100 + x.a * 10 + x.b;
    assert_int_equal(sum, 123456);
    sum = 0;
    gen_for (board, boards, .least = {{{2}}, least(8, 9)})
        sum = sum * 100 + board.squares[0][0] * 10 + board.squares[5][5] + board.least;
    assert_int_equal(sum, 2825);
    assert_true(pointers_next(&v, &q) && q == (void *)&v);
    assert_true(pointers_next(&v, &q) && q == (void *)&v.gen);
    assert_false(pointers_next(&v, &q));
}

static void where_tells_the_line_of_the_suspension(void **state)
{
    struct lines g = {.gen = {0, 0}};
    struct gen_where w = lines_where(&g);
    int line = -1;
    (void)state;
    assert_string_equal(w.name, "lines");
    assert_string_equal(w.file, __FILE__);
    assert_int_equal(w.line, 0);
    assert_true(lines_next(&g, &line));
    assert_int_equal(lines_where(&g).line, line);
    assert_true(lines_next(&g, &line));
    assert_int_equal(gen_any_where(lines_any(&g)).line, line);
    assert_string_equal(gen_any_where(lines_any(&g)).name, "lines");
    assert_int_equal(lines_throw(&g, EFIRST, &line), GEN_YIELDED);
    assert_int_equal(lines_where(&g).line, line);
    assert_int_equal(gen_state(&g), GEN_SUSPENDED);
    assert_false(lines_next(&g, NULL));
    assert_int_equal(lines_where(&g).line, 0);
}

static void gen_any_has_the_same_calls(void **state)
{
    struct echo g = {.result = 0};
    struct catcher c = {.yields = 0};
    struct gen_any it = echo_any(&g);
    int x = 0, five = 5, minus = -2;
    (void)state;
    assert_true(gen_any_next(it, &x));
    assert_int_equal(x, -1);
    assert_int_equal(gen_any_send(it, &five, &x), GEN_YIELDED);
    assert_int_equal(x, 5);
    assert_int_equal(gen_any_send(it, &minus, &x), GEN_RETURNED);
    assert_int_equal(g.result, -2);
    assert_false(gen_any_next(it, &x));
    it = catcher_any(&c);
    assert_true(gen_any_next(it, NULL));
    assert_int_equal(gen_any_throw(it, EFIRST, &x), GEN_YIELDED);
    assert_int_equal(x, EFIRST);
    assert_int_equal(gen_any_close(it), 0);
    assert_int_equal(gen_state(&c), GEN_CLOSED);
    assert_int_equal(gen_any_throw(it, ESECOND, NULL), GEN_RAISED);
    assert_int_equal(gen_any_error(it), ESECOND);
    assert_int_equal(gen_any_close(it), 0);
    assert_int_equal(gen_any_error(it), ESECOND);
}

static void resume_takes_and_gives_the_text(void **state)
{
    struct raiser g = {.code = EFIRST};
    struct countdown c = {.n = 1};
    struct gen_io io;
    (void)state;
    memset(&io, 0, sizeof io);
    assert_int_equal(raiser_resume(&g, &io), GEN_RAISED);
    assert_int_equal(io.exc.code, EFIRST);
    assert_string_equal(io.exc.text, "raiser");
    memset(&io, 0, sizeof io);
    assert_int_equal(countdown_resume(&c, &io), GEN_YIELDED);
    io.exc.code = ESECOND;
    io.exc.text = "thrown";
    assert_int_equal(countdown_resume(&c, &io), GEN_RAISED);
    assert_int_equal(io.exc.code, ESECOND);
    assert_string_equal(io.exc.text, "thrown");
}

static void gen_for_owns_its_generator(void **state)
{
    int sum = 0, rounds = 0;
    (void)state;
    unhandled.code = 0;
    gen_for (n, countdown, .n = 4)
        sum += n;
    assert_int_equal(sum, 10);
    gen_for (n, countdown, .n = 100) {
        if (n % 2)
            continue;
        if (n < 95)
            break;
        rounds++;
    }
    assert_int_equal(rounds, 3);
    sum = 0;
    gen_for (n, countdown, .n = 3)
        gen_for (m, countdown, .n = n)
            sum += m;
    assert_int_equal(sum, 10);
    assert_int_equal(unhandled.code, 0);
}

static void an_error_that_ends_gen_for_is_unhandled(void **state)
{
    bool after = false;
    (void)state;
    unhandled.code = 0;
    gen_for (n, raiser, .code = ESECOND)
        fail_msg("yielded %d", n);
    after = true;
    assert_true(after);
    assert_int_equal(unhandled.code, ESECOND);
    assert_string_equal(unhandled.text, "raiser");
}

static void gen_each_borrows_its_generator(void **state)
{
    struct countdown g = {.n = 5};
    struct raiser r = {.code = EFIRST};
    int x, sum = 0;
    (void)state;
    gen_each (x, countdown, &g)
        if (x == 4)
            break;
    assert_int_equal(gen_state(&g), GEN_SUSPENDED);
    gen_each (x, countdown, &g)
        sum += x;
    assert_int_equal(sum, 6);
    assert_int_equal(gen_error(&g), 0);
    gen_each (x, raiser, &r)
        fail();
    assert_int_equal(gen_error(&r), EFIRST);
#ifndef __cplusplus
    sum = 0;
    gen_each (x, countdown, &(struct countdown){.gen = {0, 0}, .n = 2})
        sum = sum * 10 + x;
    assert_int_equal(sum, 21);
#endif
}

static void every_code_has_a_name(void **state)
{
    static const struct {
        int code;
        const char *name;
    } names[] = {
        {GEN_EXIT, "GEN_EXIT:"},         {GEN_CANCELLED, "GEN_CANCELLED:"},
        {GEN_STOP, "GEN_STOP:"},         {GEN_ERUNNING, "GEN_ERUNNING:"},
        {GEN_ESTARTED, "GEN_ESTARTED:"}, {GEN_EIGNORED, "GEN_EIGNORED:"},
        {GEN_ESTOP, "GEN_ESTOP:"},       {GEN_ENOMEM, "GEN_ENOMEM:"},
        {GEN_ENOSTACK, "GEN_ENOSTACK:"}, {GEN_EBADSTATE, "GEN_EBADSTATE:"},
        {GEN_EPENDING, "GEN_EPENDING:"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_memory_equal(gen_error_name(names[i].code), names[i].name, strlen(names[i].name));
    assert_string_equal(gen_error_name(GEN_ERUNNING), "GEN_ERUNNING: generator already executing");
    assert_non_null(gen_error_name(0));
    assert_non_null(gen_error_name(INT16_MIN));
    assert_string_not_equal(gen_error_name(2), gen_error_name(GEN_EUSER));
}

static void case_02_loops_go_by_this_resume(void **state)
{
    struct raiser g = {.code = EFIRST};
    struct echo e = {.result = 0};
    int x, rounds = 0;
    (void)state;
    assert_false(raiser_next(&g, NULL));
    unhandled.code = 0;
    gen_each (x, raiser, &g)
        fail();
    assert_int_equal(unhandled.code, 0);
    assert_int_equal(echo_send(&e, 1, NULL), GEN_RAISED);
    gen_each (x, echo, &e)
        if (rounds++ == 1)
            break;
    assert_int_equal(rounds, 2);
    assert_int_equal(gen_error(&e), 0);
}

static void case_04_close_leaves_gen_error_alone(void **state)
{
    struct raiser closed = {.code = EFIRST};
    struct echo created = {.result = 0};
    (void)state;
    assert_false(raiser_next(&closed, NULL));
    assert_int_equal(raiser_close(&closed), 0);
    assert_int_equal(gen_error(&closed), EFIRST);
    assert_int_equal(gen_any_close(raiser_any(&closed)), 0);
    assert_int_equal(gen_error(&closed), EFIRST);
    assert_int_equal(echo_send(&created, 1, NULL), GEN_RAISED);
    assert_int_equal(echo_close(&created), 0);
    assert_int_equal(gen_error(&created), GEN_ESTARTED);
    assert_int_equal(gen_state(&created), GEN_CLOSED);
}

static void case_05_reentry_is_refused_and_forgotten(void **state)
{
    struct selfish yields = {.ends = false}, ends = {.ends = true};
    struct countdown obeys = {.n = 2};
    int x = 0;
    (void)state;
    assert_true(selfish_next(&yields, &x));
    assert_int_equal(x, 1);
    assert_int_equal(yields.refused, 8);
    assert_int_equal(gen_error(&yields), 0);
    assert_int_equal(gen_state(&yields), GEN_SUSPENDED);
    assert_int_equal(selfish_send(&yields, 3, NULL), GEN_RETURNED);
    assert_int_equal(yields.refused, 16);
    assert_int_equal(gen_error(&yields), 0);
    assert_int_equal(selfish_step(&ends, NULL), GEN_RETURNED);
    assert_int_equal(ends.refused, 16);
    assert_int_equal(gen_error(&ends), 0);
    assert_true(countdown_next(&obeys, NULL));
    assert_int_equal(countdown_close(&obeys), 0);
    assert_int_equal(gen_error(&obeys), 0);
}

static void case_09_orders_leave_an_ended_generator_again(void **state)
{
    static const int orders[] = {GEN_EXIT, GEN_CANCELLED};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct countdown g = {.n = 0};
        struct gen_io io;
        assert_false(countdown_next(&g, NULL));
        assert_int_equal(countdown_throw(&g, orders[i], NULL), GEN_RAISED);
        assert_int_equal(gen_error(&g), orders[i]);
        assert_int_equal(gen_any_throw(countdown_any(&g), orders[i], NULL), GEN_RAISED);
        memset(&io, 0, sizeof io);
        io.exc.code = orders[i];
        assert_int_equal(countdown_resume(&g, &io), GEN_RAISED);
        assert_int_equal(io.exc.code, orders[i]);
    }
}

static void case_10_break_hands_over_the_error_of_the_close(void **state)
{
    (void)state;
    unhandled.code = 0;
    gen_for (n, raiser, .code = ESECOND, .at_close = true)
        if (n == 1)
            break;
    assert_int_equal(unhandled.code, ESECOND);
    assert_string_equal(unhandled.text, "closing");
    unhandled.code = 0;
    gen_for (n, catcher)
        if (n == 0)
            break;
    assert_int_equal(unhandled.code, GEN_EIGNORED);
    unhandled.code = 0;
    gen_for (n, countdown, .n = 9)
        if (n == 9)
            break;
    assert_int_equal(unhandled.code, 0);
}

static void case_16_stop_thrown_into_a_created_one_is_estop(void **state)
{
    struct countdown g = {.n = 1}, any = {.n = 1};
    (void)state;
    assert_int_equal(countdown_throw(&g, GEN_STOP, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&g), GEN_ESTOP);
    assert_int_equal(gen_state(&g), GEN_CLOSED);
    assert_int_equal(gen_any_throw(countdown_any(&any), GEN_STOP, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&any), GEN_ESTOP);
}

static void case_20_codes_at_both_ends_of_16_bits(void **state)
{
    static const int ends[] = {INT16_MAX, INT16_MIN};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct catcher c = {.yields = 0};
        struct raiser r = {.code = ends[i]}, closing = {.code = ends[i], .at_close = true};
        int x = 0;
        assert_true(catcher_next(&c, &x));
        assert_int_equal(catcher_throw(&c, ends[i], &x), GEN_YIELDED);
        assert_int_equal(x, ends[i]);
        assert_int_equal(catcher_throw(&c, ends[i], &x), GEN_RAISED);
        assert_int_equal(gen_error(&c), ends[i]);
        assert_int_equal(raiser_step(&r, NULL), GEN_RAISED);
        assert_int_equal(gen_error(&r), ends[i]);
        assert_true(raiser_next(&closing, NULL));
        assert_int_equal(raiser_close(&closing), ends[i]);
        unhandled.code = 0;
        gen_for (n, raiser, .code = ends[i])
            fail_msg("yielded %d", n);
        assert_int_equal(unhandled.code, ends[i]);
    }
}

static void case_21_close_drops_a_huge_value(void **state)
{
    struct hoarder g = {.gen = {0, 0}}, any = {.gen = {0, 0}};
    (void)state;
    huge_made = 0;
    assert_true(hoarder_next(&g, NULL));
    assert_int_equal(hoarder_close(&g), GEN_EIGNORED);
    assert_int_equal(huge_made, 2);
    assert_true(gen_any_next(hoarder_any(&any), NULL));
    assert_int_equal(gen_any_close(hoarder_any(&any)), GEN_EIGNORED);
    assert_int_equal(huge_made, 4);
    unhandled.code = 0;
    gen_for (h, hoarder) {
        assert_int_equal(h.bytes[sizeof h.bytes - 1], 0x55);
        break;
    }
    assert_int_equal(unhandled.code, GEN_EIGNORED);
    assert_int_equal(huge_made, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_generator_yields_then_ends_for_ever),
        cmocka_unit_test(throw_after_the_end_raises_what_is_thrown),
        cmocka_unit_test(send_reaches_the_yield_and_the_result_stays),
        cmocka_unit_test(send_to_a_created_generator_is_refused),
        cmocka_unit_test(throw_into_a_created_generator_closes_it),
        cmocka_unit_test(throw_yields_what_the_handler_yields),
        cmocka_unit_test(throw_of_what_is_no_code_is_refused),
        cmocka_unit_test(close_of_a_created_generator_never_runs_it),
        cmocka_unit_test(close_is_obeyed_or_raises_or_is_ignored),
        cmocka_unit_test(an_error_closes_and_stays_readable),
        cmocka_unit_test(stop_that_leaves_a_body_becomes_estop),
        cmocka_unit_test(raise_of_what_is_no_code_is_badstate),
        cmocka_unit_test(void_struct_and_pointer_items),
        cmocka_unit_test(where_tells_the_line_of_the_suspension),
        cmocka_unit_test(gen_any_has_the_same_calls),
        cmocka_unit_test(resume_takes_and_gives_the_text),
        cmocka_unit_test(gen_for_owns_its_generator),
        cmocka_unit_test(an_error_that_ends_gen_for_is_unhandled),
        cmocka_unit_test(gen_each_borrows_its_generator),
        cmocka_unit_test(every_code_has_a_name),
        cmocka_unit_test(case_02_loops_go_by_this_resume),
        cmocka_unit_test(case_04_close_leaves_gen_error_alone),
        cmocka_unit_test(case_05_reentry_is_refused_and_forgotten),
        cmocka_unit_test(case_09_orders_leave_an_ended_generator_again),
        cmocka_unit_test(case_10_break_hands_over_the_error_of_the_close),
        cmocka_unit_test(case_16_stop_thrown_into_a_created_one_is_estop),
        cmocka_unit_test(case_20_codes_at_both_ends_of_16_bits),
        cmocka_unit_test(case_21_close_drops_a_huge_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
