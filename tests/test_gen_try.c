/* try, except, finally; and break, continue, return through them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "gen.h"

enum { EFIRST = GEN_EUSER, ESECOND, ETHIRD, EFOURTH };

/* What ran, in order, one letter each. */
static char trace[64];

static void mark(char c)
{
    size_t n = strlen(trace);
    assert_true(n + 1 < sizeof trace);
    trace[n] = c;
    trace[n + 1] = '\0';
}
static void clear(void)
{
    trace[0] = '\0';
}

/* Raises `code` and tells which clause took it. */
gen_declare(chooser, int);
struct chooser {
    struct gen gen;
    int code;
};
gen_define(chooser)
{
    gen_begin();
    gen_try {
        mark('t');
        if (self->code)
            gen_raise(self->code);
        mark('u');
    }
    gen_except (EFIRST) {
        mark('1');
    }
    gen_except (ESECOND) {
        mark('2');
        gen_raise(EFIRST);
    }
    gen_except_any {
        mark('a');
    }
    gen_except (GEN_EXIT) {
        mark('x');
    }
    gen_end_try
    mark('e');
    gen_end();
}

gen_declare(catch_all, int);
struct catch_all {
    struct gen gen;
    struct gen_exc kept;
};
gen_define(catch_all)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except_all {
        self->kept = gen_caught;
        gen_yield(2);
        gen_yield(gen_caught.code);
    }
    gen_end_try
    gen_yield(gen_caught.code);
    gen_end();
}

/* Every way out of a guarded block, inside a loop of two rounds. */
gen_declare(leaver, int);
struct leaver {
    struct gen gen;
    char way, again; /* again: what the finally does itself */
    int i, result;
    struct gen_unwind unwind[1];
};
gen_define(leaver)
{
    gen_begin();
    for (self->i = 0; self->i < 2; self->i++) {
        mark('(');
        gen_try_finally {
            if (self->way == 'y')
                gen_yield(1);
            if (self->way == 'b')
                break;
            if (self->way == 'c')
                continue;
            if (self->way == 'r')
                gen_return(7);
            if (self->way == 's')
                gen_stop();
            if (self->way == 'e')
                gen_raise(EFIRST, "first");
            mark('t');
        }
        gen_finally {
            mark('f');
            if (self->again == 'y')
                gen_yield(10);
            if (self->again == 'b')
                break;
            if (self->again == 'c')
                continue;
            if (self->again == 'r')
                gen_return(8);
            if (self->again == 'e')
                gen_raise(ESECOND, "second");
            mark('g');
        }
        gen_end_finally
        mark(')');
    }
    mark('.');
    gen_end();
}
static enum gen_status leave(char way, char again, struct leaver *g)
{
    enum gen_status st;
    memset(g, 0, sizeof *g);
    g->way = way;
    g->again = again;
    clear();
    do
        st = leaver_step(g, NULL);
    while (st == GEN_YIELDED);
    return st;
}

/* Three finally, the outer ones around loops. */
gen_declare(nested, int);
struct nested {
    struct gen gen;
    char way;
    int i, j, result;
    struct gen_unwind unwind[3];
};
gen_define(nested)
{
    gen_begin();
    gen_try_finally {
        for (self->i = 0; self->i < 2; self->i++) {
            gen_try_finally {
                for (self->j = 0; self->j < 2; self->j++) {
                    gen_try_finally {
                        gen_try {
                            gen_yield(1);
                            if (self->way == 'r')
                                gen_return(3);
                            if (self->way == 'b')
                                break;
                            if (self->way == 'c')
                                continue;
                            if (self->way == 'e')
                                gen_raise(EFIRST);
                        }
                        gen_except (ESECOND) {
                            mark('!');
                        }
                        gen_end_try
                    }
                    gen_finally {
                        mark('a');
                        gen_yield(2);
                    }
                    gen_end_finally
                }
            }
            gen_finally {
                mark('b');
                gen_yield(3);
            }
            gen_end_finally
        }
    }
    gen_finally {
        mark('c');
        gen_yield(4);
    }
    gen_end_finally
    mark('.');
    gen_end();
}

/* A finally inside a finally, and a finally between two clauses. */
gen_declare(inner, int);
struct inner {
    struct gen gen;
    struct gen_unwind unwind[2];
};
gen_define(inner)
{
    gen_begin();
    gen_try_finally {
        gen_raise(EFIRST, "first");
    }
    gen_finally {
        mark('f');
        gen_try {
            gen_try_finally {
                gen_raise(ESECOND);
            }
            gen_finally {
                mark('g');
                gen_yield(1);
            }
            gen_end_finally
        }
        gen_except (ESECOND) {
            mark('s');
        }
        gen_end_try
    }
    gen_end_finally
    mark('.');
    gen_end();
}

gen_declare(reraiser, int);
struct reraiser {
    struct gen gen;
    bool waits, outside;
};
gen_define(reraiser)
{
    gen_begin();
    if (self->outside)
        gen_reraise();
    gen_try {
        gen_raise(EFIRST, "kept");
    }
    gen_except_any {
        if (self->waits)
            gen_yield(1);
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

/* A handler's error goes outward, never to a sibling or to itself. */
gen_declare(outward, int);
struct outward {
    struct gen gen;
};
gen_define(outward)
{
    gen_begin();
    gen_try {
        gen_try {
            gen_raise(EFIRST);
        }
        gen_except (EFIRST) {
            mark('1');
            gen_raise(ESECOND);
        }
        gen_except_all {
            mark('!');
        }
        gen_end_try
        mark('!');
    }
    gen_except (ESECOND) {
        mark('2');
    }
    gen_end_try
    mark('.');
    gen_end();
}

/* Statement macros are statements. */
gen_declare(statements, int);
struct statements {
    struct gen gen;
    int n, result;
};
gen_define(statements)
{
    gen_begin();
    for (self->n = 0; self->n < 9; self->n++)
        if (self->n == 0)
            gen_yield((self->n + 4) % 3);
        else if (self->n == 1)
            gen_yield((self->n) * 20);
        else if (self->n == 3)
            gen_return((self->n) * 5);
        else
            gen_yield(30);
    gen_end();
}

gen_declare(caught3, int);
struct caught3 {
    struct gen gen;
    struct gen_unwind unwind[1];
};
gen_define(caught3)
{
    gen_begin();
    assert_int_equal(gen_caught.code, 0);
    gen_try {
        gen_raise(EFIRST, "1");
    }
    gen_except_any {
        assert_int_equal(gen_caught.code, EFIRST);
        gen_try {
            gen_raise(ESECOND, "2");
        }
        gen_except_any {
            assert_int_equal(gen_caught.code, ESECOND);
            gen_try_finally {
                assert_int_equal(gen_caught.code, ESECOND);
                gen_raise(ETHIRD, "3");
            }
            gen_finally {
                assert_int_equal(gen_caught.code, ETHIRD);
                gen_try {
                    gen_raise(EFOURTH, "4");
                }
                gen_except (EFOURTH) {
                    assert_string_equal(gen_caught.text, "4");
                    mark('4');
                }
                gen_end_try
                assert_int_equal(gen_caught.code, ETHIRD);
                assert_string_equal(gen_caught.text, "3");
                mark('3');
                gen_stop();
            }
            gen_end_finally
        }
        gen_end_try
    }
    gen_end_try
    gen_end();
}

gen_declare(restored, int);
struct restored {
    struct gen gen;
};
gen_define(restored)
{
    gen_begin();
    gen_try {
        gen_raise(EFIRST, "1");
    }
    gen_except_any {
        gen_try {
            gen_raise(ESECOND, "2");
        }
        gen_except_any {
            gen_try {
                gen_raise(ETHIRD, "3");
            }
            gen_except_any {
                mark('3');
            }
            gen_end_try
            assert_string_equal(gen_caught.text, "2");
        }
        gen_end_try
        assert_string_equal(gen_caught.text, "1");
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(quiet, int);
struct quiet {
    struct gen gen;
    bool stops;
    int result;
    struct gen_unwind unwind[2];
};
gen_define(quiet)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            gen_try_finally {
                gen_try {
                    if (self->stops)
                        gen_stop();
                    gen_return(5);
                }
                gen_except_all {
                    mark('!');
                }
                gen_end_try
            }
            gen_finally {
                mark(gen_caught.code ? '!' : 'i');
            }
            gen_end_finally
        }
        gen_except_all {
            mark('!');
        }
        gen_end_try
    }
    gen_finally {
        mark('o');
    }
    gen_end_finally
    mark('!');
    gen_end();
}

gen_declare(texts, int);
struct texts {
    struct gen gen;
    struct gen_unwind unwind[1];
};
gen_define(texts)
{
    gen_begin();
    gen_try {
        gen_try_finally {
            gen_yield(1);
        }
        gen_finally {
            gen_try {
                gen_raise(EFOURTH, "another");
            }
            gen_except_any {
                gen_yield(2);
            }
            gen_end_try
            gen_yield(3);
        }
        gen_end_finally
    }
    gen_except (ETHIRD) {
        mark('!');
    }
    gen_end_try
    gen_end();
}

gen_declare(strays, int);
struct strays {
    struct gen gen;
    char way;
    struct gen_unwind unwind[1];
};
gen_define(strays)
{
    gen_begin();
    if (self->way == 'b')
        break;
    if (self->way == 'c')
        continue;
    gen_try {
        if (self->way == 't')
            break;
    }
    gen_except_all {
        mark('!');
    }
    gen_end_try
    gen_try_finally {
        if (self->way == 'B')
            break;
        if (self->way == 'C')
            continue;
    }
    gen_finally {
        mark('f');
        if (self->way == 'F')
            break;
    }
    gen_end_finally
    gen_end();
}

gen_declare(switching, int);
struct switching {
    struct gen gen;
    int n, tries;
};
gen_define(switching)
{
    gen_begin();
    switch (self->n) {
    case 0:
        gen_yield(1);
        mark('!');
        break;
    default:
        gen_try {
            mark('t');
            gen_raise(EFIRST);
        }
        gen_except_any {
            mark('!');
        }
        gen_end_try
    }
    gen_end();
}

gen_declare(plain_switch, int);
struct plain_switch {
    struct gen gen;
    int n;
};
gen_define(plain_switch)
{
    gen_begin();
    while (self->n < 3) {
        switch (self->n++) {
        case 1:
            continue;
        case 0:
            mark('0');
            break;
        default:
            mark('d');
        }
        gen_yield(self->n);
    }
    gen_end();
}

static void choose(int code, const char *expected, enum gen_status st, int left)
{
    struct chooser g = {.code = code};
    clear();
    assert_int_equal(chooser_step(&g, NULL), st);
    assert_string_equal(trace, expected);
    assert_int_equal(gen_error(&g), left);
}

static void the_first_clause_that_matches_takes_it(void **state)
{
    (void)state;
    choose(0, "tue", GEN_RETURNED, 0);
    choose(EFIRST, "t1e", GEN_RETURNED, 0);
    choose(ESECOND, "t2", GEN_RAISED, EFIRST);
    choose(ETHIRD, "tae", GEN_RETURNED, 0);
    choose(1, "tae", GEN_RETURNED, 0);
    choose(GEN_EXIT, "txe", GEN_RETURNED, 0);
    choose(GEN_CANCELLED, "t", GEN_RAISED, GEN_CANCELLED);
    choose(INT16_MIN, "t", GEN_RAISED, INT16_MIN);
}

static void caught_lasts_until_the_next_suspension(void **state)
{
    struct catch_all g = {.kept = {0, NULL}};
    struct gen_io io;
    int x = 99;
    (void)state;
    assert_true(catch_all_next(&g, &x));
    memset(&io, 0, sizeof io);
    io.out = &x;
    io.exc.code = GEN_CANCELLED;
    io.exc.text = "thrown";
    assert_int_equal(catch_all_resume(&g, &io), GEN_YIELDED);
    assert_int_equal(x, 2);
    assert_int_equal(g.kept.code, GEN_CANCELLED);
    assert_string_equal(g.kept.text, "thrown");
    assert_true(catch_all_next(&g, &x));
    assert_int_equal(x, 0);
    assert_true(catch_all_next(&g, &x));
    assert_int_equal(x, 0);
    assert_false(catch_all_next(&g, &x));
}

static void errors_of_a_handler_go_outward(void **state)
{
    struct outward g = {.gen = {0, 0}};
    (void)state;
    clear();
    assert_int_equal(outward_step(&g, NULL), GEN_RETURNED);
    assert_string_equal(trace, "12.");
}

static void reraise_keeps_the_text(void **state)
{
    struct reraiser g = {.waits = false}, waits = {.waits = true}, outside = {.outside = true};
    struct gen_io io;
    (void)state;
    memset(&io, 0, sizeof io);
    assert_int_equal(reraiser_resume(&g, &io), GEN_RAISED);
    assert_int_equal(io.exc.code, EFIRST);
    assert_string_equal(io.exc.text, "kept");
    assert_true(reraiser_next(&waits, NULL));
    assert_int_equal(reraiser_step(&waits, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&waits), GEN_EBADSTATE);
    assert_int_equal(reraiser_step(&outside, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&outside), GEN_EBADSTATE);
}

static void finally_runs_on_every_way_out(void **state)
{
    struct leaver g;
    (void)state;
    assert_int_equal(leave('-', '-', &g), GEN_RETURNED);
    assert_string_equal(trace, "(tfg)(tfg).");
    assert_int_equal(leave('y', 'y', &g), GEN_RETURNED);
    assert_string_equal(trace, "(tfg)(tfg).");
    assert_int_equal(leave('b', '-', &g), GEN_RETURNED);
    assert_string_equal(trace, "(fg.");
    assert_int_equal(leave('c', 'y', &g), GEN_RETURNED);
    assert_string_equal(trace, "(fg(fg.");
    assert_int_equal(leave('r', 'y', &g), GEN_RETURNED);
    assert_string_equal(trace, "(fg");
    assert_int_equal(g.result, 7);
    assert_int_equal(leave('s', 'y', &g), GEN_RETURNED);
    assert_string_equal(trace, "(fg");
    assert_int_equal(g.result, 0);
    assert_int_equal(leave('e', 'y', &g), GEN_RAISED);
    assert_string_equal(trace, "(fg");
    assert_int_equal(gen_error(&g), EFIRST);
    memset(&g, 0, sizeof g);
    g.way = 'y';
    assert_true(leaver_next(&g, NULL));
    clear();
    assert_int_equal(leaver_close(&g), 0);
    assert_string_equal(trace, "fg");
}

static void what_a_finally_does_itself_wins(void **state)
{
    static const char ways[] = "-bcrse";
    (void)state;
    for (int i = 0; ways[i]; i++) {
        struct leaver g;
        assert_int_equal(leave(ways[i], 'r', &g), GEN_RETURNED);
        assert_int_equal(g.result, 8);
        assert_int_equal(gen_error(&g), 0);
        assert_string_equal(trace, ways[i] == '-' ? "(tf" : "(f");
        assert_int_equal(leave(ways[i], 'e', &g), GEN_RAISED);
        assert_int_equal(gen_error(&g), ESECOND);
    }
}

static void close_is_ignored_by_a_finally_that_yields(void **state)
{
    struct leaver g = {.way = 'y', .again = 'y'};
    int x = 0;
    (void)state;
    clear();
    assert_true(leaver_next(&g, &x));
    assert_int_equal(leaver_close(&g), GEN_EIGNORED);
    assert_string_equal(trace, "(f");
    assert_int_equal(leaver_step(&g, &x), GEN_RAISED);
    assert_string_equal(trace, "(fg");
    assert_int_equal(gen_error(&g), GEN_EXIT);
}

static void run_nested(char way, int items, const char *expected, enum gen_status end, int result)
{
    struct nested g = {.way = way};
    clear();
    for (int i = 0; i < items; i++)
        assert_int_equal(nested_step(&g, NULL), GEN_YIELDED);
    assert_int_equal(nested_step(&g, NULL), end);
    assert_string_equal(trace, expected);
    assert_int_equal(g.result, result);
}

static void nested_finally_run_from_the_inside_out(void **state)
{
    struct nested g = {.way = '-'};
    (void)state;
    run_nested('-', 11, "aabaabc.", GEN_RETURNED, 0);
    run_nested('c', 11, "aabaabc.", GEN_RETURNED, 0);
    run_nested('b', 7, "ababc.", GEN_RETURNED, 0);
    run_nested('r', 4, "abc", GEN_RETURNED, 3);
    run_nested('e', 4, "abc", GEN_RAISED, 0);
    clear();
    assert_true(nested_next(&g, NULL));
    for (int i = 0; i < 3; i++)
        assert_int_equal(nested_close(&g), GEN_EIGNORED);
    assert_int_equal(nested_close(&g), 0);
    assert_string_equal(trace, "abc");
}

static void a_finally_inside_a_finally_keeps_what_is_pending(void **state)
{
    struct inner g = {.gen = {0, 0}};
    struct gen_io io;
    (void)state;
    clear();
    assert_true(inner_next(&g, NULL));
    memset(&io, 0, sizeof io);
    assert_int_equal(inner_resume(&g, &io), GEN_RAISED);
    assert_int_equal(io.exc.code, EFIRST);
    assert_string_equal(io.exc.text, "first");
    assert_string_equal(trace, "fgs");
}

static void statement_macros_are_statements(void **state)
{
    struct statements g = {.n = 0};
    int x = 0;
    (void)state;
    assert_true(statements_next(&g, &x));
    assert_int_equal(x, 1);
    assert_true(statements_next(&g, &x));
    assert_int_equal(x, 20);
    assert_true(statements_next(&g, &x));
    assert_int_equal(x, 30);
    assert_int_equal(statements_step(&g, &x), GEN_RETURNED);
    assert_int_equal(g.result, 15);
}

static void a_suspension_inside_a_switch_is_refused(void **state)
{
    struct switching yields = {.n = 0}, tries = {.n = 1}, thrown = {.n = 0};
    struct plain_switch plain = {.n = 0};
    int x = 0, sum = 0;
    (void)state;
    clear();
    assert_true(switching_next(&yields, NULL));
    assert_int_equal(switching_step(&yields, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&yields), GEN_EBADSTATE);
    assert_int_equal(gen_state(&yields), GEN_CLOSED);
    assert_true(switching_next(&thrown, NULL));
    assert_int_equal(switching_throw(&thrown, EFIRST, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&thrown), EFIRST); /* nothing guards it: it leaves from there */
    assert_int_equal(switching_step(&tries, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&tries), GEN_EBADSTATE);
    assert_string_equal(trace, "t");
    gen_each (x, plain_switch, &plain)
        sum = sum * 10 + x;
    assert_int_equal(sum, 13);
    assert_string_equal(trace, "t0d");
}

static void case_11_the_outer_caught_is_restored(void **state)
{
    struct caught3 g = {.gen = {0, 0}};
    struct restored r = {.gen = {0, 0}};
    struct gen_io io;
    (void)state;
    clear();
    assert_int_equal(caught3_step(&g, NULL), GEN_RETURNED);
    assert_string_equal(trace, "43");
    memset(&io, 0, sizeof io);
    assert_int_equal(restored_resume(&r, &io), GEN_RAISED);
    assert_int_equal(io.exc.code, EFIRST);
    assert_string_equal(io.exc.text, "1");
    assert_string_equal(trace, "433");
}

static void case_12_return_and_stop_are_no_exceptions(void **state)
{
    struct quiet returns = {.stops = false}, stops = {.stops = true};
    (void)state;
    clear();
    assert_int_equal(quiet_step(&returns, NULL), GEN_RETURNED);
    assert_string_equal(trace, "io");
    assert_int_equal(returns.result, 5);
    clear();
    assert_int_equal(quiet_step(&stops, NULL), GEN_RETURNED);
    assert_string_equal(trace, "io");
    assert_int_equal(stops.result, 0);
}

static void case_14_break_and_continue_in_finally_drop_what_is_pending(void **state)
{
    struct leaver g;
    (void)state;
    assert_int_equal(leave('e', 'b', &g), GEN_RETURNED);
    assert_string_equal(trace, "(f.");
    assert_int_equal(gen_error(&g), 0);
    assert_int_equal(leave('e', 'c', &g), GEN_RETURNED);
    assert_string_equal(trace, "(f(f.");
    assert_int_equal(leave('r', 'b', &g), GEN_RETURNED);
    assert_string_equal(trace, "(f.");
    assert_int_equal(leave('r', 'c', &g), GEN_RETURNED);
    assert_string_equal(trace, "(f(f.");
}

static void case_17_the_text_survives_a_finally_that_yields(void **state)
{
    struct texts g = {.gen = {0, 0}};
    struct gen_io io;
    (void)state;
    assert_true(texts_next(&g, NULL));
    memset(&io, 0, sizeof io);
    io.exc.code = EFIRST;
    io.exc.text = "thrown";
    assert_int_equal(texts_resume(&g, &io), GEN_YIELDED);
    assert_true(texts_next(&g, NULL));
    memset(&io, 0, sizeof io);
    assert_int_equal(texts_resume(&g, &io), GEN_RAISED);
    assert_int_equal(io.exc.code, EFIRST);
    assert_string_equal(io.exc.text, "thrown");
}

static void case_18_break_outside_every_loop_is_badstate(void **state)
{
    static const char *const ways[] = {"b", "c", "t", "Bf", "Cf", "Ff"};
    struct strays fine = {.way = '-'};
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct strays g = {.way = ways[i][0]};
        clear();
        assert_int_equal(strays_step(&g, NULL), GEN_RAISED);
        assert_int_equal(gen_error(&g), GEN_EBADSTATE);
        assert_int_equal(gen_state(&g), GEN_CLOSED);
        assert_string_equal(trace, ways[i] + 1);
    }
    assert_int_equal(strays_step(&fine, NULL), GEN_RETURNED);
}

static void case_20_a_finally_keeps_all_16_bits(void **state)
{
    static const int ends[] = {INT16_MAX, INT16_MIN};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct texts g = {.gen = {0, 0}};
        assert_true(texts_next(&g, NULL));
        assert_int_equal(texts_throw(&g, ends[i], NULL), GEN_YIELDED);
        assert_true(texts_next(&g, NULL));
        assert_int_equal(texts_step(&g, NULL), GEN_RAISED);
        assert_int_equal(gen_error(&g), ends[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_clause_that_matches_takes_it),
        cmocka_unit_test(caught_lasts_until_the_next_suspension),
        cmocka_unit_test(errors_of_a_handler_go_outward),
        cmocka_unit_test(reraise_keeps_the_text),
        cmocka_unit_test(finally_runs_on_every_way_out),
        cmocka_unit_test(what_a_finally_does_itself_wins),
        cmocka_unit_test(close_is_ignored_by_a_finally_that_yields),
        cmocka_unit_test(nested_finally_run_from_the_inside_out),
        cmocka_unit_test(a_finally_inside_a_finally_keeps_what_is_pending),
        cmocka_unit_test(statement_macros_are_statements),
        cmocka_unit_test(a_suspension_inside_a_switch_is_refused),
        cmocka_unit_test(case_11_the_outer_caught_is_restored),
        cmocka_unit_test(case_12_return_and_stop_are_no_exceptions),
        cmocka_unit_test(case_14_break_and_continue_in_finally_drop_what_is_pending),
        cmocka_unit_test(case_17_the_text_survives_a_finally_that_yields),
        cmocka_unit_test(case_18_break_outside_every_loop_is_badstate),
        cmocka_unit_test(case_20_a_finally_keeps_all_16_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
