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
 * loop_call_soon_threadsafe, and what is built on it, may be called from others.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_H
#define GEN_LOOP_H

#include <errno.h>
#include <ev.h>
#include <pthread.h>
#include <stdatomic.h>

#include "loop/error.h"
#include "task.h"

#if defined(TASK_TIME_32) || TASK_TICKS_PER_SECOND != 1000000000
#error "the clock of loop/ has nanoseconds, in 64 bits"
#endif

struct loop;
struct loop__link;

/* What went wrong without anybody to raise it to. */
struct loop_exception {
    const char *message; /* "a task failed and nobody awaited it" */
    const char *name;    /* of the task or coroutine, or NULL */
    struct gen_exc exc;
};

/* -- Running ----------------------------------------------------------------------------------- */

/* asyncio.run(coroutine): runs a loop until the coroutine is done, and closes it: see loop_close.
 *
 * Returns 0, or the code that left the coroutine; GEN_CANCELLED if it was cancelled. The value is
 * in the frame's `result`. ENOMEM: no loop could be made.
 *
 * SIGINT and SIGTERM cancel the main task, so that its cleanup runs; the second one ends the
 * process as if there were no handler. One loop of a process has a signal: the first that takes it.
 * To take it yourself: loop/signal.h. */
int loop_run(struct gen_any coroutine);

/* The same in steps (asyncio.Runner), without the signals. The loop is the caller's memory, must
 * not move while it is open, and belongs to the thread that opens it. `ev` is the libev loop to
 * use, which must not be running; it is left as it was found. NULL: one of its own. 0, or
 * ENOMEM. */
int loop_open(struct loop *loop, struct ev_loop *ev);

/* Runs until the coroutine is done: as loop_run, and the other tasks stay where they are.
 * LOOP_ESTOPPED: loop_stop came first; the task is cancelled, and waited for. LOOP_ECLOSED,
 * LOOP_ETHREAD; GEN_EBADSTATE: it runs already. */
int loop_run_until_complete(struct loop *loop, struct gen_any coroutine);

/* Runs until loop_stop. 0, LOOP_ECLOSED, LOOP_ETHREAD, GEN_EBADSTATE. */
int loop_run_forever(struct loop *loop);

/* What runs the loop returns after this turn, which ends first; or, if nothing runs it, after the
 * first turn. What is ending already, by a stop or in loop_close, ends as it would have. On the
 * loop's thread. */
void loop_stop(struct loop *loop);

/* The end, in asyncio.run's order: the tasks that are left are cancelled and waited for, calls that
 * are queued are made, failures that nobody awaited are reported, async generators are closed,
 * services such as the default executor are stopped, and libev's loop is given up. What tasks and
 * calls are started by that end in the same way. Calls whose time has not come are taken back.
 * Closing again is harmless. 0; GEN_EBADSTATE: it runs, or takes a turn, and goes on;
 * LOOP_ETHREAD. */
int loop_close(struct loop *loop);

/* Is a call under way that runs or closes it? Attached, it counts as not running. And: is it closed,
 * or could it not be opened? */
static inline bool loop_is_running(const struct loop *loop);
static inline bool loop_is_closed(const struct loop *loop);

/* Instead of running it: the loop lives in the user's ev_run(ev), as one of his watchers does, and
 * takes a turn whenever libev has polled. Not loop_stop but loop_detach, or loop_close, ends it. 0;
 * LOOP_ECLOSED, LOOP_ETHREAD; GEN_EBADSTATE: it runs, or is attached. Detaching again is
 * harmless. */
int loop_attach(struct loop *loop);
void loop_detach(struct loop *loop);

/* -- Asking ------------------------------------------------------------------------------------ */

/* struct loop *, inside a body: asyncio.get_running_loop(). NULL: the body runs in no task. */
#define loop_running() loop__of(gen_context)

/* Seconds on the loop's clock, which is CLOCK_MONOTONIC's: read anew, from any thread. */
double loop_time(struct loop *loop);

/* The name of a code and what it means: loop/'s, task.h's, gen.h's; for errno's, strerror's text.
 * Never NULL. */
const char *loop_error_name(int code);

/* -- Calls ------------------------------------------------------------------------------------- */

/* Calls fn(arg) in the next turn; after some seconds; at a time of loop_time's. `call` is memory of
 * the caller's, all zero at first. 0; GEN_EBADSTATE if it is queued already; TASK_ETIME: not a
 * number; LOOP_ETHREAD, LOOP_ECLOSED: also to a call that loop_close makes when no task is left,
 * which could go on so for ever. task_call_cancel takes it back, and may be called in any state.
 * O(1), and O(log n) for a timer that fires. */
int loop_call_soon(struct loop *loop, struct task_call *call, void (*fn)(void *), void *arg);
int loop_call_later(struct loop *loop, struct task_call *call, double seconds, void (*fn)(void *),
                    void *arg);
int loop_call_at(struct loop *loop, struct task_call *call, double when, void (*fn)(void *),
                 void *arg);

/* A call from another thread. Memory of the caller's, until it has been made; all zero at first. */
struct loop_threadsafe {
    struct task_wakeup loop__wakeup;
    void (*loop__fn)(void *arg);
    void *loop__arg;
    atomic_bool loop__queued;
};

/* The same from any thread or signal handler: lock-free, first in first out for each thread. The
 * loop must not have been closed, so a thread that calls is joined before that. 0, or GEN_EBADSTATE
 * if the call is queued already. */
int loop_call_soon_threadsafe(struct loop *loop, struct loop_threadsafe *call, void (*fn)(void *),
                              void *arg);

/* -- Errors and slow steps --------------------------------------------------------------------- */

/* Who is told of errors that nobody can be raised to; NULL: the default, which prints one line on
 * stderr. May be set before the loop runs, and at any time on its thread. The handler is called on
 * that thread, in a turn or at the loop's end, must not block, and is lent *e and its texts during
 * the call. */
void loop_set_exception_handler(struct loop *loop,
                                void (*handler)(struct loop *loop, const struct loop_exception *e,
                                                void *arg),
                                void *arg);
void loop_default_exception_handler(struct loop *loop, const struct loop_exception *e, void *arg);

/* Tells it, whichever it is. */
void loop_call_exception_handler(struct loop *loop, const struct loop_exception *e);

/* In debug mode a step or call that takes more than slow_callback_duration (seconds; 0.1 at first)
 * is reported to the exception handler, with the code ETIME. It costs a look at the clock for
 * each. */
void loop_set_debug(struct loop *loop, bool debug);

/* -- The end of async generators --------------------------------------------------------------- */

/* An async generator that may be left half-way: loop_close closes those that have been added, the
 * last first, waiting where their cleanup waits. `entry` is memory of the caller's until it has
 * been removed or the loop is closed. Adding is O(1), removing O(n); to remove what was not added
 * is harmless. */
struct loop_asyncgen {
    struct gen_any loop__it;
    struct loop_asyncgen *loop__next;
};
void loop_add_asyncgen(struct loop *loop, struct loop_asyncgen *entry, struct gen_any it);
void loop_remove_asyncgen(struct loop *loop, struct loop_asyncgen *entry);

/* -- The loop itself --------------------------------------------------------------------------- */

/* Something that is stopped when the loop closes: `close` is called once, on the loop's thread,
 * when no task is left, the last added first; the service is out of the list by then, and may be
 * freed. For those who build on loop.h. */
struct loop_service {
    void (*close)(struct loop_service *service);
    struct loop_service *loop__next;
};
void loop_add_service(struct loop *loop, struct loop_service *service);
void loop_remove_service(struct loop *loop, struct loop_service *service);

/* An open descriptor, for loop_dump: see loop/dump.h. For those who build on loop.h. */
struct loop_resource {
    const char *kind; /* "stream", "server", ...; NULL: not listed */
    int fd;
    const struct task_future *reading, *writing; /* who waits for them; may be NULL */
    struct loop_resource *loop__next, *loop__prev;
};

struct loop {
    struct task_scheduler scheduler; /* first: a task's scheduler is its loop */
    struct ev_loop *ev;              /* ro; NULL: closed */
    int signal;                      /* ro: the signal that cancelled the main task, or 0 */
    bool debug;                      /* ro */
    double slow_callback_duration;   /* seconds */
    void *data;                      /* the user's */
    struct loop_executor *executor;  /* ro: the default one, once it has been asked for */
    struct task *loop__main;
    ev_timer loop__deadline;
    ev_async loop__wake;
    ev_prepare loop__prepare;
    ev_check loop__check;
    ev_idle loop__idle;
    pthread_t loop__thread;
    void (*loop__handler)(struct loop *loop, const struct loop_exception *e, void *arg);
    void *loop__handler_arg;
    struct loop_asyncgen *loop__asyncgens;
    struct loop_service *loop__services;
    struct loop_resource *loop__resources;
    struct loop__link *loop__paused; /* servers that ran out of descriptors */
    struct task_node loop__before;   /* stands where what a poll makes ready begins */
    bool loop__runs, loop__attached, loop__polls, loop__own;
    bool loop__stop, loop__ends, loop__refuses; /* see loop_close */
};

/* -- Private ----------------------------------------------------------------------------------- */

static inline bool loop_is_running(const struct loop *loop)
{
    return loop->loop__runs;
}

static inline bool loop_is_closed(const struct loop *loop)
{
    return loop->ev == NULL;
}

static inline struct loop *loop__of(void *context)
{
    struct task *t = (struct task *)context;
    return t ? (struct loop *)(void *)t->task__node.task__scheduler : NULL;
}

static inline bool loop__wrong_thread(const struct loop *loop)
{
    return !pthread_equal(loop->loop__thread, pthread_self());
}

/* 0, or why nothing can be begun on it: LOOP_ECLOSED, LOOP_ETHREAD. */
static inline int loop__may_begin(const struct loop *loop)
{
    if (loop_is_closed(loop))
        return LOOP_ECLOSED;
    return loop__wrong_thread(loop) ? (int)LOOP_ETHREAD : 0;
}

/* What the wait that is over gave: a count, or a pointer. It is where a queue's item would be. */
static inline void *loop__item(const void *context)
{
    return context ? ((const struct task *)context)->task__node.task__due.item : NULL;
}

static inline size_t loop__count(const void *context)
{
    return (size_t)(uintptr_t)loop__item(context);
}

/* That which is closed so; NULL: none was added. So a part of loop/ finds what it has for a loop. */
static inline struct loop_service *loop__find_service(const struct loop *loop,
                                                      void (*close)(struct loop_service *service))
{
    struct loop_service *s = loop->loop__services;
    while (s != NULL && s->close != close)
        s = s->loop__next;
    return s;
}

static inline void loop__list(struct loop *loop, struct loop_resource *r, const char *kind, int fd)
{
    r->kind = kind;
    r->fd = fd;
    r->loop__prev = NULL;
    r->loop__next = loop->loop__resources;
    if (r->loop__next != NULL)
        r->loop__next->loop__prev = r;
    loop->loop__resources = r;
}

static inline void loop__unlist(struct loop *loop, struct loop_resource *r)
{
    if (r->kind == NULL)
        return;
    r->kind = NULL;
    if (r->loop__next != NULL)
        r->loop__next->loop__prev = r->loop__prev;
    if (r->loop__prev != NULL)
        r->loop__prev->loop__next = r->loop__next;
    else
        loop->loop__resources = r->loop__next;
}

#endif
