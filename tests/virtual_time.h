/* A scheduler on a clock that idle() moves, and a list of what happened, for the tests of task.h. */
#ifndef TESTS_VIRTUAL_TIME_H
#define TESTS_VIRTUAL_TIME_H

#include <stdlib.h>
#include "task.h"

#define SECOND ((task_time)TASK_TICKS_PER_SECOND)

#ifndef NOTES
#define NOTES 256 /* less where a target has less */
#endif

static task_time clock_now;
static int notes[NOTES];
static size_t notes_count;
static bool no_room;
static int blocks; /* allocated and not released */
static int failed_count, failed_code;
static const char *failed_name;
static struct task_scheduler sched;

static task_time virtual_now(void *host)
{
    (void)host;
    return clock_now;
}

static void virtual_idle(void *host, task_time until)
{
    (void)host;
    assert_true(until != TASK_NEVER); /* else it would wait for ever */
    if (until > clock_now)
        clock_now = until;
}

static void *virtual_allocate(size_t size)
{
    void *memory = no_room ? NULL : malloc(size);
    blocks += memory != NULL;
    return memory;
}

static void virtual_release(void *memory)
{
    blocks--;
    free(memory);
}

static void virtual_failed(void *host, const struct task *task, struct gen_exc exc)
{
    (void)host;
    failed_count++;
    failed_code = exc.code;
    failed_name = task->name;
}

static const struct task_hooks virtual_hooks = {.now = virtual_now,
                                                .idle = virtual_idle,
                                                .allocate = virtual_allocate,
                                                .release = virtual_release,
                                                .failed = virtual_failed};

static int virtual_setup(void **state)
{
    (void)state;
    clock_now = 0;
    notes_count = 0;
    no_room = false;
    blocks = failed_count = failed_code = 0;
    failed_name = NULL;
    task_scheduler_init(&sched, &virtual_hooks, NULL);
    return 0;
}

/* Nothing is left over. */
static int virtual_teardown(void **state)
{
    (void)state;
    return blocks != 0 || task_any_alive(&sched);
}

static void note(int what)
{
    assert_true(notes_count < sizeof notes / sizeof notes[0]);
    notes[notes_count++] = what;
}

#define assert_notes(...)                                                                          \
    do {                                                                                           \
        const int expected[] = {__VA_ARGS__};                                                      \
        assert_int_equal(notes_count, sizeof expected / sizeof expected[0]);                       \
        assert_memory_equal(notes, expected, sizeof expected);                                     \
    } while (0)

static inline void run_all(void)
{
    while (task_any_alive(&sched))
        task_run_once(&sched);
}

#define virtual_test(f) cmocka_unit_test_setup_teardown(f, virtual_setup, virtual_teardown)

#endif
