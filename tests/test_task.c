/* Tasks: turns, sleeping, awaiting, spawning, failing; what a wait outside of a task is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include "virtual_time.h"

enum { EMINE = GEN_EUSER };

/* Notes id, id + 1, ... : one for each step. */
gen_declare(stepper, void);
struct stepper {
    struct gen gen;
    int id, steps, result;
};
gen_define(stepper)
{
    gen_begin();
    while (self->steps-- > 0) {
        note(self->id++);
        task_sleep(0);
    }
    note(self->id);
    gen_return(self->id);
    gen_end();
}

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    int id;
    double seconds;
};
gen_define(sleeper)
{
    gen_begin();
    task_sleep(self->seconds);
    note(self->id);
    gen_end();
}

gen_declare(failer, void);
struct failer {
    struct gen gen;
    double seconds;
};
gen_define(failer)
{
    gen_begin();
    task_sleep(self->seconds);
    gen_raise(EMINE, "mine");
    gen_end();
}

/* Awaits a future and notes the code it ended with, and id. */
gen_declare(waiter, void);
struct waiter {
    struct gen gen;
    struct task_future *future;
    int id;
    const char *text;
};
gen_define(waiter)
{
    gen_begin();
    gen_try {
        task_await(self->future);
        note(0);
    }
    gen_except_any {
        self->text = gen_caught.text;
        note(gen_caught.code);
    }
    gen_end_try
    note(self->id);
    gen_end();
}

/* Awaits, and lets what comes leave. */
gen_declare(awaiter, void);
struct awaiter {
    struct gen gen;
    struct task_future *future;
};
gen_define(awaiter)
{
    gen_begin();
    task_await(self->future);
    gen_end();
}

static void rule_16_start_queues_the_first_step(void **state)
{
    struct task t = {0};
    struct stepper f = {.id = 5};
    (void)state;
    assert_int_equal(task_start(&sched, &t, stepper_any(&f), "five"), 0);
    assert_int_equal(notes_count, 0); /* never from within */
    assert_int_equal(task_state(&t.future), TASK_PENDING);
    assert_int_equal(task_error(&t.future).code, TASK_ENOTDONE);
    assert_int_equal(task_start(&sched, &t, stepper_any(&f), "again"), GEN_EBADSTATE);
    assert_true(task_any_alive(&sched));
    task_run(&sched, &t.future);
    assert_notes(5);
    assert_int_equal(task_state(&t.future), TASK_DONE);
    assert_int_equal(task_error(&t.future).code, 0);
    assert_string_equal(t.name, "five");
    assert_int_equal(task_frame(stepper, &t)->result, 5);
    assert_false(task_any_alive(&sched));

    f = (struct stepper){.id = 6};
    assert_int_equal(task_start(&sched, &t, stepper_any(&f), NULL), 0);
    task_run(&sched, &t.future);
    assert_notes(5, 6);
}

static void rule_31_turns_are_first_in_first_out(void **state)
{
    struct task t[3] = {{.name = NULL}};
    struct stepper f[3] = {{.id = 10, .steps = 2}, {.id = 20, .steps = 2}, {.id = 30, .steps = 2}};
    size_t i;
    (void)state;
    for (i = 0; i < 3; i++)
        task_start(&sched, &t[i], stepper_any(&f[i]), NULL);
    task_run_once(&sched);
    assert_notes(10, 20, 30);
    task_run_once(&sched);
    assert_notes(10, 20, 30, 11, 21, 31);
    task_run_once(&sched);
    assert_notes(10, 20, 30, 11, 21, 31, 12, 22, 32);
    assert_int_equal(clock_now, 0);
}

gen_declare(starter, void);
struct starter {
    struct gen gen;
    struct task *task;
    struct stepper *frame;
};
gen_define(starter)
{
    gen_begin();
    assert_ptr_equal(sched.current, task_current());
    task_start(&sched, self->task, stepper_any(self->frame), NULL);
    note(1);
    gen_end();
}

static void rule_31_a_turn_is_what_was_ready_at_its_start(void **state)
{
    struct task t = {0}, inner = {0};
    struct stepper g = {.id = 7};
    struct starter f = {.task = &inner, .frame = &g};
    (void)state;
    task_start(&sched, &t, starter_any(&f), NULL);
    task_run_once(&sched);
    assert_notes(1);
    assert_null(sched.current);
    task_run_once(&sched);
    assert_notes(1, 7);
}

/* asyncio has no order among equal deadlines. */
static void rule_31_sleepers_wake_by_deadline_then_order(void **state)
{
    static const double seconds[6] = {3, 1, 2, 1, 0.5, 1};
    struct task t[6] = {{.name = NULL}};
    struct sleeper f[6];
    size_t i;
    (void)state;
    for (i = 0; i < 6; i++) {
        f[i] = (struct sleeper){.id = (int)i, .seconds = seconds[i]};
        task_start(&sched, &t[i], sleeper_any(&f[i]), NULL);
    }
    task_run(&sched, &t[4].future);
    assert_int_equal(clock_now, SECOND / 2);
    run_all();
    assert_notes(4, 1, 3, 5, 2, 0);
    assert_int_equal(clock_now, 3 * SECOND);
}

gen_declare(until, void);
struct until {
    struct gen gen;
};
gen_define(until)
{
    gen_begin();
    task_sleep_until(5 * SECOND);
    note((int)(clock_now / SECOND));
    task_sleep_until(2 * SECOND);
    note((int)(clock_now / SECOND));
    gen_end();
}

static void sleep_until_a_time(void **state)
{
    struct task t = {0};
    struct until f = {{0, 0}};
    (void)state;
    task_start(&sched, &t, until_any(&f), NULL);
    task_run(&sched, &t.future);
    assert_notes(5, 5);
}

static void rule_32_sleep_of_nothing_is_one_turn(void **state)
{
    static const double seconds[2] = {0, -4};
    size_t i;
    (void)state;
    for (i = 0; i < 2; i++) {
        struct task t = {0};
        struct sleeper f = {.id = 1, .seconds = seconds[i]};
        notes_count = 0;
        task_start(&sched, &t, sleeper_any(&f), NULL);
        task_run_once(&sched);
        assert_int_equal(notes_count, 0);
        task_run_once(&sched);
        assert_notes(1);
        assert_int_equal(clock_now, 0);
    }
}

static void rule_32_sleep_of_what_is_no_number(void **state)
{
    struct task t = {0};
    struct sleeper f = {.id = 1, .seconds = (double)NAN};
    (void)state;
    assert_int_equal(task_ticks((double)NAN), -1);
    assert_int_equal(task_ticks(1e300), TASK_NEVER);
    assert_int_equal(task_ticks(-1), 0);
    assert_int_equal(task_ticks(1.5), SECOND + SECOND / 2);
    task_start(&sched, &t, sleeper_any(&f), NULL);
    task_run_once(&sched);
    assert_int_equal(task_state(&t.future), TASK_FAILED);
    assert_int_equal(task_error(&t.future).code, TASK_ETIME);
    assert_int_equal(notes_count, 0);
}

/* The turn in which the future is done is run to its end. */
static void rule_32_a_turn_is_finished(void **state)
{
    struct task t[2] = {{.name = NULL}};
    struct sleeper f[2] = {{.id = 1, .seconds = 1}, {.id = 2, .seconds = 1}};
    (void)state;
    task_start(&sched, &t[0], sleeper_any(&f[0]), NULL);
    task_start(&sched, &t[1], sleeper_any(&f[1]), NULL);
    task_run(&sched, &t[0].future);
    assert_notes(1, 2);
}

static void rule_33_a_month_is_one_wait(void **state)
{
    struct task t = {0};
    struct sleeper f = {.id = 1, .seconds = 30.0 * 24 * 3600};
    (void)state;
    task_start(&sched, &t, sleeper_any(&f), NULL);
    task_run_once(&sched);
    task_run_once(&sched);
    assert_notes(1);
    assert_int_equal(clock_now, SECOND * 30 * 24 * 3600);
}

static void rule_22_a_future_is_set_once(void **state)
{
    struct task t = {0};
    struct task_future future = {0};
    struct waiter f = {.future = &future, .id = 1};
    (void)state;
    task_start(&sched, &t, waiter_any(&f), NULL);
    task_run_once(&sched);
    assert_false(task_done(&future));
    assert_int_equal(task_future_set(&future), 0);
    assert_int_equal(task_future_set(&future), TASK_EDONE);
    assert_int_equal(task_future_fail(&future, EMINE, NULL), TASK_EDONE);
    assert_int_equal(task_future_cancel(&future), TASK_EDONE);
    assert_int_equal(notes_count, 0);
    task_run_once(&sched);
    assert_notes(0, 1);
    assert_int_equal(task_state(&future), TASK_DONE);
}

static void await_a_future_that_fails_or_is_cancelled(void **state)
{
    struct task t[2] = {{.name = NULL}};
    struct task_future futures[2] = {{0}};
    struct waiter f[2] = {{.future = &futures[0], .id = 1}, {.future = &futures[1], .id = 2}};
    (void)state;
    task_start(&sched, &t[0], waiter_any(&f[0]), NULL);
    task_start(&sched, &t[1], waiter_any(&f[1]), NULL);
    task_run_once(&sched);
    assert_int_equal(task_future_fail(&futures[0], 0, NULL), GEN_EBADSTATE);
    assert_int_equal(task_future_fail(&futures[0], EMINE, "why"), 0);
    assert_int_equal(task_future_cancel(&futures[1]), 0);
    task_run_once(&sched);
    assert_notes(EMINE, 1, TASK_ECANCELLED, 2);
    assert_string_equal(f[0].text, "why");
    assert_int_equal(task_error(&futures[1]).code, TASK_ECANCELLED);
}

static void rule_23_await_of_what_is_done_takes_no_turn(void **state)
{
    struct task t = {0};
    struct task_future future = {0};
    struct waiter f = {.future = &future, .id = 1};
    (void)state;
    task_future_set(&future);
    task_start(&sched, &t, waiter_any(&f), NULL);
    task_run_once(&sched);
    assert_notes(0, 1);
}

static void await_a_task(void **state)
{
    struct task t[4] = {{.name = NULL}};
    struct sleeper g = {.id = 9, .seconds = 1};
    struct failer h = {.seconds = 2};
    struct waiter f[2] = {{.future = &t[2].future, .id = 1}, {.future = &t[3].future, .id = 2}};
    (void)state;
    task_start(&sched, &t[0], waiter_any(&f[0]), NULL);
    task_start(&sched, &t[1], waiter_any(&f[1]), NULL);
    task_start(&sched, &t[2], sleeper_any(&g), NULL);
    task_start(&sched, &t[3], failer_any(&h), NULL);
    run_all();
    assert_notes(9, 0, 1, EMINE, 2);
    assert_string_equal(f[1].text, "mine");
    task_report_all(&sched);
    assert_int_equal(failed_count, 0); /* it was awaited */
}

static void rule_22_waiters_go_on_in_order(void **state)
{
    struct task t[4] = {{.name = NULL}};
    struct task_future future = {0};
    struct waiter f[4];
    size_t i;
    (void)state;
    for (i = 0; i < 4; i++) {
        f[i] = (struct waiter){.future = &future, .id = 10 + (int)i};
        task_start(&sched, &t[i], waiter_any(&f[i]), NULL);
    }
    task_run_once(&sched);
    task_future_fail(&future, EMINE, NULL);
    task_run_once(&sched);
    assert_notes(EMINE, 10, EMINE, 11, EMINE, 12, EMINE, 13);
}

/* asyncio refuses StopIteration; here it is an error as any, that leaves a body as GEN_ESTOP. */
static void rule_22_a_future_that_fails_with_the_end_of_an_iteration(void **state)
{
    struct task t = {0};
    struct task_future future = {0};
    struct awaiter f = {.future = &future};
    (void)state;
    assert_int_equal(task_future_fail(&future, GEN_STOP, NULL), 0);
    task_start(&sched, &t, awaiter_any(&f), NULL);
    task_run_once(&sched);
    assert_int_equal(task_error(&future).code, GEN_STOP);
    assert_int_equal(task_error(&t.future).code, GEN_ESTOP);
}

static void rule_21_a_task_is_not_set_by_others(void **state)
{
    struct task t = {0};
    struct sleeper f = {.id = 1, .seconds = 1};
    (void)state;
    task_start(&sched, &t, sleeper_any(&f), NULL);
    task_run_once(&sched);
    assert_int_equal(task_future_set(&t.future), GEN_EBADSTATE);
    assert_int_equal(task_future_fail(&t.future, EMINE, NULL), GEN_EBADSTATE);
    assert_int_equal(task_future_cancel(&t.future), GEN_EBADSTATE);
    assert_int_equal(task_state(&t.future), TASK_PENDING);
    run_all();
    assert_notes(1);
}

/* asyncio refuses a future of another loop; here it has none, and who waits goes on in his own. */
static void rule_21_a_future_of_another_scheduler(void **state)
{
    struct task t = {0}, u = {0};
    struct waiter f = {.future = &u.future, .id = 1};
    struct stepper g = {.id = 7};
    struct task_scheduler other;
    (void)state;
    task_scheduler_init(&other, &virtual_hooks, NULL);
    task_start(&sched, &t, waiter_any(&f), NULL);
    task_start(&other, &u, stepper_any(&g), NULL);
    task_run_once(&sched);
    task_run_once(&other);
    assert_notes(7);
    assert_false(task_any_alive(&other));
    task_run_once(&sched);
    assert_notes(7, 0, 1);
}

static void rule_21_a_task_that_awaits_itself(void **state)
{
    struct task t = {0};
    struct waiter f = {.future = &t.future, .id = 1};
    (void)state;
    task_start(&sched, &t, waiter_any(&f), NULL);
    task_run_once(&sched);
    assert_notes(GEN_EBADSTATE, 1);
    assert_int_equal(task_state(&t.future), TASK_DONE);
}

/* asyncio's wait for ever; here who would close the circle is told. */
static void rule_21_tasks_that_await_each_other(void **state)
{
    struct task t[3] = {{.name = NULL}};
    struct waiter f[3];
    int i;
    (void)state;
    for (i = 0; i < 3; i++) {
        f[i] = (struct waiter){.future = &t[(i + 1) % 3].future, .id = 1 + i};
        task_start(&sched, &t[i], waiter_any(&f[i]), NULL);
    }
    run_all();
    assert_notes(GEN_EBADSTATE, 3, 0, 2, 0, 1);
    assert_string_equal(f[2].text, "tasks await each other in a circle");
}

static void spawned_memory_is_released(void **state)
{
    struct task *t;
    (void)state;
    assert_non_null(task_spawn_on(&sched, sleeper, .id = 1, .seconds = 1));
    assert_non_null(task_spawn_on(&sched, stepper));
    assert_int_equal(blocks, 2);
    run_all();
    assert_int_equal(blocks, 0);
    assert_notes(0, 1);

    t = task_keep(task_spawn_on(&sched, stepper, .id = 8, .steps = 1));
    assert_string_equal(t->name, "stepper");
    run_all();
    assert_int_equal(blocks, 1);
    assert_int_equal(task_frame(stepper, t)->result, 9);
    task_drop(t);
    assert_int_equal(blocks, 0);

    t = task_keep(task_spawn_on(&sched, stepper, .id = 8));
    task_drop(t);
    run_all();
    assert_int_equal(blocks, 0);
}

gen_declare(reader, void);
struct reader {
    struct gen gen;
    struct task *task;
};
gen_define(reader)
{
    gen_begin();
    task_await(&self->task->future);
    note(task_frame(stepper, self->task)->result);
    gen_end();
}

static void note_state(void *arg)
{
    note(100 + (int)task_state((const struct task_future *)arg));
}

static void a_spawned_task_lives_until_its_waiters_ran(void **state)
{
    struct task t = {0};
    struct task_call call = {0};
    struct task *spawned = task_spawn_on(&sched, stepper, .id = 8, .steps = 1);
    struct reader f = {.task = spawned};
    (void)state;
    task_start(&sched, &t, reader_any(&f), NULL);
    task_call_when_done(&sched, &call, &spawned->future, note_state, &spawned->future);
    run_all();
    assert_int_equal(blocks, 0);
    assert_notes(8, 9, 100 + TASK_DONE, 9); /* in the order they came to wait */
}

gen_declare(spawner, void);
struct spawner {
    struct gen gen;
    struct task *task;
};
gen_define(spawner)
{
    gen_begin();
    self->task = task_spawn(sleeper, .id = 3, .seconds = 1);
    if (self->task == NULL)
        gen_raise(GEN_ENOMEM);
    task_await(&self->task->future);
    note(4);
    self->task = task_spawn(failer, .seconds = 1);
    gen_try {
        task_await(&self->task->future);
    }
    gen_except (EMINE) {
        note(5);
    }
    gen_end_try
    gen_end();
}

static void spawn_inside_a_task(void **state)
{
    struct task t = {0};
    struct spawner f = {.task = NULL};
    (void)state;
    task_start(&sched, &t, spawner_any(&f), NULL);
    task_run(&sched, &t.future);
    assert_notes(3, 4, 5);
    assert_int_equal(failed_count, 0);
    assert_int_equal(blocks, 0);
}

static void spawn_without_room(void **state)
{
    static const struct task_hooks poor = {.now = virtual_now, .idle = virtual_idle};
    struct task t = {0};
    struct spawner f = {.task = NULL};
    struct task_scheduler other;
    (void)state;
    no_room = true;
    assert_null(task_keep(task_spawn_on(&sched, stepper, .id = 1)));
    task_start(&sched, &t, spawner_any(&f), NULL);
    task_run(&sched, &t.future);
    assert_int_equal(task_error(&t.future).code, GEN_ENOMEM);
    task_scheduler_init(&other, &poor, NULL);
    assert_null(task_spawn_on(&other, stepper, .id = 1));
}

static void rule_24_a_failure_nobody_awaits_is_reported(void **state)
{
    struct task t = {0}, seen = {0};
    struct failer f = {.seconds = 1}, g = {.seconds = 1};
    (void)state;
    assert_non_null(task_spawn_on(&sched, failer, .seconds = 1));
    run_all();
    assert_int_equal(failed_count, 1);
    assert_int_equal(failed_code, EMINE);
    assert_int_equal(blocks, 0);

    task_start(&sched, &t, failer_any(&f), "mine");
    task_start(&sched, &seen, failer_any(&g), "seen");
    run_all();
    assert_string_equal(task_error(&seen.future).text, "mine");
    assert_int_equal(failed_count, 1); /* somebody may still ask */
    task_report_all(&sched);
    assert_int_equal(failed_count, 2);
    assert_string_equal(failed_name, "mine");
    task_report_all(&sched);
    assert_int_equal(failed_count, 2);
}

static void see_nothing(void *arg)
{
    note(*(const int *)arg);
}

static void rule_24_a_call_when_done_has_seen_no_failure(void **state)
{
    struct task t = {0};
    struct failer f = {.seconds = 1};
    struct task_call before = {.task__arg = NULL}, after = {.task__arg = NULL};
    int one = 1, two = 2;
    (void)state;
    task_start(&sched, &t, failer_any(&f), NULL);
    task_call_when_done(&sched, &before, &t.future, see_nothing, &one);
    run_all();
    task_call_when_done(&sched, &after, &t.future, see_nothing, &two);
    task_run_once(&sched);
    assert_notes(1, 2);
    task_report_all(&sched);
    assert_int_equal(failed_count, 1);
    assert_int_equal(failed_code, EMINE);
}

static void rule_24_a_kept_failure_is_reported_when_dropped(void **state)
{
    struct task *t;
    (void)state;
    t = task_keep(task_spawn_on(&sched, failer, .seconds = 1));
    run_all();
    assert_int_equal(failed_count, 0);
    task_drop(t);
    assert_int_equal(failed_count, 1);
    t = task_keep(task_spawn_on(&sched, failer, .seconds = 1));
    run_all();
    assert_int_equal(task_error(&t->future).code, EMINE);
    task_drop(t);
    assert_int_equal(failed_count, 1);
}

gen_declare(yielder, void);
struct yielder {
    struct gen gen;
};
gen_define(yielder)
{
    gen_begin();
    gen_try {
        gen_yield();
        note(1);
    }
    gen_except (GEN_EBADSTATE) {
        note(2);
    }
    gen_end_try
    gen_yield();
    gen_end();
}

static void rule_21_a_task_that_yields(void **state)
{
    struct task t = {0};
    struct yielder f = {{0, 0}};
    (void)state;
    task_start(&sched, &t, yielder_any(&f), NULL);
    task_run_once(&sched);
    assert_notes(2);
    assert_int_equal(task_error(&t.future).code, GEN_EBADSTATE);
}

gen_declare(poller, void);
struct poller {
    struct gen gen;
    bool go;
};
gen_define(poller)
{
    gen_begin();
    gen_wait_until((note(1), self->go));
    note(2);
    gen_end();
}

static void wait_until_looks_each_turn(void **state)
{
    struct task t = {0};
    struct poller f = {.go = false};
    (void)state;
    task_start(&sched, &t, poller_any(&f), NULL);
    task_run_once(&sched);
    assert_notes(1);
    task_run_once(&sched);
    assert_notes(1, 1);
    f.go = true;
    task_run_once(&sched);
    assert_notes(1, 1, 1, 2);
    assert_true(task_done(&t.future));
}

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
    }
    task_end_scope
    gen_end();
}

static void a_wait_outside_of_a_task(void **state)
{
    struct task_future future = {0};
    struct sleeper f = {.seconds = 1}, nan = {.seconds = (double)NAN};
    struct sleeper zero = {.seconds = 0};
    struct waiter g = {.future = &future};
    struct scoped h = {.gen = {0, 0}};
    struct until u = {{0, 0}};
    (void)state;
    assert_int_equal(sleeper_step(&f, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&f), GEN_EBADSTATE);
    assert_int_equal(sleeper_step(&nan, NULL), GEN_RAISED);
    assert_int_equal(sleeper_step(&zero, NULL), GEN_RAISED);
    assert_int_equal(until_step(&u, NULL), GEN_RAISED);
    assert_int_equal(waiter_step(&g, NULL), GEN_RETURNED);
    assert_notes(GEN_EBADSTATE, 0);
    assert_int_equal(scoped_step(&h, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&h), GEN_EBADSTATE);
}

/* Sleeps n, n - 1, ... seconds, each in a frame of its own. */
gen_declare(deep, void);
struct deep {
    struct gen gen;
    int n, result;
};
gen_define(deep)
{
    gen_begin();
    if (self->n == 0)
        gen_return(0);
    task_sleep(self->n);
    note(self->n);
    gen_await_new(deep, .n = self->n - 1);
    gen_return(self->n + gen_returned(deep)->result);
    gen_end();
}

static void await_new_on_a_gen_stack(void **state)
{
    static char bytes[1024];
    struct gen_stack stack;
    struct task t = {0};
    struct gen_any it;
    (void)state;
    gen_stack_init(&stack, bytes, sizeof bytes);
    it = gen_start(&stack, deep, .n = 4);
    task_start(&sched, &t, it, NULL);
    task_run(&sched, &t.future);
    assert_int_equal(task_state(&t.future), TASK_DONE);
    assert_notes(4, 3, 2, 1);
    assert_int_equal(gen_stack_root(&stack, deep)->result, 10);
    assert_int_equal(clock_now, 10 * SECOND);
}

static void await_new_without_room(void **state)
{
    static char bytes[160];
    struct gen_stack stack;
    struct task t = {0};
    struct gen_any it;
    (void)state;
    gen_stack_init(&stack, bytes, sizeof bytes);
    it = gen_start(&stack, deep, .n = 100);
    task_start(&sched, &t, it, NULL);
    task_run(&sched, &t.future);
    assert_int_equal(task_error(&t.future).code, GEN_ENOMEM);
}

/* A task whose memory is used again, while its failure waits to be seen. */
static void a_failed_task_is_started_again(void **state)
{
    struct task t = {0}, other = {0};
    struct failer f = {.seconds = 1};
    struct sleeper g = {.id = 1, .seconds = 1};
    (void)state;
    task_start(&sched, &other, sleeper_any(&g), NULL);
    task_start(&sched, &t, failer_any(&f), "first");
    run_all();
    f = (struct failer){.seconds = 1};
    task_start(&sched, &t, failer_any(&f), "second");
    assert_int_equal(failed_count, 1);
    assert_string_equal(failed_name, "first");
    run_all();
    task_report_all(&sched);
    assert_int_equal(failed_count, 2);
    assert_string_equal(failed_name, "second");
}

/* asyncio: this event loop is already running. */
gen_declare(runner, void);
struct runner {
    struct gen gen;
    struct task task;
    struct failer failer;
};
gen_define(runner)
{
    gen_begin();
    task_start(&sched, &self->task, failer_any(&self->failer), NULL);
    assert_int_equal(task_run(&sched, &self->task.future), GEN_EBADSTATE);
    assert_int_equal(task_run_once(&sched), GEN_EBADSTATE);
    assert_ptr_equal(sched.current, task_current());
    note(1);
    gen_end();
}

static void a_task_does_not_run_its_scheduler(void **state)
{
    struct task t = {0};
    struct runner f = {.failer = {.seconds = 1}};
    (void)state;
    task_start(&sched, &t, runner_any(&f), NULL);
    assert_int_equal(task_run(&sched, &t.future), 0);
    assert_notes(1);
    assert_false(task_done(&f.task.future));
    assert_int_equal(task_run(&sched, &f.task.future), 0);
    assert_int_equal(task_error(&f.task.future).code, EMINE);
    f = (struct runner){.failer = {.seconds = 1}};
    task_start_eager(&sched, &t, runner_any(&f), NULL);
    assert_notes(1, 1);
    run_all();
    assert_int_equal(task_error(&f.task.future).code, EMINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        virtual_test(rule_16_start_queues_the_first_step),
        virtual_test(rule_31_turns_are_first_in_first_out),
        virtual_test(rule_31_a_turn_is_what_was_ready_at_its_start),
        virtual_test(rule_31_sleepers_wake_by_deadline_then_order),
        virtual_test(sleep_until_a_time),
        virtual_test(rule_32_sleep_of_nothing_is_one_turn),
        virtual_test(rule_32_sleep_of_what_is_no_number),
        virtual_test(rule_32_a_turn_is_finished),
        virtual_test(rule_33_a_month_is_one_wait),
        virtual_test(rule_22_a_future_is_set_once),
        virtual_test(await_a_future_that_fails_or_is_cancelled),
        virtual_test(rule_23_await_of_what_is_done_takes_no_turn),
        virtual_test(await_a_task),
        virtual_test(rule_22_waiters_go_on_in_order),
        virtual_test(rule_22_a_future_that_fails_with_the_end_of_an_iteration),
        virtual_test(rule_21_a_task_is_not_set_by_others),
        virtual_test(rule_21_a_future_of_another_scheduler),
        virtual_test(rule_21_a_task_that_awaits_itself),
        virtual_test(rule_21_tasks_that_await_each_other),
        virtual_test(spawned_memory_is_released),
        virtual_test(a_spawned_task_lives_until_its_waiters_ran),
        virtual_test(spawn_inside_a_task),
        virtual_test(spawn_without_room),
        virtual_test(rule_24_a_failure_nobody_awaits_is_reported),
        virtual_test(rule_24_a_call_when_done_has_seen_no_failure),
        virtual_test(rule_24_a_kept_failure_is_reported_when_dropped),
        virtual_test(a_task_does_not_run_its_scheduler),
        virtual_test(rule_21_a_task_that_yields),
        virtual_test(wait_until_looks_each_turn),
        virtual_test(a_wait_outside_of_a_task),
        virtual_test(await_new_on_a_gen_stack),
        virtual_test(await_new_without_room),
        virtual_test(a_failed_task_is_started_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
