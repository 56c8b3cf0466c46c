/* loop.h - task.h's scheduler, driven by libev: asyncio's loop.
 *
 *     int main(void)
 *     {
 *         struct server server = {.port = 8888};
 *         return loop_run(server_any(&server)) == 0 ? 0 : 1;
 *     }
 *
 * libev is given the next deadline, the descriptors, the signals and the wake-ups from other
 * threads. The order in which things run is task.h's. One loop belongs to one thread; only
 * loop_call_soon_threadsafe may be called from others.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_H
#define GEN_LOOP_H

#include <ev.h>
#include <stdatomic.h>

#include "task.h"

struct stream_server;

struct loop {
    struct task_scheduler scheduler; /* first: a task's scheduler is its loop */
    struct ev_loop *ev;              /* ro */
    int signal;                      /* ro: the signal that cancelled the main task, or 0 */
    struct task loop__main;
    ev_timer loop__deadline;
    ev_async loop__wake;
    ev_signal loop__signals[2];
    struct stream_server *loop__paused; /* those that ran out of descriptors */
};

/* A call from another thread. Memory of the caller's, until it has been made; all zero at first. */
struct loop_threadsafe {
    struct task_wakeup loop__wakeup;
    void (*loop__fn)(void *arg);
    void *loop__arg;
    atomic_bool loop__queued;
};

/* asyncio.run(coroutine): runs a loop until the coroutine is done, then cancels the tasks that are
 * left, waits for them, and reports the failures that nobody awaited on stderr.
 *
 * Returns 0, or the code that left the coroutine; GEN_CANCELLED if it was cancelled. The value is
 * in the frame's `result`. ENOMEM: no loop could be made.
 *
 * SIGINT and SIGTERM cancel the main task, so that its cleanup runs; the second one ends the
 * process as if there were no handler. One loop of a process has the signals: the first that runs. */
int loop_run(struct gen_any coroutine);

/* struct loop *, inside a body: asyncio.get_running_loop(). */
#define loop_running() loop__of(gen_context)

/* Seconds on the loop's clock, which is CLOCK_MONOTONIC's. */
double loop_time(struct loop *loop);

/* Calls fn(arg) in the next turn, or after some seconds. `call` is memory of the caller's, all zero
 * at first. 0, or GEN_EBADSTATE if it is queued already. task_call_cancel takes it back. */
int loop_call_soon(struct loop *loop, struct task_call *call, void (*fn)(void *), void *arg);
int loop_call_later(struct loop *loop, struct task_call *call, double seconds, void (*fn)(void *),
                    void *arg);

/* The same from any thread or signal handler: lock-free, first in first out for each thread. The
 * loop must not have ended, so a thread that calls is joined before the main task returns. 0, or
 * GEN_EBADSTATE if the call is queued already. */
int loop_call_soon_threadsafe(struct loop *loop, struct loop_threadsafe *call, void (*fn)(void *),
                              void *arg);

/* The name of a code: task.h's, gen.h's, or errno's. */
const char *loop_error_name(int code);

static inline struct loop *loop__of(void *context)
{
    struct task *t = (struct task *)context;
    return t ? (struct loop *)(void *)t->task__node.task__scheduler : NULL;
}

#endif
