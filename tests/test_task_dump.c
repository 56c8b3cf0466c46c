/* What a scheduler tells about its tasks: task_dump to the letter, their order, their names, the longest
 * turn and step; and task_start_eager. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "task/dump.h"
#include "task/lock.h"
#include "task/queue.h"
#include "virtual_time.h"

/* -- The dump ---------------------------------------------------------------------------------- */

static char dump[4096], wanted[4096];

static void write_to(void *arg, const char *text)
{
    char *to = (char *)arg;
    assert_true(strlen(to) + strlen(text) < sizeof dump);
    strcat(to, text);
}

/* What stands where a suspension is: expect_at("    NAME", LINE). */
static void expect(const char *text)
{
    write_to(wanted, text);
    write_to(wanted, "\n");
}

static void expect_at(const char *text, int line)
{
    char at[256];
    assert_in_range(snprintf(at, sizeof at, "%s (%s:%d)", text, __FILE__, line), 1, sizeof at - 1);
    expect(at);
}

static void assert_dump(void)
{
    dump[0] = '\0';
    task_dump(&sched, write_to, dump);
    assert_string_equal(dump, wanted);
    wanted[0] = '\0';
}

static int dump_setup(void **state)
{
    wanted[0] = '\0';
    return virtual_setup(state);
}

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    double seconds;
};
static int line_of_sleep;
gen_define(sleeper)
{
    gen_begin();
    line_of_sleep = __LINE__ + 1;
    task_sleep(self->seconds);
    gen_end();
}

gen_declare(awaiter, void);
struct awaiter {
    struct gen gen;
    struct task_future *future;
};
static int line_of_await;
gen_define(awaiter)
{
    gen_begin();
    line_of_await = __LINE__ + 1;
    task_await(self->future);
    gen_end();
}

static void each_state(void **state)
{
    static struct task begins, sleeps, waits, awaits, ready;
    struct sleeper s = {.seconds = 0.5}, r = {.seconds = 0}, b = {.seconds = 0};
    struct task_future future = {.task__waiters = NULL};
    struct awaiter w = {.future = &future}, a = {.future = &sleeps.future};
    (void)state;
    /* the one that was started last comes first */
    task_start(&sched, &ready, sleeper_any(&r), "ready");
    task_start(&sched, &awaits, awaiter_any(&a), "awaits");
    task_start(&sched, &waits, awaiter_any(&w), "waits");
    task_start(&sched, &sleeps, sleeper_any(&s), NULL);
    task_run_once(&sched);
    task_start(&sched, &begins, sleeper_any(&b), "begins");
    expect("begins: is to begin\n    sleeper");
    expect("sleeper: sleeps for 0.500 s");
    expect_at("    sleeper", line_of_sleep);
    expect("waits: waits");
    expect_at("    awaiter", line_of_await);
    expect("awaits: awaits sleeper");
    expect_at("    awaiter", line_of_await);
    expect("ready: is ready");
    expect_at("    sleeper", line_of_sleep);
    assert_dump();

    clock_now = SECOND / 3; /* 0.166666667 s are left */
    task_cancel(&awaits);   /* goes on to whom it awaits */
    task_cancel(&begins);
    task_future_set(&future);
    expect("begins: is to begin, cancelled\n    sleeper");
    expect("sleeper: is ready, cancelled");
    expect_at("    sleeper", line_of_sleep);
    expect("waits: is ready");
    expect_at("    awaiter", line_of_await);
    expect("awaits: awaits sleeper, cancelled");
    expect_at("    awaiter", line_of_await);
    expect("ready: is ready");
    expect_at("    sleeper", line_of_sleep);
    assert_dump();
    run_all();
    assert_dump(); /* nobody is left */
}

static void long_sleeps(void **state)
{
    struct task t[2] = {{.name = NULL}};
    struct sleeper day = {.seconds = 86400 + 0.0625}, years = {.seconds = 1e9 + 1};
    (void)state;
    task_start(&sched, &t[0], sleeper_any(&years), "years");
    task_start(&sched, &t[1], sleeper_any(&day), "day");
    task_run_once(&sched);
    clock_now = SECOND;
    expect("day: sleeps for 86399.062 s");
    expect_at("    sleeper", line_of_sleep);
    expect("years: sleeps for 1000000000.000 s");
    expect_at("    sleeper", line_of_sleep);
    assert_dump();
    clock_now = 86401 * SECOND; /* past the first, whose turn has not come */
    expect("day: sleeps for 0.000 s");
    expect_at("    sleeper", line_of_sleep);
    expect("years: sleeps for 999913600.000 s");
    expect_at("    sleeper", line_of_sleep);
    assert_dump();
    task_cancel_all(&sched, NULL);
    run_all();
}

/* Two tasks in a group, one of which has a group of its own, with another group around that. */
gen_declare(owner, void);
struct owner {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_group group, inner;
    struct task tasks[2];
    struct sleeper sleeper;
    struct owner *child;
};
static int line_of_group;
gen_define(owner)
{
    gen_begin();
    task_group (&self->group) {
        self->sleeper.seconds = 2;
        task_group_start(&self->group, &self->tasks[0], sleeper_any(&self->sleeper), "first");
        task_group (&self->inner) {
            if (self->child != NULL)
                task_group_start(&self->inner, &self->tasks[1], owner_any(self->child), "second");
            line_of_group = __LINE__ + 1;
        }
        task_end_group
    }
    task_end_group
    gen_end();
}

static void groups_below_their_owners(void **state)
{
    static struct task top, other;
    static struct owner child, parent;
    struct sleeper s = {.seconds = 1};
    const struct task *t, *order[5] = {NULL};
    size_t n = 0;
    (void)state;
    parent.child = &child;
    task_start(&sched, &top, owner_any(&parent), "top");
    task_start(&sched, &other, sleeper_any(&s), "other");
    task_run_once(&sched);
    task_run_once(&sched);
    task_run_once(&sched);
    expect("other: sleeps for 1.000 s");
    expect_at("    sleeper", line_of_sleep);
    expect("top: waits for its group");
    expect_at("    owner", line_of_group + 1);
    expect("  second: waits for its group");
    expect_at("      owner", line_of_group + 3);
    expect("    first: sleeps for 2.000 s");
    expect_at("        sleeper", line_of_sleep);
    expect("  first: sleeps for 2.000 s");
    expect_at("      sleeper", line_of_sleep);
    assert_dump();

    /* the same order, each task once, before those of its groups */
    for (t = task_first(&sched); t != NULL; t = task_following(t)) {
        assert_in_range(n, 0, 4);
        order[n++] = t;
    }
    assert_int_equal(n, 5);
    assert_ptr_equal(order[0], &other);
    assert_ptr_equal(order[1], &top);
    assert_ptr_equal(order[2], &parent.tasks[1]);
    assert_ptr_equal(order[3], &child.tasks[0]);
    assert_ptr_equal(order[4], &parent.tasks[0]);

    task_cancel(&top, "enough");
    expect("other: sleeps for 1.000 s");
    expect_at("    sleeper", line_of_sleep);
    expect("top: waits for its group, cancelled");
    expect_at("    owner", line_of_group + 1);
    expect("  second: waits for its group");
    expect_at("      owner", line_of_group + 3);
    expect("    first: is ready");
    expect_at("        sleeper", line_of_sleep);
    expect("  first: is ready");
    expect_at("      sleeper", line_of_sleep);
    assert_dump();
    run_all();
    assert_null(task_first(&sched));
}

/* -- Chains ------------------------------------------------------------------------------------ */

task_queue_declare(numbers, int);

gen_declare(getter, int);
struct getter {
    struct gen gen;
    struct numbers *queue;
    int x;
};
static int line_of_get;
gen_define(getter)
{
    gen_begin();
    for (;;) {
        line_of_get = __LINE__ + 1;
        task_queue_get(self->x, self->queue);
        gen_yield(self->x);
    }
    gen_end();
}

gen_declare(looper, void);
struct looper {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct getter getter;
    struct task_lock *lock;
    int x;
};
static int line_of_loop, line_of_lock;
gen_define(looper)
{
    gen_begin();
    line_of_loop = __LINE__ + 1;
    gen_for_await (self->x, getter, &self->getter) {
        line_of_lock = __LINE__ + 1;
        task_with_lock (self->lock) {
            note(self->x);
        }
        task_end_lock
    }
    gen_end_for
    gen_end();
}

gen_declare(caller, void);
struct caller {
    struct gen gen;
    struct looper looper;
};
static int line_of_call;
gen_define(caller)
{
    gen_begin();
    line_of_call = __LINE__ + 1;
    gen_await(looper, &self->looper);
    gen_end();
}

static void a_chain_of_awaits(void **state)
{
    struct numbers queue;
    struct task t = {.name = NULL}, other = {.name = NULL};
    struct task_lock lock = {.owner = &other};
    struct caller f = {.looper = {.lock = &lock, .getter = {.queue = &queue}}};
    int x = 5;
    (void)state;
    task_queue_init(&queue, (int *)NULL, 0);
    task_start(&sched, &t, caller_any(&f), NULL);
    task_run_once(&sched);
    expect("caller: waits");
    expect_at("    caller", line_of_call);
    expect_at("    looper", line_of_loop);
    expect_at("    getter", line_of_get);
    assert_dump();
    assert_true(task_queue_try_put(&queue, x));
    task_run_once(&sched);
    expect("caller: waits");
    expect_at("    caller", line_of_call);
    expect_at("    looper", line_of_lock);
    assert_dump();
    task_lock_release(&lock);
    task_run_once(&sched);
    assert_notes(5);
    task_cancel(&t);
    run_all();
}

/* Pushes itself, `depth` deep, and sleeps at the end. */
gen_declare(digger, void);
struct digger {
    struct gen gen;
    int depth;
};
static int line_of_push, line_of_bottom;
gen_define(digger)
{
    gen_begin();
    if (self->depth > 1) {
        line_of_push = __LINE__ + 1;
        gen_await_new(digger, .depth = self->depth - 1);
    } else {
        line_of_bottom = __LINE__ + 1;
        task_sleep(1);
    }
    gen_end();
}

static void a_chain_on_a_gen_stack(void **state)
{
    static union {
        long double align;
        char bytes[8192];
    } room;
    struct gen_stack stack;
    struct task t = {.name = NULL};
    int depth, i;
    (void)state;
    gen_stack_init(&stack, room.bytes, sizeof room);
    for (depth = 2; depth <= 40; depth += 38) {
        task_start(&sched, &t, gen_start(&stack, digger, .depth = depth), "t");
        task_run_once(&sched);
        expect("t: sleeps for 1.000 s");
        for (i = 1; i < depth && i <= 32; i++)
            expect_at("    digger", line_of_push);
        if (depth <= 32)
            expect_at("    digger", line_of_bottom);
        else
            expect("    and 8 more");
        assert_dump();
        run_all();
    }
}

/* A task that runs can dump all, and itself. */
gen_declare(dumper, void);
struct dumper {
    struct gen gen;
};
gen_define(dumper)
{
    gen_begin();
    assert_dump();
    expect("dumper: runs\n    dumper");
    dump[0] = '\0';
    task_dump_task(task_current(), write_to, dump);
    assert_string_equal(dump, wanted);
    wanted[0] = '\0';
    gen_end();
}

static void from_within(void **state)
{
    struct task t[2] = {{.name = NULL}};
    struct sleeper s = {.seconds = 1};
    struct dumper d = {.gen = {0}};
    (void)state;
    task_start(&sched, &t[0], sleeper_any(&s), "asleep");
    task_start(&sched, &t[1], dumper_any(&d), NULL);
    expect("dumper: runs\n    dumper");
    expect("asleep: sleeps for 1.000 s");
    expect_at("    sleeper", line_of_sleep);
    task_run_once(&sched);
    assert_true(task_done(&t[1].future));
    assert_string_equal(wanted, "");
    run_all();
}

/* -- Names and the order of all tasks ----------------------------------------------------------- */

static void names(void **state)
{
    struct task t = {.name = NULL};
    struct task *spawned;
    struct sleeper s = {.seconds = 0};
    (void)state;
    task_start(&sched, &t, sleeper_any(&s), NULL);
    assert_string_equal(task_name(&t), "sleeper");
    run_all();
    assert_string_equal(task_name(&t), "sleeper");
    s = (struct sleeper){.seconds = 0};
    task_start(&sched, &t, sleeper_any(&s), "mine");
    assert_string_equal(task_name(&t), "mine");
    spawned = task_spawn_on(&sched, sleeper, .seconds = 0);
    assert_string_equal(task_name(spawned), "sleeper");
    run_all();
}

static void all_tasks(void **state)
{
    struct task t[3] = {{.name = NULL}}, *at;
    struct sleeper s[3] = {{.seconds = 2}, {.seconds = 1}, {.seconds = 3}};
    size_t i;
    (void)state;
    assert_null(task_first(&sched));
    for (i = 0; i < 3; i++)
        task_start(&sched, &t[i], sleeper_any(&s[i]), NULL);
    task_run_once(&sched);
    at = task_first(&sched);
    for (i = 3; i-- > 0; at = task_following(at))
        assert_ptr_equal(at, &t[i]);
    assert_null(at);
    task_run(&sched, &t[1].future);
    at = task_first(&sched);
    assert_ptr_equal(at, &t[2]);
    at = task_following(at);
    assert_ptr_equal(at, &t[0]); /* what is done is left out */
    assert_null(task_following(at));
    run_all();
}

/* -- How long -------------------------------------------------------------------------------------- */

/* Takes so many ticks in each step. */
gen_declare(worker, void);
struct worker {
    struct gen gen;
    int steps, ticks;
};
gen_define(worker)
{
    gen_begin();
    for (; self->steps > 0; self->steps--) {
        clock_now += self->ticks;
        task_sleep(0);
    }
    gen_end();
}

static void work_in_a_call(void *arg)
{
    clock_now += *(int *)arg;
}

static void assert_longest(task_time turn, task_time step, const char *name)
{
    assert_int_equal(sched.longest_turn, turn);
    assert_int_equal(sched.longest_step, step);
    if (name != NULL)
        assert_string_equal(sched.longest_name, name);
    else
        assert_null(sched.longest_name);
}

static void the_longest_turn_and_step(void **state)
{
    struct task t[3] = {{.name = NULL}};
    struct worker w[3] = {{.steps = 3, .ticks = 10}, {.steps = 2, .ticks = 30}, {.steps = 1}};
    struct task sleeps = {.name = NULL};
    struct sleeper s = {.seconds = 1};
    struct task_call call = {.task__arg = NULL};
    int long_call = 200;
    size_t i;
    (void)state;
    for (i = 0; i < 3; i++)
        task_start(&sched, &t[i], worker_any(&w[i]), i == 0 ? "ten" : i == 1 ? "thirty" : NULL);
    assert_longest(0, 0, NULL);
    task_run_once(&sched);
    task_run_once(&sched); /* a turn is over when the next begins */
    assert_longest(40, 30, "thirty");
    task_start(&sched, &sleeps, sleeper_any(&s), NULL);
    while (task_any_alive(&sched) && !task_done(&t[0].future))
        task_run_once(&sched);
    assert_longest(40, 30, "thirty");

    task_call_soon(&sched, &call, work_in_a_call, &long_call);
    task_run_once(&sched);
    run_all();
    assert_longest(200, 200, NULL); /* of no task */

    sched.longest_turn = sched.longest_step = 0; /* looked at */
    w[0] = (struct worker){.steps = 2, .ticks = 10};
    task_start(&sched, &t[0], worker_any(&w[0]), "alone");
    task_run_once(&sched);
    task_run_once(&sched);
    assert_longest(10, 10, "alone");
    run_all();
}

/* To sleep is not to work, nor is what the host does in idle. */
static void waiting_is_no_work(void **state)
{
    struct task t = {.name = NULL};
    struct sleeper s = {.seconds = 100};
    (void)state;
    task_start(&sched, &t, sleeper_any(&s), NULL);
    run_all();
    assert_int_equal(clock_now, 100 * SECOND);
    assert_int_equal(sched.longest_turn, 0);
    assert_int_equal(sched.longest_step, 0);
}

/* Who is slow is found though steps are not always timed: once more than 64 turns later. */
static void a_slow_step_is_found_again(void **state)
{
    struct task t[2] = {{.name = NULL}};
    struct worker quick = {.steps = 200, .ticks = 1}, slow = {.steps = 200, .ticks = 2};
    int i;
    (void)state;
    task_start(&sched, &t[0], worker_any(&quick), "quick");
    task_start(&sched, &t[1], worker_any(&slow), "slow");
    for (i = 0; i < 100; i++)
        task_run_once(&sched);
    assert_int_equal(sched.longest_step, 2);
    assert_string_equal(sched.longest_name, "slow");
    quick.ticks = 50;
    for (i = 0; i < 66; i++)
        task_run_once(&sched);
    assert_int_equal(sched.longest_step, 50);
    assert_string_equal(sched.longest_name, "quick");
    assert_int_equal(sched.longest_turn, 52);
    run_all();
}

/* -- Eager start ----------------------------------------------------------------------------------- */

/* Notes id, sleeps, notes id + 1. */
gen_declare(eager, void);
struct eager {
    struct gen gen;
    int id, code;
    double seconds; /* below 0: does not sleep */
    struct eager *inner;
    struct task *task;
};
gen_define(eager)
{
    gen_begin();
    assert_ptr_equal(sched.current, task_current());
    note(self->id);
    if (self->inner != NULL) {
        assert_int_equal(task_start_eager(&sched, self->task, eager_any(self->inner), NULL), 0);
        assert_ptr_equal(sched.current, task_current());
        note(self->id);
    }
    if (self->seconds >= 0)
        task_sleep(self->seconds);
    note(self->id + 1);
    if (self->code != 0)
        gen_raise(self->code, "eager");
    gen_end();
}

static void an_eager_start(void **state)
{
    struct task t = {.name = NULL}, queued = {.name = NULL};
    struct eager e = {.id = 1, .seconds = 0}, q = {.id = 10, .seconds = -1};
    (void)state;
    task_start(&sched, &queued, eager_any(&q), NULL);
    assert_int_equal(task_start_eager(&sched, &t, eager_any(&e), "eager"), 0);
    assert_notes(1); /* before who was there */
    assert_null(sched.current);
    assert_int_equal(task_start_eager(&sched, &t, eager_any(&e), NULL), GEN_EBADSTATE);
    assert_string_equal(task_name(&t), "eager");
    task_run_once(&sched);
    assert_notes(1, 10, 11, 2);
    assert_true(task_done(&t.future));
}

static void an_eager_start_that_needs_no_turn(void **state)
{
    struct task t = {.name = NULL};
    struct eager e = {.id = 1, .seconds = -1, .code = GEN_EUSER};
    (void)state;
    assert_int_equal(task_start_eager(&sched, &t, eager_any(&e), NULL), 0);
    assert_notes(1, 2);
    assert_int_equal(task_error(&t.future).code, GEN_EUSER);
    assert_false(task_any_alive(&sched));
}

static void an_eager_start_within_a_step(void **state)
{
    struct task outer = {.name = NULL}, inner = {.name = NULL};
    struct eager i = {.id = 10, .seconds = 1};
    struct eager o = {.id = 1, .seconds = 0, .inner = &i, .task = &inner};
    (void)state;
    task_start(&sched, &outer, eager_any(&o), NULL);
    task_run_once(&sched);
    assert_notes(1, 10, 1);
    run_all();
    assert_notes(1, 10, 1, 2, 11);
    assert_int_equal(clock_now, SECOND);
}

static void an_eager_failure_that_nobody_sees(void **state)
{
    struct task t = {.name = NULL};
    struct eager e = {.id = 1, .seconds = -1, .code = GEN_EUSER};
    (void)state;
    task_start_eager(&sched, &t, eager_any(&e), "lonely");
    task_report_all(&sched);
    assert_int_equal(failed_count, 1);
    assert_string_equal(failed_name, "lonely");
}

#define dump_test(f) cmocka_unit_test_setup_teardown(f, dump_setup, virtual_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        dump_test(each_state),
        dump_test(long_sleeps),
        dump_test(groups_below_their_owners),
        dump_test(a_chain_of_awaits),
        dump_test(a_chain_on_a_gen_stack),
        dump_test(from_within),
        virtual_test(names),
        virtual_test(all_tasks),
        virtual_test(the_longest_turn_and_step),
        virtual_test(waiting_is_no_work),
        virtual_test(a_slow_step_is_found_again),
        virtual_test(an_eager_start),
        virtual_test(an_eager_start_that_needs_no_turn),
        virtual_test(an_eager_start_within_a_step),
        virtual_test(an_eager_failure_that_nobody_sees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
