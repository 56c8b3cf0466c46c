/* The loop: its clock, its turns, its end, calls and signals. */
#include "loop/loop.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loop/signal.h"

/* -- The hooks --------------------------------------------------------------------------------- */

static task_time now(void *host)
{
    struct timespec t;
    (void)host;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (task_time)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* From any thread. */
static void wake(void *host)
{
    struct loop *loop = host;
    ev_async_send(loop->ev, &loop->loop__wake);
}

/* libev invokes what is pending last in first out: see loop__before_others in source.h. What was
 * ready before it looked keeps its place before all of that. */
static void begin_poll(struct loop *loop)
{
    if (loop->scheduler.task__first != NULL)
        task__ready(&loop->loop__before);
    loop->loop__polls = true;
}

static void end_poll(struct loop *loop)
{
    loop->loop__polls = false;
    if (loop->loop__before.task__place == TASK__READY)
        task__unready(&loop->loop__before);
}

/* Every step is timed, and the longest is that of the turn before. */
static void report_slow_step(struct loop *loop)
{
    struct task_scheduler *s = &loop->scheduler;
    if (s->longest_step > task_ticks(loop->slow_callback_duration)) {
        const struct loop_exception e = {
            "a step took too long", s->longest_name ? s->longest_name : "a call", {ETIME, NULL}};
        loop_call_exception_handler(loop, &e);
    }
    s->longest_step = 0;
    s->task__timed = UINT8_MAX;
}

/* The turn is over before somebody else does what he likes, which is no part of it. */
static void end_turn(struct loop *loop)
{
    struct task_scheduler *s = &loop->scheduler;
    if (s->task__steps > 0)
        task__turn_over(s, now(loop));
    if (loop->debug)
        report_slow_step(loop);
}

static void set_deadline(struct loop *loop, task_time span)
{
    ev_now_update(loop->ev); /* a timer counts from the time that libev has noted */
    ev_timer_set(&loop->loop__deadline, (double)span * 1e-9, 0);
    ev_timer_start(loop->ev, &loop->loop__deadline);
}

static void idle(void *host, task_time until)
{
    struct loop *loop = host;
    bool poll = loop->scheduler.task__first != NULL;
    if (loop->loop__attached)
        return; /* libev has waited */
    if (loop->debug)
        report_slow_step(loop);
    if (!poll && until != TASK_NEVER) {
        task_time span = until - now(host);
        poll = span <= 0;
        if (!poll)
            set_deadline(loop, span);
    }
    begin_poll(loop);
    ev_ref(loop->ev); /* there may be nothing but other threads to wait for */
    ev_run(loop->ev, poll || loop->loop__stop ? EVRUN_NOWAIT : EVRUN_ONCE);
    ev_unref(loop->ev);
    end_poll(loop);
    ev_timer_stop(loop->ev, &loop->loop__deadline);
}

static void failed(void *host, const struct task *t, struct gen_exc exc)
{
    const struct loop_exception e = {"a task failed and nobody awaited it", task_name(t), exc};
    loop_call_exception_handler(host, &e);
}

static const struct task_hooks hooks = {
    .now = now, .idle = idle, .allocate = malloc, .release = free, .failed = failed, .wake = wake};

/* -- The watchers ------------------------------------------------------------------------------ */

static void on_deadline(struct ev_loop *ev, ev_timer *watcher, int events)
{
    (void)ev, (void)watcher, (void)events;
}

static void on_wake(struct ev_loop *ev, ev_async *watcher, int events)
{
    (void)ev, (void)watcher, (void)events;
}

static void on_idle(struct ev_loop *ev, ev_idle *watcher, int events)
{
    (void)ev, (void)watcher, (void)events;
}

/* Attached: before libev waits it is told how long it may. */
static void on_prepare(struct ev_loop *ev, ev_prepare *watcher, int events)
{
    struct loop *loop = watcher->data;
    struct task_scheduler *s = &loop->scheduler;
    (void)events;
    if (s->task__first != NULL || task_woken(s))
        ev_idle_start(ev, &loop->loop__idle);
    else if (s->task__timers != NULL) {
        task_time span = s->task__timers->task__due.time - now(loop);
        set_deadline(loop, span > 0 ? span : 0);
    }
    begin_poll(loop);
}

/* And when all that it found has been invoked, a turn is run. */
static void on_check(struct ev_loop *ev, ev_check *watcher, int events)
{
    struct loop *loop = watcher->data;
    (void)events;
    end_poll(loop);
    ev_idle_stop(ev, &loop->loop__idle);
    ev_timer_stop(ev, &loop->loop__deadline);
    loop->loop__runs = true; /* so nothing in the turn closes it */
    task_run_once(&loop->scheduler);
    end_turn(loop);
    loop->loop__runs = false;
}

/* -- Opening and attaching --------------------------------------------------------------------- */

int loop_open(struct loop *loop, struct ev_loop *ev)
{
    memset(loop, 0, sizeof *loop);
    task_scheduler_init(&loop->scheduler, &hooks, loop);
    task__may_wake(&loop->scheduler);
    loop->loop__own = ev == NULL;
    loop->ev = ev ? ev : ev_loop_new(EVFLAG_AUTO);
    if (loop->ev == NULL)
        return ENOMEM;
    loop->loop__thread = pthread_self();
    loop->loop__before.task__scheduler = &loop->scheduler;
    loop->loop__before.task__kind = TASK__KIND_CALL;
    loop->slow_callback_duration = 0.1;
    ev_timer_init(&loop->loop__deadline, on_deadline, 0, 0);
    ev_prepare_init(&loop->loop__prepare, on_prepare);
    ev_check_init(&loop->loop__check, on_check);
    ev_idle_init(&loop->loop__idle, on_idle);
    ev_async_init(&loop->loop__wake, on_wake);
    loop->loop__prepare.data = loop->loop__check.data = loop;
    ev_set_priority(&loop->loop__check, EV_MINPRI);
    ev_async_start(loop->ev, &loop->loop__wake);
    if (!loop->loop__own)
        ev_unref(loop->ev); /* it keeps nobody's ev_run from ending */
    return 0;
}

static int may_run(const struct loop *loop)
{
    const int code = loop__may_begin(loop);
    return code == 0 && (loop->loop__runs || loop->loop__attached) ? (int)GEN_EBADSTATE : code;
}

int loop_attach(struct loop *loop)
{
    int code = may_run(loop);
    if (code != 0)
        return code;
    loop->loop__attached = true;
    ev_prepare_start(loop->ev, &loop->loop__prepare);
    ev_check_start(loop->ev, &loop->loop__check);
    return 0;
}

void loop_detach(struct loop *loop)
{
    if (!loop->loop__attached)
        return;
    loop->loop__attached = false;
    end_poll(loop);
    ev_prepare_stop(loop->ev, &loop->loop__prepare);
    ev_check_stop(loop->ev, &loop->loop__check);
    ev_idle_stop(loop->ev, &loop->loop__idle);
    ev_timer_stop(loop->ev, &loop->loop__deadline);
}

/* -- Running ----------------------------------------------------------------------------------- */

static void run_until_done(struct loop *loop, const struct task_future *future)
{
    while (!task_done(future) && !loop->loop__stop)
        task_run_once(&loop->scheduler);
}

int loop_run_until_complete(struct loop *loop, struct gen_any coroutine)
{
    struct task main = {.name = NULL};
    int code = may_run(loop);
    if (code != 0)
        return code;
    loop->loop__runs = true;
    loop->loop__main = &main;
    (void)task_start(&loop->scheduler, &main, coroutine, "main");
    run_until_done(loop, &main.future);
    if (!task_done(&main.future)) { /* the task is in this call's memory */
        code = LOOP_ESTOPPED;
        loop->loop__stop = false;
        loop->loop__ends = true;
        (void)task_cancel(&main, "the loop has been stopped");
        task_run(&loop->scheduler, &main.future);
        (void)task_error(&main.future);
        loop->loop__ends = false;
    } else {
        code = task_error(&main.future).code;
        if (code == TASK_ECANCELLED && task_state(&main.future) == TASK_CANCELLED)
            code = GEN_CANCELLED;
    }
    end_turn(loop);
    loop->loop__main = NULL;
    loop->loop__runs = loop->loop__stop = false;
    return code;
}

int loop_run_forever(struct loop *loop)
{
    int code = may_run(loop);
    if (code != 0)
        return code;
    loop->loop__runs = true;
    do
        task_run_once(&loop->scheduler);
    while (!loop->loop__stop);
    end_turn(loop);
    loop->loop__runs = loop->loop__stop = false;
    return 0;
}

/* What ends already goes on until it has ended, and would not wait in between. */
void loop_stop(struct loop *loop)
{
    loop->loop__stop = !loop->loop__ends;
}

/* -- The end ----------------------------------------------------------------------------------- */

/* Closes the async generators, the last first. Each is resumed with GEN_EXIT, and then as often as
 * it waits. */
gen_declare(closing, void);
struct closing {
    struct gen gen;
    struct loop *loop;
    struct gen_any it;
    enum gen_status status;
    struct gen_exc exc;
};
gen_define(closing)
{
    gen_begin();
    while (self->loop->loop__asyncgens != NULL) {
        self->it = self->loop->loop__asyncgens->loop__it;
        self->loop->loop__asyncgens = self->loop->loop__asyncgens->loop__next;
        self->exc.code = GEN_EXIT;
        for (;;) {
            struct gen_io io;
            gen__io_init(&io, NULL, NULL);
            io.context = gen_context;
            io.exc = self->exc;
            self->status = self->it.resume(self->it.frame, &io);
            self->exc = io.exc;
            if (self->status != GEN_PENDING)
                break;
            self->exc.code = 0;
            gen_suspend();
        }
        if (self->status == GEN_YIELDED)
            self->exc.code = GEN_EIGNORED;
        if (self->status == GEN_YIELDED ||
            (self->status == GEN_RAISED && self->exc.code != GEN_EXIT)) {
            const struct loop_exception e = {"an async generator failed when it was closed",
                                             gen_any_where(self->it).name, self->exc};
            loop_call_exception_handler(self->loop, &e);
        }
    }
    gen_end();
}

static void close_asyncgens(struct loop *loop)
{
    struct closing closing = {.loop = loop};
    struct task task = {.name = NULL};
    (void)task_start(&loop->scheduler, &task, closing_any(&closing), "closing async generators");
    task_run(&loop->scheduler, &task.future);
}

static bool any_left(struct loop *loop)
{
    return task_any_alive(&loop->scheduler) || task_woken(&loop->scheduler);
}

/* And makes the calls that are queued. These may start tasks, but queue no calls: one that always
 * queues itself would go on for ever. */
static void end_tasks(struct loop *loop)
{
    do {
        while (any_left(loop)) {
            task_cancel_all(&loop->scheduler, NULL);
            task_run_once(&loop->scheduler);
        }
        loop->loop__refuses = true;
        if (loop->scheduler.task__first != NULL)
            task_run_once(&loop->scheduler);
        loop->loop__refuses = false;
    } while (any_left(loop));
    task_report_all(&loop->scheduler);
}

/* Their memory is the caller's. */
static void take_calls_back(struct task_scheduler *s)
{
    while (s->task__timers != NULL)
        task__timer_stop_first(s);
    while (s->task__first != NULL)
        task__unready_first(s);
}

static void close_service(struct loop *loop)
{
    struct loop_service *service = loop->loop__services;
    loop->loop__services = service->loop__next;
    service->close(service);
}

int loop_close(struct loop *loop)
{
    if (loop->ev == NULL)
        return 0;
    if (loop__wrong_thread(loop))
        return LOOP_ETHREAD;
    if (loop->loop__runs || loop->scheduler.current != NULL)
        return GEN_EBADSTATE;
    loop_detach(loop);
    loop->loop__runs = loop->loop__ends = true;
    loop->loop__stop = false;
    end_tasks(loop);
    while (loop->loop__asyncgens != NULL || loop->loop__services != NULL) {
        if (loop->loop__asyncgens != NULL)
            close_asyncgens(loop);
        else
            close_service(loop);
        end_tasks(loop); /* that these have started */
    }
    take_calls_back(&loop->scheduler);
    loop->loop__runs = loop->loop__ends = false;
    if (!loop->loop__own)
        ev_ref(loop->ev);
    ev_async_stop(loop->ev, &loop->loop__wake);
    if (loop->loop__own)
        ev_loop_destroy(loop->ev);
    loop->ev = NULL;
    return 0;
}

void loop_add_service(struct loop *loop, struct loop_service *service)
{
    service->loop__next = loop->loop__services;
    loop->loop__services = service;
}

void loop_remove_service(struct loop *loop, struct loop_service *service)
{
    struct loop_service **link = &loop->loop__services;
    while (*link != NULL && *link != service)
        link = &(*link)->loop__next;
    if (*link == service)
        *link = service->loop__next;
}

void loop_add_asyncgen(struct loop *loop, struct loop_asyncgen *entry, struct gen_any it)
{
    entry->loop__it = it;
    entry->loop__next = loop->loop__asyncgens;
    loop->loop__asyncgens = entry;
}

void loop_remove_asyncgen(struct loop *loop, struct loop_asyncgen *entry)
{
    struct loop_asyncgen **link = &loop->loop__asyncgens;
    while (*link != NULL && *link != entry)
        link = &(*link)->loop__next;
    if (*link == entry)
        *link = entry->loop__next;
}

/* -- loop_run ---------------------------------------------------------------------------------- */

static void on_interrupt(void *arg)
{
    struct loop_signal_handler *h = arg;
    struct loop *loop = h->loop__loop;
    const int signum = h->signum;
    if (loop->signal != 0) {
        loop_remove_signal_handler(h);
        (void)raise(signum);
    }
    loop->signal = signum;
    if (loop->loop__main != NULL)
        (void)task_cancel(loop->loop__main);
}

/* They stay until all services that are added later have ended. What another loop has is left to it. */
static void take_signals(struct loop_signal_handler handlers[2], struct loop *loop)
{
    const int signums[2] = {SIGINT, SIGTERM};
    for (int i = 0; i < 2; i++) {
        handlers[i].loop__by_default = true;
        (void)loop_add_signal_handler(loop, &handlers[i], signums[i], on_interrupt, &handlers[i]);
    }
}

int loop_run(struct gen_any coroutine)
{
    struct loop loop;
    struct loop_signal_handler interrupts[2] = {{.signum = 0}, {.signum = 0}};
    int code = loop_open(&loop, NULL);
    if (code != 0)
        return code;
    take_signals(interrupts, &loop);
    code = loop_run_until_complete(&loop, coroutine);
    (void)loop_close(&loop);
    return code;
}

/* -- Calls ------------------------------------------------------------------------------------- */

double loop_time(struct loop *loop)
{
    return (double)now(loop) * 1e-9;
}

/* 0, or why nobody would make a call. */
static int may_call(const struct loop *loop)
{
    const int code = loop__may_begin(loop);
    return code == 0 && loop->loop__refuses ? (int)LOOP_ECLOSED : code;
}

int loop_call_soon(struct loop *loop, struct task_call *call, void (*fn)(void *), void *arg)
{
    const int code = may_call(loop);
    return code ? code : task_call_soon(&loop->scheduler, call, fn, arg);
}

int loop_call_later(struct loop *loop, struct task_call *call, double seconds, void (*fn)(void *),
                    void *arg)
{
    const int code = may_call(loop);
    return code ? code : task_call_later(&loop->scheduler, call, seconds, fn, arg);
}

int loop_call_at(struct loop *loop, struct task_call *call, double when, void (*fn)(void *),
                 void *arg)
{
    const task_time ticks = task_ticks(when);
    const int code = may_call(loop);
    if (code != 0)
        return code;
    return ticks < 0 ? (int)TASK_ETIME : task_call_at(&loop->scheduler, call, ticks, fn, arg);
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

int loop_call_soon_threadsafe(struct loop *loop, struct loop_threadsafe *call, void (*fn)(void *),
                              void *arg)
{
    if (atomic_exchange(&call->loop__queued, true))
        return GEN_EBADSTATE;
    call->loop__fn = fn;
    call->loop__arg = arg;
    task__wakeup_set(&call->loop__wakeup, &loop->scheduler, make_call, call);
    task_wake(&call->loop__wakeup);
    return 0;
}

/* -- Errors ------------------------------------------------------------------------------------ */

void loop_set_exception_handler(struct loop *loop,
                                void (*handler)(struct loop *loop, const struct loop_exception *e,
                                                void *arg),
                                void *arg)
{
    loop->loop__handler = handler;
    loop->loop__handler_arg = arg;
}

void loop_default_exception_handler(struct loop *loop, const struct loop_exception *e, void *arg)
{
    (void)loop, (void)arg;
    fprintf(stderr, "%s: %s%s%s%s%s\n", e->message, e->name ? e->name : "", e->name ? ": " : "",
            loop_error_name(e->exc.code), e->exc.text ? ": " : "", e->exc.text ? e->exc.text : "");
}

void loop_call_exception_handler(struct loop *loop, const struct loop_exception *e)
{
    if (loop->loop__handler != NULL)
        loop->loop__handler(loop, e, loop->loop__handler_arg);
    else
        loop_default_exception_handler(loop, e, NULL);
}

void loop_set_debug(struct loop *loop, bool debug)
{
    loop->debug = debug;
    loop->scheduler.longest_step = 0;
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
#define NAMED(name, text)                                                                          \
    case name:                                                                                     \
        return #name ": " text;
        LOOP__ERRORS(NAMED)
#undef NAMED
    default:
        return code > 0 && code < GEN_STOP ? strerror(code) : gen_error_name(code);
    }
}
