/* Calls: soon, at a time, when a future is done; and that many timers keep their order. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "virtual_time.h"

static void call(void *arg)
{
    assert_null(sched.current);
    note(*(const int *)arg);
}

static int one = 1, two = 2, three = 3;

static void rule_31_call_soon_is_first_in_first_out(void **state)
{
    struct task_call a = {.task__arg = NULL}, b = {.task__arg = NULL};
    (void)state;
    assert_int_equal(task_call_soon(&sched, &a, call, &one), 0);
    assert_int_equal(task_call_soon(&sched, &a, call, &one), GEN_EBADSTATE);
    assert_int_equal(task_call_at(&sched, &a, 1, call, &one), GEN_EBADSTATE);
    assert_int_equal(task_call_soon(&sched, &b, call, &two), 0);
    assert_int_equal(notes_count, 0);
    task_run_once(&sched);
    assert_notes(1, 2);
    assert_false(task_call_cancel(&a));
    assert_int_equal(task_call_soon(&sched, &a, call, &three), 0);
    task_run_once(&sched);
    assert_notes(1, 2, 3);
}

static struct task_call again;
static void call_again(void *arg)
{
    note(4);
    if (*(int *)arg > 0) {
        --*(int *)arg;
        assert_int_equal(task_call_soon(&sched, &again, call_again, arg), 0);
    }
}

static void a_call_may_queue_itself(void **state)
{
    int times = 2;
    (void)state;
    task_call_soon(&sched, &again, call_again, &times);
    task_run_once(&sched);
    assert_notes(4);
    task_run_once(&sched);
    assert_notes(4, 4);
    task_run_once(&sched);
    assert_notes(4, 4, 4);
}

static void call_at(void **state)
{
    struct task_call calls[4] = {{.task__arg = NULL}};
    (void)state;
    task_call_at(&sched, &calls[0], 3 * SECOND, call, &three);
    task_call_at(&sched, &calls[1], SECOND, call, &one);
    task_call_at(&sched, &calls[2], SECOND, call, &two);
    task_call_at(&sched, &calls[3], -SECOND, call, &three);
    assert_int_equal(task_call_soon(&sched, &calls[0], call, &one), GEN_EBADSTATE);
    task_run_once(&sched);
    assert_notes(3);
    assert_int_equal(clock_now, 0);
    task_run_once(&sched);
    assert_notes(3, 1, 2);
    assert_int_equal(clock_now, SECOND);
    task_run_once(&sched);
    assert_notes(3, 1, 2, 3);
    assert_int_equal(clock_now, 3 * SECOND);
}

/* What was ready comes first; what gets ready then is the next turn's. */
static void rule_31_timers_come_behind_what_is_ready(void **state)
{
    struct task_call a = {.task__arg = NULL}, b = {.task__arg = NULL};
    int none = 0;
    (void)state;
    task_call_at(&sched, &a, 0, call, &two);
    task_call_soon(&sched, &again, call_again, &none);
    task_call_soon(&sched, &b, call, &one);
    task_run_once(&sched);
    assert_notes(4, 1, 2);
}

/* asyncio's may be early, by the resolution of the clock. */
static void rule_31_no_timer_is_early(void **state)
{
    struct task_call a = {.task__arg = NULL}, b = {.task__arg = NULL};
    (void)state;
    task_call_at(&sched, &a, SECOND, call, &one);
    task_call_at(&sched, &b, SECOND + 1, call, &two);
    clock_now = SECOND - 1;
    task_call_soon(&sched, &again, call, &three);
    task_run_once(&sched);
    assert_notes(3);
    task_run_once(&sched);
    assert_notes(3, 1);
    assert_int_equal(clock_now, SECOND);
    task_run_once(&sched);
    assert_notes(3, 1, 2);
}

/* asyncio keeps it in the heap until it is due, or there are many. */
static void rule_33_a_cancelled_timer_is_gone_at_once(void **state)
{
    struct task_call a = {.task__arg = NULL}, b = {.task__arg = NULL};
    (void)state;
    task_call_at(&sched, &a, SECOND, call, &one);
    task_call_at(&sched, &b, 2 * SECOND, call, &two);
    assert_true(task_call_cancel(&a));
    assert_ptr_equal(sched.task__timers, &b.task__node);
    assert_true(task_call_cancel(&b));
    assert_null(sched.task__timers);
}

static void rule_22_callbacks_run_in_order_and_never_from_within(void **state)
{
    struct task_call a = {.task__arg = NULL}, b = {.task__arg = NULL};
    struct task_future future = {0};
    (void)state;
    assert_int_equal(task_call_when_done(&sched, &a, &future, call, &one), 0);
    assert_int_equal(task_call_when_done(&sched, &a, &future, call, &one), GEN_EBADSTATE);
    assert_int_equal(task_call_when_done(&sched, &b, &future, call, &two), 0);
    task_future_fail(&future, GEN_EUSER, NULL);
    assert_int_equal(notes_count, 0);
    task_run_once(&sched);
    assert_notes(1, 2);
    assert_int_equal(task_call_when_done(&sched, &a, &future, call, &three), 0);
    assert_int_equal(notes_count, 2);
    task_run_once(&sched);
    assert_notes(1, 2, 3);
}

static struct task_call victim;
static void cancel_the_victim(void *arg)
{
    assert_true(task_call_cancel(&victim));
    call(arg);
}

static void rule_22_a_callback_is_removed_once(void **state)
{
    struct task_call a = {.task__arg = NULL}, b = {.task__arg = NULL};
    struct task_future future = {0};
    (void)state;
    assert_false(task_call_cancel(&a));

    task_call_soon(&sched, &a, call, &one);
    task_call_soon(&sched, &b, call, &two);
    assert_true(task_call_cancel(&a));
    assert_false(task_call_cancel(&a));
    task_run_once(&sched);
    assert_notes(2);

    task_call_when_done(&sched, &a, &future, call, &one);
    task_call_when_done(&sched, &b, &future, call, &three);
    assert_true(task_call_cancel(&a));
    task_future_set(&future);
    task_run_once(&sched);
    assert_notes(2, 3);

    task_call_at(&sched, &a, SECOND, call, &one);
    task_call_at(&sched, &b, 2 * SECOND, call, &two);
    assert_true(task_call_cancel(&a));
    task_run_once(&sched);
    assert_notes(2, 3, 2);
    assert_int_equal(clock_now, 2 * SECOND);
}

/* Out of the turn that runs: next, in the middle, and last. */
static void call_cancel_within_the_turn(void **state)
{
    struct task_call a = {.task__arg = NULL}, b = {.task__arg = NULL}, c = {.task__arg = NULL};
    int at;
    (void)state;
    for (at = 0; at < 3; at++) {
        notes_count = 0;
        task_call_soon(&sched, &a, cancel_the_victim, &one);
        if (at == 0)
            task_call_soon(&sched, &victim, call, &three);
        task_call_soon(&sched, &b, call, &two);
        if (at == 1)
            task_call_soon(&sched, &victim, call, &three);
        task_call_soon(&sched, &c, call, &two);
        if (at == 2)
            task_call_soon(&sched, &victim, call, &three);
        task_run_once(&sched);
        assert_notes(1, 2, 2);
        assert_null(sched.task__first);
    }
}

/* -- Many timers ------------------------------------------------------------------------------ */

#ifndef TIMERS
#define TIMERS 10000 /* less where a target has less */
#endif
enum { MANY = TIMERS };

static struct task_call calls[MANY];
static struct timer {
    task_time when;
    uint32_t order; /* of setting; UINT32_MAX: cancelled */
} timers[MANY];
static size_t fired, cancels;
static struct timer last;

static uint32_t seed;
static uint32_t random_below(uint32_t n)
{
    seed = (uint32_t)(seed * UINT64_C(1664525) + 1013904223) & UINT32_MAX;
    return (seed >> 8) % n;
}

static void cancel_one(void)
{
    size_t i = random_below(MANY);
    if (task_call_cancel(&calls[i])) {
        timers[i].order = UINT32_MAX;
        cancels++;
    }
}

static void fire(void *arg)
{
    struct timer *t = arg;
    assert_true(t->order != UINT32_MAX);
    assert_true(t->when <= clock_now);
    assert_true(fired == 0 || last.when < t->when ||
                (last.when == t->when && last.order < t->order));
    last = *t;
    t->order = UINT32_MAX;
    fired++;
    if (fired % 4 == 0)
        cancel_one();
}

/* 0: at all distances, in the past too. */
static task_time random_deadline(uint32_t deadlines)
{
    task_time when = 1 + (task_time)random_below(deadlines ? deadlines : 1000);
    if (deadlines == 0) {
        when += INT64_C(1) << random_below(62);
        if (random_below(2))
            when = -when;
    }
    return when;
}

static void run_many(uint32_t deadlines, uint32_t first_order)
{
    uint32_t i;
    fired = cancels = 0;
    clock_now = deadlines ? 0 : INT64_MIN / 4;
    seed = 20240229;
    sched.task__order = first_order;
    for (i = 0; i < MANY; i++) {
        timers[i].when = random_deadline(deadlines);
        timers[i].order = i;
        assert_int_equal(task_call_at(&sched, &calls[i], timers[i].when, fire, &timers[i]), 0);
        if (i % 8 == 0)
            cancel_one();
    }
    while (sched.task__timers != NULL || sched.task__first != NULL)
        task_run_once(&sched);
    assert_int_equal(fired + cancels, MANY);
    assert_true(cancels > MANY / 16);
    for (i = 0; i < MANY; i++)
        assert_true(timers[i].order == UINT32_MAX);
}

static void ten_thousand_timers_fire_in_order(void **state)
{
    (void)state;
    run_many(1000000, 0);
    run_many(100, 0); /* many equal ones */
    run_many(1, 0);
    run_many(100, UINT32_MAX - MANY / 2); /* the count of settings wraps */
}

static void near_timers_and_far_ones(void **state)
{
    (void)state;
    run_many(0, 0);
    run_many(1000, 0); /* long before those that were the first */
    run_many(0, UINT32_MAX - MANY / 2);
}

/* While many far ones are there, of which the first was looked for. */
static void timers_before_far_ones(void **state)
{
    struct task_call far[100] = {{.task__arg = NULL}};
    size_t i, round;
    (void)state;
    for (i = 0; i < 100; i++)
        task_call_at(&sched, &far[i], TASK_NEVER - 1 - (task_time)(i % 10), call, &one);
    assert_ptr_equal(sched.task__timers, &far[9].task__node);
    for (round = 0; round < 10; round++) { /* of equal ones, the one that was set before */
        assert_true(task_call_cancel(&far[round * 10 + 9]));
        assert_ptr_equal(sched.task__timers, &far[round < 9 ? round * 10 + 19 : 8].task__node);
    }
    fired = cancels = 0;
    clock_now = 0;
    seed = 7;
    for (i = 0; i < MANY; i++) {
        timers[i].when = 1 + (task_time)random_below(100000);
        timers[i].order = (uint32_t)i;
        task_call_at(&sched, &calls[i], timers[i].when, fire, &timers[i]);
    }
    while (sched.task__timers != &far[8].task__node)
        task_run_once(&sched);
    assert_int_equal(notes_count, 0);
    assert_true(clock_now <= 100000);
    for (i = 0; i < 100; i++)
        assert_int_equal(task_call_cancel(&far[i]), i % 10 != 9);
    assert_null(sched.task__timers);
    assert_int_equal(fired + cancels, MANY);
}

/* Each timer sets the next; there are few at a time, and the order holds. */
static struct task_call chain[64];
static size_t chained;
static void link_next(void *arg)
{
    struct task_call *c = arg;
    assert_true(clock_now >= last.when);
    last.when = clock_now;
    if (++chained < MANY)
        task_call_at(&sched, c, clock_now + 1 + (task_time)random_below(1000), link_next, c);
}

static void timers_that_set_timers(void **state)
{
    size_t i;
    (void)state;
    chained = 0;
    last.when = 0;
    seed = 1;
    for (i = 0; i < 64; i++)
        task_call_at(&sched, &chain[i], (task_time)random_below(1000), link_next, &chain[i]);
    while (sched.task__timers != NULL || sched.task__first != NULL)
        task_run_once(&sched);
    assert_int_equal(chained, MANY + 63);
}

static void call_later(void **state)
{
    struct task_call a = {.task__arg = NULL}, b = {.task__arg = NULL}, c = {.task__arg = NULL};
    (void)state;
    clock_now = 5 * SECOND;
    assert_int_equal(task_now(&sched), 5 * SECOND);
    assert_int_equal(task_call_later(&sched, &a, 2, call, &two), 0);
    assert_int_equal(task_call_later(&sched, &a, 3, call, &two), GEN_EBADSTATE);
    assert_int_equal(task_call_later(&sched, &b, 0, call, &one), 0);
    assert_int_equal(task_call_later(&sched, &c, NAN, call, &three), TASK_ETIME);
    assert_int_equal(task_call_later(&sched, &c, INFINITY, call, &three), 0);
    task_run_once(&sched);
    assert_notes(1);
    task_run_once(&sched);
    assert_notes(1, 2);
    assert_int_equal(clock_now, 7 * SECOND);
    assert_true(task_call_cancel(&c));
    assert_null(sched.task__timers);
}

static void the_ends_of_time(void **state)
{
    struct task_call a = {.task__arg = NULL}, b = {.task__arg = NULL}, c = {.task__arg = NULL};
    (void)state;
    clock_now = INT64_MIN;
    task_call_at(&sched, &a, TASK_NEVER, call, &one);
    task_call_at(&sched, &b, INT64_MIN, call, &two);
    task_call_at(&sched, &c, TASK_NEVER - 1, call, &three);
    assert_int_equal(task__after(&sched, 5), INT64_MIN + 5);
    task_run_once(&sched);
    assert_notes(2);
    task_run_once(&sched);
    assert_notes(2, 3);
    assert_int_equal(task__after(&sched, 5), TASK_NEVER);
    assert_true(task_call_cancel(&a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        virtual_test(rule_31_call_soon_is_first_in_first_out),
        virtual_test(a_call_may_queue_itself),
        virtual_test(call_at),
        virtual_test(rule_31_timers_come_behind_what_is_ready),
        virtual_test(rule_31_no_timer_is_early),
        virtual_test(rule_33_a_cancelled_timer_is_gone_at_once),
        virtual_test(rule_22_callbacks_run_in_order_and_never_from_within),
        virtual_test(rule_22_a_callback_is_removed_once),
        virtual_test(call_cancel_within_the_turn),
        virtual_test(ten_thousand_timers_fire_in_order),
        virtual_test(near_timers_and_far_ones),
        virtual_test(timers_before_far_ones),
        virtual_test(timers_that_set_timers),
        virtual_test(the_ends_of_time),
        virtual_test(call_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
