/* Bodies that wait: suspend, wait_until, await, await_new; and callers that cannot wait. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "gen.h"

enum { EFIRST = GEN_EUSER, ESECOND };

/* A coroutine: waits for *ready, twice over, and returns its value. */
gen_declare(waiter, void);
struct waiter {
    struct gen gen;
    const int *ready;
    int fails, result, tests;
};
gen_define(waiter)
{
    gen_begin();
    gen_wait_until((self->tests++, *self->ready > 0));
    gen_wait_while (*self->ready < 2)
        ;
    if (self->fails)
        gen_raise(self->fails, "waiter");
    gen_return(*self->ready);
    gen_end();
}

/* Waits, yields, waits. */
gen_declare(mixed, int);
struct mixed {
    struct gen gen;
    struct gen_exc caught;
};
gen_define(mixed)
{
    gen_begin();
    gen_suspend();
    gen_yield(1);
    gen_try {
        gen_suspend();
    }
    gen_except (EFIRST) {
        self->caught = gen_caught;
        gen_suspend();
    }
    gen_end_try
    gen_yield(2);
    gen_end();
}

/* Waits even when it is told to close. */
gen_declare(slow, int);
struct slow {
    struct gen gen;
};
gen_define(slow)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except (GEN_EXIT) {
        gen_suspend();
    }
    gen_end_try
    gen_end();
}

/* Awaits a coroutine in its frame or a pushed one, then yields its result. */
gen_declare(awaiter, int);
struct awaiter {
    struct gen gen;
    bool pushes;
    const int *ready;
    int fails;
    struct waiter child;
    struct gen_exc caught;
};
gen_define(awaiter)
{
    gen_begin();
    gen_try {
        if (self->pushes) {
            gen_await_new(waiter, .ready = self->ready, .fails = self->fails);
            gen_yield(gen_returned(waiter)->result);
        } else {
            self->child.ready = self->ready;
            self->child.fails = self->fails;
            gen_await(waiter, &self->child);
            gen_yield(self->child.result);
        }
    }
    gen_except_all {
        self->caught = gen_caught;
        if (gen_caught.code < 0)
            gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(puller, int);
struct puller {
    struct gen gen;
    struct mixed src;
    int x;
    struct gen_exc caught;
};
gen_define(puller)
{
    gen_begin();
    gen_try {
        gen_for_in (self->x, mixed, &self->src)
            gen_yield(self->x);
    }
    gen_except_any {
        self->caught = gen_caught;
    }
    gen_end_try
    gen_end();
}

gen_declare(yielder, void);
struct yielder {
    struct gen gen;
};
gen_define(yielder)
{
    gen_begin();
    gen_yield();
    gen_end();
}
gen_declare(fooled, int);
struct fooled {
    struct gen gen;
    struct yielder child;
};
gen_define(fooled)
{
    gen_begin();
    gen_await(yielder, &self->child);
    gen_yield(1);
    gen_end();
}

gen_declare(contextual, int);
struct contextual {
    struct gen gen;
};
gen_define(contextual)
{
    gen_begin();
    gen_yield(*(int *)gen_context);
    gen_end();
}
gen_declare(contextual_parent, int);
struct contextual_parent {
    struct gen gen;
    struct contextual a, b;
    int x;
};
gen_define(contextual_parent)
{
    gen_begin();
    gen_yield_from(contextual, &self->a);
    gen_for_in (self->x, contextual, &self->b)
        gen_yield(self->x + 1);
    gen_end();
}

static void step_tells_waiting_from_the_rest(void **state)
{
    struct mixed g = {.gen = {0, 0}};
    int x = 0;
    (void)state;
    assert_int_equal(mixed_step(&g, &x), GEN_PENDING);
    assert_int_equal(gen_state(&g), GEN_SUSPENDED);
    assert_int_equal(gen_error(&g), 0);
    assert_true(mixed_where(&g).line > 0);
    assert_int_equal(mixed_step(&g, &x), GEN_YIELDED);
    assert_int_equal(x, 1);
    assert_int_equal(mixed_step(&g, &x), GEN_PENDING);
    assert_int_equal(mixed_throw(&g, EFIRST, &x), GEN_PENDING);
    assert_int_equal(g.caught.code, EFIRST);
    assert_int_equal(mixed_step(&g, &x), GEN_YIELDED);
    assert_int_equal(x, 2);
    assert_int_equal(mixed_step(&g, &x), GEN_RETURNED);
}

static void wait_until_and_wait_while_test_before_they_suspend(void **state)
{
    int ready = 0;
    struct waiter g = {.ready = &ready}, at_once = {.ready = &ready};
    (void)state;
    for (int i = 1; i < 4; i++) {
        assert_int_equal(waiter_step(&g, NULL), GEN_PENDING);
        assert_int_equal(g.tests, i);
    }
    ready = 1;
    assert_int_equal(waiter_step(&g, NULL), GEN_PENDING);
    assert_int_equal(g.tests, 4);
    assert_int_equal(waiter_step(&g, NULL), GEN_PENDING);
    assert_int_equal(g.tests, 4);
    ready = 2;
    assert_int_equal(waiter_step(&g, NULL), GEN_RETURNED);
    assert_int_equal(g.result, 2);
    assert_int_equal(waiter_step(&at_once, NULL), GEN_RETURNED);
    assert_int_equal(at_once.tests, 1);
}

static void next_of_what_waits_is_epending(void **state)
{
    struct mixed g = {.gen = {0, 0}}, any = {.gen = {0, 0}};
    int x = 9;
    (void)state;
    assert_false(mixed_next(&g, &x));
    assert_int_equal(gen_error(&g), GEN_EPENDING);
    assert_int_equal(gen_state(&g), GEN_SUSPENDED);
    assert_int_equal(x, 9);
    assert_true(mixed_next(&g, &x));
    assert_int_equal(gen_error(&g), 0);
    assert_false(gen_any_next(mixed_any(&any), &x));
    assert_int_equal(gen_error(&any), GEN_EPENDING);
    assert_true(gen_any_next(mixed_any(&any), &x));
    assert_int_equal(gen_error(&any), 0);
}

static void close_of_what_waits_is_epending(void **state)
{
    struct slow g = {.gen = {0, 0}}, any = {.gen = {0, 0}};
    struct mixed obeys = {.gen = {0, 0}};
    (void)state;
    assert_true(slow_next(&g, NULL));
    assert_int_equal(slow_close(&g), GEN_EPENDING);
    assert_int_equal(gen_error(&g), GEN_EPENDING);
    assert_int_equal(gen_state(&g), GEN_SUSPENDED);
    assert_int_equal(slow_step(&g, NULL), GEN_RETURNED);
    assert_int_equal(gen_error(&g), 0);
    assert_true(slow_next(&any, NULL));
    assert_int_equal(gen_any_close(slow_any(&any)), GEN_EPENDING);
    assert_int_equal(gen_state(&any), GEN_SUSPENDED);
    assert_int_equal(mixed_step(&obeys, NULL), GEN_PENDING);
    assert_int_equal(mixed_close(&obeys), 0);
    assert_int_equal(gen_state(&obeys), GEN_CLOSED);
}

static void for_in_over_what_waits_raises_epending(void **state)
{
    struct puller g = {.x = 0};
    (void)state;
    assert_int_equal(puller_step(&g, NULL), GEN_RETURNED);
    assert_int_equal(g.caught.code, GEN_EPENDING);
    assert_int_equal(gen_error(&g.src), GEN_EPENDING);
    assert_int_equal(gen_state(&g.src), GEN_SUSPENDED);
}

static void await_waits_returns_raises_and_closes(void **state)
{
    (void)state;
    for (int pushes = 0; pushes < 2; pushes++) {
        char room[1024];
        struct gen_stack s;
        struct gen_any it;
        int ready = 0, x = 0;
        gen_stack_init(&s, room, sizeof room);
        it = gen_start(&s, awaiter, .pushes = pushes != 0, .ready = &ready);
        assert_int_equal(gen_any_send(it, NULL, &x), GEN_PENDING);
        ready = 1;
        assert_int_equal(gen_any_send(it, NULL, &x), GEN_PENDING);
        assert_false(gen_any_next(it, &x));
        assert_int_equal(gen_stack_error(&s), GEN_EPENDING);
        assert_int_equal(gen_stack_state(&s), GEN_SUSPENDED);
        ready = 2;
        assert_int_equal(gen_any_send(it, NULL, &x), GEN_YIELDED);
        assert_int_equal(x, 2);
        assert_int_equal(gen_stack_error(&s), 0);
        assert_int_equal(gen_any_send(it, NULL, &x), GEN_RETURNED);

        ready = 1;
        it = gen_start(&s, awaiter, .pushes = pushes != 0, .ready = &ready, .fails = EFIRST);
        assert_int_equal(gen_any_send(it, NULL, &x), GEN_PENDING);
        ready = 2;
        assert_int_equal(gen_any_send(it, NULL, &x), GEN_RETURNED);
        assert_int_equal(gen_stack_root(&s, awaiter)->caught.code, EFIRST);
        assert_string_equal(gen_stack_root(&s, awaiter)->caught.text, "waiter");

        ready = 0;
        it = gen_start(&s, awaiter, .pushes = pushes != 0, .ready = &ready);
        assert_int_equal(gen_any_send(it, NULL, &x), GEN_PENDING);
        assert_int_equal(gen_any_throw(it, GEN_CANCELLED, &x), GEN_RAISED);
        assert_int_equal(gen_stack_error(&s), GEN_CANCELLED);

        it = gen_start(&s, awaiter, .pushes = pushes != 0, .ready = &ready);
        assert_int_equal(gen_any_send(it, NULL, &x), GEN_PENDING);
        assert_int_equal(gen_any_close(it), 0);
        assert_int_equal(gen_stack_root(&s, awaiter)->caught.code, GEN_EXIT);
        assert_int_equal(gen_stack_state(&s), GEN_CLOSED);
    }
}

static void await_of_what_yields_is_badstate(void **state)
{
    struct fooled g = {.gen = {0, 0}};
    (void)state;
    assert_int_equal(fooled_step(&g, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&g), GEN_EBADSTATE);
}

static void the_context_is_handed_down(void **state)
{
    struct contextual_parent g = {.x = 0};
    struct gen_io io;
    int context = 40, x = 0;
    (void)state;
    memset(&io, 0, sizeof io);
    io.context = &context;
    io.out = &x;
    assert_int_equal(contextual_parent_resume(&g, &io), GEN_YIELDED);
    assert_int_equal(x, 40);
    assert_int_equal(contextual_parent_resume(&g, &io), GEN_YIELDED);
    assert_int_equal(x, 41);
    assert_int_equal(contextual_parent_resume(&g, &io), GEN_RETURNED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_tells_waiting_from_the_rest),
        cmocka_unit_test(wait_until_and_wait_while_test_before_they_suspend),
        cmocka_unit_test(next_of_what_waits_is_epending),
        cmocka_unit_test(close_of_what_waits_is_epending),
        cmocka_unit_test(for_in_over_what_waits_raises_epending),
        cmocka_unit_test(await_waits_returns_raises_and_closes),
        cmocka_unit_test(await_of_what_yields_is_badstate),
        cmocka_unit_test(the_context_is_handed_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
