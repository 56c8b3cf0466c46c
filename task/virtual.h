/* task/virtual.h - a scheduler on virtual time, for tests: an hour of sleeps takes milliseconds.
 *
 *     struct task_virtual v;
 *     task_virtual_init(&v, NULL);
 *     task_start(&v.scheduler, &t, coroutine, "test");
 *     assert(task_virtual_run(&v, &t.future) == 0);
 *     assert(v.now == 3600 * (task_time)TASK_TICKS_PER_SECOND);
 *
 * The clock stands still while a task runs, and goes on to the next deadline when nothing is ready.
 * With task_shuffle, tasks that are ready at one time run in another order for each seed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TASK_VIRTUAL_H
#define TASK_VIRTUAL_H

#include "../task.h"

struct task_virtual {
    struct task_scheduler scheduler;
    task_time now; /* may be set, to any time that is not before */
    bool stuck;    /* ro: nothing is ready or due, so nothing will ever happen */
    struct task_hooks task__hooks;
};

/* `more` has the hooks allocate, release and failed; NULL: none. It is copied; the host that `failed`
 * is called with is v. */
static inline void task_virtual_init(struct task_virtual *v, const struct task_hooks *more);

/* task_run; GEN_EBADSTATE also: the future is not done, and nothing is left that could happen. */
static inline int task_virtual_run(struct task_virtual *v, const struct task_future *future);

/* ==== The machinery ========================================================================== */

static inline task_time task__virtual_now(void *host)
{
    return ((struct task_virtual *)host)->now;
}

static inline void task__virtual_idle(void *host, task_time until)
{
    struct task_virtual *v = (struct task_virtual *)host;
    v->stuck = until == TASK_NEVER;
    if (!v->stuck && task__earlier(v->now, until))
        v->now = until;
}

static inline void task_virtual_init(struct task_virtual *v, const struct task_hooks *more)
{
    const struct task_hooks none = {NULL, NULL, NULL, NULL, NULL, NULL};
    v->task__hooks = more ? *more : none;
    v->task__hooks.now = task__virtual_now;
    v->task__hooks.idle = task__virtual_idle;
    v->now = 0;
    v->stuck = false;
    task_scheduler_init(&v->scheduler, &v->task__hooks, v);
}

/* Is something ready, or due at a time that comes? */
static inline bool task__virtual_can_go_on(const struct task_scheduler *s)
{
    return s->task__first != NULL ||
           (s->task__timers != NULL && s->task__timers->task__due.time != TASK_NEVER);
}

static inline int task_virtual_run(struct task_virtual *v, const struct task_future *future)
{
    while (!task_done(future)) {
        const int code = task_run_once(&v->scheduler);
        if (code != 0)
            return code;
        if (v->stuck && !task__virtual_can_go_on(&v->scheduler) && !task_done(future))
            return GEN_EBADSTATE;
    }
    return 0;
}

#endif
