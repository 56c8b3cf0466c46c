/* gen_for_await: every way out of a loop over a source that waits; gen_any_chain: what it tells, and
 * that nobody notices. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "gen.h"

enum { ESOURCE = GEN_EUSER, EBODY, ETHROWN, ECLEANUP };

/* What happened, in words of one or two letters. */
static char trace[512];

static void say(const char *what)
{
    assert_true(strlen(trace) + strlen(what) < sizeof trace);
    strcat(trace, what);
}

static void say_item(int x)
{
    const char text[] = {(char)('0' + x), '\0'};
    say(text);
}

/* Waits before each item and when it is left. */
gen_declare(source, int);
struct source {
    struct gen gen;
    struct gen_unwind unwind[1];
    int n, limit;
    int fails, cleanup_fails; /* raised after the last item, in the finally */
    bool hurries;             /* does not wait in its finally */
    bool ignores;             /* yields in its finally */
};
gen_define(source)
{
    gen_begin();
    gen_try_finally {
        for (; self->n < self->limit; self->n++) {
            say("w");
            gen_suspend();
            gen_yield(self->n);
        }
        if (self->fails)
            gen_raise(self->fails, "source");
    }
    gen_finally {
        say("(");
        if (!self->hurries)
            gen_suspend();
        if (self->ignores)
            gen_yield(9);
        say(")");
        if (self->cleanup_fails)
            gen_raise(self->cleanup_fails, "cleanup");
    }
    gen_end_finally
    gen_end();
}

enum way { TO_THE_END, BREAK, CONTINUE, RETURN, STOP, RAISE, SUSPEND };

/* Yields what the source yields; at the item 1 it takes its way. */
gen_declare(looper, int);
struct looper {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct source src;
    enum way way;
    int x, result;
    struct gen_exc caught;
};
gen_define(looper)
{
    gen_begin();
    gen_try_finally {
        gen_for_await (self->x, source, &self->src) {
            if (self->x == 1 && self->way == BREAK)
                break;
            if (self->x == 1 && self->way == CONTINUE)
                continue;
            if (self->x == 1 && self->way == RETURN)
                gen_return(7);
            if (self->x == 1 && self->way == STOP)
                gen_stop();
            if (self->x == 1 && self->way == RAISE)
                gen_raise(EBODY, "body");
            if (self->x == 1 && self->way == SUSPEND)
                gen_suspend();
            gen_yield(self->x);
        }
        gen_end_for
        say("e");
    }
    gen_finally {
        self->caught = gen_caught;
        say("F");
    }
    gen_end_finally
    gen_end();
}

/* Resumes until it ends. A point for each wait, and the items. */
static enum gen_status run(struct gen_any it, struct gen_exc *exc)
{
    enum gen_status st;
    do {
        struct gen_io io = {.out = NULL};
        int x = 0;
        io.out = &x;
        st = it.resume(it.frame, &io);
        if (st == GEN_YIELDED)
            say_item(x);
        if (st == GEN_PENDING)
            say(".");
        *exc = io.exc;
    } while (st > GEN_RETURNED);
    return st;
}

/* The same, but the step with the number `at` gets an exception. */
static enum gen_status run_throwing(struct gen_any it, int at, int code, struct gen_exc *exc)
{
    enum gen_status st = GEN_PENDING;
    int i;
    for (i = 0; i < at && st > GEN_RETURNED; i++) {
        struct gen_io io = {.out = NULL};
        st = it.resume(it.frame, &io);
    }
    if (st > GEN_RETURNED) {
        struct gen_io io = {.exc = {code, "thrown"}};
        trace[0] = '\0';
        st = it.resume(it.frame, &io);
        *exc = io.exc;
        if (st > GEN_RETURNED)
            say("|");
    }
    return st > GEN_RETURNED ? run(it, exc) : st;
}

static int setup(void **state)
{
    (void)state;
    trace[0] = '\0';
    return 0;
}

static void each_way_out(void **state)
{
    static const struct {
        enum way way;
        struct source src;
        const char *trace;
        enum gen_status status;
        struct gen_exc exc;
        int result;
    } cases[] = {
        {TO_THE_END, {.limit = 3}, "w.0w.1w.2(.)eF", GEN_RETURNED, {0, NULL}, 0},
        {TO_THE_END, {.limit = 0}, "(.)eF", GEN_RETURNED, {0, NULL}, 0},
        {BREAK, {.limit = 3}, "w.0w.(.)eF", GEN_RETURNED, {0, NULL}, 0},
        {BREAK, {.limit = 3, .hurries = true}, "w.0w.()eF", GEN_RETURNED, {0, NULL}, 0},
        {CONTINUE, {.limit = 3}, "w.0w.w.2(.)eF", GEN_RETURNED, {0, NULL}, 0},
        {RETURN, {.limit = 3}, "w.0w.(.)F", GEN_RETURNED, {0, NULL}, 7},
        {STOP, {.limit = 3}, "w.0w.(.)F", GEN_RETURNED, {0, NULL}, 0},
        {RAISE, {.limit = 3}, "w.0w.(.)F", GEN_RAISED, {EBODY, "body"}, 0},
        {RAISE, {.limit = 3, .hurries = true}, "w.0w.()F", GEN_RAISED, {EBODY, "body"}, 0},
        {SUSPEND, {.limit = 3}, "w.0w..1w.2(.)eF", GEN_RETURNED, {0, NULL}, 0},
        /* an error of the source */
        {BREAK, {.limit = 1, .fails = ESOURCE}, "w.0(.)F", GEN_RAISED, {ESOURCE, "source"}, 0},
        {BREAK, {.limit = 0, .fails = ESOURCE}, "(.)F", GEN_RAISED, {ESOURCE, "source"}, 0},
        /* one of its finally wins over the way out */
        {TO_THE_END, {.cleanup_fails = ECLEANUP}, "(.)F", GEN_RAISED, {ECLEANUP, "cleanup"}, 0},
        {BREAK,
         {.limit = 3, .cleanup_fails = ECLEANUP},
         "w.0w.(.)F",
         GEN_RAISED,
         {ECLEANUP, "cleanup"},
         0},
        {RETURN,
         {.limit = 3, .cleanup_fails = ECLEANUP},
         "w.0w.(.)F",
         GEN_RAISED,
         {ECLEANUP, "cleanup"},
         7},
        {RAISE,
         {.limit = 3, .cleanup_fails = ECLEANUP},
         "w.0w.(.)F",
         GEN_RAISED,
         {ECLEANUP, "cleanup"},
         0},
    };
    size_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct looper g = {.src = cases[i].src, .way = cases[i].way};
        struct gen_exc exc;
        trace[0] = '\0';
        assert_int_equal(run(looper_any(&g), &exc), cases[i].status);
        assert_string_equal(trace, cases[i].trace);
        assert_int_equal(exc.code, cases[i].exc.code);
        assert_int_equal(g.caught.code, cases[i].exc.code);
        if (exc.code != 0) {
            assert_string_equal(exc.text, cases[i].exc.text);
            assert_string_equal(g.caught.text, cases[i].exc.text);
        }
        assert_int_equal(g.result, cases[i].result);
        assert_int_equal(gen_error(&g), cases[i].exc.code);
        assert_int_equal(gen_state(&g), GEN_CLOSED);
        assert_int_equal(gen_state(&g.src), GEN_CLOSED);
    }
}

/* What ignores the close goes on to be suspended, as in CPython, where nobody else closes it. */
static void a_source_that_ignores_the_close(void **state)
{
    const struct looper at_its_end = {.src = {.limit = 1, .ignores = true}};
    struct looper g = {.src = {.limit = 3, .ignores = true}, .way = BREAK};
    struct gen_exc exc;
    int x;
    (void)state;
    assert_int_equal(run(looper_any(&g), &exc), GEN_RAISED);
    assert_int_equal(exc.code, GEN_EIGNORED);
    assert_string_equal(trace, "w.0w.(.F");
    assert_int_equal(gen_state(&g.src), GEN_SUSPENDED);
    assert_int_equal(gen_error(&g.src), GEN_EIGNORED);
    assert_int_equal(source_step(&g.src, &x), GEN_RAISED); /* GEN_EXIT, which its finally kept */
    assert_string_equal(trace, "w.0w.(.F)");
    assert_int_equal(gen_error(&g.src), GEN_EXIT);

    /* at its end it is no close: an item like any other */
    g = at_its_end;
    trace[0] = '\0';
    assert_int_equal(run(looper_any(&g), &exc), GEN_RETURNED);
    assert_string_equal(trace, "w.0(.9)eF");
}

/* The steps of the loop: it waits, 0, waits, 1, waits in the finally of the source. */
static void throw_at_each_suspension(void **state)
{
    static const char *const expected[] = {"(|)F", "(|)F", "(|)F", "(|)F", "F"};
    int at;
    (void)state;
    for (at = 1; at <= 5; at++) {
        struct looper g = {.src = {.limit = 2}};
        struct gen_exc exc = {0, NULL};
        assert_int_equal(run_throwing(looper_any(&g), at, ETHROWN, &exc), GEN_RAISED);
        assert_string_equal(trace, expected[at - 1]);
        assert_int_equal(exc.code, ETHROWN);
        assert_string_equal(exc.text, "thrown");
        assert_int_equal(gen_state(&g.src), GEN_CLOSED);
    }
}

/* close() cannot wait: where the source would, GEN_EPENDING is raised at the loop, which drops the
 * source; if the loop itself stands in its block, it goes on to be closed by whoever can wait. */
static void close_at_each_suspension(void **state)
{
    static const struct {
        const char *trace, *after;
        int code;
    } expected[] = {{"(F", "", GEN_EPENDING},
                    {"(", ")F", GEN_EPENDING},
                    {"(F", "", GEN_EPENDING},
                    {"(", ")F", GEN_EPENDING},
                    {"F", "", 0}};
    int at, i;
    (void)state;
    for (at = 1; at <= 5; at++) {
        struct looper g = {.src = {.limit = 2}};
        struct gen_exc exc;
        for (i = 0; i < at; i++)
            (void)looper_step(&g, NULL);
        trace[0] = '\0';
        assert_int_equal(looper_close(&g), expected[at - 1].code);
        assert_string_equal(trace, expected[at - 1].trace);
        trace[0] = '\0';
        if (gen_state(&g) == GEN_SUSPENDED) {
            assert_int_equal(run(looper_any(&g), &exc), GEN_RAISED);
            assert_int_equal(exc.code, GEN_EXIT);
        }
        assert_string_equal(trace, expected[at - 1].after);
        assert_int_equal(gen_state(&g.src), GEN_CLOSED);
    }
    for (at = 1; at <= 4; at++) {
        struct looper g = {.src = {.limit = 2, .hurries = true}};
        for (i = 0; i < at; i++)
            (void)looper_step(&g, NULL);
        trace[0] = '\0';
        assert_int_equal(looper_close(&g), 0);
        assert_string_equal(trace, "()F");
        assert_int_equal(gen_state(&g.src), GEN_CLOSED);
    }
}

/* While it leaves: an exception into the finally of the source takes the place of the way out. */
static void throw_while_the_source_is_closed(void **state)
{
    static const enum way ways[] = {BREAK, RETURN, RAISE};
    size_t i;
    (void)state;
    for (i = 0; i < 3; i++) {
        struct looper g = {.src = {.limit = 3}, .way = ways[i]};
        struct gen_exc exc = {0, NULL};
        assert_int_equal(run_throwing(looper_any(&g), 4, ETHROWN, &exc), GEN_RAISED);
        assert_string_equal(trace, "F");
        assert_int_equal(exc.code, ETHROWN);
        assert_int_equal(gen_state(&g.src), GEN_CLOSED);
    }
}

/* A close then is this body's, whatever its way out was: nothing after the loop is run. */
static void close_while_the_source_is_closed(void **state)
{
    static const enum way ways[] = {BREAK, RETURN, STOP, RAISE};
    size_t i;
    (void)state;
    for (i = 0; i < 2 * sizeof ways / sizeof ways[0]; i++) {
        struct looper g = {.src = {.limit = 3}, .way = ways[i / 2]};
        struct gen_exc exc = {0, NULL};
        if (i % 2)
            assert_int_equal(run_throwing(looper_any(&g), 4, GEN_EXIT, &exc), GEN_RAISED);
        else {
            int step;
            for (step = 0; step < 4; step++)
                (void)looper_step(&g, NULL);
            trace[0] = '\0';
            assert_int_equal(looper_close(&g), 0);
        }
        assert_string_equal(trace, "F");
        assert_int_equal(g.caught.code, GEN_EXIT);
        assert_int_equal(exc.code, i % 2 ? GEN_EXIT : 0);
        assert_string_equal(i % 2 ? exc.text : "thrown", "thrown");
        assert_int_equal(gen_state(&g), GEN_CLOSED);
        assert_int_equal(gen_state(&g.src), GEN_CLOSED);
    }
}

static void sources_in_each_state(void **state)
{
    const struct looper fails = {.src = {.fails = ESOURCE, .hurries = true}};
    struct looper g = {.src = {.limit = 3}};
    struct gen_exc exc;
    int x;
    (void)state;
    /* suspended: goes on where it stands */
    assert_int_equal(source_step(&g.src, &x), GEN_PENDING);
    assert_int_equal(source_step(&g.src, &x), GEN_YIELDED);
    assert_int_equal(run(looper_any(&g), &exc), GEN_RETURNED);
    assert_string_equal(trace, "ww.1w.2(.)eF");
    /* closed: just ends, though it once failed */
    g = fails;
    assert_int_equal(source_step(&g.src, &x), GEN_RAISED);
    trace[0] = '\0';
    assert_int_equal(run(looper_any(&g), &exc), GEN_RETURNED);
    assert_string_equal(trace, "eF");
    assert_int_equal(gen_error(&g.src), ESOURCE);
}

/* -- A source that runs: itself ---------------------------------------------------------------- */

gen_declare(ouroboros, int);
struct ouroboros {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct ouroboros *src;
    int x;
};
gen_define(ouroboros)
{
    gen_begin();
    gen_try {
        gen_for_await (self->x, ouroboros, self->src)
            gen_yield(self->x);
        gen_end_for
    }
    gen_except (GEN_ERUNNING) {
        gen_yield(1);
    }
    gen_end_try
    gen_yield(2);
    gen_end();
}

static void a_source_that_runs(void **state)
{
    struct ouroboros g = {.src = NULL};
    struct gen_exc exc;
    (void)state;
    g.src = &g;
    assert_int_equal(run(ouroboros_any(&g), &exc), GEN_RETURNED);
    assert_string_equal(trace, "12");
}

/* -- Nested loops ------------------------------------------------------------------------------ */

gen_declare(nest, int);
struct nest {
    struct gen gen;
    struct gen_unwind unwind[3];
    struct source outer, inner;
    enum way way;
    int x, y;
    struct gen_exc caught;
};
gen_define(nest)
{
    const struct source fresh = {.n = 5, .limit = 7};
    gen_begin();
    gen_try {
        gen_for_await (self->x, source, &self->outer) {
            self->inner = fresh;
            gen_for_await (self->y, source, &self->inner) {
                gen_try_finally {
                    if (self->way == BREAK)
                        break;
                    if (self->way == CONTINUE)
                        continue;
                    if (self->way == STOP)
                        gen_stop();
                    if (self->way == RAISE)
                        gen_raise(EBODY, "body");
                    gen_yield(self->y);
                }
                gen_finally {
                    say("f");
                }
                gen_end_finally
            }
            gen_end_for
            gen_yield(self->x);
        }
        gen_end_for
        say("e");
    }
    gen_except_any {
        self->caught = gen_caught;
        say("C");
        gen_suspend();
    }
    gen_end_try
    gen_end();
}

static void nested_loops(void **state)
{
    static const struct {
        enum way way;
        const char *trace;
    } cases[] = {
        {TO_THE_END, "w.w.5fw.6f(.)0w.w.5fw.6f(.)1(.)e"},
        {BREAK, "w.w.f(.)0w.w.f(.)1(.)e"},
        {CONTINUE, "w.w.fw.f(.)0w.w.fw.f(.)1(.)e"},
        {STOP, "w.w.f(.)(.)"},
        {RAISE, "w.w.f(.)(.)C."},
    };
    size_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nest g = {.outer = {.limit = 2}, .way = cases[i].way};
        struct gen_exc exc;
        trace[0] = '\0';
        assert_int_equal(run(nest_any(&g), &exc), GEN_RETURNED);
        assert_string_equal(trace, cases[i].trace);
        assert_int_equal(g.caught.code, cases[i].way == RAISE ? EBODY : 0);
    }
}

/* -- On a gen_stack ---------------------------------------------------------------------------- */

static uint_least32_t line_of_wait, line_of_push, line_of_loop, line_of_delegate;

/* Waits so many times. */
gen_declare(pause, void);
struct pause {
    struct gen gen;
    int times;
};
gen_define(pause)
{
    gen_begin();
    for (; self->times > 0; self->times--) {
        line_of_wait = __LINE__ + 1;
        gen_suspend();
    }
    gen_end();
}

/* As source; its waits are those of what it pushes. */
gen_declare(pusher, int);
struct pusher {
    struct gen gen;
    struct gen_unwind unwind[1];
    int n, limit;
};
gen_define(pusher)
{
    gen_begin();
    gen_try_finally {
        for (; self->n < self->limit; self->n++) {
            say("w");
            line_of_push = __LINE__ + 1;
            gen_await_new(pause, .times = 2);
            gen_yield(self->n);
        }
    }
    gen_finally {
        say("(");
        gen_await_new(pause, .times = 1);
        say(")");
    }
    gen_end_finally
    gen_end();
}

gen_declare(push_looper, int);
struct push_looper {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct pusher src;
    enum way way;
    int x;
};
gen_define(push_looper)
{
    gen_begin();
    line_of_loop = __LINE__ + 1;
    gen_for_await (self->x, pusher, &self->src) {
        if (self->x == 1 && self->way == BREAK)
            break;
        if (self->x == 1 && self->way == RAISE)
            gen_raise(EBODY, "body");
        gen_await_new(pause, .times = 1);
        gen_yield(self->x);
    }
    gen_end_for
    say("e");
    gen_end();
}

/* The looping body is pushed itself. */
gen_declare(delegator, int);
struct delegator {
    struct gen gen;
    enum way way;
};
gen_define(delegator)
{
    gen_begin();
    line_of_delegate = __LINE__ + 1;
    gen_yield_from_new(push_looper, .src = {.limit = 2}, .way = self->way);
    gen_end();
}

static union {
    long double align;
    char bytes[1024];
} room;

static void a_source_that_pushes(void **state)
{
    static const struct {
        enum way way;
        const char *trace;
        enum gen_status status;
    } cases[] = {
        {TO_THE_END, "w...0w...1(.)e", GEN_RETURNED},
        {BREAK, "w...0w..(.)e", GEN_RETURNED},
        {RAISE, "w...0w..(.)", GEN_RAISED},
    };
    size_t i;
    (void)state;
    for (i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        enum way way = cases[i / 2].way;
        struct gen_stack stack;
        struct gen_any it;
        struct gen_exc exc;
        gen_stack_init(&stack, room.bytes, sizeof room);
        it = i % 2 ? gen_start(&stack, delegator, .way = way)
                   : gen_start(&stack, push_looper, .src = {.limit = 2}, .way = way);
        trace[0] = '\0';
        assert_int_equal(run(it, &exc), cases[i / 2].status);
        assert_string_equal(trace, cases[i / 2].trace);
        assert_int_equal(exc.code, way == RAISE ? EBODY : 0);
    }
}

static void throw_and_close_reach_what_the_source_pushed(void **state)
{
    struct gen_stack stack;
    struct gen_any it;
    struct gen_exc exc = {0, NULL};
    (void)state;
    gen_stack_init(&stack, room.bytes, sizeof room);
    it = gen_start(&stack, push_looper, .src = {.limit = 2});
    assert_int_equal(run_throwing(it, 1, ETHROWN, &exc), GEN_RAISED);
    assert_int_equal(exc.code, ETHROWN);
    assert_string_equal(trace, "(|)");

    it = gen_start(&stack, push_looper, .src = {.limit = 2});
    assert_false(gen_any_next(it, NULL));
    trace[0] = '\0';
    assert_int_equal(gen_any_close(it),
                     GEN_EPENDING); /* pause waits in the finally of the source */
    assert_int_equal(gen_stack_state(&stack), GEN_CLOSED);
    assert_string_equal(trace, "(");

    /* what it pushed for its finally, once the loop was left */
    it = gen_start(&stack, push_looper, .src = {.limit = 2}, .way = BREAK);
    trace[0] = '\0';
    while (strchr(trace, '(') == NULL)
        (void)gen_any_next(it, NULL);
    trace[0] = '\0';
    assert_int_equal(gen_any_close(it), 0);
    assert_int_equal(gen_stack_state(&stack), GEN_CLOSED);
    assert_string_equal(trace, "");
}

static void a_source_that_pushes_without_a_stack(void **state)
{
    struct push_looper g = {.src = {.limit = 2}};
    struct gen_exc exc;
    (void)state;
    assert_int_equal(run(push_looper_any(&g), &exc), GEN_RAISED);
    assert_int_equal(exc.code, GEN_ENOSTACK);
    assert_string_equal(trace, "w(");
}

/* -- The chain --------------------------------------------------------------------------------- */

enum { DEPTH = 8 };
static struct gen_where chain[DEPTH];

static void assert_link(size_t i, const char *name, uint_least32_t line)
{
    assert_string_equal(chain[i].name, name);
    assert_int_equal(chain[i].line, line);
    if (line != 0)
        assert_string_equal(chain[i].file, __FILE__);
}

static void a_chain_of_pushed_frames(void **state)
{
    struct gen_stack stack;
    struct gen_any it;
    (void)state;
    gen_stack_init(&stack, room.bytes, sizeof room);
    it = gen_start(&stack, delegator, .way = TO_THE_END);
    assert_int_equal(gen_any_chain(it, chain, DEPTH), 1);
    assert_link(0, "delegator", 0); /* created */
    assert_false(gen_any_next(it, NULL));
    assert_int_equal(gen_any_chain(it, chain, DEPTH), 4);
    assert_link(0, "delegator", line_of_delegate);
    assert_link(1, "push_looper", line_of_loop);
    assert_link(2, "pusher", line_of_push);
    assert_link(3, "pause", line_of_wait);
    while (gen_stack_state(&stack) == GEN_SUSPENDED)
        (void)gen_any_next(it, NULL);
    assert_int_equal(gen_any_chain(it, chain, DEPTH), 1);
    assert_link(0, "delegator", 0); /* closed */
}

static uint_least32_t line_of_first, line_of_second;

/* Delegates to any generator, in a clause and in a finally. */
gen_declare(passer, int);
struct passer {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct gen_any first, second;
};
gen_define(passer)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            gen_raise(EBODY);
        }
        gen_except (EBODY) {
            line_of_first = __LINE__ + 1;
            gen_yield_from_any(self->first);
            say("c");
        }
        gen_end_try
        gen_raise(EBODY, "again");
    }
    gen_finally {
        line_of_second = __LINE__ + 1;
        gen_yield_from_any(self->second);
        say("F");
    }
    gen_end_finally
    gen_end();
}

static void a_chain_through_any(void **state)
{
    struct gen_stack stack;
    struct looper loop = {.src = {.limit = 1}};
    struct passer outer = {.second = looper_any(&loop)};
    struct gen_any it = passer_any(&outer);
    size_t i;
    (void)state;
    line_of_second = 0;
    gen_stack_init(&stack, room.bytes, sizeof room);
    outer.first = gen_start(&stack, push_looper, .src = {.limit = 1});
    assert_int_equal(passer_step(&outer, NULL), GEN_PENDING);
    assert_int_equal(gen_any_chain(it, chain, DEPTH), 4);
    assert_link(0, "passer", line_of_first);
    assert_link(1, "push_looper", line_of_loop);
    assert_link(2, "pusher", line_of_push);
    assert_link(3, "pause", line_of_wait);
    while (line_of_second == 0)
        (void)passer_step(&outer, NULL);
    assert_int_equal(gen_any_chain(it, chain, DEPTH), 3);
    assert_link(0, "passer", line_of_second);
    assert_string_equal(chain[1].name, "looper");
    assert_string_equal(chain[2].name, "source");
    assert_true(chain[1].line != 0 && chain[2].line != 0);

    /* room for less than there is */
    for (i = 0; i < DEPTH; i++)
        chain[i].name = "untouched";
    assert_int_equal(gen_any_chain(it, chain, 2), 3);
    assert_string_equal(chain[1].name, "looper");
    assert_string_equal(chain[2].name, "untouched");
    assert_int_equal(gen_any_chain(it, NULL, 0), 3);
}

/* -- Asking changes nothing -------------------------------------------------------------------- */

/* Suspended in a block, a clause, a finally, with handlers around that would see an exception. */
gen_declare(handlers, int);
struct handlers {
    struct gen gen;
    struct gen_unwind unwind[3];
    struct source src;
    struct pause pause;
    int x;
};
gen_define(handlers)
{
    gen_begin();
    gen_try {
        gen_try_finally {
            gen_try {
                gen_yield(1);
                gen_await(pause, &self->pause);
                gen_raise(EBODY, "body");
            }
            gen_except_all {
                say("1");
                gen_await_new(pause, .times = 2);
                gen_for_await (self->x, source, &self->src) {
                    gen_yield(self->x);
                    if (self->x == 1)
                        gen_raise(ESOURCE, "left");
                }
                gen_end_for
            }
            gen_end_try
        }
        gen_finally {
            say("2");
            gen_wait_until(self->pause.times++ == 1);
            gen_yield_from_new(push_looper, .src = {.limit = 2});
            gen_yield(3);
        }
        gen_end_finally
        say("not here");
    }
    gen_except_all {
        say(gen_caught.text);
        gen_yield(4);
    }
    gen_end_try
    gen_end();
}

/* Asks before each resume; the memory of the program is as it was. */
static void run_asking(struct gen_any it, const void *memory, size_t size)
{
    unsigned char before[sizeof room];
    enum gen_status st;
    assert_true(size <= sizeof before);
    do {
        struct gen_io io = {.out = NULL};
        int x = 0;
        size_t asked;
        memcpy(before, memory, size);
        asked = strlen(trace);
        assert_true(gen_any_chain(it, chain, DEPTH) > 0);
        assert_true(gen_any_chain(it, chain, 1) > 0);
        assert_memory_equal(before, memory, size);
        assert_int_equal(strlen(trace), asked);
        io.out = &x;
        st = it.resume(it.frame, &io);
        if (st == GEN_YIELDED)
            say_item(x);
        if (st == GEN_PENDING)
            say(".");
    } while (st > GEN_RETURNED);
}

static void asking_changes_nothing(void **state)
{
    static const char expected[] = "1.1..w.0w.1(.)2.w...0w...1(.)e3left4";
    struct gen_stack stack;
    struct gen_exc exc;
    (void)state;
    gen_stack_init(&stack, room.bytes, sizeof room);
    run(gen_start(&stack, handlers, .src = {.limit = 3}, .pause = {.times = 1}), &exc);
    assert_string_equal(trace, expected);
    trace[0] = '\0';
    run_asking(gen_start(&stack, handlers, .src = {.limit = 3}, .pause = {.times = 1}), room.bytes,
               sizeof room);
    assert_string_equal(trace, expected);
}

static void asking_changes_no_loop(void **state)
{
    int way;
    (void)state;
    for (way = TO_THE_END; way <= SUSPEND; way++) {
        const struct looper fresh = {.src = {.limit = 3}, .way = (enum way)way};
        struct looper g = fresh;
        struct gen_exc exc;
        char expected[64];
        trace[0] = '\0';
        run(looper_any(&g), &exc);
        strcpy(expected, trace);
        g = fresh;
        trace[0] = '\0';
        run_asking(looper_any(&g), &g, sizeof g);
        assert_string_equal(trace, expected);
    }
}

/* A body that runs can be asked too, by itself: it stands nowhere, and goes on. */
gen_declare(asker, int);
struct asker {
    struct gen gen;
    struct gen_any outer;
    size_t links;
};
gen_define(asker)
{
    gen_begin();
    self->links = gen_any_chain(self->outer, chain, DEPTH);
    gen_yield(1);
    gen_yield(2);
    gen_end();
}

static void a_chain_that_runs(void **state)
{
    struct asker inner = {.links = 0};
    struct passer outer = {.first = asker_any(&inner)};
    struct gen_exc exc;
    (void)state;
    inner.outer = passer_any(&outer);
    outer.second = asker_any(&inner); /* closed by then */
    assert_int_equal(run(passer_any(&outer), &exc), GEN_RAISED);
    assert_string_equal(trace, "12cF");
    assert_int_equal(exc.code, EBODY);
    assert_int_equal(inner.links, 1);
    assert_link(0, "passer", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_way_out, setup),
        cmocka_unit_test_setup(a_source_that_ignores_the_close, setup),
        cmocka_unit_test_setup(throw_at_each_suspension, setup),
        cmocka_unit_test_setup(close_at_each_suspension, setup),
        cmocka_unit_test_setup(throw_while_the_source_is_closed, setup),
        cmocka_unit_test_setup(close_while_the_source_is_closed, setup),
        cmocka_unit_test_setup(sources_in_each_state, setup),
        cmocka_unit_test_setup(a_source_that_runs, setup),
        cmocka_unit_test_setup(nested_loops, setup),
        cmocka_unit_test_setup(a_source_that_pushes, setup),
        cmocka_unit_test_setup(throw_and_close_reach_what_the_source_pushed, setup),
        cmocka_unit_test_setup(a_source_that_pushes_without_a_stack, setup),
        cmocka_unit_test_setup(a_chain_of_pushed_frames, setup),
        cmocka_unit_test_setup(a_chain_through_any, setup),
        cmocka_unit_test_setup(asking_changes_nothing, setup),
        cmocka_unit_test_setup(asking_changes_no_loop, setup),
        cmocka_unit_test_setup(a_chain_that_runs, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
