/* task.h - tasks, futures, timers and cancellation for gen.h's coroutines; freestanding.
 *
 *     gen_declare(blink, void);                       a coroutine yields nothing: it waits
 *     struct blink { struct gen gen; int times; };
 *
 *     gen_define(blink)
 *     {
 *         gen_begin();
 *         for (; self->times > 0; self->times--) {
 *             led_toggle();
 *             task_sleep(0.5);                        await asyncio.sleep(0.5)
 *         }
 *         gen_end();
 *     }
 *
 *     struct task_scheduler s;   struct task t = {0};   struct blink b = {.times = 10};
 *     task_scheduler_init(&s, &hooks, NULL);
 *     task_start(&s, &t, blink_any(&b), "blink");
 *     task_run(&s, &t.future);
 *
 * A scheduler runs tasks in turns, first in first out: one turn is what was ready when it began.
 * A task waits for one thing at a time, so its `struct task` holds all that any wait needs, and
 * nothing is allocated. The host gives a clock and a way to idle (struct task_hooks).
 *
 * Names and meaning are asyncio's, but for: cancellation is a state, not an event (trio's cancel
 * scopes): once cancelled, every wait raises GEN_CANCELLED until the scope is left, and a wait
 * that is over before the cancel comes keeps its value. A task that was cancelled by others shows
 * TASK_ECANCELLED to those who await it, so that nobody mistakes it for his own cancellation.
 *
 * CONTENTS   1 types   2 the host   3 tasks and futures, outside and inside a body   4 inside a body
 *            5 the machinery
 *
 * One scheduler belongs to one thread. Costs are per call: start, wake, wait O(1); a timer
 * O(log n) amortised to fire, O(1) to set (a pairing heap: Fredman et al. 1986).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TASK_H
#define TASK_H

#include "gen.h"

/* ==== 1. Types =============================================================================== */

/* Time on the scheduler's clock, and spans of it, in ticks. */
typedef int64_t task_time;
#define TASK_NEVER INT64_MAX
#ifndef TASK_TICKS_PER_SECOND
#define TASK_TICKS_PER_SECOND INT64_C(1000000000)
#endif

/* Codes, beside gen.h's. */
enum {
    TASK_ECANCELLED = 1100, /* what was awaited has been cancelled */
    TASK_ETIMEOUT,          /* task_timeout: the deadline came first */
    TASK_ETIME              /* a span that is not a number */
};

enum task_state { TASK_PENDING, TASK_DONE, TASK_FAILED, TASK_CANCELLED };

struct task_scheduler;

/* What can be ready, wait, or be due: in one queue at a time. Private. */
struct task_node {
    struct task_node *task__next, *task__prev, *task__child;
    struct task_scheduler *task__scheduler;
    task_time task__when;
    uint32_t task__order; /* equal deadlines fire in the order they were set */
    uint8_t task__kind, task__place, task__flags;
};

/* Something that will be done. All zero: pending. Put one first in a struct of yours, with the
 * value beside it. */
struct task_future {
    struct task_node *task__waiters;
    const char *task__text;
    int16_t task__code;
    uint8_t task__state, task__bits;
};

/* A running coroutine; a future first of all. All zero before task_start. It must stay where it is
 * until it is done, and so must its coroutine's frame; if it failed, until somebody has seen that
 * (task_await, task_gather, task_error), or task_report_all has told it. */
struct task {
    struct task_future future;
    const char *name; /* ro; NULL: none */
    struct gen_any task__coroutine;
    struct task_node task__node;
    struct task_scope *task__scope;
    struct task_future *task__waiting;
    struct task *task__next, *task__prev; /* of all tasks of the scheduler */
};

/* A call that is queued, timed or waits for a future: asyncio's Handle. The memory is the caller's
 * until the call was made or cancelled. */
struct task_call {
    struct task_node task__node;
    void (*task__fn)(void *arg);
    void *task__arg;
    struct task_future *task__future;
};

/* A stretch of a body that can be cancelled, have a deadline, or be shielded: see task_scope. */
struct task_scope {
    struct task_node task__timer;
    struct task *task__task;
    struct task_scope *task__outer;
    bool task__cancelled, task__shield, task__timeout, task__expired;
};

/* A future that wants to know when nobody waits for it any more. For those who build on task.h. */
struct task_source {
    struct task_future future;
    void (*leave)(struct task_source *source);
};

/* ==== 2. The host ============================================================================ */

struct task_hooks {
    /* The time now, in ticks; never goes back. */
    task_time (*now)(void *host);
    /* Nothing is ready before `until` (TASK_NEVER: no deadline): wait for what the host waits for.
     * May return early. If `until` is past, look for events but do not wait. */
    void (*idle)(void *host, task_time until);
    /* For task_spawn; may be NULL. `allocate` returns NULL when there is no room. */
    void *(*allocate)(size_t size);
    void (*release)(void *memory);
    /* A task failed and nobody awaited it; may be NULL. */
    void (*failed)(void *host, const struct task *task, struct gen_exc exc);
};

struct task_scheduler {
    const struct task_hooks *hooks;
    void *host;
    struct task *current; /* ro; NULL between steps and in calls */
    struct task_node *task__ready, *task__turn, *task__timers;
    struct task *task__all;
    uint32_t task__order;
};

static inline void task_scheduler_init(struct task_scheduler *s, const struct task_hooks *hooks,
                                       void *host);

/* Runs turns until `future` is done. The host's idle must come back for that. */
static inline void task_run(struct task_scheduler *s, const struct task_future *future);

/* One round of task_run: waits through the host if nothing is ready, then runs a turn. */
static inline void task_run_once(struct task_scheduler *s);

/* Is a task alive, or still to be released? The end of a program: task_cancel_all, task_run_once
 * while one is, and task_report_all, which gives the failures nobody awaited to hooks->failed. */
static inline bool task_any_alive(const struct task_scheduler *s);
static inline void task_cancel_all(struct task_scheduler *s, const struct task *but);
static inline void task_report_all(struct task_scheduler *s);

/* ==== 3. Tasks, futures, calls: from anywhere on the scheduler's thread ====================== */

/* Seconds as ticks, rounded down; never beyond what the clock can have. Not a number: -1. */
static inline task_time task_ticks(double seconds);

/* Queues the first step of a task whose memory is the caller's. 0, or GEN_EBADSTATE if it runs. */
static inline int task_start(struct task_scheduler *s, struct task *t, struct gen_any coroutine,
                             const char *name);

/* struct task *task_spawn_on(s, NAME, .field = v, ...): the task and its frame in memory of
 * hooks->allocate; NULL if there is none. Released when the task is done and those who waited for it
 * have had their turn, which is when they may look at it. To look later, task_keep it, and task_drop
 * it in the end. */
#define task_spawn_on(...)                                                                         \
    TASK__SPAWN(GEN__FIRST(__VA_ARGS__, 0), GEN__SECOND(__VA_ARGS__, 0, 0), __VA_ARGS__)
static inline struct task *task_keep(struct task *t);
static inline void task_drop(struct task *t);

/* struct NAME *task_frame(NAME, t): a task's frame, for its result. */
#define task_frame(NAME, t) ((struct NAME *)(t)->task__coroutine.frame)

/* Asks a task to stop: from now on each wait of its raises GEN_CANCELLED, outside shields. If it
 * awaits a task, that one is cancelled, and it goes on when that one is done. A task that has not
 * begun never will. False: it is done already. */
static inline bool task_cancel(struct task *t);

/* The state of a future or task, and what it failed with. */
static inline enum task_state task_state(const struct task_future *f);
static inline bool task_done(const struct task_future *f);
static inline struct gen_exc task_error(struct task_future *f);

/* Ends a future; its waiters become ready in the order they came. False, and no change: it is done
 * already, or (task_future_fail) the code is 0. */
static inline bool task_future_set(struct task_future *f);
static inline bool task_future_fail(struct task_future *f, int code, const char *text);
static inline bool task_future_cancel(struct task_future *f);

/* Calls fn(arg) in the next turn; at a time; when a future is done. Never from within. `call` is
 * all zero at first, may be used again after its call, and must not be queued: GEN_EBADSTATE. */
static inline int task_call_soon(struct task_scheduler *s, struct task_call *call,
                                 void (*fn)(void *), void *arg);
static inline int task_call_at(struct task_scheduler *s, struct task_call *call, task_time when,
                               void (*fn)(void *), void *arg);
static inline int task_call_when_done(struct task_scheduler *s, struct task_call *call,
                                      struct task_future *f, void (*fn)(void *), void *arg);
static inline bool task_call_cancel(struct task_call *call); /* false: it was not queued */

/* Cancels a scope, if it is entered. */
static inline void task_scope_cancel(struct task_scope *scope);

/* ==== 4. Inside a body that runs in a task =================================================== */

/* struct task *: the task that runs this body. */
#define task_current() ((struct task *)gen_context)

/* struct task *task_spawn(NAME, .field = v, ...): task_spawn_on this task's scheduler. */
#define task_spawn(...) task_spawn_on(task_current()->task__node.task__scheduler, __VA_ARGS__)

/* await asyncio.sleep(seconds). 0 or less: one turn. A cancel loses nothing. TASK_ETIME: NaN. */
#define task_sleep(seconds) TASK__WAIT(task__sleep(gen_context, task_ticks(seconds)))

/* The same, until a time of the scheduler's clock. */
#define task_sleep_until(when) TASK__WAIT(task__sleep_until(gen_context, (when)))

/* Waits for a future (&t->future for a task) and raises what it failed with; TASK_ECANCELLED if it
 * was cancelled. A cancel of the waiting task is passed on to an awaited task; a mere future is
 * left alone. GEN_EBADSTATE: tasks would await each other in a circle, which would never end. */
#define task_await(f) TASK__WAIT(task__await(gen_context, (f)))

/* task_scope (&self->scope) { ... } task_end_scope
 *     A block that task_scope_cancel(&self->scope) cancels: every wait in it raises GEN_CANCELLED,
 *     which ends with the block.
 * task_timeout (&self->scope, seconds) { ... } task_end_scope
 *     The same with a deadline, after which TASK_ETIMEOUT is raised. A block that ends before, or
 *     never waits, is not disturbed.
 * task_shield (&self->scope) { ... } task_end_scope
 *     Cancels from outside wait until the block is over: for cleanup that has to wait.
 *
 * The scope lives in the frame; the frame has a gen_unwind for each nesting of these too. */
#define task_scope(scope) TASK__SCOPE(scope, TASK_NEVER, false, false)
#define task_timeout(scope, seconds) TASK__SCOPE(scope, task_ticks(seconds), false, true)
#define task_shield(scope) TASK__SCOPE(scope, TASK_NEVER, true, false)
#define task_end_scope TASK__END_SCOPE

/* await asyncio.gather(...): waits for all futures of self->gather.slots, an array of the user's.
 * The first failure is raised at once, and the others go on. A cancel cancels all tasks among them.
 *
 *     struct task_slot slots[2];  struct task_gather gather;          in the frame
 *     self->slots[0].future = &self->a.future; ...
 *     task_gather(&self->gather, self->slots, 2);
 */
struct task_slot {
    struct task_future *future;
    struct task_call task__call;
    struct task_gather *task__gather;
};
struct task_gather {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_future task__all;
    struct task_slot *task__slots;
    size_t task__count, task__left;
};
#define task_gather(gather, slots, count)                                                          \
    do {                                                                                           \
        task__gather_init((gather), (slots), (count));                                             \
        gen_await(task_gather, (gather));                                                          \
    } while (0)

/* ============================================================================================= */
/* ==== 5. The machinery. Users need not read on. ============================================== */
/* ============================================================================================= */

enum { TASK__IS_TASK = 1, TASK__IS_SOURCE = 2, TASK__RETRIEVED = 4 }; /* future bits */
enum { TASK__KIND_TASK, TASK__KIND_CALL, TASK__KIND_SCOPE };          /* node kinds */
enum { TASK__NOWHERE, TASK__READY, TASK__WAITS, TASK__TIMED };        /* node places */
enum { TASK__CANCEL = 1, TASK__HEAP = 2, TASK__KEPT = 4, TASK__STARTED = 8, TASK__POLLS = 16 };
enum { TASK__OWN_MEMORY = TASK__HEAP | TASK__KEPT };

#define TASK__OF(type, member, pointer) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* -- Rings: doubly linked, a pointer to the first ---------------------------------------------- */

static inline void task__ring_add(struct task_node **first, struct task_node *n)
{
    struct task_node *head = *first;
    if (head == NULL) {
        n->task__next = n->task__prev = n;
        *first = n;
    } else {
        n->task__next = head;
        n->task__prev = head->task__prev;
        n->task__prev->task__next = n;
        head->task__prev = n;
    }
}

static inline void task__ring_remove(struct task_node **first, struct task_node *n)
{
    if (*first == n)
        *first = n->task__next == n ? NULL : n->task__next;
    n->task__next->task__prev = n->task__prev;
    n->task__prev->task__next = n->task__next;
}

static inline void task__ready(struct task_node *n)
{
    n->task__place = TASK__READY;
    task__ring_add(&n->task__scheduler->task__ready, n);
}

/* -- Timers: a pairing heap. `prev` is the sibling before, or the parent of a first child. ----- */

static inline bool task__before(const struct task_node *a, const struct task_node *b)
{
    return a->task__when < b->task__when ||
           (a->task__when == b->task__when && (int32_t)(a->task__order - b->task__order) < 0);
}

static inline struct task_node *task__meld(struct task_node *a, struct task_node *b)
{
    if (a == NULL || b == NULL)
        return a ? a : b;
    if (task__before(b, a)) {
        struct task_node *t = a;
        a = b;
        b = t;
    }
    b->task__next = a->task__child;
    b->task__prev = a;
    if (b->task__next != NULL)
        b->task__next->task__prev = b;
    a->task__child = b;
    return a;
}

/* Melds siblings in pairs from the left, then the pairs from the right. */
static inline struct task_node *task__meld_all(struct task_node *n)
{
    struct task_node *pairs = NULL, *heap = NULL;
    while (n != NULL) {
        struct task_node *a = n, *b = n->task__next;
        n = b ? b->task__next : NULL;
        a->task__next = NULL;
        if (b != NULL)
            b->task__next = NULL;
        a = task__meld(a, b);
        a->task__next = pairs;
        pairs = a;
    }
    while (pairs != NULL) {
        struct task_node *rest = pairs->task__next;
        pairs->task__next = NULL;
        heap = task__meld(heap, pairs);
        pairs = rest;
    }
    return heap;
}

static inline void task__timer_set(struct task_scheduler *s, struct task_node *n, task_time when)
{
    n->task__when = when;
    n->task__order = s->task__order++;
    n->task__next = n->task__prev = n->task__child = NULL;
    n->task__place = TASK__TIMED;
    s->task__timers = task__meld(s->task__timers, n);
}

static inline void task__timer_stop(struct task_node *n)
{
    struct task_scheduler *s = n->task__scheduler;
    struct task_node *below = task__meld_all(n->task__child);
    n->task__place = TASK__NOWHERE;
    if (s->task__timers == n) {
        s->task__timers = below;
        if (below != NULL)
            below->task__prev = NULL;
        return;
    }
    if (n->task__prev->task__child == n)
        n->task__prev->task__child = n->task__next;
    else
        n->task__prev->task__next = n->task__next;
    if (n->task__next != NULL)
        n->task__next->task__prev = n->task__prev;
    n->task__next = n->task__prev = NULL;
    s->task__timers = task__meld(s->task__timers, below);
}

static inline task_time task__now(struct task_scheduler *s)
{
    return s->hooks->now(s->host);
}

static inline task_time task__after(struct task_scheduler *s, task_time span)
{
    task_time now = task__now(s);
    return now > 0 && span > TASK_NEVER - now ? TASK_NEVER : now + span;
}

static inline task_time task_ticks(double seconds)
{
    double ticks = seconds * (double)TASK_TICKS_PER_SECOND;
    if (seconds != seconds)
        return -1;
    return ticks >= 9.2e18 ? TASK_NEVER : ticks <= 0 ? 0 : (task_time)ticks;
}

/* -- Scopes ----------------------------------------------------------------------------------- */

static inline bool task__cancelled_from(const struct task *t, const struct task_scope *scope)
{
    for (; scope != NULL; scope = scope->task__outer) {
        if (scope->task__cancelled)
            return true;
        if (scope->task__shield)
            return false;
    }
    return (t->task__node.task__flags & TASK__CANCEL) != 0;
}

static inline bool task__is_cancelled(const struct task *t)
{
    return task__cancelled_from(t, t->task__scope);
}

/* -- Waiting ---------------------------------------------------------------------------------- */

/* What the task's wait came to; task.future holds it until the task itself is done. */
static inline void task__settle(struct task *t, int code, const char *text)
{
    t->future.task__code = (int16_t)code;
    t->future.task__text = text;
}

static inline void task__forget(struct task *t)
{
    struct task_scheduler *s = t->task__node.task__scheduler;
    if (t->task__prev != NULL)
        t->task__prev->task__next = t->task__next;
    else if (s->task__all == t)
        s->task__all = t->task__next;
    if (t->task__next != NULL)
        t->task__next->task__prev = t->task__prev;
    t->task__next = t->task__prev = NULL;
}

/* Somebody has seen what a future came to: its scheduler need not know it any more. What is on the
 * heap it knows until that is released. */
static inline void task__retrieved(struct task_future *f)
{
    if (f->task__state == TASK_PENDING)
        return;
    f->task__bits |= TASK__RETRIEVED;
    if (f->task__bits & TASK__IS_TASK) {
        /* volatile: gcc, where it sees a mere future, would warn that no task has room in it */
        struct task *volatile t = (struct task *)(void *)f;
        if (!(t->task__node.task__flags & TASK__HEAP))
            task__forget(t);
    }
}

static inline void task__settle_by(struct task *t, struct task_future *f)
{
    task__retrieved(f);
    if (f->task__state == TASK_CANCELLED)
        task__settle(t, task__is_cancelled(t) ? (int)GEN_CANCELLED : (int)TASK_ECANCELLED, NULL);
    else
        task__settle(t, f->task__state == TASK_FAILED ? f->task__code : 0, f->task__text);
}

/* Takes a waiting task out of its queue. */
static inline void task__unwait(struct task *t)
{
    struct task_future *f = t->task__waiting;
    if (t->task__node.task__place == TASK__TIMED)
        task__timer_stop(&t->task__node);
    if (f != NULL) {
        task__ring_remove(&f->task__waiters, &t->task__node);
        t->task__waiting = NULL;
        if ((f->task__bits & TASK__IS_SOURCE) && f->task__waiters == NULL) {
            struct task_source *source = TASK__OF(struct task_source, future, f);
            source->leave(source);
        }
    }
    t->task__node.task__place = TASK__NOWHERE;
}

/* The task that a future is, or NULL. */
static inline struct task *task__of_future(struct task_future *f)
{
    return f != NULL && (f->task__bits & TASK__IS_TASK) ? (struct task *)(void *)f : NULL;
}

/* The task that t waits for, or NULL. */
static inline struct task *task__awaited(const struct task *t)
{
    return task__of_future(t->task__waiting);
}

/* Ends the wait of a task that has been cancelled, or of the last in a chain of tasks that await one
 * another. A wait that is over already keeps its value. */
static inline void task__interrupt(struct task *t)
{
    while (t->task__node.task__place >= TASK__WAITS && task__is_cancelled(t)) {
        struct task *awaited = task__awaited(t);
        if (awaited == NULL) {
            task__unwait(t);
            task__settle(t, GEN_CANCELLED, NULL);
            task__ready(&t->task__node);
            return;
        }
        if (awaited->task__node.task__flags & TASK__CANCEL)
            return;
        awaited->task__node.task__flags |= TASK__CANCEL;
        t = awaited;
    }
}

/* Each wait: returns true if the body has to suspend; what it came to is settled. */
static inline bool task__may_wait(struct task *t)
{
    bool cancelled = task__is_cancelled(t);
    task__settle(t, cancelled ? GEN_CANCELLED : 0, NULL);
    return !cancelled;
}

/* Would t wait for itself, through the chain of tasks that f waits in? Not if nobody waits for t. */
static inline bool task__circle(const struct task *t, struct task_future *f)
{
    const struct task *last = task__of_future(f);
    if (last == t)
        return true;
    if (t->future.task__waiters == NULL)
        return false;
    while (last != NULL && last != t)
        last = task__awaited(last);
    return last != NULL;
}

static inline bool task__await(void *context, struct task_future *f)
{
    struct task *t = (struct task *)context;
    if (t == NULL)
        return false;
    if (f->task__state != TASK_PENDING) {
        task__settle_by(t, f);
        return false;
    }
    if (!task__may_wait(t))
        return false;
    if (task__circle(t, f)) {
        task__settle(t, GEN_EBADSTATE, "tasks await each other in a circle");
        return false;
    }
    t->task__waiting = f;
    t->task__node.task__place = TASK__WAITS;
    task__ring_add(&f->task__waiters, &t->task__node);
    return true;
}

static inline bool task__sleep_until(void *context, task_time when)
{
    struct task *t = (struct task *)context;
    if (t == NULL || !task__may_wait(t))
        return false;
    task__timer_set(t->task__node.task__scheduler, &t->task__node, when);
    return true;
}

static inline bool task__sleep(void *context, task_time span)
{
    struct task *t = (struct task *)context;
    if (t == NULL)
        return false;
    if (span < 0) {
        task__settle(t, TASK_ETIME, "not a number of seconds");
        return false;
    }
    if (span > 0)
        return task__sleep_until(t, task__after(t->task__node.task__scheduler, span));
    if (!task__may_wait(t))
        return false;
    task__ready(&t->task__node);
    return true;
}

static inline struct gen_exc task__outcome(const void *context)
{
    const struct task *t = (const struct task *)context;
    struct gen_exc exc;
    exc.code = t ? t->future.task__code : (int)GEN_EBADSTATE;
    exc.text = t ? t->future.task__text : "a wait outside a task";
    return exc;
}

#define TASK__WAIT(begin)                                                                          \
    do {                                                                                           \
        if (begin)                                                                                 \
            gen_suspend();                                                                         \
        if (task__outcome(gen_context).code != 0)                                                  \
            gen_raise(task__outcome(gen_context).code, task__outcome(gen_context).text);           \
    } while (0)

static inline void task_scope_cancel(struct task_scope *scope)
{
    if (scope->task__task != NULL) {
        scope->task__cancelled = true;
        task__interrupt(scope->task__task);
    }
}

/* False: it is not entered; why, is settled. */
static inline bool task__scope_enter(void *context, struct task_scope *scope, task_time span,
                                     bool shield, bool timeout)
{
    struct task *t = (struct task *)context;
    if (t == NULL)
        return false;
    if (span < 0) {
        task__settle(t, TASK_ETIME, "not a number of seconds");
        return false;
    }
    scope->task__task = t;
    scope->task__cancelled = scope->task__expired = false;
    scope->task__shield = shield;
    scope->task__timeout = timeout;
    scope->task__timer.task__place = TASK__NOWHERE;
    scope->task__timer.task__kind = TASK__KIND_SCOPE;
    scope->task__timer.task__scheduler = t->task__node.task__scheduler;
    scope->task__outer = t->task__scope;
    t->task__scope = scope;
    if (span != TASK_NEVER) {
        struct task_scheduler *s = t->task__node.task__scheduler;
        if (span > 0)
            task__timer_set(s, &scope->task__timer, task__after(s, span));
        else
            scope->task__cancelled = scope->task__expired = true;
    }
    return true;
}

static inline void task__scope_leave(void *context)
{
    struct task *t = (struct task *)context;
    struct task_scope *scope = t->task__scope;
    if (scope->task__timer.task__place == TASK__TIMED)
        task__timer_stop(&scope->task__timer);
    t->task__scope = scope->task__outer;
    scope->task__task = NULL;
}

/* A scope ends the cancellation that is its own, unless one around it goes on. */
static inline bool task__scope_absorbs(const void *context)
{
    const struct task *t = (const struct task *)context;
    const struct task_scope *scope = t->task__scope;
    return scope->task__cancelled &&
           (scope->task__shield || !task__cancelled_from(t, scope->task__outer));
}

#define TASK__SCOPE(scope, span, shield, timeout)                                                  \
    {                                                                                              \
        if (!task__scope_enter(gen_context, (scope), (span), (shield), (timeout)))                 \
            gen_raise(task__outcome(gen_context).code, task__outcome(gen_context).text);           \
        gen_try_finally                                                                            \
            gen_try

#define TASK__END_SCOPE                                                                            \
    gen_except (GEN_CANCELLED) {                                                                   \
        if (!task__scope_absorbs(gen_context))                                                     \
            gen_reraise();                                                                         \
        if (task_current()->task__scope->task__timeout &&                                          \
            task_current()->task__scope->task__expired)                                            \
            gen_raise(TASK_ETIMEOUT, "timed out");                                                 \
    }                                                                                              \
    gen_end_try                                                                                    \
    gen_finally {                                                                                  \
        task__scope_leave(gen_context);                                                            \
    }                                                                                              \
    gen_end_finally                                                                                \
    }

/* -- Futures ---------------------------------------------------------------------------------- */

static inline enum task_state task_state(const struct task_future *f)
{
    return (enum task_state)f->task__state;
}

static inline bool task_done(const struct task_future *f)
{
    return f->task__state != TASK_PENDING;
}

static inline struct gen_exc task_error(struct task_future *f)
{
    struct gen_exc exc;
    task__retrieved(f);
    exc.code = f->task__state == TASK_FAILED      ? f->task__code
               : f->task__state == TASK_CANCELLED ? TASK_ECANCELLED
               : f->task__state == TASK_PENDING   ? GEN_EBADSTATE
                                                  : 0;
    exc.text = f->task__state == TASK_FAILED ? f->task__text : NULL;
    return exc;
}

static inline bool task__finish(struct task_future *f, enum task_state state, int code,
                                const char *text)
{
    if (task_done(f))
        return false;
    f->task__state = (uint8_t)state;
    f->task__code = (int16_t)code;
    f->task__text = text;
    while (f->task__waiters != NULL) {
        struct task_node *n = f->task__waiters;
        task__ring_remove(&f->task__waiters, n);
        f->task__bits |= TASK__RETRIEVED;
        if (n->task__kind == TASK__KIND_TASK) {
            struct task *t = TASK__OF(struct task, task__node, n);
            t->task__waiting = NULL;
            task__settle_by(t, f);
        }
        task__ready(n);
    }
    return true;
}

static inline bool task_future_set(struct task_future *f)
{
    return task__finish(f, TASK_DONE, 0, NULL);
}

static inline bool task_future_fail(struct task_future *f, int code, const char *text)
{
    return code != 0 && task__finish(f, TASK_FAILED, gen__exception(code, text).code, text);
}

static inline bool task_future_cancel(struct task_future *f)
{
    return task__finish(f, TASK_CANCELLED, GEN_CANCELLED, NULL);
}

/* -- Calls ------------------------------------------------------------------------------------ */

static inline bool task__call_init(struct task_scheduler *s, struct task_call *call,
                                   void (*fn)(void *), void *arg)
{
    if (call->task__node.task__place != TASK__NOWHERE)
        return false;
    call->task__node.task__scheduler = s;
    call->task__node.task__kind = TASK__KIND_CALL;
    call->task__fn = fn;
    call->task__arg = arg;
    call->task__future = NULL;
    return true;
}

static inline int task_call_soon(struct task_scheduler *s, struct task_call *call,
                                 void (*fn)(void *), void *arg)
{
    if (!task__call_init(s, call, fn, arg))
        return GEN_EBADSTATE;
    task__ready(&call->task__node);
    return 0;
}

static inline int task_call_at(struct task_scheduler *s, struct task_call *call, task_time when,
                               void (*fn)(void *), void *arg)
{
    if (!task__call_init(s, call, fn, arg))
        return GEN_EBADSTATE;
    task__timer_set(s, &call->task__node, when);
    return 0;
}

static inline int task_call_when_done(struct task_scheduler *s, struct task_call *call,
                                      struct task_future *f, void (*fn)(void *), void *arg)
{
    if (!task__call_init(s, call, fn, arg))
        return GEN_EBADSTATE;
    if (task_done(f)) {
        task__retrieved(f);
        task__ready(&call->task__node);
    } else {
        call->task__future = f;
        call->task__node.task__place = TASK__WAITS;
        task__ring_add(&f->task__waiters, &call->task__node);
    }
    return 0;
}

/* Out of the ready queue, or of the part of it that this turn runs. */
static inline void task__unready(struct task_node *n)
{
    struct task_scheduler *s = n->task__scheduler;
    struct task_node **first = s->task__turn == n ? &s->task__turn : &s->task__ready;
    task__ring_remove(first, n);
}

static inline bool task_call_cancel(struct task_call *call)
{
    struct task_node *n = &call->task__node;
    switch (n->task__place) {
    case TASK__NOWHERE:
        return false;
    case TASK__READY:
        task__unready(n);
        break;
    case TASK__WAITS:
        task__ring_remove(&call->task__future->task__waiters, n);
        break;
    default:
        task__timer_stop(n);
        break;
    }
    n->task__place = TASK__NOWHERE;
    return true;
}

/* -- Tasks ------------------------------------------------------------------------------------ */

static inline void task__report(struct task *t)
{
    struct task_scheduler *s = t->task__node.task__scheduler;
    if (t->future.task__state == TASK_FAILED && !(t->future.task__bits & TASK__RETRIEVED)) {
        struct gen_exc exc = task_error(&t->future);
        if (s->hooks->failed != NULL)
            s->hooks->failed(s->host, t, exc);
    }
}

static inline int task_start(struct task_scheduler *s, struct task *t, struct gen_any coroutine,
                             const char *name)
{
    const struct task fresh = {{NULL, NULL, 0, TASK_PENDING, TASK__IS_TASK},
                               NULL,
                               {NULL, NULL},
                               {NULL, NULL, NULL, NULL, 0, 0, TASK__KIND_TASK, 0, 0},
                               NULL,
                               NULL,
                               NULL,
                               NULL};
    if (t->task__node.task__scheduler != NULL && !task_done(&t->future))
        return GEN_EBADSTATE;
    if (t->task__node.task__scheduler != NULL) {
        task__report(t);
        task__forget(t);
    }
    *t = fresh;
    t->name = name;
    t->task__coroutine = coroutine;
    t->task__node.task__scheduler = s;
    if (s->task__all != NULL) {
        t->task__next = s->task__all;
        s->task__all->task__prev = t;
    }
    s->task__all = t;
    task__ready(&t->task__node);
    return 0;
}

#define TASK__SPAWN(...) TASK__SPAWN_(__VA_ARGS__)
#define TASK__SPAWN_(s, NAME, ...)                                                                 \
    task__spawn((s), &GEN__LITERAL(NAME, GEN__FRAME_AFTER_2(__VA_ARGS__, )), sizeof(struct NAME),  \
                NAME##_gen__erased, #NAME)

/* A task on the heap is done, and nobody keeps it. */
static inline void task__release(struct task *t)
{
    if ((t->task__node.task__flags & TASK__OWN_MEMORY) != TASK__HEAP)
        return;
    task__report(t);
    task__forget(t);
    t->task__node.task__scheduler->hooks->release(t);
}

static inline struct task *task_keep(struct task *t)
{
    if (t != NULL)
        t->task__node.task__flags |= TASK__KEPT;
    return t;
}

static inline void task_drop(struct task *t)
{
    t->task__node.task__flags &= (uint8_t)~TASK__KEPT;
    if (task_done(&t->future) && t->task__node.task__place == TASK__NOWHERE)
        task__release(t);
}

static inline struct task *task__spawn(struct task_scheduler *s, const void *frame, size_t size,
                                       enum gen_status (*resume)(void *, struct gen_io *),
                                       const char *name)
{
    const size_t at = GEN__ROUND(sizeof(struct task));
    char *memory = s->hooks->allocate ? (char *)s->hooks->allocate(at + size) : NULL;
    struct task *t = (struct task *)(void *)memory;
    struct gen_any coroutine;
    size_t i;
    if (t == NULL)
        return NULL;
    for (i = 0; i < size; i++)
        memory[at + i] = ((const char *)frame)[i];
    coroutine.frame = memory + at;
    coroutine.resume = resume;
    t->task__node.task__scheduler = NULL;
    (void)task_start(s, t, coroutine, name);
    t->task__node.task__flags |= TASK__HEAP;
    return t;
}

static inline bool task_cancel(struct task *t)
{
    if (t->task__node.task__scheduler == NULL || task_done(&t->future))
        return false;
    t->task__node.task__flags |= TASK__CANCEL;
    task__interrupt(t);
    return true;
}

/* A task is done: those who wait are told, and what is on the heap gets a turn after theirs, to be
 * released in. A failure that nobody has seen stays on the list of all tasks, for task_report_all. */
static inline void task__end(struct task *t, enum gen_status st, struct gen_exc exc)
{
    enum task_state state = st == GEN_RETURNED          ? TASK_DONE
                            : exc.code == GEN_CANCELLED ? TASK_CANCELLED
                                                        : TASK_FAILED;
    t->future.task__code = 0;
    (void)task__finish(&t->future, state, state == TASK_DONE ? 0 : exc.code,
                       state == TASK_DONE ? NULL : exc.text);
    if (t->task__node.task__flags & TASK__HEAP)
        task__ready(&t->task__node);
    else if (state != TASK_FAILED || (t->future.task__bits & TASK__RETRIEVED))
        task__forget(t);
}

/* One step of a task. */
static inline void task__step(struct task *t)
{
    struct task_scheduler *s = t->task__node.task__scheduler;
    const uint8_t flags = t->task__node.task__flags;
    struct gen_io io;
    enum gen_status st;
    gen__io_init(&io, NULL, NULL);
    io.exc.text = NULL;
    io.context = t;
    if ((!(flags & TASK__STARTED) || (flags & TASK__POLLS)) && task__is_cancelled(t))
        io.exc.code = GEN_CANCELLED;
    t->task__node.task__flags = (uint8_t)((flags | TASK__STARTED) & ~TASK__POLLS);
    s->current = t;
    st = t->task__coroutine.resume(t->task__coroutine.frame, &io);
    while (st == GEN_YIELDED) {
        io.exc = gen__exception(GEN_EBADSTATE, "a task's coroutine yields a value");
        st = t->task__coroutine.resume(t->task__coroutine.frame, &io);
    }
    s->current = NULL;
    if (st != GEN_PENDING)
        task__end(t, st, io.exc);
    else if (t->task__node.task__place == TASK__NOWHERE) {
        t->task__node.task__flags |= TASK__POLLS; /* gen_wait_until: it looks again each turn */
        task__ready(&t->task__node);
    }
}

/* -- The scheduler ---------------------------------------------------------------------------- */

static inline void task_scheduler_init(struct task_scheduler *s, const struct task_hooks *hooks,
                                       void *host)
{
    s->hooks = hooks;
    s->host = host;
    s->current = NULL;
    s->task__ready = s->task__turn = s->task__timers = NULL;
    s->task__all = NULL;
    s->task__order = 0;
}

static inline void task__fire_timers(struct task_scheduler *s)
{
    task_time now;
    if (s->task__timers == NULL)
        return;
    now = task__now(s);
    while (s->task__timers != NULL && s->task__timers->task__when <= now) {
        struct task_node *n = s->task__timers;
        task__timer_stop(n);
        if (n->task__kind == TASK__KIND_SCOPE) {
            struct task_scope *scope = TASK__OF(struct task_scope, task__timer, n);
            scope->task__expired = true;
            task_scope_cancel(scope);
        } else
            task__ready(n);
    }
}

static inline void task_run_once(struct task_scheduler *s)
{
    task_time until = s->task__ready    ? INT64_MIN
                      : s->task__timers ? s->task__timers->task__when
                                        : TASK_NEVER;
    s->hooks->idle(s->host, until);
    task__fire_timers(s);
    s->task__turn = s->task__ready;
    s->task__ready = NULL;
    while (s->task__turn != NULL) {
        struct task_node *n = s->task__turn;
        task__ring_remove(&s->task__turn, n);
        n->task__place = TASK__NOWHERE;
        if (n->task__kind == TASK__KIND_TASK) {
            struct task *t = TASK__OF(struct task, task__node, n);
            if (task_done(&t->future))
                task__release(t);
            else
                task__step(t);
        } else {
            struct task_call *call = TASK__OF(struct task_call, task__node, n);
            call->task__fn(call->task__arg);
        }
    }
}

static inline void task_run(struct task_scheduler *s, const struct task_future *future)
{
    while (!task_done(future))
        task_run_once(s);
}

static inline bool task_any_alive(const struct task_scheduler *s)
{
    const struct task *t = s->task__all;
    while (t != NULL && task_done(&t->future) && t->task__node.task__place == TASK__NOWHERE)
        t = t->task__next;
    return t != NULL;
}

static inline void task_cancel_all(struct task_scheduler *s, const struct task *but)
{
    struct task *t;
    for (t = s->task__all; t != NULL; t = t->task__next)
        if (t != but)
            (void)task_cancel(t);
}

static inline void task_report_all(struct task_scheduler *s)
{
    struct task *t, *next;
    for (t = s->task__all; t != NULL; t = next) {
        next = t->task__next;
        if (task_done(&t->future)) {
            task__report(t);
            task__forget(t);
        }
    }
}

/* -- gather ----------------------------------------------------------------------------------- */

gen_declare(task_gather, void);

static inline void task__gather_init(struct task_gather *g, struct task_slot *slots, size_t count)
{
    const struct task_future pending = {NULL, NULL, 0, TASK_PENDING, 0};
    g->gen.gen__label = GEN__CREATED;
    g->gen.gen__error = 0;
    g->task__all = pending;
    g->task__slots = slots;
    g->task__count = g->task__left = count;
    for (; count > 0; count--) {
        slots[count - 1].task__call.task__node.task__place = TASK__NOWHERE;
        slots[count - 1].task__gather = g;
    }
}

/* One of the futures is done. */
static inline void task__gathered(void *arg)
{
    struct task_slot *slot = (struct task_slot *)arg;
    struct task_gather *g = slot->task__gather;
    struct gen_exc exc = task_error(slot->future);
    if (exc.code != 0)
        (void)task_future_fail(&g->task__all, exc.code, exc.text);
    else if (--g->task__left == 0)
        (void)task_future_set(&g->task__all);
}

gen_define(task_gather)
{
    size_t i;
    gen_begin();
    for (i = 0; i < self->task__count; i++)
        (void)task_call_when_done(task_current()->task__node.task__scheduler,
                                  &self->task__slots[i].task__call, self->task__slots[i].future,
                                  task__gathered, &self->task__slots[i]);
    if (self->task__count == 0)
        gen_stop();
    gen_try_finally {
        gen_try {
            task_await(&self->task__all);
        }
        gen_except (GEN_CANCELLED) {
            for (i = 0; i < self->task__count; i++)
                if (self->task__slots[i].future->task__bits & TASK__IS_TASK)
                    (void)task_cancel((struct task *)(void *)self->task__slots[i].future);
            gen_reraise();
        }
        gen_end_try
    }
    gen_finally {
        for (i = 0; i < self->task__count; i++)
            (void)task_call_cancel(&self->task__slots[i].task__call);
    }
    gen_end_finally
    gen_end();
}

#endif
