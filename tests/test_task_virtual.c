/* task/virtual.h: time that jumps, programs that are stuck, and seeded orders. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "task/lock.h"
#include "task/queue.h"
#include "task/virtual.h"

#define SECOND ((task_time)TASK_TICKS_PER_SECOND)

static struct task_virtual v;

static int setup(void **state)
{
    (void)state;
    task_virtual_init(&v, NULL);
    return 0;
}

/* -- Time -------------------------------------------------------------------------------------- */

gen_declare(ticker, void);
struct ticker {
    struct gen gen;
    int times;
    double seconds;
    int steps;
};
gen_define(ticker)
{
    gen_begin();
    for (; self->times > 0; self->times--) {
        task_sleep(self->seconds);
        self->steps++;
    }
    gen_end();
}

static void an_hour_of_sleeps(void **state)
{
    struct task t[2] = {{.name = NULL}};
    struct ticker slow = {.times = 3600, .seconds = 1}, quick = {.times = 36000, .seconds = 0.1};
    (void)state;
    task_start(&v.scheduler, &t[0], ticker_any(&slow), NULL);
    task_start(&v.scheduler, &t[1], ticker_any(&quick), NULL);
    assert_int_equal(task_virtual_run(&v, &t[0].future), 0);
    assert_int_equal(v.now, 3600 * SECOND);
    assert_int_equal(slow.steps, 3600);
    assert_int_equal(task_virtual_run(&v, &t[1].future), 0);
    assert_int_equal(v.now, 3600 * SECOND); /* to the tick */
    assert_int_equal(quick.steps, 36000);
}

static void the_clock_stands_still_while_a_task_runs(void **state)
{
    struct task t = {.name = NULL};
    struct ticker f = {.times = 1000, .seconds = 0};
    (void)state;
    task_start(&v.scheduler, &t, ticker_any(&f), NULL);
    assert_int_equal(task_virtual_run(&v, &t.future), 0);
    assert_int_equal(v.now, 0);
}

static void the_clock_can_be_set(void **state)
{
    struct task t[2] = {{.name = NULL}};
    struct ticker a = {.times = 1, .seconds = 5}, b = {.times = 1, .seconds = 20};
    (void)state;
    task_start(&v.scheduler, &t[0], ticker_any(&a), NULL);
    task_start(&v.scheduler, &t[1], ticker_any(&b), NULL);
    task_run_once(&v.scheduler);
    v.now = 7 * SECOND; /* beyond the first deadline */
    assert_int_equal(task_virtual_run(&v, &t[0].future), 0);
    assert_int_equal(v.now, 7 * SECOND);
    assert_int_equal(task_virtual_run(&v, &t[1].future), 0);
    assert_int_equal(v.now, 20 * SECOND);
}

static int allocated, failed_code;
static void *failed_host;

static void *allocate(size_t size)
{
    allocated++;
    return malloc(size);
}

static void release(void *memory)
{
    allocated--;
    free(memory);
}

static void failed(void *host, const struct task *t, struct gen_exc exc)
{
    (void)t;
    failed_host = host;
    failed_code = exc.code;
}

gen_declare(failer, void);
struct failer {
    struct gen gen;
};
gen_define(failer)
{
    gen_begin();
    task_sleep(1);
    gen_raise(GEN_EUSER);
    gen_end();
}

static void other_hooks_are_taken_over(void **state)
{
    const struct task_hooks more = {.allocate = allocate, .release = release, .failed = failed};
    struct task *t;
    (void)state;
    assert_null(task_spawn_on(&v.scheduler, failer)); /* none: no memory */
    task_virtual_init(&v, &more);
    t = task_spawn_on(&v.scheduler, failer);
    assert_non_null(t);
    assert_int_equal(task_virtual_run(&v, &t->future), 0);
    while (task_any_alive(&v.scheduler))
        task_run_once(&v.scheduler);
    assert_int_equal(allocated, 0);
    assert_int_equal(failed_code, GEN_EUSER);
    assert_ptr_equal(failed_host, &v);
}

/* -- Stuck ------------------------------------------------------------------------------------- */

gen_declare(awaiter, void);
struct awaiter {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct task_future *future;
    double timeout; /* 0: none */
};
gen_define(awaiter)
{
    gen_begin();
    if (self->timeout > 0)
        task_wait_for(&self->scope, self->future, self->timeout);
    else
        task_await(self->future);
    gen_end();
}

static void stuck(void **state)
{
    struct task_future never = {.task__waiters = NULL};
    struct task t[2] = {{.name = NULL}};
    struct awaiter a = {.future = &never};
    struct ticker f = {.times = 10, .seconds = 60};
    (void)state;
    task_start(&v.scheduler, &t[0], awaiter_any(&a), NULL);
    task_start(&v.scheduler, &t[1], ticker_any(&f), NULL);
    assert_int_equal(task_virtual_run(&v, &t[0].future), GEN_EBADSTATE);
    assert_true(v.stuck);
    assert_int_equal(v.now, 600 * SECOND); /* not before the last that could happen */
    assert_int_equal(f.steps, 10);

    task_future_set(&never); /* by whoever was forgotten */
    assert_int_equal(task_virtual_run(&v, &t[0].future), 0);
    assert_false(v.stuck);
}

static void not_stuck_with_a_deadline(void **state)
{
    struct task_future never = {.task__waiters = NULL};
    struct task t = {.name = NULL};
    struct awaiter a = {.future = &never, .timeout = 3600};
    (void)state;
    task_start(&v.scheduler, &t, awaiter_any(&a), NULL);
    assert_int_equal(task_virtual_run(&v, &t.future), 0);
    assert_int_equal(v.now, 3600 * SECOND);
    assert_int_equal(task_error(&t.future).code, TASK_ETIMEOUT);
}

static void set_future(void *arg)
{
    (void)task_future_set((struct task_future *)arg);
}

static void not_stuck_with_a_wake(void **state)
{
    struct task_future f = {.task__waiters = NULL};
    struct task_wakeup w;
    (void)state;
    task_wakeup_init(&w, &v.scheduler, set_future, &f);
    task_wake(&w);
    assert_int_equal(task_virtual_run(&v, &f), 0);
}

/* -- Seeded order ------------------------------------------------------------------------------ */

enum { TASKS = 12, ROUNDS = 4 };

task_queue_declare(numbers, int);

static struct numbers queue;
static struct task_lock lock;
static char done_by[512];
static size_t count;

static void put_down(int what)
{
    assert_in_range(what, 0, 25);
    assert_in_range(count, 0, sizeof done_by - 2);
    done_by[count++] = (char)('a' + what);
    done_by[count] = '\0';
}

/* Some put, some get; all take the lock and sleep. */
gen_declare(worker, void);
struct worker {
    struct gen gen;
    struct gen_unwind unwind[1];
    int id, round, x;
};
gen_define(worker)
{
    gen_begin();
    for (; self->round < ROUNDS; self->round++) {
        put_down(self->id);
        task_sleep(self->round);
        task_with_lock (&lock) {
            put_down(self->id);
            task_sleep(0);
        }
        task_end_lock
        if (self->id % 2)
            task_queue_put(&queue, self->id);
        else
            task_queue_get(self->x, &queue);
    }
    gen_end();
}

/* Runs all in the order of a seed; what they did is in `done_by`. */
static void run_seeded(uint32_t seed)
{
    static struct task tasks[TASKS];
    static struct worker workers[TASKS];
    static const struct task none;
    static int room[2];
    int i;
    task_virtual_init(&v, NULL);
    task_shuffle(&v.scheduler, seed);
    task_queue_init(&queue, room, 2);
    count = 0;
    for (i = 0; i < TASKS; i++) {
        tasks[i] = none;
        workers[i] = (struct worker){.id = i};
        task_start(&v.scheduler, &tasks[i], worker_any(&workers[i]), NULL);
    }
    for (i = 0; i < TASKS; i++) {
        assert_int_equal(task_virtual_run(&v, &tasks[i].future), 0);
        assert_int_equal(task_error(&tasks[i].future).code, 0);
    }
    assert_int_equal(count, 2 * TASKS * ROUNDS);
    assert_int_equal(queue.queue.count, 0);
    assert_null(lock.owner);
}

#ifndef SEEDS
#define SEEDS 64 /* less where a target has less */
#endif

static void each_seed_has_its_order(void **state)
{
    static char seen[SEEDS][sizeof done_by];
    uint32_t seed, other;
    (void)state;
    for (seed = 0; seed < SEEDS; seed++) {
        run_seeded(seed);
        strcpy(seen[seed], done_by);
        run_seeded(seed);
        assert_string_equal(done_by, seen[seed]);
        for (other = 0; other < seed; other++)
            assert_string_not_equal(done_by, seen[other]);
    }
    assert_memory_equal(seen[0], "abcdefghijkl", TASKS); /* 0: as they came */
}

static void a_turn_runs_what_was_ready_in_any_order(void **state)
{
    uint32_t seed;
    (void)state;
    for (seed = 1; seed < 64; seed++) {
        char first[TASKS + 1] = {0};
        int i;
        run_seeded(seed);
        memcpy(first, done_by, TASKS);
        for (i = 0; i < TASKS; i++) /* the first turn: each once */
            assert_non_null(strchr(first, 'a' + i));
    }
}

static void back_to_first_in_first_out(void **state)
{
    char as_they_came[sizeof done_by];
    (void)state;
    run_seeded(0);
    strcpy(as_they_came, done_by);
    run_seeded(7);
    assert_string_not_equal(done_by, as_they_came);
    task_shuffle(&v.scheduler, 0);
    run_seeded(0);
    assert_string_equal(done_by, as_they_came);
}

static void who_sleeps_for_ever_is_stuck(void **state)
{
    struct task t[2] = {{.name = NULL}};
    struct ticker ever = {.times = 1, .seconds = INFINITY}, once = {.times = 1, .seconds = 2};
    (void)state;
    task_start(&v.scheduler, &t[0], ticker_any(&ever), NULL);
    task_start(&v.scheduler, &t[1], ticker_any(&once), NULL);
    assert_int_equal(task_virtual_run(&v, &t[0].future), GEN_EBADSTATE);
    assert_int_equal(once.steps, 1);
    assert_int_equal(v.now, 2 * SECOND);
    task_cancel(&t[0]);
    assert_int_equal(task_virtual_run(&v, &t[0].future), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_hour_of_sleeps, setup),
        cmocka_unit_test_setup(the_clock_stands_still_while_a_task_runs, setup),
        cmocka_unit_test_setup(the_clock_can_be_set, setup),
        cmocka_unit_test_setup(who_sleeps_for_ever_is_stuck, setup),
        cmocka_unit_test_setup(other_hooks_are_taken_over, setup),
        cmocka_unit_test_setup(stuck, setup),
        cmocka_unit_test_setup(not_stuck_with_a_deadline, setup),
        cmocka_unit_test_setup(not_stuck_with_a_wake, setup),
        cmocka_unit_test_setup(each_seed_has_its_order, setup),
        cmocka_unit_test_setup(a_turn_runs_what_was_ready_in_any_order, setup),
        cmocka_unit_test_setup(back_to_first_in_first_out, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
