/* task_gather: all values, or the first failure. */
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
    double seconds;
    int fails, result;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        task_sleep(self->seconds);
    }
    gen_except (GEN_CANCELLED) {
        note(-1);
        gen_reraise();
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

static void all_values(void **state)
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

static void the_first_error_is_raised_at_once(void **state)
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

static void of_nothing(void **state)
{
    (void)state;
    parent.count = 0;
    task_start(&sched, &task, parent_any(&parent), NULL);
    task_run_once(&sched);
    assert_notes(100);
    assert_int_equal(task_state(&task.future), TASK_DONE);
}

static void of_a_cancelled_child(void **state)
{
    (void)state;
    start();
    task_run_once(&sched);
    task_cancel(&tasks[1]);
    run_all();
    assert_notes(-1, TASK_ECANCELLED, 2, 3, 4);
    assert_int_equal(task_error(&task.future).code, TASK_ECANCELLED);
}

static void cancel_cancels_the_children(void **state)
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

static void one_future_several_times(void **state)
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

#define gather_test(f) cmocka_unit_test_setup_teardown(f, setup, virtual_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        gather_test(all_values),
        gather_test(the_first_error_is_raised_at_once),
        gather_test(two_errors_in_one_turn),
        gather_test(of_nothing),
        gather_test(of_a_cancelled_child),
        gather_test(cancel_cancels_the_children),
        gather_test(cancel_leaves_mere_futures),
        gather_test(of_some_that_are_done),
        gather_test(of_all_that_are_done),
        gather_test(of_one_that_has_failed),
        gather_test(one_future_several_times),
        gather_test(of_spawned_tasks),
        gather_test(of_kept_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
