/* Groups: tasks that are owned, joined on every way out, and cancelled together. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "virtual_time.h"
#include "task/wait.h"

enum { EMINE = GEN_EUSER, EYOURS, ECLEANUP, COUNT = 3 };

/* Each event with the second of it: 102 is event 1 at 2 s, -102 that 1 was cancelled then. */
static void note_at(int what)
{
    const int now = (int)(clock_now / SECOND);
    note(what < 0 ? 100 * what - now : 100 * what + now);
}

/* Sleeps, and returns or fails. Cancelled, it may need a while to clean up, and fail then. */
gen_declare(child, void);
struct child {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    int id;
    double seconds, cleanup;
    int fails, cleanup_fails, result;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        task_sleep(self->seconds);
    }
    gen_except (GEN_CANCELLED) {
        note_at(-self->id);
        if (self->cleanup > 0) {
            task_shield (&self->scope) {
                task_sleep(self->cleanup);
            }
            task_end_scope
        }
        if (self->cleanup_fails != 0)
            gen_raise(self->cleanup_fails, "the cleanup fails");
        gen_raise(GEN_CANCELLED);
    }
    gen_end_try
    note_at(self->id);
    if (self->fails != 0)
        gen_raise(self->fails, "a task fails");
    gen_return(10 * self->id);
    gen_end();
}

/* Starts children in a group, sleeps, and leaves the block or fails. Event 7: the block is through;
 * 8: the group is left; the code of what the group raised, and the codes of all errors of tasks. */
gen_declare(owner, void);
struct owner {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_group group;
    struct task tasks[COUNT];
    struct child children[COUNT];
    size_t count;
    double seconds;
    int fails;
    const char *text;
};
gen_define(owner)
{
    struct task *failed;
    size_t i;
    gen_begin();
    gen_try {
        task_group (&self->group) {
            for (i = 0; i < self->count; i++)
                assert_int_equal(task_group_start(&self->group, &self->tasks[i],
                                                  child_any(&self->children[i]), "child"),
                                 0);
            assert_null(task_group_error(&self->group)); /* not before the end */
            if (self->seconds > 0)
                task_sleep(self->seconds);
            if (self->fails != 0)
                gen_raise(self->fails, "the block fails");
            note_at(7);
        }
        task_end_group
    }
    gen_except_all {
        note(gen_caught.code);
        self->text = gen_caught.text;
        while ((failed = task_group_error(&self->group)) != NULL)
            note(task_error(&failed->future).code);
        note_at(8);
        gen_reraise();
    }
    gen_end_try
    note_at(8);
    gen_end();
}

static struct task task, late;
static struct owner owner;
static struct task_call calls[2];

static int setup(void **state)
{
    static const struct task fresh_task;
    static const struct owner fresh_owner;
    static const struct task_call fresh_call;
    size_t i;
    task = late = fresh_task;
    owner = fresh_owner;
    owner.count = COUNT;
    for (i = 0; i < COUNT; i++) {
        owner.children[i].id = 1 + (int)i;
        owner.children[i].seconds = 1 + (double)i;
    }
    calls[0] = calls[1] = fresh_call;
    return virtual_setup(state);
}

static void run(void)
{
    task_start(&sched, &task, owner_any(&owner), "owner");
    run_all();
    task_report_all(&sched);
    assert_null(sched.task__timers);
}

/* Calls fn(arg) after so many seconds. */
static void at(double seconds, void (*fn)(void *), void *arg)
{
    struct task_call *call = &calls[calls[0].task__fn != NULL];
    assert_int_equal(task_call_at(&sched, call, clock_now + task_ticks(seconds), fn, arg), 0);
}

static void cancel_task(void *t)
{
    assert_true(task_cancel((struct task *)t, "the user left"));
}

static void cancel_group(void *group)
{
    task_scope_cancel(&((struct task_group *)group)->scope);
}

/* -- Joining ---------------------------------------------------------------------------------- */

static void a_group_is_left_when_its_tasks_are_done(void **state)
{
    (void)state;
    run();
    assert_notes(700, 101, 202, 303, 803);
    assert_int_equal(owner.children[2].result, 30);
    assert_int_equal(owner.group.error.code, 0);
    assert_int_equal(owner.group.body.code, 0);
    assert_null(task_group_error(&owner.group));
}

static void a_group_of_nothing_takes_no_turn(void **state)
{
    (void)state;
    owner.count = 0;
    task_start(&sched, &task, owner_any(&owner), "owner");
    task_run_once(&sched);
    assert_notes(700, 800);
}

static void a_block_that_outlasts_its_tasks(void **state)
{
    (void)state;
    owner.seconds = 5;
    run();
    assert_notes(101, 202, 303, 705, 805);
}

/* Leaves a group each way there is; `how` says which. */
gen_declare(leaver, void);
struct leaver {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_group group;
    struct task task;
    struct child child;
    int how, round, result;
};
enum { BREAK, CONTINUE, RETURN, STOP, RAISE, ORDER };
gen_define(leaver)
{
    gen_begin();
    for (; self->round < 2; self->round++) {
        task_group (&self->group) {
            self->child = (struct child){.id = 1, .seconds = 1};
            task_group_start(&self->group, &self->task, child_any(&self->child), NULL);
            task_sleep(0);
            if (self->how == BREAK)
                break;
            if (self->how == CONTINUE)
                continue;
            if (self->how == RETURN)
                gen_return(5);
            if (self->how == STOP)
                gen_stop();
            gen_raise(self->how == RAISE ? EMINE : GEN_EXIT, "raised");
        }
        task_end_group
        note_at(9); /* never */
    }
    note_at(8);
    gen_end();
}

static void run_leaver(int how, int result, int code)
{
    struct task t = {0};
    struct leaver f = {.how = how};
    clock_now = 0;
    notes_count = 0;
    task_start(&sched, &t, leaver_any(&f), NULL);
    run_all();
    assert_int_equal(f.result, result);
    assert_int_equal(task_error(&t.future).code, code);
    assert_true(task_done(&f.task.future)); /* whichever way */
    assert_null(sched.task__timers);
}

static void every_way_out_of_a_group_joins(void **state)
{
    (void)state;
    run_leaver(BREAK, 0, 0);
    assert_notes(101, 801);
    run_leaver(CONTINUE, 0, 0);
    assert_notes(101, 102, 802);
    run_leaver(RETURN, 5, 0);
    assert_notes(101);
    run_leaver(STOP, 0, 0);
    assert_notes(101);
    run_leaver(RAISE, 0, EMINE);
    assert_notes(-100); /* what is raised leaves nothing running */
    run_leaver(ORDER, 0, GEN_EXIT);
    assert_notes(-100);
}

/* Starts a task in a group that is about to be left: its last task is done, its owner is ready. */
static struct child late_child;
static void start_late(void *group)
{
    late_child = (struct child){.id = 9, .seconds = 1};
    assert_int_equal(
        task_group_start((struct task_group *)group, &late, child_any(&late_child), NULL), 0);
}

static void start_late_when_done(void *group)
{
    task_call_when_done(&sched, &calls[1], &owner.tasks[0].future, start_late, group);
}

static void a_task_that_comes_late_is_joined_too(void **state)
{
    (void)state;
    owner.count = 1;
    at(0, start_late_when_done, &owner.group);
    run();
    assert_notes(700, 101, 902, 802);
}

/* -- Errors ----------------------------------------------------------------------------------- */

static void rule_30_a_task_that_fails_cancels_the_others_and_the_block(void **state)
{
    (void)state;
    owner.children[0].fails = EMINE;
    owner.children[1].cleanup = 2;
    owner.seconds = 9;
    run();
    assert_notes(101, -301, -201, EMINE, EMINE, 803); /* after the cleanup of the second */
    assert_string_equal(owner.text, "a task fails");
    assert_int_equal(owner.group.body.code, GEN_CANCELLED);
    assert_int_equal(task_error(&task.future).code, EMINE);
    assert_int_equal(task_state(&owner.tasks[1].future), TASK_CANCELLED);
    assert_int_equal(failed_count, 1); /* the owner's failure, that nobody awaits */
    assert_string_equal(failed_name, "owner");
}

/* asyncio raises an ExceptionGroup; here the first error is raised, and all can be iterated. */
static void rule_30_every_error_is_kept(void **state)
{
    (void)state;
    owner.children[1].fails = EMINE;
    owner.children[2].cleanup_fails = ECLEANUP;
    run();
    assert_notes(700, 101, 202, -302, EMINE, ECLEANUP, EMINE, 802);
    assert_int_equal(owner.group.error.code, EMINE);
    assert_null(task_group_error(&owner.group)); /* each is given once */
}

static void rule_30_the_block_that_fails_cancels_the_tasks(void **state)
{
    (void)state;
    owner.seconds = 1.5;
    owner.fails = EYOURS;
    owner.children[2].cleanup_fails = ECLEANUP;
    run();
    assert_notes(101, -301, -201, EYOURS, ECLEANUP, 801);
    assert_string_equal(owner.text, "the block fails");
    assert_int_equal(owner.group.body.code, EYOURS);
}

/* The first is raised, whichever it is, and none is lost. */
static void the_block_and_a_task_fail_in_one_turn(void **state)
{
    (void)state;
    owner.children[0].fails = EMINE;
    owner.seconds = 1; /* its sleep began before the task's */
    owner.fails = EYOURS;
    run();
    assert_notes(101, -301, -201, EYOURS, EMINE, 801);
    assert_int_equal(owner.group.error.code, EYOURS);
}

static void two_tasks_fail_in_one_turn(void **state)
{
    (void)state;
    owner.children[0].fails = EMINE;
    owner.children[1].seconds = 1;
    owner.children[1].fails = EYOURS;
    owner.seconds = 9;
    run();
    assert_notes(101, 201, -301, EMINE, EYOURS, EMINE, 801);
}

static void rule_30_a_task_cancelled_alone_is_no_error(void **state)
{
    (void)state;
    at(1, cancel_task, &owner.tasks[1]); /* of another's group */
    run();
    assert_notes(700, 101, -201, 303, 803);
    assert_int_equal(task_state(&owner.tasks[1].future), TASK_CANCELLED);
    assert_int_equal(task_state(&task.future), TASK_DONE);
}

static void all_tasks_are_cancelled_one_by_one(void **state)
{
    size_t i;
    (void)state;
    task_start(&sched, &task, owner_any(&owner), "owner");
    task_run_once(&sched);
    for (i = 0; i < COUNT; i++) /* before their first step */
        cancel_task(&owner.tasks[i]);
    run_all();
    assert_notes(700, 800);
    assert_int_equal(task_state(&task.future), TASK_DONE);
}

/* -- Cancelling ------------------------------------------------------------------------------- */

static void rule_30_a_cancel_from_outside_reaches_all_and_joins(void **state)
{
    (void)state;
    owner.children[1].cleanup = 3;
    owner.seconds = 9;
    at(0.5, cancel_task, &task);
    run();
    assert_notes(-300, -200, -100, GEN_CANCELLED, 803); /* the last started first */
    assert_string_equal(owner.text, "the user left");
    assert_int_equal(task_state(&task.future), TASK_CANCELLED);
}

static void a_cancel_from_outside_while_it_joins(void **state)
{
    (void)state;
    at(1.5, cancel_task, &task);
    run();
    assert_notes(700, 101, -301, -201, GEN_CANCELLED, 801);
    assert_int_equal(task_state(&task.future), TASK_CANCELLED);
}

static void a_cancel_from_outside_of_the_block_alone(void **state)
{
    (void)state;
    owner.count = 0;
    owner.seconds = 9;
    at(0.5, cancel_task, &task);
    run();
    assert_notes(GEN_CANCELLED, 800);
    assert_string_equal(owner.text, "the user left");
}

/* Awaits the owner, which has to be a task then. */
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

static void a_cancel_of_who_awaits_the_owner(void **state)
{
    struct awaiter f = {.future = &task.future};
    (void)state;
    task_start(&sched, &task, owner_any(&owner), "owner");
    task_start(&sched, &late, awaiter_any(&f), NULL);
    at(0.5, cancel_task, &late);
    run_all();
    assert_notes(700, -300, -200, -100, GEN_CANCELLED, 800);
    assert_int_equal(task_state(&task.future), TASK_CANCELLED);
    assert_int_equal(task_state(&late.future), TASK_CANCELLED);
}

/* Nothing was lost, so nothing is raised before the owner's next wait. */
static void a_cancel_that_comes_too_late_for_all(void **state)
{
    (void)state;
    owner.count = 1;
    task_start(&sched, &task, owner_any(&owner), "owner");
    task_run(&sched, &owner.tasks[0].future);
    cancel_task(&task);
    run_all();
    assert_notes(700, 101, 801);
    assert_int_equal(task_state(&task.future), TASK_DONE);
}

static void the_group_is_cancelled_from_outside(void **state)
{
    (void)state;
    owner.seconds = 9;
    at(1.5, cancel_group, &owner.group);
    run();
    assert_notes(101, -301, -201, 801); /* the block ended too, and nothing is raised */
    assert_int_equal(task_state(&task.future), TASK_DONE);
}

/* A group's scope can have a deadline, as any. */
static void the_group_has_a_deadline(void **state)
{
    (void)state;
    task_start(&sched, &task, owner_any(&owner), "owner");
    task_run_once(&sched);
    assert_int_equal(task_scope_reschedule(&owner.group.scope, 2), 0);
    run_all();
    assert_notes(700, 101, -302, -202, 802); /* it was set before the sleep of the second */
    assert_true(task_scope_expired(&owner.group.scope));
    assert_int_equal(task_scope_reschedule(&owner.group.scope, 2), GEN_EBADSTATE); /* left */
}

/* Cancels its group, or its owner, at 1. */
gen_declare(canceller, void);
struct canceller {
    struct gen gen;
    struct task_group *group;
    struct task *task;
};
gen_define(canceller)
{
    gen_begin();
    task_sleep(1);
    if (self->group != NULL)
        cancel_group(self->group);
    else
        cancel_task(self->task);
    note_at(5);
    task_sleep(1);
    note_at(6); /* never: it is one of those */
    gen_end();
}

static void start_canceller(void *canceller)
{
    task_group_start(&owner.group, &late, canceller_any((struct canceller *)canceller), NULL);
}

static void the_group_is_cancelled_from_inside(void **state)
{
    struct canceller f = {.group = &owner.group};
    (void)state;
    owner.children[0].seconds = 5;
    at(0, start_canceller, &f);
    run();
    assert_notes(700, 501, -301, -201, -101, 801);
    assert_int_equal(task_state(&task.future), TASK_DONE);
}

static void the_owner_is_cancelled_by_a_task_of_its(void **state)
{
    struct canceller f = {.task = &task};
    (void)state;
    owner.children[0].seconds = 5;
    at(0, start_canceller, &f);
    run();
    assert_notes(700, 501, -301, -201, -101, GEN_CANCELLED, 801);
    assert_int_equal(task_state(&task.future), TASK_CANCELLED);
}

/* The owner gets the error now and the cancel at its next wait: asyncio has to cancel anew. */
gen_declare(survivor, void);
struct survivor {
    struct gen gen;
    struct owner *owner;
};
gen_define(survivor)
{
    gen_begin();
    gen_try {
        gen_await(owner, self->owner);
    }
    gen_except_any {
        note_at(5);
    }
    gen_end_try
    task_sleep(1);
    note_at(6); /* never */
    gen_end();
}

static void rule_30_a_cancel_from_outside_survives_an_error(void **state)
{
    struct survivor f = {.owner = &owner};
    (void)state;
    owner.children[0].cleanup_fails = EMINE;
    at(0.5, cancel_task, &task);
    task_start(&sched, &task, survivor_any(&f), NULL);
    run_all();
    assert_notes(700, -300, -200, -100, EMINE, EMINE, 800, 500);
    assert_int_equal(task_state(&task.future), TASK_CANCELLED);
}

/* A block that raises GEN_CANCELLED though nobody has cancelled it: that leaves the group. */
gen_declare(raiser, void);
struct raiser {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_group group;
    struct task task;
    struct child child;
};
gen_define(raiser)
{
    gen_begin();
    task_group (&self->group) {
        self->child = (struct child){.id = 1, .seconds = 1};
        task_group_start(&self->group, &self->task, child_any(&self->child), NULL);
        task_sleep(0);
        gen_raise(GEN_CANCELLED, "by hand");
    }
    task_end_group
    note_at(8);
    gen_end();
}

static void rule_30_a_cancel_that_the_block_raises_leaves_it(void **state)
{
    struct raiser f = {.gen = {0, 0}};
    (void)state;
    task_start(&sched, &task, raiser_any(&f), NULL);
    run_all();
    assert_notes(-100);
    assert_int_equal(task_state(&task.future), TASK_CANCELLED);
}

/* -- Starting --------------------------------------------------------------------------------- */

static void rule_30_no_task_is_started_after_the_end(void **state)
{
    struct task t = {0};
    struct child f = {.id = 4};
    (void)state;
    assert_int_equal(task_group_start(&owner.group, &t, child_any(&f), NULL), GEN_EBADSTATE);
    assert_null(task_group_spawn(&owner.group, child, .id = 4)); /* not entered yet */
    owner.count = 1;
    run();
    assert_int_equal(task_group_start(&owner.group, &t, child_any(&f), NULL), GEN_EBADSTATE);
    assert_null(task_group_spawn(&owner.group, child, .id = 4));
    assert_int_equal(gen_state(&f), GEN_CREATED);
    assert_int_equal(blocks, 0);
    assert_notes(700, 101, 801);
}

static void a_task_that_runs_is_not_started_in_a_group(void **state)
{
    (void)state;
    task_start(&sched, &task, owner_any(&owner), "owner");
    task_run_once(&sched);
    assert_int_equal(
        task_group_start(&owner.group, &owner.tasks[0], child_any(&owner.children[0]), NULL),
        GEN_EBADSTATE);
    run_all();
    assert_notes(700, 101, 202, 303, 803);
}

/* Spawns into its own group, from its cleanup too. */
gen_declare(breeder, void);
struct breeder {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct task_group *group;
    double seconds;
    bool shielded;
};
gen_define(breeder)
{
    gen_begin();
    gen_try {
        task_sleep(self->seconds);
        assert_non_null(task_group_spawn(self->group, child, .id = 4, .seconds = 1));
    }
    gen_except (GEN_CANCELLED) {
        assert_non_null(task_group_spawn(self->group, child, .id = 5, .seconds = 1));
        task_shield (&self->scope) {
            task_sleep(1);
            assert_non_null(task_group_spawn(self->group, breeder, .group = self->group));
        }
        task_end_scope
        note_at(6);
        gen_raise(GEN_CANCELLED);
    }
    gen_end_try
    gen_end();
}

gen_declare(hatchery, void);
struct hatchery {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_group group;
};
gen_define(hatchery)
{
    gen_begin();
    task_group (&self->group) {
        assert_non_null(
            task_group_spawn(&self->group, breeder, .group = &self->group, .seconds = 2));
    }
    task_end_group
    note_at(8);
    gen_end();
}

static void a_task_spawns_into_its_own_group(void **state)
{
    struct hatchery f = {.gen = {0, 0}};
    (void)state;
    task_start(&sched, &task, hatchery_any(&f), NULL);
    run_all();
    assert_notes(403, 803);
    assert_int_equal(task_state(&task.future), TASK_DONE);
}

/* asyncio refuses to create a task in a group that is being cancelled; here it is one of the group:
 * cancelled before its first step, and joined. */
static void rule_30_tasks_that_spawn_while_they_are_cancelled(void **state)
{
    struct hatchery f = {.gen = {0, 0}};
    (void)state;
    task_start(&sched, &task, hatchery_any(&f), NULL);
    at(1, cancel_group, &f.group);
    run_all();
    assert_notes(602, 802);
    assert_int_equal(blocks, 0);
    assert_int_equal(task_state(&task.future), TASK_DONE);
}

/* Spawns, keeps the second, and looks at it when the group is left. */
gen_declare(keeper, void);
struct keeper {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_group group;
    struct task *kept;
    int fails;
};
gen_define(keeper)
{
    gen_begin();
    gen_try {
        task_group (&self->group) {
            task_group_spawn(&self->group, child, .id = 1, .seconds = 1);
            self->kept =
                task_keep(task_group_spawn(&self->group, child, .id = 2, .fails = self->fails));
            task_group_spawn(&self->group, child, .id = 3, .seconds = 3, .cleanup_fails = ECLEANUP);
        }
        task_end_group
    }
    gen_except_any {
        note(task_error(&task_group_error(&self->group)->future).code);
    }
    gen_end_try
    note_at(8);
    task_sleep(1);
    note(task_frame(child, self->kept)->result);
    note(task_error(&self->kept->future).code);
    task_drop(self->kept);
    gen_end();
}

static void spawned_tasks_are_released_and_kept_ones_when_they_are_dropped(void **state)
{
    struct keeper f = {.fails = 0};
    (void)state;
    task_start(&sched, &task, keeper_any(&f), NULL);
    run_all();
    assert_notes(200, 101, 303, 803, 20, 0);
    assert_int_equal(blocks, 0);
}

static void spawned_tasks_that_fail_live_until_the_group_is_left(void **state)
{
    struct keeper f = {.fails = EMINE};
    (void)state;
    task_start(&sched, &task, keeper_any(&f), NULL);
    run_all();
    assert_notes(200, -300, -100, ECLEANUP, 800, 0, EMINE);
    assert_int_equal(blocks, 0);
    assert_int_equal(failed_count, 0);
}

static void spawn_without_room(void **state)
{
    struct leaver f = {.how = RAISE};
    (void)state;
    task_start(&sched, &task, leaver_any(&f), NULL);
    task_run_once(&sched);
    no_room = true;
    assert_null(task_group_spawn(&f.group, child, .id = 2));
    run_all();
    assert_int_equal(task_error(&task.future).code, EMINE);
}

/* -- Nesting ---------------------------------------------------------------------------------- */

/* A tree of groups: each spawns two of the next level, at the bottom are children. */
gen_declare(tree, void);
struct tree {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_group group;
    int depth, id, fails;
};
gen_define(tree)
{
    gen_begin();
    task_group (&self->group) {
        if (self->depth > 0) {
            task_group_spawn(&self->group, tree, .depth = self->depth - 1, .id = 2 * self->id,
                             .fails = self->fails);
            task_group_spawn(&self->group, tree, .depth = self->depth - 1, .id = 2 * self->id + 1,
                             .fails = self->fails);
        } else
            task_group_spawn(&self->group, child, .id = self->id, .seconds = self->id,
                             .fails = self->fails == self->id ? EMINE : 0);
    }
    task_end_group
    note_at(10 * self->id);
    gen_end();
}

static void groups_three_deep(void **state)
{
    struct tree f = {.depth = 2, .id = 1};
    (void)state;
    task_start(&sched, &task, tree_any(&f), NULL);
    run_all();
    assert_notes(404, 4004, 505, 5005, 2005, 606, 6006, 707, 7007, 3007, 1007);
}

static void groups_three_deep_are_cancelled(void **state)
{
    struct tree f = {.depth = 2, .id = 1};
    (void)state;
    task_start(&sched, &task, tree_any(&f), NULL);
    at(4.5, cancel_task, &task);
    run_all();
    assert_notes(404, 4004, -704, -604, -504);
    assert_int_equal(task_state(&task.future), TASK_CANCELLED);
    assert_int_equal(blocks, 0);
}

static void an_error_comes_up_through_three_groups(void **state)
{
    struct tree f = {.depth = 2, .id = 1, .fails = 5};
    (void)state;
    task_start(&sched, &task, tree_any(&f), NULL);
    run_all();
    assert_notes(404, 4004, 505, -705, -605);
    assert_int_equal(f.group.error.code, EMINE);
    assert_int_equal(task_error(&task.future).code, EMINE);
    assert_int_equal(failed_count, 0); /* each was told to the group around it */
    assert_int_equal(blocks, 0);
}

/* -- Shields and timeouts --------------------------------------------------------------------- */

/* A group below a timeout, below a shield if `shielded`. */
gen_declare(limited, void);
struct limited {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope limit, shield;
    struct owner *owner;
    bool shielded;
};
gen_define(limited)
{
    gen_begin();
    gen_try {
        task_timeout (&self->limit, 2) {
            if (self->shielded) {
                task_shield (&self->shield) {
                    gen_await(owner, self->owner);
                }
                task_end_scope
            } else
                gen_await(owner, self->owner);
        }
        task_end_scope
    }
    gen_except_any {
        note(gen_caught.code);
    }
    gen_end_try
    note_at(9);
    gen_end();
}

static void a_timeout_around_a_group(void **state)
{
    struct limited f = {.owner = &owner};
    (void)state;
    owner.children[2].cleanup = 2;
    task_start(&sched, &task, limited_any(&f), NULL);
    run_all();
    assert_notes(700, 101, -302, -202, GEN_CANCELLED, 804, TASK_ETIMEOUT, 904);
}

/* What fails while it is cancelled wins over the timeout. */
static void an_error_within_a_timeout(void **state)
{
    struct limited f = {.owner = &owner};
    (void)state;
    owner.children[2].cleanup_fails = ECLEANUP;
    owner.seconds = 9;
    task_start(&sched, &task, limited_any(&f), NULL);
    run_all();
    assert_notes(101, -302, -202, ECLEANUP, ECLEANUP, 802, ECLEANUP, 902);
}

static void a_shield_around_a_group(void **state)
{
    struct limited f = {.owner = &owner, .shielded = true};
    (void)state;
    owner.seconds = 1;
    task_start(&sched, &task, limited_any(&f), NULL);
    run_all();
    assert_notes(701, 101, 202, 303, 803, 903); /* it never waited unshielded */
    assert_true(task_scope_expired(&f.limit));
}

static void a_group_below_a_shield_is_cancelled_itself(void **state)
{
    struct limited f = {.owner = &owner, .shielded = true};
    (void)state;
    at(0.5, cancel_group, &owner.group);
    task_start(&sched, &task, limited_any(&f), NULL);
    run_all();
    assert_notes(700, -300, -200, -100, 800, 900);
}

/* A shield in the block protects the block, not the tasks: those of the outer group neither. */
gen_declare(shielded, void);
struct shielded {
    struct gen gen;
    struct gen_unwind unwind[3];
    struct task_group outer, inner;
    struct task_scope shield;
    struct task task;
    struct child child;
};
gen_define(shielded)
{
    gen_begin();
    task_group (&self->outer) {
        self->child = (struct child){.id = 1, .seconds = 5};
        task_group_start(&self->outer, &self->task, child_any(&self->child), NULL);
        task_group (&self->inner) {
            task_shield (&self->shield) {
                task_sleep(3);
                note_at(6);
            }
            task_end_scope
            task_sleep(3);
            note_at(7); /* never */
        }
        task_end_group
    }
    task_end_group
    gen_end();
}

static void a_shield_in_the_block(void **state)
{
    struct shielded f = {.gen = {0, 0}};
    (void)state;
    at(1, cancel_task, &task);
    task_start(&sched, &task, shielded_any(&f), NULL);
    run_all();
    assert_notes(-101, 603);
    assert_int_equal(task_state(&task.future), TASK_CANCELLED);
    assert_int_equal(clock_now, 3 * SECOND);
}

/* -- Circles ----------------------------------------------------------------------------------- */

/* Owns a task with that coroutine, and awaits one; the innermost awaits without a group. */
gen_declare(ring, void);
struct ring {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_group group;
    struct task_scope scope;
    double seconds;
    struct task *task, *awaited;
    struct gen_any coroutine;
};
gen_define(ring)
{
    gen_begin();
    if (self->task == NULL) {
        task_sleep(0);
        task_await(&self->awaited->future);
        gen_stop();
    }
    task_move_on (&self->scope, self->seconds) {
        task_group (&self->group) {
            task_group_start(&self->group, self->task, self->coroutine, NULL);
            if (self->awaited != NULL)
                task_await(&self->awaited->future);
        }
        task_end_group
    }
    task_end_scope
    gen_end();
}

/* The first task below the timeout awaits its own task, whose group has one that awaits the first. */
static void a_timeout_around_a_circle_through_a_group(void **state)
{
    struct task t[3] = {{.name = NULL}};
    struct ring f[4] = {
        {.seconds = 1, .task = &t[0], .coroutine = ring_any(&f[1])},
        {.seconds = INFINITY, .task = &t[1], .coroutine = ring_any(&f[2]), .awaited = &t[1]},
        {.seconds = INFINITY, .task = &t[2], .coroutine = ring_any(&f[3])},
        {.awaited = &t[0]}};
    size_t i;
    (void)state;
    task_start(&sched, &task, ring_any(&f[0]), NULL);
    run_all();
    assert_int_equal(task_state(&task.future), TASK_DONE);
    assert_int_equal(clock_now, SECOND);
    for (i = 0; i < 3; i++)
        assert_int_equal(task_state(&t[i].future), TASK_CANCELLED);
}

gen_declare(twice, void);
struct twice {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_group *outer, *inner;
    struct task task;
    struct child child;
};
gen_define(twice)
{
    gen_begin();
    task_group (self->outer) {
        task_group_start(self->outer, &self->task, child_any(&self->child), NULL);
        gen_try {
            task_group (self->inner) {
                note(9);
            }
            task_end_group
        }
        gen_except (GEN_EBADSTATE) {
            note(10);
        }
        gen_end_try
    }
    task_end_group
    note_at(8);
    gen_end();
}

static void a_group_is_entered_once_at_a_time(void **state)
{
    struct task_group group = {.error = {0, NULL}};
    struct twice f = {.outer = &group, .inner = &group, .child = {.id = 1, .seconds = 2}};
    (void)state;
    task_start(&sched, &task, twice_any(&f), NULL);
    run_all();
    assert_notes(10, 102, 802);
    assert_int_equal(task_state(&task.future), TASK_DONE);
    f = (struct twice){.outer = &group, .inner = &group, .child = {.id = 1, .seconds = 2}};
    task_start(&sched, &task, twice_any(&f), NULL); /* and again, when it is left */
    run_all();
    assert_notes(10, 102, 802, 10, 104, 804);
}

/* -- Waiting until a task is ready ------------------------------------------------------------ */

gen_declare(server, void);
struct server {
    struct gen gen;
    struct task_future started;
    int fails;
    bool never;
};
gen_define(server)
{
    gen_begin();
    task_sleep(1);
    if (self->fails != 0)
        gen_raise(self->fails, "no such port");
    if (self->never)
        gen_stop();
    assert_int_equal(task_future_set(&self->started), 0);
    task_sleep(4);
    note_at(2);
    gen_end();
}

gen_declare(starter, void);
struct starter {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_group group;
    struct task_start start;
    struct task task;
    struct server server;
};
gen_define(starter)
{
    gen_begin();
    gen_try {
        task_group (&self->group) {
            task_group_start(&self->group, &self->task, server_any(&self->server), NULL);
            task_wait_started(&self->start, &self->task, &self->server.started);
            note_at(1);
        }
        task_end_group
    }
    gen_except_any {
        note(gen_caught.code);
    }
    gen_end_try
    note_at(8);
    gen_end();
}

static void wait_until_a_task_is_ready(void **state)
{
    struct starter f = {.server = {.fails = 0}};
    (void)state;
    task_start(&sched, &task, starter_any(&f), NULL);
    run_all();
    assert_notes(101, 205, 805);
}

static void a_task_that_fails_before_it_is_ready(void **state)
{
    struct starter f = {.server = {.fails = EMINE}};
    (void)state;
    task_start(&sched, &task, starter_any(&f), NULL);
    run_all();
    assert_notes(EMINE, 801);
    assert_string_equal(f.group.error.text, "no such port");
}

static void a_task_that_ends_before_it_is_ready(void **state)
{
    struct starter f = {.server = {.never = true}};
    (void)state;
    task_start(&sched, &task, starter_any(&f), NULL);
    run_all();
    assert_notes(GEN_EBADSTATE, 801);
}

static void a_cancel_before_a_task_is_ready(void **state)
{
    struct starter f = {.server = {.fails = 0}};
    (void)state;
    task_start(&sched, &task, starter_any(&f), NULL);
    task_run_once(&sched);
    task_run_once(&sched);
    cancel_task(&task);
    run_all();
    assert_int_equal(notes_count, 0);
    assert_int_equal(task_state(&f.task.future), TASK_CANCELLED); /* by the group */
    assert_int_equal(task_state(&task.future), TASK_CANCELLED);
    assert_null(f.server.started.task__waiters);
    assert_int_equal(clock_now, 0);
}

/* Says that it is ready and ends, or fails, in one step; `early`: fails before. */
gen_declare(brief, void);
struct brief {
    struct gen gen;
    struct task_future *started;
    bool early;
    int fails;
};
gen_define(brief)
{
    gen_begin();
    task_sleep(1);
    if (!self->early)
        assert_int_equal(task_future_set(self->started), 0);
    if (self->fails != 0)
        gen_raise(self->fails);
    gen_end();
}

gen_declare(brief_starter, void);
struct brief_starter {
    struct gen gen;
    struct task_start start;
    struct task_future started;
    bool early;
    int fails;
};
gen_define(brief_starter)
{
    struct task *t;
    gen_begin();
    t = task_spawn(brief, .started = &self->started, .early = self->early, .fails = self->fails);
    task_wait_started(&self->start, t, &self->started);
    gen_end();
}

/* What it fails with when it is ready, is not raised, so that nobody has seen it. */
static void a_task_that_is_ready_and_ends_in_one_step(void **state)
{
    uint32_t seed;
    int how;
    (void)state;
    for (seed = 0; seed < 64; seed++)
        for (how = 0; how < 3; how++) {
            struct brief_starter f = {.early = how == 2, .fails = how > 0 ? EMINE : 0};
            failed_count = 0;
            task_shuffle(&sched, seed);
            task_start(&sched, &task, brief_starter_any(&f), NULL);
            run_all();
            assert_int_equal(task_error(&task.future).code, how == 2 ? EMINE : 0);
            assert_int_equal(failed_count, how == 1);
        }
}

#define group_test(f) cmocka_unit_test_setup_teardown(f, setup, virtual_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        group_test(a_group_is_left_when_its_tasks_are_done),
        group_test(a_group_of_nothing_takes_no_turn),
        group_test(a_block_that_outlasts_its_tasks),
        group_test(every_way_out_of_a_group_joins),
        group_test(a_task_that_comes_late_is_joined_too),
        group_test(rule_30_a_task_that_fails_cancels_the_others_and_the_block),
        group_test(rule_30_every_error_is_kept),
        group_test(rule_30_the_block_that_fails_cancels_the_tasks),
        group_test(the_block_and_a_task_fail_in_one_turn),
        group_test(two_tasks_fail_in_one_turn),
        group_test(rule_30_a_task_cancelled_alone_is_no_error),
        group_test(all_tasks_are_cancelled_one_by_one),
        group_test(rule_30_a_cancel_from_outside_reaches_all_and_joins),
        group_test(a_cancel_from_outside_while_it_joins),
        group_test(a_cancel_from_outside_of_the_block_alone),
        group_test(a_cancel_of_who_awaits_the_owner),
        group_test(a_cancel_that_comes_too_late_for_all),
        group_test(the_group_is_cancelled_from_outside),
        group_test(the_group_has_a_deadline),
        group_test(the_group_is_cancelled_from_inside),
        group_test(the_owner_is_cancelled_by_a_task_of_its),
        group_test(rule_30_a_cancel_from_outside_survives_an_error),
        group_test(rule_30_a_cancel_that_the_block_raises_leaves_it),
        group_test(rule_30_no_task_is_started_after_the_end),
        group_test(a_task_that_runs_is_not_started_in_a_group),
        group_test(a_task_spawns_into_its_own_group),
        group_test(rule_30_tasks_that_spawn_while_they_are_cancelled),
        group_test(spawned_tasks_are_released_and_kept_ones_when_they_are_dropped),
        group_test(spawned_tasks_that_fail_live_until_the_group_is_left),
        group_test(spawn_without_room),
        group_test(groups_three_deep),
        group_test(groups_three_deep_are_cancelled),
        group_test(an_error_comes_up_through_three_groups),
        group_test(a_timeout_around_a_group),
        group_test(an_error_within_a_timeout),
        group_test(a_shield_around_a_group),
        group_test(a_group_below_a_shield_is_cancelled_itself),
        group_test(a_shield_in_the_block),
        group_test(a_timeout_around_a_circle_through_a_group),
        group_test(a_group_is_entered_once_at_a_time),
        group_test(wait_until_a_task_is_ready),
        group_test(a_task_that_fails_before_it_is_ready),
        group_test(a_task_that_ends_before_it_is_ready),
        group_test(a_cancel_before_a_task_is_ready),
        group_test(a_task_that_is_ready_and_ends_in_one_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
