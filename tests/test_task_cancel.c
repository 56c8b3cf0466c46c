/* Cancelling tasks; scopes, timeouts and shields. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "virtual_time.h"

enum { EMINE = GEN_EUSER };

/* Sleeps; notes id when it is over, -id when it is cancelled. */
gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    int id;
    double seconds;
};
gen_define(sleeper)
{
    gen_begin();
    gen_try {
        task_sleep(self->seconds);
        note(self->id);
    }
    gen_except (GEN_CANCELLED) {
        note(-self->id);
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

/* Awaits a future; notes id, or what was raised. Goes on after GEN_CANCELLED if `stubborn`. */
gen_declare(waiter, void);
struct waiter {
    struct gen gen;
    struct task_future *future;
    int id;
    bool stubborn;
};
gen_define(waiter)
{
    gen_begin();
    gen_try {
        task_await(self->future);
        note(self->id);
    }
    gen_except_all {
        note(gen_caught.code);
        if (!self->stubborn)
            gen_reraise();
    }
    gen_end_try
    gen_end();
}

/* Starts a task; a turn takes it to its first wait. */
static void start_and_step(struct task *t, struct gen_any coroutine)
{
    task_start(&sched, t, coroutine, NULL);
    task_run_once(&sched);
}

/* A task that is cancelled at its first wait: how it ends. */
static enum task_state run_cancelled(struct gen_any coroutine)
{
    struct task t = {0};
    start_and_step(&t, coroutine);
    assert_true(task_cancel(&t));
    run_all();
    return task_state(&t.future);
}

static void rule_16_a_cancel_before_the_first_step(void **state)
{
    struct task t = {0}, never = {0};
    struct sleeper f = {.id = 1};
    (void)state;
    assert_false(task_cancel(&never));
    task_start(&sched, &t, sleeper_any(&f), NULL);
    assert_true(task_cancel(&t));
    task_run(&sched, &t.future);
    assert_int_equal(notes_count, 0);
    assert_int_equal(task_state(&t.future), TASK_CANCELLED);
    assert_int_equal(task_error(&t.future).code, TASK_ECANCELLED);
    assert_int_equal(gen_state(&f), GEN_CLOSED);
}

static void rule_17_a_cancel_is_raised_in_the_next_turn(void **state)
{
    struct task t = {0};
    struct sleeper f = {.id = 1, .seconds = 10};
    (void)state;
    start_and_step(&t, sleeper_any(&f));
    assert_true(task_cancel(&t));
    assert_true(task_cancel(&t));
    assert_int_equal(notes_count, 0); /* never from within */
    task_run_once(&sched);
    assert_notes(-1);
    assert_int_equal(task_state(&t.future), TASK_CANCELLED);
    assert_int_equal(clock_now, 0);
    task_report_all(&sched);
    assert_int_equal(failed_count, 0);
}

static void rule_17_a_cancel_of_a_done_task_is_false(void **state)
{
    struct task t = {0};
    struct sleeper f = {.id = 1};
    (void)state;
    task_start(&sched, &t, sleeper_any(&f), NULL);
    task_run(&sched, &t.future);
    assert_false(task_cancel(&t));
    assert_int_equal(task_state(&t.future), TASK_DONE);
}

gen_declare(catcher, void);
struct catcher {
    struct gen gen;
    struct task_future future;
};
gen_define(catcher)
{
    gen_begin();
    gen_try {
        task_sleep(1);
    }
    gen_except (GEN_CANCELLED) {
        note(1);
    }
    gen_end_try
    gen_try {
        task_sleep(0);
    }
    gen_except (GEN_CANCELLED) {
        note(2);
    }
    gen_end_try
    gen_try {
        task_await(&self->future);
    }
    gen_except (GEN_CANCELLED) {
        note(3);
    }
    gen_end_try
    gen_try {
        gen_wait_until(false);
    }
    gen_except (GEN_CANCELLED) {
        note(4);
    }
    gen_end_try
    task_sleep_until(0);
    note(5);
    gen_end();
}

/* asyncio's cancel is an event, raised once; here it is a state, raised by each wait. */
static void rule_18_every_wait_after_a_cancel_raises(void **state)
{
    struct catcher f = {.gen = {0, 0}};
    (void)state;
    assert_int_equal(run_cancelled(catcher_any(&f)), TASK_CANCELLED);
    assert_notes(1, 2, 3, 4);
}

/* asyncio counts them; here the first one is what counts. */
static void rule_18_three_cancels_are_one(void **state)
{
    struct task t = {0};
    struct catcher f = {.gen = {0, 0}};
    (void)state;
    start_and_step(&t, catcher_any(&f));
    assert_true(task_cancel(&t, "first"));
    assert_true(task_cancel(&t, "second"));
    assert_true(task_cancel(&t));
    run_all();
    assert_notes(1, 2, 3, 4); /* as of one */
    assert_string_equal(task_error(&t.future).text, "first");
}

gen_declare(caught, void);
struct caught {
    struct gen gen;
    int result;
};
gen_define(caught)
{
    gen_begin();
    gen_try {
        task_sleep(1);
    }
    gen_except (GEN_CANCELLED) {
        gen_return(4);
    }
    gen_end_try
    gen_end();
}

static void rule_18_a_task_that_swallows_a_cancel_keeps_its_result(void **state)
{
    struct caught f = {.result = 0};
    (void)state;
    assert_int_equal(run_cancelled(caught_any(&f)), TASK_DONE);
    assert_int_equal(f.result, 4);
}

/* asyncio loses it: the cancel replaces what was awaited. */
static void rule_19_a_wait_that_is_over_keeps_its_value(void **state)
{
    struct task t = {0}, u = {0};
    struct task_future future = {0};
    struct waiter f = {.future = &future, .id = 1};
    struct sleeper g = {.id = 2, .seconds = 0};
    (void)state;
    task_start(&sched, &t, waiter_any(&f), NULL);
    task_start(&sched, &u, sleeper_any(&g), NULL);
    task_run_once(&sched);
    task_future_set(&future);
    assert_true(task_cancel(&t));
    assert_true(task_cancel(&u));
    task_run_once(&sched);
    assert_notes(2, 1);
    assert_int_equal(task_state(&t.future), TASK_DONE);
}

static void a_mere_future_is_left_alone(void **state)
{
    struct task t = {0};
    struct task_future future = {0};
    struct waiter f = {.future = &future, .id = 1};
    (void)state;
    start_and_step(&t, waiter_any(&f));
    task_cancel(&t);
    run_all();
    assert_notes(GEN_CANCELLED);
    assert_false(task_done(&future));
    assert_int_equal(task_future_set(&future), 0);
}

/* Needs a second to clean up, whatever comes. */
gen_declare(cleaner, void);
struct cleaner {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope scope;
    bool swallow;
};
gen_define(cleaner)
{
    gen_begin();
    gen_try {
        gen_try_finally {
            task_sleep(10);
        }
        gen_finally {
            task_shield (&self->scope) {
                task_sleep(1);
                note(100 + (int)(clock_now / SECOND));
            }
            task_end_scope
        }
        gen_end_finally
    }
    gen_except (GEN_CANCELLED) {
        if (!self->swallow)
            gen_reraise();
    }
    gen_end_try
    gen_end();
}

static void cancel_passes_on_and_waits(void **state)
{
    struct task t = {0}, inner = {0};
    struct cleaner g = {.swallow = false};
    struct waiter f = {.future = &inner.future, .id = 1};
    (void)state;
    task_start(&sched, &inner, cleaner_any(&g), NULL);
    task_start(&sched, &t, waiter_any(&f), NULL);
    task_run_once(&sched);
    task_cancel(&t);
    task_run_once(&sched);
    assert_false(task_done(&t.future));
    run_all();
    assert_notes(101, GEN_CANCELLED); /* its own cancellation */
    assert_int_equal(task_state(&inner.future), TASK_CANCELLED);
    assert_int_equal(task_state(&t.future), TASK_CANCELLED);
    assert_int_equal(clock_now, SECOND);
}

/* Who is awaited has been cancelled already, for another reason. */
static void cancel_passes_on_once(void **state)
{
    struct task t = {0}, inner = {0};
    struct cleaner g = {.swallow = false};
    struct waiter f = {.future = &inner.future, .id = 1};
    (void)state;
    task_start(&sched, &inner, cleaner_any(&g), NULL);
    task_start(&sched, &t, waiter_any(&f), NULL);
    task_run_once(&sched);
    task_cancel(&inner, "first");
    task_cancel(&t, "second");
    run_all();
    assert_notes(101, GEN_CANCELLED);
    assert_string_equal(task_error(&inner.future).text, "first");
    assert_string_equal(task_error(&t.future).text, "second");
}

static void cancel_passes_on_and_the_value_is_kept(void **state)
{
    struct task t = {0}, inner = {0};
    struct cleaner g = {.swallow = true};
    struct waiter f = {.future = &inner.future, .id = 1};
    (void)state;
    task_start(&sched, &inner, cleaner_any(&g), NULL);
    task_start(&sched, &t, waiter_any(&f), NULL);
    task_run_once(&sched);
    task_cancel(&t);
    run_all();
    assert_notes(101, 1);
    assert_int_equal(task_state(&t.future), TASK_DONE);
}

static void rule_17_a_cancel_goes_down_a_chain(void **state)
{
    enum { LENGTH = 50 };
    struct task t[LENGTH] = {{.name = NULL}};
    struct waiter f[LENGTH];
    struct task_future end = {0};
    size_t i;
    (void)state;
    for (i = 0; i < LENGTH; i++) {
        f[i] = (struct waiter){.future = i + 1 < LENGTH ? &t[i + 1].future : &end};
        task_start(&sched, &t[i], waiter_any(&f[i]), NULL);
    }
    task_run_once(&sched);
    task_cancel(&t[0]);
    run_all();
    for (i = 0; i < LENGTH; i++) {
        assert_int_equal(task_state(&t[i].future), TASK_CANCELLED);
        assert_int_equal(notes[i], GEN_CANCELLED);
    }
}

gen_declare(link, void);
struct link {
    struct gen gen;
    struct task_future *future;
};
gen_define(link)
{
    gen_begin();
    task_await(self->future);
    gen_end();
}

/* Long enough to overflow the stack, if it took any for a link; or the time, if the search for a
 * circle went down the chain each time. */
static void cancel_of_a_chain_takes_no_stack(void **state)
{
    enum { LINKS = 300000 };
    struct task *t = calloc(LINKS, sizeof *t);
    struct link *f = calloc(LINKS, sizeof *f);
    struct task_future future = {0};
    size_t i;
    (void)state;
    assert_true(t != NULL && f != NULL);
    for (i = 0; i < LINKS; i++) {
        f[i].future = i == 0 ? &future : &t[i - 1].future;
        task_start(&sched, &t[i], link_any(&f[i]), NULL);
    }
    task_run_once(&sched);
    assert_true(task_cancel(&t[LINKS - 1]));
    run_all();
    for (i = 0; i < LINKS; i++)
        assert_int_equal(task_state(&t[i].future), TASK_CANCELLED);
    free(t);
    free(f);
}

/* asyncio raises CancelledError in it, as if it were cancelled itself; here TASK_ECANCELLED. */
static void rule_21_the_awaiter_of_a_cancelled_task(void **state)
{
    struct task t[2] = {{.name = NULL}}, inner = {0};
    struct sleeper g = {.id = 5, .seconds = 10};
    struct waiter f[2] = {{.future = &inner.future}, {.future = &inner.future, .stubborn = true}};
    (void)state;
    task_start(&sched, &inner, sleeper_any(&g), NULL);
    task_start(&sched, &t[0], waiter_any(&f[0]), NULL);
    task_start(&sched, &t[1], waiter_any(&f[1]), NULL);
    task_run_once(&sched);
    task_cancel(&inner);
    run_all();
    assert_notes(-5, TASK_ECANCELLED, TASK_ECANCELLED);
    assert_int_equal(task_state(&inner.future), TASK_CANCELLED);
    assert_int_equal(task_state(&t[0].future), TASK_FAILED);
    assert_int_equal(task_error(&t[0].future).code, TASK_ECANCELLED);
    assert_int_equal(task_state(&t[1].future), TASK_DONE);
}

gen_declare(unwinder, void);
struct unwinder {
    struct gen gen;
    struct gen_unwind unwind[2];
};
gen_define(unwinder)
{
    gen_begin();
    gen_try_finally {
        gen_try_finally {
            task_sleep(1);
            note(1);
        }
        gen_finally {
            note(2);
            task_sleep(1); /* raises at once */
            note(3);
        }
        gen_end_finally
    }
    gen_finally {
        note(4);
    }
    gen_end_finally
    gen_end();
}

static void finally_runs(void **state)
{
    struct unwinder f = {.gen = {0, 0}};
    (void)state;
    assert_int_equal(run_cancelled(unwinder_any(&f)), TASK_CANCELLED);
    assert_notes(2, 4);
    assert_int_equal(clock_now, 0);
}

/* Cancels itself: the flag is seen at the next wait. */
gen_declare(quitter, void);
struct quitter {
    struct gen gen;
};
gen_define(quitter)
{
    gen_begin();
    assert_true(task_cancel(task_current()));
    note(1);
    task_sleep(0);
    note(2);
    gen_end();
}

static void rule_20_a_task_that_cancels_itself(void **state)
{
    struct task t = {0};
    struct quitter f = {{0, 0}};
    (void)state;
    start_and_step(&t, quitter_any(&f));
    assert_notes(1);
    assert_int_equal(task_state(&t.future), TASK_CANCELLED);
}

gen_declare(decided, void);
struct decided {
    struct gen gen;
    int result;
};
gen_define(decided)
{
    gen_begin();
    assert_true(task_cancel(task_current()));
    gen_return(4);
    gen_end();
}

/* asyncio drops the value and has it cancelled, unless it takes the cancel back with uncancel. */
static void rule_20_a_task_that_cancels_itself_and_returns(void **state)
{
    struct task t = {0};
    struct decided f = {.result = 0};
    (void)state;
    start_and_step(&t, decided_any(&f));
    assert_int_equal(task_state(&t.future), TASK_DONE);
    assert_int_equal(f.result, 4);
}

/* Raises what it is told to, when it is cancelled or at once. */
gen_declare(raiser, void);
struct raiser {
    struct gen gen;
    int code;
    bool sleeps;
};
gen_define(raiser)
{
    gen_begin();
    gen_try {
        if (self->sleeps)
            task_sleep(1);
    }
    gen_except_all {
        note(1);
    }
    gen_end_try
    gen_raise(self->code, "by hand");
    gen_end();
}

/* Not by what was asked for, but by what leaves the body. */
static void rule_21_a_task_is_cancelled_if_that_leaves_it(void **state)
{
    struct task t = {0}, u = {0};
    struct raiser f = {.code = EMINE, .sleeps = true}, g = {.code = GEN_CANCELLED};
    (void)state;
    task_start(&sched, &t, raiser_any(&f), NULL);
    task_start(&sched, &u, raiser_any(&g), NULL);
    task_run_once(&sched);
    assert_int_equal(task_state(&u.future), TASK_CANCELLED);
    assert_int_equal(task_error(&u.future).code, TASK_ECANCELLED);
    task_cancel(&t);
    run_all();
    assert_notes(1);
    assert_int_equal(task_state(&t.future), TASK_FAILED);
    assert_int_equal(task_error(&t.future).code, EMINE);
}

static void rule_24_a_cancelled_task_is_not_reported(void **state)
{
    struct task t = {0};
    struct sleeper f = {.id = 1, .seconds = 1};
    (void)state;
    start_and_step(&t, sleeper_any(&f));
    task_cancel(&t);
    run_all();
    task_report_all(&sched);
    assert_notes(-1);
    assert_int_equal(failed_count, 0);
}

static void cancel_all_but_one(void **state)
{
    struct task t[3] = {{.name = NULL}};
    struct sleeper f[3];
    size_t i;
    (void)state;
    for (i = 0; i < 3; i++) {
        f[i] = (struct sleeper){.id = 1 + (int)i, .seconds = 1};
        task_start(&sched, &t[i], sleeper_any(&f[i]), NULL);
    }
    task_run_once(&sched);
    task_cancel_all(&sched, &t[1]);
    run_all();
    assert_int_equal(task_state(&t[0].future), TASK_CANCELLED);
    assert_int_equal(task_state(&t[1].future), TASK_DONE);
    assert_int_equal(task_state(&t[2].future), TASK_CANCELLED);
}

/* -- Scopes ----------------------------------------------------------------------------------- */

gen_declare(scoped, void);
struct scoped {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
};
gen_define(scoped)
{
    gen_begin();
    task_scope (&self->scope) {
        note(1);
        gen_try {
            task_sleep(5);
        }
        gen_except (GEN_CANCELLED) {
            note(2);
        }
        gen_end_try
        task_sleep(5); /* still cancelled */
        note(3);
    }
    task_end_scope
    note(4);
    task_sleep(1); /* no more */
    note(5);
    gen_end();
}

static void cancel_of_a_scope_ends_with_the_block(void **state)
{
    struct task t = {0};
    struct scoped f = {.gen = {0, 0}};
    (void)state;
    task_scope_cancel(&f.scope); /* not entered: nothing */
    start_and_step(&t, scoped_any(&f));
    task_scope_cancel(&f.scope);
    run_all();
    assert_notes(1, 2, 4, 5);
    assert_int_equal(task_state(&t.future), TASK_DONE);
    assert_int_equal(clock_now, SECOND);
    task_scope_cancel(&f.scope);
}

static void cancel_of_a_task_leaves_its_scopes(void **state)
{
    struct task t = {0};
    struct scoped f = {.gen = {0, 0}};
    (void)state;
    start_and_step(&t, scoped_any(&f));
    task_scope_cancel(&f.scope);
    task_cancel(&t);
    run_all();
    assert_notes(1, 2);
    assert_int_equal(task_state(&t.future), TASK_CANCELLED);
}

/* Sleeps `seconds` below a timeout of `limit`, in as many sleeps as `sleeps` says. */
gen_declare(limited, void);
struct limited {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    double limit, seconds;
    int sleeps;
};
gen_define(limited)
{
    gen_begin();
    gen_try {
        task_timeout (&self->scope, self->limit) {
            while (self->sleeps-- > 0)
                task_sleep(self->seconds);
            note(1);
        }
        task_end_scope
        note(2);
    }
    gen_except (TASK_ETIMEOUT) {
        note(3);
    }
    gen_end_try
    task_sleep(1);
    note((int)(clock_now / SECOND));
    gen_end();
}

static void run_limited(double limit, double seconds, int sleeps)
{
    struct task t = {0};
    struct limited f = {.limit = limit, .seconds = seconds, .sleeps = sleeps};
    clock_now = 0;
    notes_count = 0;
    task_start(&sched, &t, limited_any(&f), NULL);
    run_all();
    assert_int_equal(task_state(&t.future), TASK_DONE);
    assert_null(sched.task__timers);
}

static void rule_29_a_timeout_of_what_is_no_number(void **state)
{
    struct task t = {0};
    struct limited f = {.limit = (double)NAN, .seconds = 1, .sleeps = 1};
    (void)state;
    start_and_step(&t, limited_any(&f));
    assert_int_equal(task_error(&t.future).code, TASK_ETIME);
    assert_int_equal(notes_count, 0); /* it was not entered */
}

static void rule_29_a_timeout_in_time_and_too_late(void **state)
{
    (void)state;
    run_limited(2, 5, 1);
    assert_notes(3, 3);
    run_limited(2, 1.5, 2);
    assert_notes(3, 3);
    run_limited(5, 2, 1);
    assert_notes(1, 2, 3);
    run_limited(0, 2, 1);
    assert_notes(3, 1);
    run_limited(0, 2, 0); /* never waits */
    assert_notes(1, 2, 1);
    run_limited(1e300, 2, 1);
    assert_notes(1, 2, 3);
    run_limited(2, 2, 1); /* the deadline was set first */
    assert_notes(3, 3);
}

static void rule_29_a_cancel_from_outside_is_no_timeout(void **state)
{
    struct limited f = {.limit = 2, .seconds = 5, .sleeps = 1};
    (void)state;
    assert_int_equal(run_cancelled(limited_any(&f)), TASK_CANCELLED);
    assert_int_equal(notes_count, 0);
    assert_null(sched.task__timers);
}

static void rule_29_a_cancel_and_a_timeout_at_once(void **state)
{
    struct task t = {0};
    struct limited f = {.limit = 2, .seconds = 5, .sleeps = 1};
    (void)state;
    start_and_step(&t, limited_any(&f));
    assert_int_equal(task_scope_reschedule(&f.scope, 0), 0);
    assert_true(task_scope_expired(&f.scope));
    task_cancel(&t); /* in the turn of the timeout: it is not hidden */
    run_all();
    assert_int_equal(notes_count, 0);
    assert_int_equal(task_state(&t.future), TASK_CANCELLED);
}

static void a_timeout_that_is_cancelled_by_hand(void **state)
{
    struct task t = {0};
    struct limited f = {.limit = 2, .seconds = 5, .sleeps = 1};
    (void)state;
    start_and_step(&t, limited_any(&f));
    task_scope_cancel(&f.scope);
    run_all();
    assert_notes(2, 1); /* it ended, and the time was not up */
    assert_false(task_scope_expired(&f.scope));
}

/* Swallows the cancel of its timeout, or leaves it to a move_on. */
gen_declare(swallower, void);
struct swallower {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    bool moves_on;
};
gen_define(swallower)
{
    gen_begin();
    if (self->moves_on) {
        task_move_on (&self->scope, 2) {
            task_sleep(5);
            note(1);
        }
        task_end_scope
    } else {
        task_timeout (&self->scope, 2) {
            gen_try {
                task_sleep(5);
            }
            gen_except (GEN_CANCELLED) {
                note(2);
            }
            gen_end_try
        }
        task_end_scope
    }
    note((int)task_scope_expired(&self->scope));
    task_sleep(1);
    note((int)(clock_now / SECOND));
    gen_end();
}

static void rule_29_a_block_that_swallows_its_timeout(void **state)
{
    struct task t = {0};
    struct swallower f = {.moves_on = false};
    (void)state;
    task_start(&sched, &t, swallower_any(&f), NULL);
    run_all();
    assert_notes(2, true, 3);
}

static void move_on(void **state)
{
    struct task t = {0};
    struct swallower f = {.moves_on = true};
    (void)state;
    task_start(&sched, &t, swallower_any(&f), NULL);
    run_all();
    assert_notes(true, 3);
}

/* Gives the scope another deadline each second. */
struct plan {
    struct task_scope *scope;
    const double *seconds;
    struct task_call call;
};
static void reschedule(void *arg)
{
    struct plan *plan = (struct plan *)arg;
    assert_int_equal(task_scope_reschedule(plan->scope, *plan->seconds++), 0);
    task_call_at(&sched, &plan->call, clock_now + SECOND, reschedule, plan);
}

static void rule_29_reschedule(void **state)
{
    static const double seconds[] = {9, (double)INFINITY, 1.5, 2, -1};
    struct task t = {0};
    struct limited f = {.limit = 1.5, .seconds = 20, .sleeps = 1};
    struct plan plan = {.scope = &f.scope, .seconds = seconds};
    (void)state;
    assert_int_equal(task_scope_reschedule(&f.scope, 1), GEN_EBADSTATE); /* not entered */
    task_start(&sched, &t, limited_any(&f), NULL);
    task_call_at(&sched, &plan.call, SECOND, reschedule, &plan);
    task_run_once(&sched);
    assert_int_equal(task_scope_reschedule(&f.scope, (double)NAN), TASK_ETIME);
    while (notes_count == 0)
        task_run_once(&sched);
    task_call_cancel(&plan.call);
    assert_notes(3);
    assert_int_equal(clock_now, 5 * SECOND); /* by the last: what is past is now */
    assert_int_equal(task_scope_reschedule(&f.scope, 1), GEN_EBADSTATE); /* left */
    run_all();
    assert_notes(3, 6);
    assert_null(sched.task__timers);
}

/* asyncio raises RuntimeError; here what has expired stays so. */
static void rule_29_reschedule_of_what_has_expired(void **state)
{
    struct task t = {0};
    struct limited f = {.limit = 2, .seconds = 5, .sleeps = 1};
    (void)state;
    start_and_step(&t, limited_any(&f));
    assert_int_equal(task_scope_reschedule(&f.scope, 0), 0);
    assert_int_equal(task_scope_reschedule(&f.scope, 9), 0);
    run_all();
    assert_notes(3, 1);
    assert_null(sched.task__timers);
}

/* A timeout around the await of a task cancels that task. */
gen_declare(impatient, void);
struct impatient {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct task_future *future;
};
gen_define(impatient)
{
    gen_begin();
    gen_try {
        task_timeout (&self->scope, 2) {
            task_await(self->future);
            note(1);
        }
        task_end_scope
    }
    gen_except_any {
        note(gen_caught.code);
    }
    gen_end_try
    gen_end();
}

static void timeout_of_an_awaited_task(void **state)
{
    struct task t = {0}, inner = {0};
    struct sleeper g = {.id = 7, .seconds = 10};
    struct impatient f = {.future = &inner.future};
    (void)state;
    task_start(&sched, &inner, sleeper_any(&g), NULL);
    task_start(&sched, &t, impatient_any(&f), NULL);
    run_all();
    assert_notes(-7, TASK_ETIMEOUT);
    assert_int_equal(clock_now, 2 * SECOND);
}

/* The awaited task is done in the turn of the deadline, before it. */
static void rule_29_a_wait_that_is_over_is_not_timed_out(void **state)
{
    struct task t = {0};
    struct task_future future = {0};
    struct impatient f = {.future = &future};
    (void)state;
    start_and_step(&t, impatient_any(&f));
    task_future_set(&future);
    clock_now = 3 * SECOND;
    run_all();
    assert_notes(1);
}

gen_declare(nested, void);
struct nested {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope outer, inner;
};
gen_define(nested)
{
    gen_begin();
    task_scope (&self->outer) {
        task_scope (&self->inner) {
            task_sleep(5);
            note(1);
        }
        task_end_scope
        note(2);
        task_sleep(5);
        note(3);
    }
    task_end_scope
    note(4);
    gen_end();
}

static void run_nested(bool outer, bool inner)
{
    struct task t = {0};
    struct nested f = {.gen = {0, 0}};
    notes_count = 0;
    start_and_step(&t, nested_any(&f));
    if (inner)
        task_scope_cancel(&f.inner);
    if (outer)
        task_scope_cancel(&f.outer);
    run_all();
    assert_int_equal(task_state(&t.future), TASK_DONE);
}

static void nested_scopes(void **state)
{
    (void)state;
    run_nested(false, false);
    assert_notes(1, 2, 3, 4);
    run_nested(false, true);
    assert_notes(2, 3, 4);
    run_nested(true, false);
    assert_notes(4);
    run_nested(true, true);
    assert_notes(4);
}

gen_declare(limits, void);
struct limits {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope outer, inner;
    double outer_limit, inner_limit;
};
gen_define(limits)
{
    gen_begin();
    gen_try {
        task_timeout (&self->outer, self->outer_limit) {
            gen_try {
                task_timeout (&self->inner, self->inner_limit) {
                    task_sleep(10);
                }
                task_end_scope
            }
            gen_except (TASK_ETIMEOUT) {
                note(1);
            }
            gen_end_try
            task_sleep(10);
        }
        task_end_scope
    }
    gen_except (TASK_ETIMEOUT) {
        note(2);
    }
    gen_end_try
    note((int)(clock_now / SECOND));
    gen_end();
}

static void rule_29_nested_timeouts(void **state)
{
    struct task t = {0};
    struct limits f = {.outer_limit = 3, .inner_limit = 1};
    (void)state;
    task_start(&sched, &t, limits_any(&f), NULL);
    run_all();
    assert_notes(1, 2, 3);
    notes_count = 0;
    clock_now = 0;
    f = (struct limits){.outer_limit = 1, .inner_limit = 3};
    task_start(&sched, &t, limits_any(&f), NULL);
    run_all();
    assert_notes(2, 1);
}

gen_declare(shielded, void);
struct shielded {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope shield, inner;
};
gen_define(shielded)
{
    gen_begin();
    task_shield (&self->shield) {
        task_sleep(1);
        note(1);
        task_scope (&self->inner) {
            task_sleep(1);
            note(2);
        }
        task_end_scope
        note(3);
    }
    task_end_scope
    note(4);
    task_sleep(1);
    note(5);
    gen_end();
}

static void a_shield_holds_until_the_block_is_over(void **state)
{
    struct shielded f = {.gen = {0, 0}};
    (void)state;
    assert_int_equal(run_cancelled(shielded_any(&f)), TASK_CANCELLED);
    assert_notes(1, 2, 3, 4);
    assert_int_equal(clock_now, 2 * SECOND);
}

static void a_scope_below_a_shield_can_be_cancelled(void **state)
{
    struct task t = {0};
    struct shielded f = {.gen = {0, 0}};
    (void)state;
    start_and_step(&t, shielded_any(&f));
    task_run_once(&sched);
    assert_notes(1);
    task_cancel(&t);
    task_scope_cancel(&f.inner);
    run_all();
    assert_notes(1, 3, 4);
    assert_int_equal(task_state(&t.future), TASK_CANCELLED);
}

static void a_shield_can_be_cancelled_itself(void **state)
{
    struct task t = {0};
    struct shielded f = {.gen = {0, 0}};
    (void)state;
    start_and_step(&t, shielded_any(&f));
    task_scope_cancel(&f.shield);
    run_all();
    assert_notes(4, 5);
    assert_int_equal(task_state(&t.future), TASK_DONE);
}

static void a_shield_and_its_task_are_cancelled(void **state)
{
    struct task t = {0};
    struct shielded f = {.gen = {0, 0}};
    (void)state;
    start_and_step(&t, shielded_any(&f));
    task_cancel(&t);
    task_scope_cancel(&f.shield);
    run_all();
    assert_notes(4); /* each ends where it is due to */
    assert_int_equal(task_state(&t.future), TASK_CANCELLED);
}

gen_declare(sharer, void);
struct sharer {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope *scope;
    double seconds;
};
gen_define(sharer)
{
    gen_begin();
    task_timeout (self->scope, 10) {
        task_sleep(self->seconds);
    }
    task_end_scope
    gen_end();
}

static void a_scope_is_entered_once_at_a_time(void **state)
{
    struct task t[2] = {{.name = NULL}};
    struct task_scope scope = {.task__reason = NULL};
    struct sharer f[2] = {{.scope = &scope, .seconds = 1}, {.scope = &scope, .seconds = 2}};
    (void)state;
    task_start(&sched, &t[0], sharer_any(&f[0]), NULL);
    task_start(&sched, &t[1], sharer_any(&f[1]), NULL);
    run_all();
    assert_int_equal(task_error(&t[0].future).code, 0);
    assert_int_equal(task_error(&t[1].future).code, GEN_EBADSTATE);
    f[1].gen = (struct gen){0, 0};
    task_start(&sched, &t[1], sharer_any(&f[1]), NULL);
    run_all();
    assert_int_equal(task_error(&t[1].future).code, 0);
    assert_int_equal(clock_now, 3 * SECOND);
}

/* What a body can ask: is it cancelled, is its scope, and when will that be. */
gen_declare(asker, void);
struct asker {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope scope, shield;
};
gen_define(asker)
{
    gen_begin();
    assert_false(task_cancelling(task_current()));
    task_move_on (&self->scope, 3) {
        assert_int_equal(task_scope_deadline(&self->scope), 3 * SECOND);
        task_scope_reschedule(&self->scope, INFINITY);
        assert_int_equal(task_scope_deadline(&self->scope), TASK_NEVER);
        task_scope_reschedule(&self->scope, 2);
        assert_int_equal(task_scope_deadline(&self->scope), 2 * SECOND);
        assert_false(task_scope_cancelled(&self->scope));
        gen_try {
            task_sleep(9);
        }
        gen_except (GEN_CANCELLED) {
            note(task_scope_cancelled(&self->scope));
            note(task_scope_expired(&self->scope));
            note(task_scope_deadline(&self->scope) == TASK_NEVER);
            note(task_cancelling(task_current()));
        }
        gen_end_try
        task_shield (&self->shield) {
            note(task_cancelling(task_current()));
        }
        task_end_scope
    }
    task_end_scope
    note(task_cancelling(task_current()));
    gen_try {
        task_sleep(9);
    }
    gen_except (GEN_CANCELLED) {
        note(2);
    }
    gen_end_try
    note(task_cancelling(task_current()));
    gen_end();
}

static void what_a_body_can_ask(void **state)
{
    struct task t = {0};
    struct asker f = {.gen = {0, 0}};
    (void)state;
    assert_false(task_cancelling(&t));
    task_start(&sched, &t, asker_any(&f), NULL);
    task_run_once(&sched);
    task_run_once(&sched);
    assert_notes(1, 1, 1, 1, 0, 0);
    task_cancel(&t);
    assert_true(task_cancelling(&t));
    run_all();
    assert_notes(1, 1, 1, 1, 0, 0, 2, 1);
    f = (struct asker){.gen = {0, 0}};
    notes_count = 0;
    clock_now = 0;
    task_start(&sched, &t, asker_any(&f), NULL);
    task_run_once(&sched);
    task_scope_cancel(&f.scope);
    task_run_once(&sched);
    assert_notes(1, 0, 0, 1, 0, 0);
    run_all();
}

/* A cancel that is raised by hand is nobody's, so no scope ends it. */
gen_declare(by_hand, void);
struct by_hand {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
};
gen_define(by_hand)
{
    gen_begin();
    task_scope (&self->scope) {
        gen_raise(GEN_CANCELLED);
    }
    task_end_scope
    note(1); /* never */
    gen_end();
}

static void a_cancel_that_the_block_raises_leaves_it(void **state)
{
    struct task t = {0};
    struct by_hand f = {.gen = {0, 0}};
    (void)state;
    task_start(&sched, &t, by_hand_any(&f), NULL);
    run_all();
    assert_int_equal(notes_count, 0);
    assert_int_equal(task_state(&t.future), TASK_CANCELLED);
}

/* An error, a return and a break leave a scope as they leave any block. */
gen_declare(leaver, void);
struct leaver {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    int how, result;
};
gen_define(leaver)
{
    gen_begin();
    for (;;) {
        task_timeout (&self->scope, 100) {
            task_sleep(1);
            if (self->how == 0)
                gen_raise(EMINE);
            if (self->how == 1)
                gen_return(1);
            break;
        }
        task_end_scope
    }
    gen_return(2);
    gen_end();
}

static void every_way_out_of_a_scope(void **state)
{
    int how;
    (void)state;
    for (how = 0; how < 3; how++) {
        struct task t = {0};
        struct leaver f = {.how = how};
        task_start(&sched, &t, leaver_any(&f), NULL);
        run_all();
        assert_int_equal(task_error(&t.future).code, how == 0 ? EMINE : 0);
        assert_int_equal(f.result, how);
        assert_null(sched.task__timers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        virtual_test(rule_16_a_cancel_before_the_first_step),
        virtual_test(rule_17_a_cancel_is_raised_in_the_next_turn),
        virtual_test(rule_17_a_cancel_of_a_done_task_is_false),
        virtual_test(rule_18_every_wait_after_a_cancel_raises),
        virtual_test(rule_18_three_cancels_are_one),
        virtual_test(rule_18_a_task_that_swallows_a_cancel_keeps_its_result),
        virtual_test(rule_19_a_wait_that_is_over_keeps_its_value),
        virtual_test(a_mere_future_is_left_alone),
        virtual_test(cancel_passes_on_and_waits),
        virtual_test(cancel_passes_on_once),
        virtual_test(cancel_passes_on_and_the_value_is_kept),
        virtual_test(rule_17_a_cancel_goes_down_a_chain),
        virtual_test(cancel_of_a_chain_takes_no_stack),
        virtual_test(rule_21_the_awaiter_of_a_cancelled_task),
        virtual_test(finally_runs),
        virtual_test(rule_20_a_task_that_cancels_itself),
        virtual_test(rule_20_a_task_that_cancels_itself_and_returns),
        virtual_test(rule_21_a_task_is_cancelled_if_that_leaves_it),
        virtual_test(rule_24_a_cancelled_task_is_not_reported),
        virtual_test(cancel_all_but_one),
        virtual_test(cancel_of_a_scope_ends_with_the_block),
        virtual_test(cancel_of_a_task_leaves_its_scopes),
        virtual_test(rule_29_a_timeout_of_what_is_no_number),
        virtual_test(rule_29_a_timeout_in_time_and_too_late),
        virtual_test(rule_29_a_cancel_from_outside_is_no_timeout),
        virtual_test(rule_29_a_cancel_and_a_timeout_at_once),
        virtual_test(a_timeout_that_is_cancelled_by_hand),
        virtual_test(rule_29_a_block_that_swallows_its_timeout),
        virtual_test(move_on),
        virtual_test(rule_29_reschedule),
        virtual_test(rule_29_reschedule_of_what_has_expired),
        virtual_test(timeout_of_an_awaited_task),
        virtual_test(rule_29_a_wait_that_is_over_is_not_timed_out),
        virtual_test(nested_scopes),
        virtual_test(rule_29_nested_timeouts),
        virtual_test(a_shield_holds_until_the_block_is_over),
        virtual_test(a_scope_below_a_shield_can_be_cancelled),
        virtual_test(a_shield_can_be_cancelled_itself),
        virtual_test(a_shield_and_its_task_are_cancelled),
        virtual_test(a_cancel_that_the_block_raises_leaves_it),
        virtual_test(every_way_out_of_a_scope),
        virtual_test(a_scope_is_entered_once_at_a_time),
        virtual_test(what_a_body_can_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
