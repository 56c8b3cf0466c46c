/* Several at once: gather, wait, as_completed; and wait_for and the shielded await of one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "virtual_time.h"
#include "task/wait.h"

enum { EMINE = GEN_EUSER, COUNT = 4 };

gen_declare(child, void);
struct child {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    double seconds, cleanup;
    int fails, result;
    bool swallows;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        task_sleep(self->seconds);
    }
    gen_except (GEN_CANCELLED) {
        note(-1);
        task_shield (&self->scope) {
            if (self->cleanup > 0)
                task_sleep(self->cleanup);
        }
        task_end_scope
        if (!self->swallows)
            gen_raise(GEN_CANCELLED);
    }
    gen_end_try
    if (self->fails != 0)
        gen_raise(self->fails, "a child fails");
    note((int)self->seconds);
    gen_return((int)self->seconds * 10);
    gen_end();
}

gen_declare(parent, void);
struct parent {
    struct gen gen;
    struct task_slot slots[COUNT];
    struct task_wait wait;
    size_t count;
    int result;
};
gen_define(parent)
{
    gen_begin();
    gen_try {
        task_gather(&self->wait, self->slots, self->count);
        note(100 + (int)(clock_now / SECOND));
    }
    gen_except_all {
        note(gen_caught.code);
        self->result = (int)(clock_now / SECOND);
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

static struct task tasks[COUNT], task;
static struct child children[COUNT];
static struct parent parent;

static int setup(void **state)
{
    static const double seconds[COUNT] = {3, 1, 4, 2};
    static const struct task fresh_task;
    static const struct child fresh_child;
    static const struct parent fresh_parent;
    size_t i;
    (void)virtual_setup(state);
    task = fresh_task;
    parent = fresh_parent;
    parent.count = COUNT;
    for (i = 0; i < COUNT; i++) {
        tasks[i] = fresh_task;
        children[i] = fresh_child;
        children[i].seconds = seconds[i];
        parent.slots[i].future = &tasks[i].future;
    }
    return 0;
}

static void start(void)
{
    size_t i;
    for (i = 0; i < COUNT; i++)
        task_start(&sched, &tasks[i], child_any(&children[i]), NULL);
    task_start(&sched, &task, parent_any(&parent), NULL);
}

static void rule_25_gather_waits_for_all_values(void **state)
{
    (void)state;
    start();
    run_all();
    assert_notes(1, 2, 3, 4, 104);
    assert_int_equal(children[0].result, 30);
    assert_int_equal(children[1].result, 10);
    assert_int_equal(children[2].result, 40);
    assert_int_equal(children[3].result, 20);
    assert_int_equal(task_state(&task.future), TASK_DONE);
}

/* asyncio forgets the errors that come later; here they are reported, as nobody awaits them. */
static void rule_25_gather_raises_the_first_error_and_the_others_go_on(void **state)
{
    (void)state;
    children[3].fails = EMINE;     /* at 2 */
    children[0].fails = EMINE + 1; /* at 3: nobody waits any more */
    start();
    run_all();
    assert_notes(1, EMINE, 4);
    assert_int_equal(parent.result, 2);
    assert_int_equal(task_state(&task.future), TASK_FAILED);
    assert_int_equal(task_error(&task.future).code, EMINE);
    assert_string_equal(task_error(&task.future).text, "a child fails");
    assert_int_equal(task_state(&tasks[2].future), TASK_DONE); /* the others go on */
    task_report_all(&sched);
    assert_int_equal(failed_count, 1);
    assert_int_equal(failed_code, EMINE + 1);
}

static void two_errors_in_one_turn(void **state)
{
    (void)state;
    children[0].seconds = 1;
    children[0].fails = EMINE;
    children[1].fails = EMINE + 1;
    start();
    run_all();
    assert_notes(EMINE, 2, 4);
    assert_int_equal(task_error(&task.future).code, EMINE);
    task_report_all(&sched);
    assert_int_equal(failed_count, 0); /* both were awaited */
}

static void rule_25_gather_of_nothing_goes_on_at_once(void **state)
{
    (void)state;
    parent.count = 0;
    task_start(&sched, &task, parent_any(&parent), NULL);
    task_run_once(&sched);
    assert_notes(100);
    assert_int_equal(task_state(&task.future), TASK_DONE);
}

static void rule_25_a_cancelled_child_is_an_error(void **state)
{
    (void)state;
    start();
    task_run_once(&sched);
    task_cancel(&tasks[1]);
    run_all();
    assert_notes(-1, TASK_ECANCELLED, 2, 3, 4);
    assert_int_equal(task_error(&task.future).code, TASK_ECANCELLED);
}

static void rule_25_a_cancel_of_gather_cancels_all_children(void **state)
{
    size_t i;
    (void)state;
    start();
    task_run_once(&sched);
    task_cancel(&task);
    run_all();
    assert_int_equal(notes_count, 1 + COUNT);
    assert_int_equal(parent.result, 0);
    assert_int_equal(task_state(&task.future), TASK_CANCELLED);
    for (i = 0; i < COUNT; i++)
        assert_int_equal(task_state(&tasks[i].future), TASK_CANCELLED);
    assert_int_equal(clock_now, 0);
    assert_null(sched.task__timers);
}

static void cancel_leaves_mere_futures(void **state)
{
    struct task_future future = {0};
    (void)state;
    parent.slots[2].future = &future;
    start();
    task_run_once(&sched);
    task_cancel(&task);
    run_all();
    assert_false(task_done(&future));
    assert_null(future.task__waiters);
    assert_int_equal(task_state(&tasks[0].future), TASK_CANCELLED);
    assert_int_equal(task_state(&tasks[2].future), TASK_DONE); /* was not among them */
}

static void of_some_that_are_done(void **state)
{
    struct task_future futures[2] = {{NULL, NULL, 0, 0, 0}};
    (void)state;
    task_future_set(&futures[0]);
    task_future_set(&futures[1]);
    parent.slots[0].future = &futures[0];
    parent.slots[3].future = &futures[1];
    start();
    run_all();
    assert_notes(1, 2, 3, 4, 104);
}

static void of_all_that_are_done(void **state)
{
    size_t i;
    (void)state;
    for (i = 0; i < COUNT; i++)
        task_start(&sched, &tasks[i], child_any(&children[i]), NULL);
    run_all();
    task_start(&sched, &task, parent_any(&parent), NULL);
    run_all();
    assert_notes(1, 2, 3, 4, 104);
}

static void of_one_that_has_failed(void **state)
{
    struct task_future failed = {0};
    (void)state;
    task_future_fail(&failed, EMINE, NULL);
    parent.slots[1].future = &failed;
    start();
    task_run(&sched, &task.future);
    assert_notes(EMINE);
    assert_int_equal(clock_now, 0);
    run_all();
}

static void rule_25_one_future_several_times(void **state)
{
    size_t i;
    (void)state;
    for (i = 0; i < COUNT; i++)
        parent.slots[i].future = &tasks[3].future;
    start();
    task_run(&sched, &task.future);
    assert_notes(1, 2, 102);
    run_all();
}

static void of_spawned_tasks(void **state)
{
    size_t i;
    (void)state;
    for (i = 0; i < COUNT; i++)
        parent.slots[i].future = &task_spawn_on(&sched, child, .seconds = (double)i)->future;
    task_start(&sched, &task, parent_any(&parent), NULL);
    run_all();
    assert_notes(0, 1, 2, 3, 103);
}

/* They are there to be looked at afterwards. */
static void of_kept_tasks(void **state)
{
    struct task *spawned[COUNT];
    size_t i;
    (void)state;
    for (i = 0; i < COUNT; i++) {
        spawned[i] = task_keep(task_spawn_on(&sched, child, .seconds = (double)i));
        parent.slots[i].future = &spawned[i]->future;
    }
    task_start(&sched, &task, parent_any(&parent), NULL);
    run_all();
    assert_notes(0, 1, 2, 3, 103);
    for (i = 0; i < COUNT; i++) {
        assert_int_equal(task_frame(child, spawned[i])->result, 10 * (int)i);
        task_drop(spawned[i]);
    }
}

/* -- gather_all ------------------------------------------------------------------------------- */

/* Waits in one of several ways; notes 100 + the second when that is over, or the code raised. */
enum way { GATHER, GATHER_ALL, WAIT, MOVE_ON };
gen_declare(several, void);
struct several {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_slot slots[COUNT];
    struct task_wait wait;
    struct task_scope scope;
    size_t count;
    enum way way;
    enum task_wait_what what;
};
gen_define(several)
{
    gen_begin();
    gen_try {
        if (self->way == GATHER)
            task_gather(&self->wait, self->slots, self->count);
        else if (self->way == GATHER_ALL)
            task_gather_all(&self->wait, self->slots, self->count);
        else if (self->way == WAIT)
            task_wait(&self->wait, self->slots, self->count, self->what);
        else {
            task_move_on (&self->scope, 2.5) {
                task_wait(&self->wait, self->slots, self->count, self->what);
            }
            task_end_scope
        }
        note(100 + (int)(clock_now / SECOND));
    }
    gen_except_all {
        note(gen_caught.code);
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

static struct several several;
static struct task_call later;

static void start_children(void)
{
    size_t i;
    for (i = 0; i < COUNT; i++)
        task_start(&sched, &tasks[i], child_any(&children[i]), NULL);
}

static void start_several(enum way way, enum task_wait_what what)
{
    const struct task_call fresh = {.task__arg = NULL};
    size_t i;
    later = fresh;
    several = (struct several){.count = COUNT, .way = way, .what = what};
    for (i = 0; i < COUNT; i++)
        several.slots[i].future = &tasks[i].future;
    start_children();
    task_start(&sched, &task, several_any(&several), NULL);
}

static void cancel_task(void *t)
{
    assert_true(task_cancel((struct task *)t, "the user left"));
}

static void at(double seconds, void (*fn)(void *), void *arg)
{
    assert_int_equal(task_call_at(&sched, &later, task_ticks(seconds), fn, arg), 0);
}

static void rule_25_gather_all_raises_no_error(void **state)
{
    (void)state;
    children[3].fails = EMINE;
    start_several(GATHER_ALL, TASK_ALL_COMPLETED);
    at(2.5, cancel_task, &tasks[0]);
    run_all();
    assert_notes(1, -1, 4, 104);
    assert_int_equal(task_error(several.slots[0].future).code, TASK_ECANCELLED);
    assert_int_equal(task_error(several.slots[1].future).code, 0);
    assert_int_equal(task_error(several.slots[3].future).code, EMINE);
    task_report_all(&sched);
    assert_int_equal(failed_count, 0);
}

static void rule_25_gather_all_of_nothing_goes_on_at_once(void **state)
{
    (void)state;
    several = (struct several){.way = GATHER_ALL};
    task_start(&sched, &task, several_any(&several), NULL);
    task_run_once(&sched);
    assert_notes(100);
}

/* asyncio's other gather, which raises, waits until the first is done; here both wait for all. */
static void rule_25_a_cancel_of_gather_waits_for_the_children(void **state)
{
    int all;
    for (all = 0; all < 2; all++) {
        struct task_future future = {0};
        (void)setup(state);
        children[1].cleanup = 1;
        children[2].cleanup = 2;
        children[2].swallows = true;
        start_several(all ? GATHER_ALL : GATHER, TASK_ALL_COMPLETED);
        several.slots[3].future = &future; /* is not waited for */
        at(0.5, cancel_task, &task);
        task_run(&sched, &task.future);
        assert_notes(-1, -1, -1, 2, 4, GEN_CANCELLED);
        assert_int_equal(clock_now, 2 * SECOND + SECOND / 2);
        assert_int_equal(task_state(&task.future), TASK_CANCELLED);
        assert_string_equal(task_error(&task.future).text, "the user left");
        assert_int_equal(task_state(&tasks[1].future), TASK_CANCELLED);
        assert_int_equal(task_state(&tasks[2].future), TASK_DONE);
        assert_null(future.task__waiters);
        run_all();
    }
}

/* If the first that fails was not cancelled, that is raised; but all have been seen. */
static void rule_25_an_error_while_gather_is_cancelled(void **state)
{
    static const int raised[2][2] = {{GEN_CANCELLED, EMINE}, {GEN_CANCELLED, GEN_CANCELLED}};
    int all, early;
    for (all = 0; all < 2; all++)
        for (early = 0; early < 2; early++) {
            size_t i;
            (void)setup(state);
            for (i = 0; i < COUNT; i++)
                children[i].cleanup = 1;
            children[1].cleanup = early ? 0.5 : 2;
            children[1].swallows = true;
            children[1].fails = EMINE;
            start_several(all ? GATHER_ALL : GATHER, TASK_ALL_COMPLETED);
            at(0.5, cancel_task, &task);
            run_all();
            assert_int_equal(notes[notes_count - 1], raised[all][early]);
            assert_int_equal(clock_now, early ? SECOND + SECOND / 2 : 2 * SECOND + SECOND / 2);
            (void)task_error(&task.future);
            task_report_all(&sched);
            assert_int_equal(failed_count, 0);
        }
}

/* The slots' calls and who waits become ready in one turn, in any order. */
static void an_error_while_gather_is_cancelled_in_any_order(void **state)
{
    uint32_t seed;
    for (seed = 0; seed < 64; seed++) {
        size_t i;
        (void)setup(state);
        task_shuffle(&sched, seed);
        for (i = 0; i < COUNT; i++)
            children[i].fails = EMINE;
        for (i = 0; i < COUNT; i++)
            children[i].swallows = true;
        start_several(GATHER, TASK_ALL_COMPLETED);
        at(0.5, cancel_task, &task);
        run_all();
        assert_int_equal(task_error(&task.future).code, EMINE);
        task_report_all(&sched);
        assert_int_equal(failed_count, 0);
    }
}

/* Waits for a future, or for a task of its own group. */
enum knot_way { AWAITS, GATHERS, BELOW_A_SHIELD, SHIELDED, WHEN_CANCELLED, OWNS, KNOT_WAYS };
gen_declare(knot, void);
struct knot {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_group group;
    struct task_scope scope;
    struct task_slot slot;
    struct task_wait wait;
    enum knot_way way;
    struct task *task; /* that it waits for */
    struct gen_any coroutine;
};
gen_define(knot)
{
    gen_begin();
    if (self->way == AWAITS) {
        task_await(&self->task->future);
    } else if (self->way == SHIELDED) {
        task_await_shielded(&self->task->future);
    } else if (self->way == GATHERS) {
        self->slot.future = &self->task->future;
        task_gather(&self->wait, &self->slot, 1);
    } else if (self->way == BELOW_A_SHIELD) {
        task_shield (&self->scope) {
            task_await(&self->task->future);
        }
        task_end_scope
    } else if (self->way == WHEN_CANCELLED) {
        gen_try {
            task_sleep(100);
        }
        gen_except (GEN_CANCELLED) {
            task_shield (&self->scope) {
                task_await(&self->task->future); /* GEN_EBADSTATE, if that waits for this */
            }
            task_end_scope
        }
        gen_end_try
    } else {
        task_group (&self->group) {
            task_group_start(&self->group, self->task, self->coroutine, NULL);
        }
        task_end_group
    }
    gen_end();
}

static bool is_shield(enum knot_way way)
{
    return way == BELOW_A_SHIELD || way == WHEN_CANCELLED;
}

/* Task 0 gathers 1, which waits for 2, ..., which waits for 0: two are cancelled. */
static void cancel_of_a_circle(const enum knot_way ways[2], size_t length, size_t which)
{
    struct knot knots[COUNT] = {{.way = GATHERS}};
    size_t i;
    for (i = 1; i <= length; i++)
        knots[i].way = ways[i % 2];
    for (i = 0; i <= length; i++)
        knots[i].task = &tasks[i == length ? 0 : i + 1];
    for (i = length + 1; i-- > 0;)
        if (i > 0 && knots[i - 1].way == OWNS)
            knots[i - 1].coroutine = knot_any(&knots[i]);
        else
            task_start(&sched, &tasks[i], knot_any(&knots[i]), NULL);
    while (sched.task__first != NULL)
        task_run_once(&sched);
    task_cancel(&tasks[which]);
    task_cancel(&tasks[0]);
    run_all(); /* fails when there is nothing to wait for */
    for (i = 0; i <= length; i++)
        assert_true(task_done(&tasks[i].future));
}

/* A circle that a shield is in may stay, but for those of awaits. */
static bool may_stay(enum knot_way one, enum knot_way other)
{
    return is_shield(one) && other != AWAITS && !is_shield(other);
}

static void a_child_that_waits_for_who_gathers_it(void **state)
{
    enum knot_way ways[2];
    size_t length, which;
    for (length = 0; length < COUNT; length++)
        for (ways[0] = AWAITS; ways[0] < (length < 2 ? 1 : KNOT_WAYS); ways[0]++)
            for (ways[1] = AWAITS; ways[1] < (length < 1 ? 1 : KNOT_WAYS); ways[1]++) {
                if (ways[length % 2] == OWNS || /* the last would own one that is there already */
                    may_stay(ways[0], ways[1]) || may_stay(ways[1], ways[0]))
                    continue;
                for (which = 0; which <= length; which++) {
                    (void)setup(state);
                    cancel_of_a_circle(ways, length, which);
                }
            }
}

/* -- wait ------------------------------------------------------------------------------------- */

static void rule_26_wait_until_the_first_is_done(void **state)
{
    (void)state;
    children[1].fails = EMINE; /* raises nothing */
    start_several(WAIT, TASK_FIRST_COMPLETED);
    task_run(&sched, &task.future);
    assert_notes(101);
    assert_true(task_done(several.slots[1].future));
    assert_false(task_done(several.slots[3].future));
    run_all();
    assert_notes(101, 2, 3, 4); /* cancels nothing */
}

static void rule_26_wait_until_one_failed(void **state)
{
    (void)state;
    children[3].fails = EMINE;
    start_several(WAIT, TASK_FIRST_EXCEPTION);
    run_all();
    assert_notes(1, 102, 3, 4);
}

static void rule_26_wait_until_one_failed_and_none_does(void **state)
{
    (void)state;
    start_several(WAIT, TASK_FIRST_EXCEPTION);
    run_all();
    assert_notes(1, 2, 3, 4, 104);
}

static void rule_26_one_that_is_cancelled_has_not_failed(void **state)
{
    (void)state;
    start_several(WAIT, TASK_FIRST_EXCEPTION);
    at(0.5, cancel_task, &tasks[1]);
    run_all();
    assert_notes(-1, 2, 3, 4, 104);
}

static void rule_26_wait_until_all_are_done(void **state)
{
    (void)state;
    children[0].fails = EMINE;
    start_several(WAIT, TASK_ALL_COMPLETED);
    at(0.5, cancel_task, &tasks[1]);
    run_all();
    assert_notes(-1, 2, 4, 104);
}

static void wait_for_what_is_done(void **state)
{
    int what;
    (void)state;
    start_children();
    run_all();
    for (what = TASK_FIRST_COMPLETED; what <= TASK_ALL_COMPLETED; what++) {
        size_t i;
        several = (struct several){.count = COUNT, .way = WAIT, .what = (enum task_wait_what)what};
        for (i = 0; i < COUNT; i++)
            several.slots[i].future = &tasks[i].future;
        task_start(&sched, &task, several_any(&several), NULL);
        run_all();
    }
    assert_notes(1, 2, 3, 4, 104, 104, 104);
}

static void rule_26_wait_for_nothing_is_refused(void **state)
{
    (void)state;
    several = (struct several){.way = WAIT};
    task_start(&sched, &task, several_any(&several), NULL);
    task_run_once(&sched);
    assert_notes(GEN_EBADSTATE);
}

static void rule_26_a_timeout_of_wait_raises_and_cancels_nothing(void **state)
{
    (void)state;
    start_several(MOVE_ON, TASK_ALL_COMPLETED);
    task_run(&sched, &task.future);
    assert_notes(1, 2, 102);
    assert_true(task_scope_expired(&several.scope));
    assert_true(task_done(several.slots[1].future));
    assert_false(task_done(several.slots[0].future));
    run_all();
    assert_notes(1, 2, 102, 3, 4);
}

static void wait_within_its_timeout(void **state)
{
    (void)state;
    start_several(MOVE_ON, TASK_FIRST_COMPLETED);
    run_all();
    assert_notes(1, 101, 2, 3, 4);
    assert_false(task_scope_expired(&several.scope));
    assert_null(sched.task__timers);
}

static void rule_26_a_cancel_of_wait_leaves_them_as_they_are(void **state)
{
    (void)state;
    start_several(WAIT, TASK_ALL_COMPLETED);
    at(1.5, cancel_task, &task);
    run_all();
    assert_notes(1, GEN_CANCELLED, 2, 3, 4);
    assert_int_equal(task_state(&task.future), TASK_CANCELLED);
}

/* -- as_completed ----------------------------------------------------------------------------- */

/* Notes the index of each slot as it is done; leaves at `last`, if that is one. */
gen_declare(consumer, void);
struct consumer {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_slot slots[COUNT], *slot;
    struct task_completed completed;
    struct task_scope scope;
    size_t count;
    int last;
    double limit;
};
gen_define(consumer)
{
    gen_begin();
    gen_try {
        task_timeout (&self->scope, self->limit) {
            task_as_completed(&self->completed, self->slots, self->count);
            gen_for_await (self->slot, task_completed, &self->completed) {
                note(200 + (int)(self->slot - self->slots));
                assert_true(task_done(self->slot->future));
                if (self->slot - self->slots == self->last)
                    break;
            }
            gen_end_for
        }
        task_end_scope
        note(100 + (int)(clock_now / SECOND));
    }
    gen_except_all {
        note(gen_caught.code);
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

static struct consumer consumer;

static void start_consumer(int last, double limit)
{
    const struct task_call fresh = {.task__arg = NULL};
    size_t i;
    later = fresh;
    consumer = (struct consumer){.count = COUNT, .last = last, .limit = limit};
    for (i = 0; i < COUNT; i++)
        consumer.slots[i].future = &tasks[i].future;
    start_children();
    task_start(&sched, &task, consumer_any(&consumer), NULL);
}

static void rule_26_as_completed_in_the_order_they_are_done(void **state)
{
    (void)state;
    children[0].fails = EMINE; /* raises nothing */
    start_consumer(-1, 9);
    at(1.5, cancel_task, &tasks[3]); /* comes as any */
    run_all();
    assert_notes(1, 201, -1, 203, 200, 4, 202, 104);
    assert_int_equal(task_error(consumer.slots[0].future).code, EMINE);
}

static void as_completed_of_some_in_one_turn(void **state)
{
    size_t i;
    (void)state;
    for (i = 0; i < COUNT; i++)
        children[i].seconds = i < 2 ? 1 : 2;
    start_consumer(-1, 9);
    run_all();
    assert_notes(1, 1, 200, 201, 2, 2, 202, 203, 102);
}

static void as_completed_of_what_is_done(void **state)
{
    struct task_future done = {0};
    (void)state;
    task_future_set(&done);
    start_consumer(-1, 9);
    consumer.slots[1].future = consumer.slots[2].future = &done;
    run_all();
    assert_notes(201, 202, 1, 2, 203, 3, 200, 103, 4);
}

static void as_completed_of_nothing(void **state)
{
    (void)state;
    consumer = (struct consumer){.count = 0, .limit = 9};
    task_start(&sched, &task, consumer_any(&consumer), NULL);
    task_run_once(&sched);
    assert_notes(100);
}

static void as_completed_is_left_early(void **state)
{
    (void)state;
    start_consumer(3, 9); /* the second that is done */
    run_all();
    assert_notes(1, 201, 2, 203, 102, 3, 4); /* the others go on */
    assert_int_equal(gen_state(&consumer.completed), GEN_CLOSED);
    assert_false(task_call_cancel(&consumer.slots[0].task__call)); /* nothing is left behind */
}

/* It is left with others done in the same turn. */
static void as_completed_is_left_early_with_some_done(void **state)
{
    size_t i;
    (void)state;
    for (i = 0; i < COUNT; i++)
        children[i].seconds = 1;
    start_consumer(0, 9);
    run_all();
    assert_notes(1, 1, 1, 1, 200, 101);
    for (i = 0; i < COUNT; i++)
        assert_false(task_call_cancel(&consumer.slots[i].task__call));
}

static void rule_26_a_timeout_of_as_completed_is_raised_by_the_next(void **state)
{
    (void)state;
    start_consumer(-1, 2.5);
    run_all();
    assert_notes(1, 201, 2, 203, TASK_ETIMEOUT, 3, 4);
}

static void a_cancel_of_as_completed(void **state)
{
    (void)state;
    start_consumer(-1, 9);
    at(1.5, cancel_task, &task);
    run_all();
    assert_notes(1, 201, GEN_CANCELLED, 2, 3, 4);
    assert_null(sched.task__timers);
}

/* What asyncio reports, as nobody has asked for the exception. */
static void rule_24_wait_and_as_completed_have_seen_no_failure(void **state)
{
    int what;
    for (what = 0; what < 4; what++) {
        struct consumer f = {.count = COUNT, .limit = 9, .last = -1};
        size_t i;
        (void)setup(state);
        children[0].fails = EMINE;
        for (i = 0; i < COUNT; i++)
            f.slots[i].future = &tasks[i].future;
        if (what < 3)
            start_several(WAIT, (enum task_wait_what)what);
        else {
            start_children();
            task_start(&sched, &task, consumer_any(&f), NULL);
        }
        run_all();
        assert_int_equal(task_state(&task.future), TASK_DONE);
        task_report_all(&sched);
        assert_int_equal(failed_count, 1);
        assert_int_equal(failed_code, EMINE);
    }
}

/* -- wait_for --------------------------------------------------------------------------------- */

gen_declare(impatient, void);
struct impatient {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct task_future *future;
    double seconds;
};
gen_define(impatient)
{
    gen_begin();
    gen_try {
        task_wait_for(&self->scope, self->future, self->seconds);
        note(100 + (int)(clock_now / SECOND));
    }
    gen_except_all {
        note(gen_caught.code);
        note(200 + (int)(clock_now / SECOND));
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

/* The first child takes 3 seconds. */
static void wait_for(double seconds, struct impatient *f)
{
    const struct task_call fresh = {.task__arg = NULL};
    later = fresh;
    *f = (struct impatient){.future = &tasks[0].future, .seconds = seconds};
    task_start(&sched, &task, impatient_any(f), NULL);
}

static void rule_27_wait_for_in_time(void **state)
{
    struct impatient f;
    (void)state;
    task_start(&sched, &tasks[0], child_any(&children[0]), NULL);
    wait_for(4, &f);
    run_all();
    assert_notes(3, 103);
    assert_null(sched.task__timers);
}

static void rule_27_wait_for_waits_for_the_cleanup(void **state)
{
    struct impatient f;
    (void)state;
    children[0].cleanup = 5;
    task_start(&sched, &tasks[0], child_any(&children[0]), NULL);
    wait_for(2, &f);
    run_all();
    assert_notes(-1, TASK_ETIMEOUT, 207);
    assert_int_equal(task_state(&tasks[0].future), TASK_CANCELLED);
}

static void rule_27_its_own_value_wins(void **state)
{
    struct impatient f;
    (void)state;
    children[0].swallows = true;
    task_start(&sched, &tasks[0], child_any(&children[0]), NULL);
    wait_for(2, &f);
    run_all();
    assert_notes(-1, 3, 102);
    assert_int_equal(children[0].result, 30);
}

static void rule_27_its_own_error_wins(void **state)
{
    struct impatient f;
    (void)state;
    children[0].swallows = true;
    children[0].fails = EMINE;
    task_start(&sched, &tasks[0], child_any(&children[0]), NULL);
    wait_for(2, &f);
    run_all();
    assert_notes(-1, EMINE, 202);
}

static void rule_27_a_timeout_of_0_of_what_is_done(void **state)
{
    struct impatient f;
    (void)state;
    task_start(&sched, &tasks[0], child_any(&children[0]), NULL);
    run_all();
    wait_for(0, &f);
    run_all();
    assert_notes(3, 103);
}

static void rule_27_a_timeout_of_0_cancels_before_the_first_step(void **state)
{
    struct impatient f;
    (void)state;
    wait_for(0, &f);
    task_start(&sched, &tasks[0], child_any(&children[0]), NULL); /* after it in the turn */
    run_all();
    assert_notes(TASK_ETIMEOUT, 200);
    assert_int_equal(task_state(&tasks[0].future), TASK_CANCELLED);
}

static void rule_27_a_timeout_leaves_a_mere_future(void **state)
{
    struct task_future future = {0};
    struct impatient f;
    (void)state;
    wait_for(2, &f);
    f.future = &future;
    run_all();
    assert_notes(TASK_ETIMEOUT, 202);
    assert_false(task_done(&future));
}

/* asyncio had this wrong for years: the cancel of who waits is his, and no timeout. */
static void rule_27_a_cancel_of_wait_for_is_passed_on(void **state)
{
    struct impatient f;
    (void)state;
    children[0].cleanup = 3;
    task_start(&sched, &tasks[0], child_any(&children[0]), NULL);
    wait_for(2, &f);
    at(1, cancel_task, &task);
    run_all();
    assert_notes(-1, GEN_CANCELLED, 204); /* the timeout came while it cleaned up */
    assert_int_equal(task_state(&task.future), TASK_CANCELLED);
}

/* -- await shielded --------------------------------------------------------------------------- */

gen_declare(shielded, void);
struct shielded {
    struct gen gen;
    struct task_future *future;
};
gen_define(shielded)
{
    gen_begin();
    gen_try {
        task_await_shielded(self->future);
        note(100 + (int)(clock_now / SECOND));
    }
    gen_except_all {
        note(gen_caught.code);
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

static void start_shielded(struct shielded *f)
{
    const struct task_call fresh = {.task__arg = NULL};
    later = fresh;
    *f = (struct shielded){.future = &tasks[0].future};
    task_start(&sched, &tasks[0], child_any(&children[0]), NULL);
    task_start(&sched, &task, shielded_any(f), NULL);
}

static void rule_28_a_shielded_task_goes_on(void **state)
{
    struct shielded f;
    (void)state;
    start_shielded(&f);
    at(1, cancel_task, &task);
    task_run(&sched, &task.future);
    assert_notes(GEN_CANCELLED);
    assert_int_equal(clock_now, SECOND);
    run_all();
    assert_notes(GEN_CANCELLED, 3);
    assert_int_equal(children[0].result, 30);
}

/* asyncio raises CancelledError in who awaits, as if he were cancelled himself. */
static void rule_28_its_own_cancel_is_raised_in_who_awaits(void **state)
{
    struct shielded f;
    (void)state;
    start_shielded(&f);
    at(1, cancel_task, &tasks[0]);
    run_all();
    assert_notes(-1, TASK_ECANCELLED);
    assert_int_equal(task_state(&task.future), TASK_FAILED);
}

static void rule_28_what_is_done_takes_no_turn(void **state)
{
    struct shielded f;
    (void)state;
    start_shielded(&f);
    run_all();
    f = (struct shielded){.future = &tasks[0].future};
    task_start(&sched, &task, shielded_any(&f), NULL);
    task_run_once(&sched);
    assert_notes(3, 103, 103);
}

static void rule_28_an_error_after_that_is_reported(void **state)
{
    struct shielded f;
    (void)state;
    children[0].fails = EMINE;
    start_shielded(&f);
    at(1, cancel_task, &task);
    run_all();
    assert_notes(GEN_CANCELLED);
    task_report_all(&sched);
    assert_int_equal(failed_count, 1);
    assert_int_equal(failed_code, EMINE);
}

static void cancel_both(void *arg)
{
    cancel_task(arg);
    assert_true(task_cancel(&tasks[0]));
}

/* asyncio loses the error if both end in one turn; here who awaits has it, as his wait is over. */
static void rule_28_an_error_in_the_turn_of_the_cancel(void **state)
{
    struct shielded f;
    (void)state;
    children[0].fails = EMINE;
    start_shielded(&f);
    task_run(&sched, &tasks[0].future);
    cancel_task(&task);
    run_all();
    assert_notes(EMINE);
    assert_int_equal(task_error(&task.future).code, EMINE);
    task_report_all(&sched);
    assert_int_equal(failed_count, 0);
}

static void both_are_cancelled(void **state)
{
    struct shielded f;
    (void)state;
    start_shielded(&f);
    at(1, cancel_both, &task);
    run_all();
    assert_notes(GEN_CANCELLED, -1);
}

static void a_wait_outside_of_a_task(void **state)
{
    struct several f = {.count = 1, .way = WAIT};
    struct consumer g = {.count = 1, .limit = 9};
    struct task_completed completed;
    struct task_future future = {0};
    struct task_slot slot = {.future = &future};
    (void)state;
    f.slots[0].future = g.slots[0].future = &future;
    assert_int_equal(several_step(&f, NULL), GEN_RAISED);
    f = (struct several){.count = 1, .way = GATHER_ALL};
    assert_int_equal(several_step(&f, NULL), GEN_RAISED);
    assert_int_equal(consumer_step(&g, NULL), GEN_RAISED);
    assert_notes(GEN_EBADSTATE, GEN_EBADSTATE, GEN_EBADSTATE);
    task_as_completed(&completed, &slot, 1);
    assert_int_equal(task_completed_step(&completed, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&completed), GEN_EBADSTATE);
    assert_null(future.task__waiters);
}

#define wait_test(f) cmocka_unit_test_setup_teardown(f, setup, virtual_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        wait_test(rule_25_gather_waits_for_all_values),
        wait_test(rule_25_gather_raises_the_first_error_and_the_others_go_on),
        wait_test(two_errors_in_one_turn),
        wait_test(rule_25_gather_of_nothing_goes_on_at_once),
        wait_test(rule_25_a_cancelled_child_is_an_error),
        wait_test(rule_25_a_cancel_of_gather_cancels_all_children),
        wait_test(cancel_leaves_mere_futures),
        wait_test(of_some_that_are_done),
        wait_test(of_all_that_are_done),
        wait_test(of_one_that_has_failed),
        wait_test(rule_25_one_future_several_times),
        wait_test(of_spawned_tasks),
        wait_test(of_kept_tasks),
        wait_test(rule_25_gather_all_raises_no_error),
        wait_test(rule_25_gather_all_of_nothing_goes_on_at_once),
        wait_test(rule_25_a_cancel_of_gather_waits_for_the_children),
        wait_test(rule_25_an_error_while_gather_is_cancelled),
        wait_test(an_error_while_gather_is_cancelled_in_any_order),
        wait_test(a_child_that_waits_for_who_gathers_it),
        wait_test(rule_26_wait_until_the_first_is_done),
        wait_test(rule_26_wait_until_one_failed),
        wait_test(rule_26_wait_until_one_failed_and_none_does),
        wait_test(rule_26_one_that_is_cancelled_has_not_failed),
        wait_test(rule_26_wait_until_all_are_done),
        wait_test(wait_for_what_is_done),
        wait_test(rule_26_wait_for_nothing_is_refused),
        wait_test(rule_26_a_timeout_of_wait_raises_and_cancels_nothing),
        wait_test(wait_within_its_timeout),
        wait_test(rule_26_a_cancel_of_wait_leaves_them_as_they_are),
        wait_test(rule_26_as_completed_in_the_order_they_are_done),
        wait_test(as_completed_of_some_in_one_turn),
        wait_test(as_completed_of_what_is_done),
        wait_test(as_completed_of_nothing),
        wait_test(as_completed_is_left_early),
        wait_test(as_completed_is_left_early_with_some_done),
        wait_test(rule_26_a_timeout_of_as_completed_is_raised_by_the_next),
        wait_test(a_cancel_of_as_completed),
        wait_test(rule_24_wait_and_as_completed_have_seen_no_failure),
        wait_test(rule_27_wait_for_in_time),
        wait_test(rule_27_wait_for_waits_for_the_cleanup),
        wait_test(rule_27_its_own_value_wins),
        wait_test(rule_27_its_own_error_wins),
        wait_test(rule_27_a_timeout_of_0_of_what_is_done),
        wait_test(rule_27_a_timeout_of_0_cancels_before_the_first_step),
        wait_test(rule_27_a_timeout_leaves_a_mere_future),
        wait_test(rule_27_a_cancel_of_wait_for_is_passed_on),
        wait_test(rule_28_a_shielded_task_goes_on),
        wait_test(rule_28_its_own_cancel_is_raised_in_who_awaits),
        wait_test(rule_28_what_is_done_takes_no_turn),
        wait_test(rule_28_an_error_after_that_is_reported),
        wait_test(rule_28_an_error_in_the_turn_of_the_cancel),
        wait_test(both_are_cancelled),
        wait_test(a_wait_outside_of_a_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
