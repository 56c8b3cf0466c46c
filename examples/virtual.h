/* virtual_run(coroutine): asyncio.run(coroutine) on virtual time, for examples that sleep: an hour
 * passes as soon as nobody has anything to do, and what they print is the same everywhere. With
 * loop_run in its place such a program waits in earnest. */
#ifndef EXAMPLES_VIRTUAL_H
#define EXAMPLES_VIRTUAL_H

#include <stdio.h>
#include <stdlib.h>

#include "task/virtual.h"

/* The running one, as loop_running() is. */
static struct task_virtual virtual_loop;

/* Its time, in whole seconds. */
static inline int virtual_seconds(void)
{
    return (int)(virtual_loop.now / TASK_TICKS_PER_SECOND);
}

static inline void virtual__failed(void *host, const struct task *t, struct gen_exc exc)
{
    (void)host;
    fprintf(stderr, "task %s failed and nobody awaited it: %s\n", task_name(t),
            exc.text ? exc.text : gen_error_name(exc.code));
}

/* Runs it, then cancels the tasks that are left and waits for them. Returns 0, or the code that
 * left it, GEN_CANCELLED if it was cancelled; GEN_EBADSTATE too if it waits for what can never
 * come. */
static inline int virtual_run(struct gen_any coroutine)
{
    const struct task_hooks hooks = {
        .allocate = malloc, .release = free, .failed = virtual__failed};
    struct task_scheduler *const s = &virtual_loop.scheduler;
    static struct task main_task;
    int code;

    task_virtual_init(&virtual_loop, &hooks);
    main_task = (struct task){.name = NULL};
    task_start(s, &main_task, coroutine, "main");
    code = task_virtual_run(&virtual_loop, &main_task.future);
    if (code == 0)
        code = task_state(&main_task.future) == TASK_CANCELLED ? GEN_CANCELLED
                                                               : task_error(&main_task.future).code;
    while (task_any_alive(s)) {
        task_cancel_all(s, NULL);
        task_run_once(s);
    }
    task_report_all(s);
    return code;
}

#endif
