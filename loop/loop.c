/* The loop: its clock, its turns, its end, calls and signals. */
#include "loop/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* libev attaches a signal to one loop of the process. */
static atomic_flag signals_taken = ATOMIC_FLAG_INIT;

static task_time now(void *host)
{
    struct timespec t;
    (void)host;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (task_time)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A call from another thread is made. */
static void make_call(void *arg)
{
    struct loop_threadsafe *call = arg;
    void (*fn)(void *) = call->loop__fn;
    void *fn_arg = call->loop__arg;
    atomic_store(&call->loop__queued, false); /* from here on it may be used again */
    fn(fn_arg);
}

/* From any thread. */
static void wake(void *host)
{
    struct loop *loop = host;
    ev_async_send(loop->ev, &loop->loop__wake);
}

/* libev invokes what is pending last in first out, so what became ready is turned round. */
static void in_order(struct task_scheduler *s, struct task_node *first, struct task_node *last)
{
    struct task_node *woken = s->task__last;
    s->task__first = first;
    s->task__last = last;
    while (woken != NULL) {
        struct task_node *before = woken->task__prev;
        task__ready(woken);
        woken = before;
    }
}

static void idle(void *host, task_time until)
{
    struct loop *loop = host;
    struct task_node *first = loop->scheduler.task__first, *last = loop->scheduler.task__last;
    bool poll = first != NULL;
    if (!poll && until != TASK_NEVER) {
        task_time span = until - now(host);
        poll = span <= 0;
        if (!poll) {
            ev_now_update(loop->ev); /* a timer counts from the time that libev has noted */
            ev_timer_set(&loop->loop__deadline, (double)span * 1e-9, 0);
            ev_timer_start(loop->ev, &loop->loop__deadline);
        }
    }
    loop->scheduler.task__first = loop->scheduler.task__last = NULL;
    ev_run(loop->ev, poll ? EVRUN_NOWAIT : EVRUN_ONCE);
    in_order(&loop->scheduler, first, last);
    ev_timer_stop(loop->ev, &loop->loop__deadline);
}

static void failed(void *host, const struct task *t, struct gen_exc exc)
{
    (void)host;
    fprintf(stderr, "task %s failed and nobody awaited it: %s%s%s\n", t->name ? t->name : "?",
            loop_error_name(exc.code), exc.text ? ": " : "", exc.text ? exc.text : "");
}

static const struct task_hooks hooks = {
    .now = now, .idle = idle, .allocate = malloc, .release = free, .failed = failed, .wake = wake};

static void on_deadline(struct ev_loop *ev, ev_timer *watcher, int events)
{
    (void)ev, (void)watcher, (void)events;
}

static void on_wake(struct ev_loop *ev, ev_async *watcher, int events)
{
    (void)ev, (void)watcher, (void)events;
}

static void on_signal(struct ev_loop *ev, ev_signal *watcher, int events)
{
    struct loop *loop = watcher->data;
    (void)events;
    if (loop->signal != 0) {
        ev_signal_stop(ev, watcher);
        (void)raise(watcher->signum);
    }
    loop->signal = watcher->signum;
    (void)task_cancel(&loop->loop__main);
}

static bool open_loop(struct loop *loop)
{
    memset(loop, 0, sizeof *loop);
    task_scheduler_init(&loop->scheduler, &hooks, loop);
    loop->ev = ev_loop_new(EVFLAG_AUTO);
    if (loop->ev == NULL)
        return false;
    ev_timer_init(&loop->loop__deadline, on_deadline, 0, 0);
    ev_async_init(&loop->loop__wake, on_wake);
    ev_async_start(loop->ev, &loop->loop__wake);
    return true;
}

static void take_signals(struct loop *loop)
{
    ev_signal_init(&loop->loop__signals[0], on_signal, SIGINT);
    ev_signal_init(&loop->loop__signals[1], on_signal, SIGTERM);
    for (size_t i = 0; i < 2; i++) {
        loop->loop__signals[i].data = loop;
        ev_signal_start(loop->ev, &loop->loop__signals[i]);
    }
}

static void drop_signals(struct loop *loop)
{
    for (size_t i = 0; i < 2; i++)
        ev_signal_stop(loop->ev, &loop->loop__signals[i]);
    atomic_flag_clear(&signals_taken);
}

int loop_run(struct gen_any coroutine)
{
    struct loop loop;
    bool signals;
    int code;
    if (!open_loop(&loop))
        return ENOMEM;
    signals = !atomic_flag_test_and_set(&signals_taken);
    if (signals)
        take_signals(&loop);
    (void)task_start(&loop.scheduler, &loop.loop__main, coroutine, "main");
    task_run(&loop.scheduler, &loop.loop__main.future);
    code = task_error(&loop.loop__main.future).code;
    if (code == TASK_ECANCELLED && task_state(&loop.loop__main.future) == TASK_CANCELLED)
        code = GEN_CANCELLED;
    while (task_any_alive(&loop.scheduler)) {
        task_cancel_all(&loop.scheduler, NULL);
        task_run_once(&loop.scheduler);
    }
    task_report_all(&loop.scheduler);
    if (signals)
        drop_signals(&loop);
    ev_async_stop(loop.ev, &loop.loop__wake);
    ev_loop_destroy(loop.ev);
    return code;
}

double loop_time(struct loop *loop)
{
    return (double)now(loop) * 1e-9;
}

int loop_call_soon(struct loop *loop, struct task_call *call, void (*fn)(void *), void *arg)
{
    return task_call_soon(&loop->scheduler, call, fn, arg);
}

int loop_call_later(struct loop *loop, struct task_call *call, double seconds, void (*fn)(void *),
                    void *arg)
{
    task_time span = task_ticks(seconds);
    if (span < 0)
        return TASK_ETIME;
    return task_call_at(&loop->scheduler, call, task__after(&loop->scheduler, span), fn, arg);
}

int loop_call_soon_threadsafe(struct loop *loop, struct loop_threadsafe *call, void (*fn)(void *),
                              void *arg)
{
    if (atomic_exchange(&call->loop__queued, true))
        return GEN_EBADSTATE;
    call->loop__fn = fn;
    call->loop__arg = arg;
    task_wakeup_init(&call->loop__wakeup, &loop->scheduler, make_call, call);
    task_wake(&call->loop__wakeup);
    return 0;
}

const char *loop_error_name(int code)
{
    switch (code) {
    case TASK_ECANCELLED:
        return "TASK_ECANCELLED: what was awaited has been cancelled";
    case TASK_ETIMEOUT:
        return "TASK_ETIMEOUT: timed out";
    case TASK_ETIME:
        return "TASK_ETIME: not a number of seconds";
    case TASK_EDONE:
        return "TASK_EDONE: the future is done already";
    case TASK_ENOTDONE:
        return "TASK_ENOTDONE: the future is not done yet";
    case TASK_ESHUTDOWN:
        return "TASK_ESHUTDOWN: the queue has been shut down";
    case TASK_EBROKEN:
        return "TASK_EBROKEN: the barrier is broken";
    default:
        return code > 0 && code < GEN_STOP ? strerror(code) : gen_error_name(code);
    }
}
