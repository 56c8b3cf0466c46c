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
 * O(log n) amortised to fire, O(1) to set (a pairing heap: Fredman et al. 1986; on 64 bits behind
 * the lists of a radix heap, for millions).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TASK_H
#define TASK_H

#include "gen.h"

/* ==== 1. Types =============================================================================== */

/* Time on the scheduler's clock, and spans of it, in ticks.
 *
 * TASK_TIME_32, defined for all files of a program, which else do not link: time has 32 bits, for
 * processors with registers of 8 or 32. The clock runs over then, from INT32_MAX to INT32_MIN; of two
 * times that is before which is nearer so; and what is set is TASK_SPAN_MAX ticks ahead at most, which
 * is 12 days of milliseconds. A longer span is a TASK_ETIME; INFINITY still is no deadline. */
#ifndef TASK_TIME_32
typedef int64_t task_time;
#define TASK_NEVER INT64_MAX
#define TASK_SPAN_MAX INT64_MAX
#else
typedef int32_t task_time;
#define TASK_NEVER INT32_MAX
#define TASK_SPAN_MAX (INT32_MAX / 2)
#endif
/* Ticks of hooks->now in a second: nanoseconds, if nothing else is defined before the include, for
 * all files of a program. loop/ has nanoseconds. */
#ifndef TASK_TICKS_PER_SECOND
#define TASK_TICKS_PER_SECOND INT64_C(1000000000)
#endif

/* 0: a scheduler does not measure its turns, which takes code: longest_turn and longest_step stay as
 * they are. For the files that run it; the struct is the same. */
#ifndef TASK_MEASURE
#define TASK_MEASURE 1
#endif

/* Codes, beside gen.h's. */
enum {
    TASK_ECANCELLED = 1100, /* what was awaited has been cancelled */
    TASK_ETIMEOUT,          /* task_timeout: the deadline came first */
    TASK_ETIME,             /* a span that is not a number, or longer than TASK_SPAN_MAX */
    TASK_EDONE,             /* a future is done already             (InvalidStateError) */
    TASK_ENOTDONE,          /* a result is asked for too early      (InvalidStateError) */
    TASK_ESHUTDOWN,         /* a queue has been shut down           (QueueShutDown) */
    TASK_EBROKEN            /* a barrier is broken                  (BrokenBarrierError) */
};

/* Of a future, and so of a task; TASK_FAILED: by an error. */
enum task_state { TASK_PENDING, TASK_DONE, TASK_FAILED, TASK_CANCELLED };

struct task_scheduler;

/* What can be ready, wait, or be due: in one queue at a time. Private. */
struct task_node {
    struct task_node *task__next, *task__prev;
    union {
        struct task_node *child;    /* in the heap of timers */
        struct task_future *future; /* that it waits for */
    } task__of;
    struct task_scheduler *task__scheduler;
    union {
        task_time time; /* a deadline */
        void *item;     /* what a queue takes or gives */
    } task__due;
    uint32_t task__order; /* timed: of equal deadlines; ready: the turn it became so in */
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
    struct task_scope *task__scope;       /* the innermost; the last of them is its group's */
    const char *task__reason;             /* why it was cancelled */
    struct task *task__next, *task__prev; /* of its group, or of the scheduler */
};

/* A call that is queued, timed or waits for a future: asyncio's Handle. The memory is the caller's
 * until the call was made or cancelled. */
struct task_call {
    struct task_node task__node;
    void (*task__fn)(void *arg);
    void *task__arg;
};

/* A stretch of a body that can be cancelled, have a deadline, or be shielded: see task_scope. */
struct task_scope {
    struct task_node task__timer;
    struct task *task__task; /* NULL: not entered */
    struct task_scope *task__outer;
    const char *task__reason;
    uint8_t task__kind; /* TASK__SHIELD, ... */
    bool task__cancelled, task__expired;
};

/* A scope that owns tasks: see task_group. */
struct task_group {
    struct task_scope scope;
    struct gen_exc error;     /* ro: the first, of a task or of the block; code 0: none */
    struct gen_exc body;      /* ro: what left the block; code 0: nothing */
    struct task *task__tasks; /* those that run, and those that failed */
    struct task_future task__joined;
    uint32_t task__running;
    bool task__incomplete; /* a task was cancelled */
    bool task__raised;     /* the block raised GEN_CANCELLED, which nobody had asked for */
};

/* Something that is woken from anywhere: see task_wake. */
struct task_wakeup {
    struct task_call task__call;
    struct task_future task__woken;
    struct task_scheduler *task__scheduler;
    struct task_wakeup *task__next;
    uint8_t task__queued; /* atomic */
    bool task__set;
};

/* A future that wants to know of cancels: see task_source_init. For those who build on task.h. */
struct task_source {
    struct task_future future;
    /* The last of those who waited is gone; may be NULL. */
    void (*leave)(struct task_source *source);
    /* A waiting task is cancelled, which is settled: makes it ready, or wait for something else that
     * it must have before it may go on. NULL: it becomes ready. */
    void (*cancelled)(struct task_source *source, struct task *t);
};

/* ==== 2. The host ============================================================================ */

/* What a scheduler asks of its host, with the `host` it was given. To stay as long as it does. */
struct task_hooks {
    /* The time now, in ticks; never goes back. */
    task_time (*now)(void *host);
    /* Nothing is ready before `until` (TASK_NEVER: no deadline): wait for what the host waits for.
     * May return early. If `until` is past, look for events but do not wait; as it may be INT64_MIN
     * then, compare before you subtract. */
    void (*idle)(void *host, task_time until);
    /* For task_spawn; may be NULL. `allocate` returns NULL when there is no room. */
    void *(*allocate)(size_t size);
    void (*release)(void *memory);
    /* A task failed and nobody awaited it; may be NULL. */
    void (*failed)(void *host, const struct task *task, struct gen_exc exc);
    /* Makes idle come back: called by task_wake, from other threads and interrupts. NULL where
     * whatever wakes ends the waiting by itself, as an interrupt does with wfi. */
    void (*wake)(void *host);
};

/* Memory of the caller's, which must not move. */
struct task_scheduler {
    const struct task_hooks *hooks;
    void *host;
    struct task *current; /* ro; NULL between steps and in calls */
    /* The longest turn, and the longest step or call, in ticks, since they were last set to 0, and
     * the name of the task that took that step (NULL: a call). A turn that waits for nothing ends with
     * the look for events after it. The steps of a turn of several are not timed at first: when such a
     * turn has been longer than the longest step, those of the next 64 are. */
    task_time longest_turn, longest_step;
    const char *longest_name;
    struct task_node *task__first, *task__last; /* of what is ready */
    struct task_node *task__timers;             /* the first to be due, or NULL */
    struct task *task__all;                     /* those of no group */
    struct task_wakeup *task__woken;            /* atomic: a stack */
    uint32_t task__order, task__seed;
    unsigned task__turn;    /* its number; what is ready has that of the turn it became so in */
    task_time task__since;  /* when the turn began */
    const char *task__name; /* of the task that ran last */
    unsigned task__steps;   /* of the turn; 0: it is measured, or not to be */
    uint8_t task__timed;    /* turns whose steps are to be timed */
    /* Set by whoever comes to need them, so that a program without has no code for them. */
    void (*task__wake_up)(struct task_scheduler *s);
    struct task_node *(*task__pick)(struct task_scheduler *s);
    bool (*task__cancelled)(const struct task *t, const char **reason);
    void (*task__expire)(struct task_node *n);
    bool (*task__ended)(struct task *t);
    void (*task__release)(struct task *t);
#if UINTPTR_MAX > UINT32_MAX
    task_time task__horizon; /* the timers up to it are in a heap, those beyond it in lists */
    struct task_node *task__near, *task__far[64];
#endif
};

/* To be called before anything else is done with it; nothing has to be undone in the end. */
static inline void task_scheduler_init(struct task_scheduler *s, const struct task_hooks *hooks,
                                       void *host);

/* Runs turns until `future` is done. The host's idle must come back for that. 0, or GEN_EBADSTATE: it
 * is called by one of the scheduler's tasks. Nor may its calls and the host's idle, which is not looked for. */
static inline int task_run(struct task_scheduler *s, const struct task_future *future);

/* One round of task_run: waits through the host if nothing is ready, then runs a turn. */
static inline int task_run_once(struct task_scheduler *s);

/* Is a task alive, or still to be released? The end of a program: task_cancel_all, task_run_once
 * while one is, and task_report_all, which gives the failures nobody awaited to hooks->failed.
 * task_cancel_all spares `but`, or none if that is NULL; a task of a group is cancelled with its owner
 * nevertheless. */
static inline bool task_any_alive(const struct task_scheduler *s);
static inline void task_cancel_all(struct task_scheduler *s, const struct task *but);
static inline void task_report_all(struct task_scheduler *s);

/* For tests: from now on a turn runs what is ready in an order that the seed determines, to find
 * out who relies on it. 0: first in, first out. */
static inline void task_shuffle(struct task_scheduler *s, uint32_t seed);

/* for (t = task_first(s); t != NULL; t = task_following(t)): all tasks that are not done, each
 * before those in groups of its own. (asyncio.all_tasks) */
static inline struct task *task_first(const struct task_scheduler *s);
static inline struct task *task_following(const struct task *t);

/* ==== 3. Tasks, futures, calls: from anywhere on the scheduler's thread ====================== */

/* The time now, on the scheduler's clock. (loop.time) */
static inline task_time task_now(const struct task_scheduler *s);

/* Seconds as ticks, rounded down; TASK_NEVER: INFINITY, and beyond what 64 bits can have. Not a number,
 * or longer than TASK_SPAN_MAX: -1. */
static inline task_time task_ticks(double seconds);

/* Queues the first step of a task whose memory is the caller's. 0, or GEN_EBADSTATE if it runs. */
static inline int task_start(struct task_scheduler *s, struct task *t, struct gen_any coroutine,
                             const char *name);

/* The same, and takes the first step at once, within the call (asyncio's eager_start). */
static inline int task_start_eager(struct task_scheduler *s, struct task *t,
                                   struct gen_any coroutine, const char *name);

/* Its name, or its coroutine's. */
static inline const char *task_name(const struct task *t);

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

/* bool task_cancel(t);  bool task_cancel(t, reason);
 *
 * Asks a task to stop: from now on each wait of its raises GEN_CANCELLED, outside shields, with the
 * reason as its text. So does each wait of the tasks in its groups. If it awaits a task, that one is
 * cancelled, and it goes on when that one is done. A task that has not begun never will. False: it
 * is done already.
 *
 * Tasks that wait for each other in a circle through one group are freed by that; a circle through
 * several groups stays, and one with a wait below a shield may. */
#define task_cancel(...) task__cancel(GEN__FIRST(__VA_ARGS__, 0), GEN__SECOND(__VA_ARGS__, NULL, 0))

/* Is it cancelled, itself, by a scope that it is in, or with its group, so that its next wait would
 * raise GEN_CANCELLED? A body that does not wait asks that of task_current(). */
static inline bool task_cancelling(const struct task *t);

/* The state of a future or task, and what it failed with: code 0 if it did not, TASK_ENOTDONE if it
 * is pending, TASK_ECANCELLED. */
static inline enum task_state task_state(const struct task_future *f);
static inline bool task_done(const struct task_future *f);
static inline struct gen_exc task_error(struct task_future *f);

/* Ends a future; its waiters become ready in the order they came. 0; or, without a change, TASK_EDONE,
 * or GEN_EBADSTATE for the code 0. */
static inline int task_future_set(struct task_future *f);
static inline int task_future_fail(struct task_future *f, int code, const char *text);
static inline int task_future_cancel(struct task_future *f);

/* Pending, and nobody waits. Either function may be NULL: see struct task_source. */
static inline void task_source_init(struct task_source *source,
                                    void (*leave)(struct task_source *source),
                                    void (*cancelled)(struct task_source *source, struct task *t));

/* Calls fn(arg) in the next turn; in a number of seconds; at a time; when a future is done, which is
 * not to have seen its failure: fn asks task_error. Never from within. `call` is all zero at first, may
 * be used again after its call, and must not be queued: GEN_EBADSTATE. TASK_ETIME: no such span. */
static inline int task_call_soon(struct task_scheduler *s, struct task_call *call,
                                 void (*fn)(void *), void *arg);
static inline int task_call_later(struct task_scheduler *s, struct task_call *call, double seconds,
                                  void (*fn)(void *), void *arg);
static inline int task_call_at(struct task_scheduler *s, struct task_call *call, task_time when,
                               void (*fn)(void *), void *arg);
static inline int task_call_when_done(struct task_scheduler *s, struct task_call *call,
                                      struct task_future *f, void (*fn)(void *), void *arg);
static inline bool task_call_cancel(struct task_call *call); /* false: it was not queued */

/* task_scope_cancel(scope);  task_scope_cancel(scope, reason);
 * Cancels a scope, if it is entered. */
#define task_scope_cancel(...)                                                                     \
    task__scope_cancel(GEN__FIRST(__VA_ARGS__, 0), GEN__SECOND(__VA_ARGS__, NULL, 0))

/* Gives a scope that is entered another deadline, that many seconds from now; INFINITY: none. What
 * has expired stays so. 0, GEN_EBADSTATE: it is not entered, or TASK_ETIME. */
static inline int task_scope_reschedule(struct task_scope *scope, double seconds);

/* Did its deadline pass before the scope was left? Has it been cancelled, by that or by hand; and a
 * group's scope, by a failure? (trio's cancel_called) */
static inline bool task_scope_expired(const struct task_scope *scope);
static inline bool task_scope_cancelled(const struct task_scope *scope);

/* Its deadline, if that is still to come; else TASK_NEVER. (Timeout.when) */
static inline task_time task_scope_deadline(const struct task_scope *scope);

/* Wakes from outside: from an interrupt or signal handler, or another thread; lock-free. Wakes
 * between two turns count as one, and none is lost. In the next turn fn(arg) is called, if fn is
 * not NULL, and a task in task_wait_wakeup goes on. `w` is memory of the caller's, initialised on
 * the scheduler's thread, and must not move while it may be woken. When nothing wakes it any more,
 * task_wakeup_stop takes back what came and has not been seen; from then on `w` may be gone.
 *
 * An idle hook that sleeps by an instruction looks at task_woken first, with interrupts off, as an
 * interrupt between the two would be slept over:
 *
 *     __disable_irq();  if (!task_woken(s)) __WFI();  __enable_irq();
 *
 * Where the compiler has no lock-free atomics (Cortex-M0, AVR), interrupts are off for a few
 * instructions: see TASK_CRITICAL in section 5. */
static inline void task_wakeup_init(struct task_wakeup *w, struct task_scheduler *s,
                                    void (*fn)(void *), void *arg);
static inline void task_wake(struct task_wakeup *w);
static inline void task_wakeup_stop(struct task_wakeup *w);
static inline bool task_woken(struct task_scheduler *s);

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

/* The same, but a cancel ends this wait alone: an awaited task goes on (asyncio.shield). */
#define task_await_shielded(f) TASK__WAIT(task__await_shielded(gen_context, (f)))

/* await asyncio.wait_for(f, seconds): TASK_ETIMEOUT after that time; an awaited task is cancelled
 * then, and its own value or error wins. `scope` is a struct task_scope in the frame. */
#define task_wait_for(scope, f, seconds)                                                           \
    do {                                                                                           \
        task_timeout (scope, seconds) {                                                            \
            TASK__WAIT(task__await_for(gen_context, (f)));                                         \
        }                                                                                          \
        task_end_scope                                                                             \
    } while (0)

/* Waits until task_wake(w), or goes on if that came since the last wait. A cancel loses nothing. */
#define task_wait_wakeup(w) TASK__WAIT(task__wait_wakeup(gen_context, (w)))

/* task_scope (&self->scope) { ... } task_end_scope
 *     A block that task_scope_cancel(&self->scope) cancels: every wait in it raises GEN_CANCELLED,
 *     which ends with the block.
 * task_move_on (&self->scope, seconds) { ... } task_end_scope
 *     The same with a deadline; task_scope_expired tells whether it came (trio's move_on_after).
 * task_timeout (&self->scope, seconds) { ... } task_end_scope
 *     The same, and a deadline that ends the block raises TASK_ETIMEOUT (asyncio.timeout). A block
 *     that ends before, or never waits, is not disturbed. 0 seconds: the first call that could wait
 *     raises. A deadline that passes while the block cleans up after a task_scope_cancel counts too.
 * task_shield (&self->scope) { ... } task_end_scope
 *     Cancels from outside wait until the block is over: for cleanup that has to wait.
 *
 * The scope lives in the frame, all zero at first; the frame has a gen_unwind for each nesting of
 * these too. Not a number of seconds: TASK_ETIME, and the block is not entered; nor is one whose scope
 * is entered already: GEN_EBADSTATE. Do not yield in one: an async generator's scopes are those of the
 * task that runs it, which would be cancelled for them while it is elsewhere (PEP 789). */
#define task_scope(scope) TASK__SCOPE(scope, TASK_NEVER, 0)
#define task_move_on(scope, seconds) TASK__SCOPE(scope, task_ticks(seconds), 0)
#define task_timeout(scope, seconds) TASK__SCOPE(scope, task_ticks(seconds), TASK__TIMEOUT)
#define task_shield(scope) TASK__SCOPE(scope, TASK_NEVER, TASK__SHIELD)
#define task_end_scope TASK__END_SCOPE

/* task_group (&self->group) { ... } task_end_group         async with asyncio.TaskGroup() as group:
 *
 * Owns the tasks that are started in it, and is left, on every way out, when they are done. The
 * first that fails cancels the others and the block, and in the end its error is raised here; if
 * the block itself failed first, that. A cancel from outside reaches them all. A task that is
 * cancelled alone is no error. A group is a scope too: all zero at first, and entered once.
 *
 * The errors of all: task_group_error gives one task that failed after the other, then NULL, until
 * the next suspension; group.body is what left the block. */
#define task_group(group) TASK__GROUP(group)
#define task_end_group TASK__END_GROUP
static inline struct task *task_group_error(struct task_group *g);

/* Starts a task in a group that is entered; from anywhere on the thread, the group's tasks too.
 * task_group_start: 0, or GEN_EBADSTATE: the task runs, or the group is not entered.
 * struct task *task_group_spawn(g, NAME, .field = v, ...): as task_spawn; NULL: no memory, or the
 * group is not entered. */
static inline int task_group_start(struct task_group *g, struct task *t, struct gen_any coroutine,
                                   const char *name);
#define task_group_spawn(...)                                                                      \
    TASK__GROUP_SPAWN(GEN__FIRST(__VA_ARGS__, 0), GEN__SECOND(__VA_ARGS__, 0, 0), __VA_ARGS__)

/* ============================================================================================= */
/* ==== 5. The machinery. Users need not read on. ============================================== */
/* ============================================================================================= */

enum { TASK__IS_TASK = 1, TASK__IS_SOURCE = 2, TASK__RETRIEVED = 4 };         /* future bits */
enum { TASK__KIND_TASK, TASK__KIND_DONE, TASK__KIND_CALL, TASK__KIND_SCOPE }; /* node kinds */
enum { TASK__NOWHERE, TASK__READY, TASK__WAITS, TASK__TIMED };                /* node places */
enum {                                                                        /* task flags */
       TASK__CANCEL = 1,
       TASK__HEAP = 2,
       TASK__KEPT = 4,
       TASK__STARTED = 8,
       TASK__POLLS = 16,
       TASK__FIRM = 32,  /* no cancel ends its wait */
       TASK__ALONE = 64, /* nor goes on to the task it awaits */
       TASK__LISTED = 128
};
enum { TASK__SHIELD = 1, TASK__TIMEOUT = 2, TASK__GROUP_SCOPE = 4 }; /* scope kinds */

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

/* -- What is ready: doubly linked, with both ends, so that no link waits for another ------------- */

static inline void task__ready(struct task_node *n)
{
    struct task_scheduler *s = n->task__scheduler;
    struct task_node *last = s->task__last;
    n->task__place = TASK__READY;
    n->task__order = s->task__turn;
    n->task__next = NULL;
    n->task__prev = last;
    s->task__last = n;
    if (last != NULL)
        last->task__next = n;
    else
        s->task__first = n;
}

static inline void task__unready(struct task_node *n)
{
    struct task_scheduler *s = n->task__scheduler;
    struct task_node *const next = n->task__next, *const prev = n->task__prev;
    n->task__place = TASK__NOWHERE;
    if (next != NULL)
        next->task__prev = prev;
    else
        s->task__last = prev;
    if (prev != NULL)
        prev->task__next = next;
    else
        s->task__first = next;
}

/* The same, of the first. */
static inline void task__unready_first(struct task_scheduler *s)
{
    struct task_node *const n = s->task__first, *const next = n->task__next;
    n->task__place = TASK__NOWHERE;
    s->task__first = next;
    if (next != NULL)
        next->task__prev = NULL;
    else
        s->task__last = NULL;
}

/* -- Time ------------------------------------------------------------------------------------- */

/* A symbol without memory, of which linkers accept many if all have one value. */
#if UINTPTR_MAX <= UINT32_MAX && defined(__GNUC__) && defined(__ELF__)
#ifdef TASK_TIME_32
__asm__(".globl TASK_TIME_32_is_for_all_files\n.set TASK_TIME_32_is_for_all_files, 32");
#else
__asm__(".globl TASK_TIME_32_is_for_all_files\n.set TASK_TIME_32_is_for_all_files, 64");
#endif
#elif defined(TASK_TIME_32)
#error "TASK_TIME_32 is for objects in ELF, and pointers of 16 or 32 bits"
#endif

/* a < b, b - a and a + b, on a clock that may run over. */
#ifndef TASK_TIME_32
static inline bool task__earlier(task_time a, task_time b)
{
    return a < b;
}

static inline task_time task__between(task_time a, task_time b)
{
    return b - a;
}

static inline task_time task__plus(task_time a, task_time b)
{
    return a > 0 && b > TASK_NEVER - a ? TASK_NEVER : a + b;
}
#else
static inline task_time task__between(task_time a, task_time b)
{
    return (task_time)((uint32_t)b - (uint32_t)a);
}

static inline bool task__earlier(task_time a, task_time b)
{
    return task__between(b, a) < 0;
}

static inline task_time task__plus(task_time a, task_time b)
{
    return (task_time)((uint32_t)a + (uint32_t)b);
}
#endif

static inline task_time task_now(const struct task_scheduler *s)
{
    return s->hooks->now(s->host);
}

static inline task_time task__after(struct task_scheduler *s, task_time span)
{
    return task__plus(task_now(s), span);
}

/* For idle: something is ready. TASK_NEVER is no time there, though a clock that runs over has it. */
static inline task_time task__past(struct task_scheduler *s)
{
#ifndef TASK_TIME_32
    (void)s;
    return INT64_MIN;
#else
    const task_time now = task_now(s);
    return now == TASK_NEVER ? now - 1 : now;
#endif
}

static inline task_time task_ticks(double seconds)
{
    double ticks = seconds * (double)TASK_TICKS_PER_SECOND;
    if (seconds != seconds)
        return -1;
#ifdef TASK_TIME_32
    if (ticks > (double)TASK_SPAN_MAX)
        return ticks - ticks != 0 ? TASK_NEVER : -1;
#endif
    return ticks >= 9.2e18 ? TASK_NEVER : ticks <= 0 ? 0 : (task_time)ticks;
}

/* -- Timers ----------------------------------------------------------------------------------- */

/* A pairing heap. `prev` is the sibling before, or the parent of a first child. */

static inline bool task__before(const struct task_node *a, const struct task_node *b)
{
    return task__earlier(a->task__due.time, b->task__due.time) ||
           (a->task__due.time == b->task__due.time &&
            (int32_t)(a->task__order - b->task__order) < 0);
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
    b->task__next = a->task__of.child;
    b->task__prev = a;
    if (b->task__next != NULL)
        b->task__next->task__prev = b;
    a->task__of.child = b;
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

static inline void task__heap_add(struct task_node **heap, struct task_node *n)
{
    n->task__next = n->task__prev = n->task__of.child = NULL;
    *heap = task__meld(*heap, n);
}

static inline void task__heap_remove_first(struct task_node **heap)
{
    struct task_node *below = task__meld_all((*heap)->task__of.child);
    *heap = below;
    if (below != NULL)
        below->task__prev = NULL;
}

static inline void task__heap_remove(struct task_node **heap, struct task_node *n)
{
    struct task_node *below;
    if (*heap == n) {
        task__heap_remove_first(heap);
        return;
    }
    below = task__meld_all(n->task__of.child);
    if (n->task__prev->task__of.child == n)
        n->task__prev->task__of.child = n->task__next;
    else
        n->task__prev->task__next = n->task__next;
    if (n->task__next != NULL)
        n->task__next->task__prev = n->task__prev;
    *heap = task__meld(*heap, below);
}

#if UINTPTR_MAX > UINT32_MAX
/* Where there may be millions, a heap alone would wait for memory most of the time. So only timers up
 * to a horizon, which no other is before, are in the heap. Those beyond it are in lists without
 * order: by the highest bit in which they differ from the horizon. If there are many in the nearest
 * list, the horizon moves to where that list begins, and this deals it out to nearer ones. Each timer
 * comes nearer then, so that it is dealt out 63 times at most. (A radix heap: Ahuja et al. 1990.) */

static inline int task__highest_bit(uint64_t x)
{
#ifdef __GNUC__
    return 63 - __builtin_clzll(x);
#else
    int bit = 0;
    while ((x >>= 1) != 0)
        bit++;
    return bit;
#endif
}

static inline void task__prefetch(const void *memory)
{
#ifdef __GNUC__
    __builtin_prefetch(memory);
#else
    (void)memory;
#endif
}

static inline struct task_node **task__far_list(struct task_scheduler *s, const struct task_node *n)
{
    return &s->task__far[task__highest_bit((uint64_t)n->task__due.time ^
                                           (uint64_t)s->task__horizon)];
}

static inline void task__timer_add(struct task_scheduler *s, struct task_node *n)
{
    struct task_node **far, *next;
    if (n->task__due.time <= s->task__horizon) {
        task__heap_add(&s->task__near, n);
        return;
    }
    far = task__far_list(s, n);
    next = *far;
    n->task__next = next;
    n->task__prev = NULL;
    if (next != NULL) {
        next->task__prev = n;
        n->task__of.child = next->task__next; /* to fetch it ahead: see task__deal */
    } else
        n->task__of.child = NULL;
    *far = n;
}

static inline void task__timer_remove(struct task_scheduler *s, struct task_node *n)
{
    if (n->task__due.time <= s->task__horizon) {
        task__heap_remove(&s->task__near, n);
        return;
    }
    if (n->task__prev != NULL)
        n->task__prev->task__next = n->task__next;
    else
        *task__far_list(s, n) = n->task__next;
    if (n->task__next != NULL)
        n->task__next->task__prev = n->task__prev;
}

static inline void task__deal(struct task_scheduler *s, struct task_node **far)
{
    const uint64_t bit = UINT64_C(1) << (far - s->task__far);
    struct task_node *n = *far;
    *far = NULL;
    s->task__horizon = (task_time)((uint64_t)n->task__due.time & ~(bit - 1));
    while (n != NULL) {
        struct task_node *next = n->task__next;
        task__prefetch(n->task__of.child); /* that may be gone: never read */
        task__timer_add(s, n);
        n = next;
    }
}

static inline struct task_node *task__timer_first(struct task_scheduler *s)
{
    enum { MANY = 8 };
    while (s->task__near == NULL) {
        struct task_node **far = s->task__far, *first, *n;
        int count = 1;
        while (*far == NULL)
            if (++far == s->task__far + 64)
                return NULL;
        first = *far;
        for (n = first->task__next; n != NULL && ++count < MANY; n = n->task__next)
            if (task__before(n, first))
                first = n;
        if (n == NULL)
            return first;
        task__deal(s, far);
    }
    return s->task__near;
}

static inline void task__timer_set(struct task_scheduler *s, struct task_node *n, task_time when)
{
    n->task__due.time = when;
    n->task__order = s->task__order++;
    n->task__place = TASK__TIMED;
    task__timer_add(s, n);
    if (s->task__timers == NULL || when < s->task__timers->task__due.time)
        s->task__timers = n;
}

static inline void task__timer_stop(struct task_node *n)
{
    struct task_scheduler *s = n->task__scheduler;
    n->task__place = TASK__NOWHERE;
    task__timer_remove(s, n);
    if (s->task__timers == n)
        s->task__timers = task__timer_first(s);
}

static inline void task__timer_stop_first(struct task_scheduler *s)
{
    task__timer_stop(s->task__timers);
}
#else
static inline void task__timer_set(struct task_scheduler *s, struct task_node *n, task_time when)
{
#ifdef TASK_TIME_32
    if (when == TASK_NEVER)
        when--; /* a time like others; but to idle it would be no deadline */
#endif
    n->task__due.time = when;
    n->task__order = s->task__order++;
    n->task__place = TASK__TIMED;
    task__heap_add(&s->task__timers, n);
}

static inline void task__timer_stop(struct task_node *n)
{
    n->task__place = TASK__NOWHERE;
    task__heap_remove(&n->task__scheduler->task__timers, n);
}

static inline void task__timer_stop_first(struct task_scheduler *s)
{
    s->task__timers->task__place = TASK__NOWHERE;
    task__heap_remove_first(&s->task__timers);
}
#endif

/* -- Tasks and their groups ------------------------------------------------------------------- */

/* Of the scopes of a task, from the innermost outwards, the last is that of the group that it runs
 * in, and the next is one of the group's owner. So what cancels or shields is found by one walk. */

static inline struct task_group *task__group_of(const struct task *t)
{
    struct task_scope *scope = t->task__scope;
    while (scope != NULL && scope->task__task == t)
        scope = scope->task__outer;
    return (struct task_group *)(void *)scope;
}

/* Is t cancelled, as far as it is in `scope` and those around it? */
static inline bool task__cancelled_from(const struct task *t, const struct task_scope *scope,
                                        const char **reason)
{
    for (;; scope = scope->task__outer) {
        if (scope == NULL || scope->task__task != t) {
            if (t->task__node.task__flags & TASK__CANCEL) {
                *reason = t->task__reason;
                return true;
            }
            if (scope == NULL)
                return false;
            t = scope->task__task;
        }
        if (scope->task__cancelled) {
            *reason = scope->task__reason;
            return true;
        }
        if (scope->task__kind & TASK__SHIELD)
            return false;
    }
}

static inline bool task__cancelled_somehow(const struct task *t, const char **reason)
{
    return task__cancelled_from(t, t->task__scope, reason);
}

/* By a pointer where size matters; the call of one costs its caller registers. */
#if defined(__OPTIMIZE_SIZE__)
#define TASK__CANCELLED(t, reason) (t)->task__node.task__scheduler->task__cancelled((t), (reason))
#else
#define TASK__CANCELLED(t, reason) task__cancelled_somehow((t), (reason))
#endif
static inline bool task__is_cancelled(const struct task *t, const char **reason)
{
    return (t->task__scope != NULL || (t->task__node.task__flags & TASK__CANCEL)) &&
           TASK__CANCELLED(t, reason);
}

static inline bool task_cancelling(const struct task *t)
{
    const char *reason;
    return task__is_cancelled(t, &reason);
}

/* Before the first cancel, and the first scope, which is there before a task of a group. */
static inline void task__may_cancel(struct task_scheduler *s)
{
    s->task__cancelled = task__cancelled_somehow;
}

/* The list that a task is on: that of its group, or of its scheduler. */
static inline struct task **task__list_of(const struct task *t)
{
    struct task_group *group = task__group_of(t);
    return group ? &group->task__tasks : &t->task__node.task__scheduler->task__all;
}

static inline void task__list(struct task *t)
{
    struct task **first = task__list_of(t);
    t->task__prev = NULL;
    t->task__next = *first;
    if (*first != NULL)
        (*first)->task__prev = t;
    *first = t;
    t->task__node.task__flags |= TASK__LISTED;
}

/* Leaves t->task__next: see task_group_error. */
static inline void task__unlist(struct task *t)
{
    if (!(t->task__node.task__flags & TASK__LISTED))
        return;
    t->task__node.task__flags &= (uint8_t)~TASK__LISTED;
    if (t->task__prev != NULL)
        t->task__prev->task__next = t->task__next;
    else
        *task__list_of(t) = t->task__next;
    if (t->task__next != NULL)
        t->task__next->task__prev = t->task__prev;
}

/* The first task in a group of t's, looking from `scope` outwards. */
static inline struct task *task__first_below(const struct task *t, const struct task_scope *scope)
{
    for (; scope != NULL && scope->task__task == t; scope = scope->task__outer)
        if (scope->task__kind & TASK__GROUP_SCOPE) {
            struct task *first = ((const struct task_group *)(const void *)scope)->task__tasks;
            if (first != NULL)
                return first;
        }
    return NULL;
}

/* The task after t in the tree of groups, each before those below it; NULL: that was the last one
 * below `root`, or if that is NULL, below the scheduler. */
static inline struct task *task__next_below(const struct task *t, const struct task *root)
{
    struct task *next = task__first_below(t, t->task__scope);
    while (next == NULL && t != root && (next = t->task__next) == NULL) {
        const struct task_group *group = task__group_of(t);
        if (group == NULL)
            return NULL;
        t = group->scope.task__task;
        next = task__first_below(t, group->scope.task__outer);
    }
    return next;
}

static inline struct task *task__undone(struct task *t)
{
    while (t != NULL && t->future.task__state != TASK_PENDING)
        t = task__next_below(t, NULL);
    return t;
}

static inline struct task *task_first(const struct task_scheduler *s)
{
    return task__undone(s->task__all);
}

static inline struct task *task_following(const struct task *t)
{
    return task__undone(task__next_below(t, NULL));
}

/* -- Waiting ---------------------------------------------------------------------------------- */

/* What the task's wait came to; task.future holds it until the task itself is done. */
static inline void task__settle(struct task *t, int code, const char *text)
{
    t->future.task__code = (int16_t)code;
    t->future.task__text = text;
}

/* Somebody has seen what a future came to: its scheduler need not know it any more. What is on the
 * heap it knows until that is released, and a group its tasks until it is left. */
static inline void task__retrieved(struct task_future *f)
{
    if (f->task__state == TASK_PENDING)
        return;
    f->task__bits |= TASK__RETRIEVED;
    if (f->task__bits & TASK__IS_TASK) {
        /* volatile: gcc, where it sees a mere future, would warn that no task has room in it */
        struct task *volatile t = (struct task *)(void *)f;
        if (!(t->task__node.task__flags & TASK__HEAP) && task__group_of(t) == NULL)
            task__unlist(t);
    }
}

static inline void task__settle_by(struct task *t, struct task_future *f)
{
    const char *reason;
    task__retrieved(f);
    if (f->task__state != TASK_CANCELLED)
        task__settle(t, f->task__state == TASK_FAILED ? f->task__code : 0, f->task__text);
    else if (task__is_cancelled(t, &reason))
        task__settle(t, GEN_CANCELLED, reason);
    else
        task__settle(t, TASK_ECANCELLED, f->task__text);
}

/* What a waiting task waits for, or NULL; and the task that this is, or NULL. */
static inline struct task_future *task__waiting(const struct task *t)
{
    return t->task__node.task__place == TASK__WAITS ? t->task__node.task__of.future : NULL;
}

static inline struct task *task__of_future(struct task_future *f)
{
    return f != NULL && (f->task__bits & TASK__IS_TASK) ? (struct task *)(void *)f : NULL;
}

static inline struct task_source *task__source_of(struct task_future *f)
{
    return f != NULL && (f->task__bits & TASK__IS_SOURCE) ? (struct task_source *)(void *)f : NULL;
}

/* Takes what waits out of its queue. */
static inline void task__unwait(struct task_node *n)
{
    struct task_future *f = n->task__of.future;
    if (n->task__place == TASK__TIMED)
        task__timer_stop(n);
    else {
        task__ring_remove(&f->task__waiters, n);
        if (f->task__waiters == NULL && task__source_of(f) && task__source_of(f)->leave)
            task__source_of(f)->leave(task__source_of(f));
    }
    n->task__place = TASK__NOWHERE;
}

/* Puts it into one, behind those that are there. */
static inline void task__wait(struct task_node *n, struct task_future *f)
{
    n->task__of.future = f;
    n->task__place = TASK__WAITS;
    task__ring_add(&f->task__waiters, n);
}

/* The same for a task whose wait no cancel ends. */
static inline void task__wait_firmly(struct task *t, struct task_future *f)
{
    t->task__node.task__flags = (uint8_t)((t->task__node.task__flags & ~TASK__ALONE) | TASK__FIRM);
    task__wait(&t->task__node, f);
}

/* The first that waits for f goes on, with what is settled. NULL: there is none. */
static inline struct task_node *task__wake_first(struct task_future *f)
{
    struct task_node *n = f->task__waiters;
    if (n != NULL) {
        task__ring_remove(&f->task__waiters, n);
        task__ready(n);
    }
    return n;
}

static inline void task__interrupt(struct task *t);
static inline bool task__is_joining(const struct task *t);

static inline void task__interrupt_below(struct task *root)
{
    struct task *t = root;
    while ((t = task__next_below(t, root)) != NULL)
        task__interrupt(t);
}

/* Does the last in a chain of tasks that await one another wait for a group that t is in? */
static inline bool task__waits_for_group_of(const struct task *last, const struct task *t)
{
    const struct task_group *g = task__group_of(t);
    const struct task *next;
    while ((next = task__of_future(task__waiting(last))) != NULL)
        last = next;
    while (g != NULL && (&g->scope != last->task__scope || !task__is_joining(last)))
        g = task__group_of(g->scope.task__task);
    return g != NULL;
}

/* Ends the wait of a task that has been cancelled, or of the last in a chain of tasks that await one
 * another. A wait that is over already keeps its value. */
static inline void task__interrupt(struct task *t)
{
    struct task *const asked = t;
    const char *reason;
    while (t->task__node.task__place >= TASK__WAITS && !(t->task__node.task__flags & TASK__FIRM) &&
           task__is_cancelled(t, &reason)) {
        struct task *awaited = task__of_future(task__waiting(t));
        bool in_circle = false;
        if (awaited != NULL && (awaited->task__node.task__flags & TASK__CANCEL)) {
            in_circle = task__waits_for_group_of(awaited, asked);
            if (in_circle && asked->task__node.task__place < TASK__WAITS)
                return; /* from below those on the way here, its wait has been ended */
            if (in_circle)
                t = asked;
        }
        if (awaited == NULL || in_circle || (t->task__node.task__flags & TASK__ALONE)) {
            struct task_source *source = task__source_of(task__waiting(t));
            task__unwait(&t->task__node);
            task__settle(t, GEN_CANCELLED, reason);
            if (source != NULL && source->cancelled != NULL)
                source->cancelled(source, t);
            else
                task__ready(&t->task__node);
            return;
        }
        if (awaited->task__node.task__flags & TASK__CANCEL)
            return;
        awaited->task__node.task__flags |= TASK__CANCEL;
        awaited->task__reason = reason;
        task__interrupt_below(awaited);
        t = awaited;
    }
}

/* Each wait begins so. False: the task is cancelled, which is settled, or there is none. */
static inline bool task__may_wait(struct task *t)
{
    const char *reason = NULL;
    bool cancelled;
    if (t == NULL)
        return false;
    cancelled = task__is_cancelled(t, &reason);
    t->task__node.task__flags &= (uint8_t) ~(TASK__FIRM | TASK__ALONE);
    task__settle(t, cancelled ? GEN_CANCELLED : 0, reason);
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
        last = task__of_future(task__waiting(last));
    return last != NULL;
}

/* The waits that follow return true if the body has to suspend; what came of it is settled. */

GEN__ONE_FOR_ALL bool task__await(void *context, struct task_future *f)
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
    task__wait(&t->task__node, f);
    return true;
}

/* Who is cancelled already, by a deadline that is past say, passes that on. */
static inline bool task__await_for(void *context, struct task_future *f)
{
    struct task *t = (struct task *)context;
    if (task__await(t, f))
        return true;
    if (t == NULL || task__of_future(f) == NULL || f->task__state != TASK_PENDING ||
        t->future.task__code != GEN_CANCELLED || task__circle(t, f))
        return false;
    task__wait(&t->task__node, f);
    task__interrupt(t);
    return true;
}

static inline bool task__await_shielded(void *context, struct task_future *f)
{
    bool waits = task__await(context, f);
    if (waits)
        ((struct task *)context)->task__node.task__flags |= TASK__ALONE;
    return waits;
}

static inline bool task__sleep_until(void *context, task_time when)
{
    struct task *t = (struct task *)context;
    if (!task__may_wait(t))
        return false;
    task__timer_set(t->task__node.task__scheduler, &t->task__node, when);
    return true;
}

GEN__ONE_FOR_ALL bool task__sleep(void *context, task_time span)
{
    struct task *t = (struct task *)context;
    if (t == NULL)
        return false;
    if (span < 0 || span > TASK_SPAN_MAX) {
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

/* What a wait came to is raised, if it is an error. */
GEN__SELDOM bool task__failed(struct gen_io *io)
{
    const struct gen_exc exc = task__outcome(io->context);
    if (exc.code == 0)
        return false;
    io->exc = exc;
    return true;
}

#define TASK__WAIT(begin)                                                                          \
    do {                                                                                           \
        if (begin)                                                                                 \
            gen_suspend();                                                                         \
        if (task__failed(gen__io))                                                                 \
            GEN__RAISE();                                                                          \
    } while (0)

/* -- Scopes ----------------------------------------------------------------------------------- */

static inline void task__scope_cancel(struct task_scope *scope, const char *reason)
{
    if (scope->task__task == NULL || scope->task__cancelled)
        return;
    scope->task__cancelled = true;
    scope->task__reason = reason;
    task__interrupt(scope->task__task);
    task__interrupt_below(scope->task__task);
}

static inline void task__scope_expire(struct task_scope *scope)
{
    scope->task__expired = true;
    task__scope_cancel(scope, "the deadline has passed");
}

static inline void task__scope_due(struct task_node *n)
{
    task__scope_expire(TASK__OF(struct task_scope, task__timer, n));
}

/* Of what is entered, and not timed. */
static inline void task__scope_deadline(struct task_scope *scope, task_time span)
{
    struct task_scheduler *s = scope->task__task->task__node.task__scheduler;
    if (span == TASK_NEVER)
        return;
    s->task__expire = task__scope_due;
    if (span > 0)
        task__timer_set(s, &scope->task__timer, task__after(s, span));
    else
        task__scope_expire(scope);
}

static inline int task_scope_reschedule(struct task_scope *scope, double seconds)
{
    task_time span = task_ticks(seconds);
    if (scope->task__task == NULL)
        return GEN_EBADSTATE;
    if (span < 0)
        return TASK_ETIME;
    if (scope->task__timer.task__place == TASK__TIMED)
        task__timer_stop(&scope->task__timer);
    if (!scope->task__expired)
        task__scope_deadline(scope, span);
    return 0;
}

static inline bool task_scope_expired(const struct task_scope *scope)
{
    return scope->task__expired;
}

static inline bool task_scope_cancelled(const struct task_scope *scope)
{
    return scope->task__cancelled;
}

static inline task_time task_scope_deadline(const struct task_scope *scope)
{
    return scope->task__timer.task__place == TASK__TIMED ? scope->task__timer.task__due.time
                                                         : TASK_NEVER;
}

/* False: it is not entered; why, is settled. */
static inline bool task__scope_enter(void *context, struct task_scope *scope, task_time span,
                                     int kind)
{
    struct task *t = (struct task *)context;
    if (t == NULL)
        return false;
    if (span < 0) {
        task__settle(t, TASK_ETIME, "not a number of seconds");
        return false;
    }
    if (scope->task__task != NULL) {
        task__settle(t, GEN_EBADSTATE, "the scope is entered already");
        return false;
    }
    scope->task__task = t;
    scope->task__cancelled = scope->task__expired = false;
    scope->task__kind = (uint8_t)kind;
    scope->task__reason = NULL;
    scope->task__timer.task__place = TASK__NOWHERE;
    scope->task__timer.task__kind = TASK__KIND_SCOPE;
    scope->task__timer.task__scheduler = t->task__node.task__scheduler;
    scope->task__outer = t->task__scope;
    task__may_cancel(t->task__node.task__scheduler);
    t->task__scope = scope;
    task__scope_deadline(scope, span);
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
static inline bool task__scope_absorbs(const struct task *t)
{
    const struct task_scope *scope = t->task__scope;
    const char *reason;
    return scope->task__cancelled && ((scope->task__kind & TASK__SHIELD) ||
                                      !task__cancelled_from(t, scope->task__outer, &reason));
}

#define TASK__SCOPE(scope, span, kind)                                                             \
    {                                                                                              \
        if (!task__scope_enter(gen_context, (scope), (span), (kind))) {                            \
            (void)task__failed(gen__io);                                                           \
            GEN__RAISE();                                                                          \
        }                                                                                          \
        gen_try_finally                                                                            \
            gen_try

#define TASK__END_SCOPE                                                                            \
    gen_except (GEN_CANCELLED) {                                                                   \
        if (!task__scope_absorbs(task_current()))                                                  \
            gen_reraise();                                                                         \
        if ((task_current()->task__scope->task__kind & TASK__TIMEOUT) &&                           \
            task_current()->task__scope->task__expired)                                            \
            gen_raise(TASK_ETIMEOUT, "timed out");                                                 \
    }                                                                                              \
    gen_end_try                                                                                    \
    gen_finally {                                                                                  \
        task__scope_leave(gen_context);                                                            \
    }                                                                                              \
    gen_end_finally                                                                                \
    }

/* -- Groups ----------------------------------------------------------------------------------- */

static inline bool task__group_ended(struct task *t);

static inline bool task__group_enter(void *context, struct task_group *g)
{
    struct task *t = (struct task *)context;
    const struct task_future pending = {NULL, NULL, 0, TASK_PENDING, 0};
    const struct gen_exc none = {0, NULL};
    if (!task__scope_enter(t, &g->scope, TASK_NEVER, TASK__GROUP_SCOPE))
        return false;
    g->error = g->body = none;
    g->task__tasks = NULL;
    g->task__joined = pending;
    g->task__running = 0;
    g->task__incomplete = g->task__raised = false;
    t->task__node.task__scheduler->task__ended = task__group_ended;
    return true;
}

/* Is t through with the block of a group, and waits for its tasks? */
static inline bool task__is_joining(const struct task *t)
{
    const struct task_scope *scope = t->task__scope;
    return scope != NULL && (scope->task__kind & TASK__GROUP_SCOPE) && scope->task__task == t &&
           task__waiting(t) == &((const struct task_group *)(const void *)scope)->task__joined;
}

static inline struct task_group *task__group_in(void *context)
{
    return (struct task_group *)(void *)((struct task *)context)->task__scope;
}

/* A task or the block failed: the others are cancelled. */
static inline void task__group_fail(struct task_group *g, struct gen_exc exc)
{
    if (g->error.code == 0)
        g->error = exc;
    task__scope_cancel(&g->scope, "another task of the group failed");
}

static inline void task__group_body(void *context, struct gen_exc exc)
{
    const char *reason;
    struct task_group *g = task__group_in(context);
    g->body = exc;
    g->task__raised = !task__cancelled_from((struct task *)context, &g->scope, &reason);
    if (exc.code > 0)
        task__group_fail(g, exc);
    else
        task__scope_cancel(&g->scope, exc.text); /* what leaves, leaves nothing behind */
}

/* True: there are tasks to wait for. No cancel ends this wait, as it reaches them too. */
static inline bool task__group_join(void *context)
{
    struct task *t = (struct task *)context;
    struct task_group *g = task__group_in(context);
    const char *reason;
    if (g->task__running == 0)
        return false;
    task__wait_firmly(t, &g->task__joined);
    if (task__is_cancelled(t, &reason))
        task__interrupt_below(t); /* who awaits, through others, this task would wait for ever */
    return true;
}

/* Settles what is raised. */
static inline void task__group_leave(void *context)
{
    struct task *t = (struct task *)context;
    struct task_group *g = task__group_in(context);
    struct task *failed;
    const char *reason = NULL;
    bool outside = task__cancelled_from(t, g->scope.task__outer, &reason);
    for (failed = g->task__tasks; failed != NULL; failed = failed->task__next) {
        failed->future.task__bits |= TASK__RETRIEVED;
        failed->task__scope = NULL;
        failed->task__node.task__flags &= (uint8_t)~TASK__LISTED;
        if (failed->task__node.task__flags & TASK__HEAP)
            task__ready(&failed->task__node); /* to be released */
    }
    task__scope_leave(context);
    if (g->error.code != 0)
        task__settle(t, g->error.code, g->error.text);
    else if (outside && (g->body.code == GEN_CANCELLED || g->task__incomplete))
        task__settle(t, GEN_CANCELLED, reason);
    else if (g->body.code != GEN_CANCELLED || g->task__raised)
        task__settle(t, g->body.code, g->body.text);
    else
        task__settle(t, 0, NULL);
}

static inline struct task *task_group_error(struct task_group *g)
{
    struct task *t = g->task__tasks;
    if (g->scope.task__task != NULL || t == NULL)
        return NULL;
    g->task__tasks = t->task__next;
    return t;
}

#define TASK__GROUP(group)                                                                         \
    {                                                                                              \
        if (!task__group_enter(gen_context, (group))) {                                            \
            (void)task__failed(gen__io);                                                           \
            GEN__RAISE();                                                                          \
        }                                                                                          \
        gen_try_finally                                                                            \
            gen_try

#define TASK__END_GROUP                                                                            \
    gen_except_all {                                                                               \
        task__group_body(gen_context, gen_caught);                                                 \
    }                                                                                              \
    gen_end_try                                                                                    \
    gen_finally {                                                                                  \
        while (task__group_join(gen_context))                                                      \
            gen_suspend();                                                                         \
        task__group_leave(gen_context);                                                            \
        if (task__failed(gen__io))                                                                 \
            GEN__RAISE();                                                                          \
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

/* task_error, by somebody who only passes it on. */
static inline struct gen_exc task__error(const struct task_future *f)
{
    struct gen_exc exc;
    exc.code = f->task__state == TASK_PENDING     ? (int)TASK_ENOTDONE
               : f->task__state == TASK_CANCELLED ? (int)TASK_ECANCELLED
                                                  : f->task__code;
    exc.text = f->task__state == TASK_PENDING ? NULL : f->task__text;
    return exc;
}

static inline struct gen_exc task_error(struct task_future *f)
{
    task__retrieved(f);
    return task__error(f);
}

static inline void task__wake_all(struct task_future *f)
{
    struct task_node *n;
    while ((n = task__wake_first(f)) != NULL)
        if (n->task__kind == TASK__KIND_TASK)
            task__settle_by(TASK__OF(struct task, task__node, n), f);
}

/* Ends what is pending. */
static inline void task__complete(struct task_future *f, enum task_state state, int code,
                                  const char *text)
{
    f->task__state = (uint8_t)state;
    f->task__code = (int16_t)code;
    f->task__text = text;
    if (f->task__waiters != NULL)
        task__wake_all(f);
}

static inline int task__finish(struct task_future *f, enum task_state state, int code,
                               const char *text)
{
    if (task_done(f))
        return TASK_EDONE;
    task__complete(f, state, code, text);
    return 0;
}

/* A task's future is its own. */
GEN__ONE_FOR_ALL int task__resolve(struct task_future *f, enum task_state state, int code,
                                   const char *text)
{
    return f->task__bits & TASK__IS_TASK ? (int)GEN_EBADSTATE : task__finish(f, state, code, text);
}

static inline int task_future_set(struct task_future *f)
{
    return task__resolve(f, TASK_DONE, 0, NULL);
}

static inline int task_future_fail(struct task_future *f, int code, const char *text)
{
    return code == 0 ? (int)GEN_EBADSTATE
                     : task__resolve(f, TASK_FAILED, gen__exception(code, text).code, text);
}

static inline int task_future_cancel(struct task_future *f)
{
    return task__resolve(f, TASK_CANCELLED, GEN_CANCELLED, NULL);
}

static inline void task_source_init(struct task_source *source,
                                    void (*leave)(struct task_source *source),
                                    void (*cancelled)(struct task_source *source, struct task *t))
{
    const struct task_future pending = {NULL, NULL, 0, TASK_PENDING, TASK__IS_SOURCE};
    source->future = pending;
    source->leave = leave;
    source->cancelled = cancelled;
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

static inline int task_call_later(struct task_scheduler *s, struct task_call *call, double seconds,
                                  void (*fn)(void *), void *arg)
{
    const task_time span = task_ticks(seconds);
    if (span < 0 || span > TASK_SPAN_MAX)
        return TASK_ETIME;
    return task_call_at(s, call, task__after(s, span), fn, arg);
}

static inline int task_call_when_done(struct task_scheduler *s, struct task_call *call,
                                      struct task_future *f, void (*fn)(void *), void *arg)
{
    if (!task__call_init(s, call, fn, arg))
        return GEN_EBADSTATE;
    if (task_done(f))
        task__ready(&call->task__node);
    else
        task__wait(&call->task__node, f);
    return 0;
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
    default:
        task__unwait(n);
        break;
    }
    n->task__place = TASK__NOWHERE;
    return true;
}

/* -- Wake-ups --------------------------------------------------------------------------------- */

/* TASK_CRITICAL(statements): runs them with interrupts off, and then puts these back as they were.
 * For targets without a lock-free exchange of pointers; define it before the include where there is
 * no default here. */
#if defined(TASK_CRITICAL)
#elif defined(__AVR__)
#define TASK_CRITICAL(...)                                                                         \
    do {                                                                                           \
        uint8_t task__sreg = *(volatile uint8_t *)0x5f;                                            \
        __asm__ volatile("cli" ::: "memory");                                                      \
        __VA_ARGS__ __asm__ volatile("" ::: "memory");                                             \
        *(volatile uint8_t *)0x5f = task__sreg;                                                    \
    } while (0)
#elif defined(__ARM_ARCH_6M__)
#define TASK_CRITICAL(...)                                                                         \
    do {                                                                                           \
        uint32_t task__primask;                                                                    \
        __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(task__primask)::"memory");             \
        __VA_ARGS__ __asm__ volatile("msr primask, %0" ::"r"(task__primask) : "memory");           \
    } while (0)
#elif defined(__riscv) && !defined(__riscv_atomic) && defined(__GNUC__) /* in machine mode */
#define TASK_CRITICAL(...)                                                                         \
    do {                                                                                           \
        unsigned long task__status;                                                                \
        __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(task__status)::"memory");                  \
        __VA_ARGS__ __asm__ volatile("csrs mstatus, %0" ::"r"(task__status & 8) : "memory");       \
    } while (0)
#elif defined(__GCC_ATOMIC_POINTER_LOCK_FREE) && __GCC_ATOMIC_POINTER_LOCK_FREE == 2
#define TASK__ATOMIC 1
#endif

static inline void task__wake_up(struct task_scheduler *s);

/* Before the first is woken. */
static inline void task__may_wake(struct task_scheduler *s)
{
    s->task__wake_up = task__wake_up;
}

/* On any thread, where that has been done. */
static inline void task__wakeup_set(struct task_wakeup *w, struct task_scheduler *s,
                                    void (*fn)(void *), void *arg)
{
    const struct task_future pending = {NULL, NULL, 0, TASK_PENDING, 0};
    w->task__call.task__node.task__place = TASK__NOWHERE;
    w->task__woken = pending;
    w->task__next = NULL;
    w->task__queued = 0;
    w->task__set = false;
    w->task__scheduler = s;
    w->task__call.task__fn = fn;
    w->task__call.task__arg = arg;
}

static inline void task_wakeup_init(struct task_wakeup *w, struct task_scheduler *s,
                                    void (*fn)(void *), void *arg)
{
    task__may_wake(s);
    task__wakeup_set(w, s, fn, arg);
}

#if defined(TASK__ATOMIC) || defined(TASK_CRITICAL)
static inline void task_wake(struct task_wakeup *w)
{
    struct task_scheduler *s = w->task__scheduler;
#if defined(TASK__ATOMIC)
    struct task_wakeup *next;
    if (__atomic_exchange_n(&w->task__queued, 1, __ATOMIC_SEQ_CST))
        return; /* whoever queued it has woken the scheduler, or will */
    next = __atomic_load_n(&s->task__woken, __ATOMIC_RELAXED);
    do
        w->task__next = next;
    while (!__atomic_compare_exchange_n(&s->task__woken, &next, w, true, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED));
#else
    bool queued;
    TASK_CRITICAL(queued = w->task__queued; w->task__queued = 1; if (!queued) {
        w->task__next = s->task__woken;
        s->task__woken = w;
    });
    if (queued)
        return;
#endif
    if (s->hooks->wake != NULL)
        s->hooks->wake(s->host);
}

static inline bool task_woken(struct task_scheduler *s)
{
#if defined(TASK__ATOMIC)
    return __atomic_load_n(&s->task__woken, __ATOMIC_SEQ_CST) != NULL;
#else
    return *(struct task_wakeup *volatile *)&s->task__woken != NULL;
#endif
}

/* All that were woken, the last one first. */
static inline struct task_wakeup *task__take_woken(struct task_scheduler *s)
{
    struct task_wakeup *all;
#if defined(TASK__ATOMIC)
    all = __atomic_exchange_n(&s->task__woken, NULL, __ATOMIC_SEQ_CST);
#else
    TASK_CRITICAL(all = s->task__woken; s->task__woken = NULL;);
#endif
    return all;
}

/* From now on it may be queued again. */
static inline void task__unqueue(struct task_wakeup *w)
{
#if defined(TASK__ATOMIC)
    (void)__atomic_exchange_n(&w->task__queued, 0, __ATOMIC_SEQ_CST);
#else
    TASK_CRITICAL(w->task__queued = 0;); /* and no access to w moves to behind it */
#endif
}
#else /* nothing can be woken from outside */
static inline bool task_woken(struct task_scheduler *s)
{
    return s->task__woken != NULL;
}
static inline struct task_wakeup *task__take_woken(struct task_scheduler *s)
{
    return s->task__woken;
}
static inline void task__unqueue(struct task_wakeup *w)
{
    w->task__queued = 0;
}
#endif

static inline void task__wake_up(struct task_scheduler *s)
{
    struct task_wakeup *last = task__take_woken(s), *first = NULL;
    while (last != NULL) { /* into the order they came in */
        struct task_wakeup *w = last;
        last = w->task__next;
        w->task__next = first;
        first = w;
    }
    while (first != NULL) {
        struct task_wakeup *w = first;
        first = w->task__next;
        task__unqueue(w);
        if (w->task__call.task__fn != NULL)
            (void)task_call_soon(s, &w->task__call, w->task__call.task__fn,
                                 w->task__call.task__arg);
        w->task__set = task__wake_first(&w->task__woken) == NULL;
    }
}

static inline void task_wakeup_stop(struct task_wakeup *w)
{
    task__wake_up(w->task__scheduler); /* it may be among those that are queued */
    (void)task_call_cancel(&w->task__call);
    w->task__set = false;
}

static inline bool task__wait_wakeup(void *context, struct task_wakeup *w)
{
    struct task *t = (struct task *)context;
    if (!task__may_wait(t))
        return false;
    if (w->task__set) {
        w->task__set = false;
        return false;
    }
    task__wait(&t->task__node, &w->task__woken);
    return true;
}

/* -- Tasks ------------------------------------------------------------------------------------ */

static inline const char *task_name(const struct task *t)
{
    return t->name ? t->name : gen_any_where(t->task__coroutine).name;
}

/* Of a task that is done: its scheduler forgets it. */
static inline void task__report(struct task *t)
{
    struct task_scheduler *s = t->task__node.task__scheduler;
    task__unlist(t);
    if (t->future.task__state == TASK_FAILED && !(t->future.task__bits & TASK__RETRIEVED)) {
        struct gen_exc exc;
        exc.code = t->future.task__code;
        exc.text = t->future.task__text;
        t->future.task__bits |= TASK__RETRIEVED;
        if (s->hooks->failed != NULL)
            s->hooks->failed(s->host, t, exc);
    }
}

static inline int task__start(struct task_scheduler *s, struct task_group *g, struct task *t,
                              struct gen_any coroutine, const char *name)
{
    struct task_future pending = {NULL, NULL, 0, TASK_PENDING, TASK__IS_TASK};
    if (t->task__node.task__scheduler != NULL) {
        if (!task_done(&t->future))
            return GEN_EBADSTATE;
        task__report(t);
    }
    pending.task__waiters = t->future.task__waiters; /* who awaits it already */
    t->future = pending;
    t->name = name;
    t->task__coroutine = coroutine;
    t->task__node.task__scheduler = s;
    t->task__node.task__kind = TASK__KIND_TASK;
    t->task__node.task__flags = 0;
    t->task__scope = g ? &g->scope : NULL;
    t->task__reason = NULL;
    if (g != NULL)
        g->task__running++;
    task__list(t);
    task__ready(&t->task__node);
    return 0;
}

static inline int task_start(struct task_scheduler *s, struct task *t, struct gen_any coroutine,
                             const char *name)
{
    return task__start(s, NULL, t, coroutine, name);
}

/* NULL: it is not entered. */
static inline struct task_scheduler *task__group_scheduler(const struct task_group *g)
{
    return g->scope.task__task ? g->scope.task__timer.task__scheduler : NULL;
}

static inline int task_group_start(struct task_group *g, struct task *t, struct gen_any coroutine,
                                   const char *name)
{
    struct task_scheduler *s = task__group_scheduler(g);
    return s ? task__start(s, g, t, coroutine, name) : (int)GEN_EBADSTATE;
}

#define TASK__SPAWN(...) TASK__SPAWN_(__VA_ARGS__)
#define TASK__SPAWN_(s, NAME, ...)                                                                 \
    task__spawn((s), NULL, &GEN__LITERAL(NAME, GEN__FRAME_AFTER_2(__VA_ARGS__, )),                 \
                sizeof(struct NAME), NAME##_gen__erased, #NAME)
#define TASK__GROUP_SPAWN(...) TASK__GROUP_SPAWN_(__VA_ARGS__)
#define TASK__GROUP_SPAWN_(g, NAME, ...)                                                           \
    task__spawn(task__group_scheduler(g), (g),                                                     \
                &GEN__LITERAL(NAME, GEN__FRAME_AFTER_2(__VA_ARGS__, )), sizeof(struct NAME),       \
                NAME##_gen__erased, #NAME)

static inline void task__release(struct task *t);

static inline struct task *task__spawn(struct task_scheduler *s, struct task_group *g,
                                       const void *frame, size_t size,
                                       enum gen_status (*resume)(void *, struct gen_io *),
                                       const char *name)
{
    const size_t at = GEN__ROUND(sizeof(struct task));
    char *memory;
    struct task *t;
    struct gen_any coroutine;
    size_t i;
    if (s == NULL) /* the group is not entered */
        return NULL;
    memory = s->hooks->allocate ? (char *)s->hooks->allocate(at + size) : NULL;
    if (memory == NULL)
        return NULL;
    t = (struct task *)(void *)memory;
    for (i = 0; i < size; i++)
        memory[at + i] = ((const char *)frame)[i];
    coroutine.frame = memory + at;
    coroutine.resume = resume;
    t->task__node.task__scheduler = NULL;
    t->future.task__waiters = NULL;
    (void)task__start(s, g, t, coroutine, name);
    s->task__release = task__release;
    t->task__node.task__flags |= TASK__HEAP;
    return t;
}

/* A task on the heap is done, and nobody keeps it. */
static inline void task__release(struct task *t)
{
    if (t->task__node.task__flags & TASK__KEPT)
        return;
    task__report(t);
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
    if (task_done(&t->future) && t->task__node.task__place == TASK__NOWHERE && !task__group_of(t))
        task__release(t);
}

static inline bool task__cancel(struct task *t, const char *reason)
{
    if (t->task__node.task__scheduler == NULL || task_done(&t->future))
        return false;
    if (!(t->task__node.task__flags & TASK__CANCEL)) {
        task__may_cancel(t->task__node.task__scheduler);
        t->task__node.task__flags |= TASK__CANCEL;
        t->task__reason = reason;
        task__interrupt(t);
        task__interrupt_below(t);
    }
    return true;
}

/* If a task that is done is of a group, it leaves it, unless it failed: then it stays until the group is
 * left. True: it stays. */
static inline bool task__group_ended(struct task *t)
{
    struct task_group *const g = task__group_of(t);
    const bool failed = t->future.task__state == TASK_FAILED;
    if (g == NULL)
        return false;
    if (t->future.task__state == TASK_CANCELLED)
        g->task__incomplete = true;
    if (failed)
        task__group_fail(g, task_error(&t->future));
    if (--g->task__running == 0)
        (void)task__wake_first(&g->task__joined);
    if (failed)
        return true;
    task__unlist(t);
    t->task__scope = NULL;
    if (t->task__node.task__flags & TASK__HEAP)
        task__list(t);
    return false;
}

/* A task is done: those who wait are told, and what is on the heap gets a turn after theirs, to be
 * released in. A failure that nobody has seen stays on the list of all tasks, for task_report_all. */
static inline void task__end(struct task *t, enum gen_status st, struct gen_exc exc)
{
    enum task_state state = st == GEN_RETURNED          ? TASK_DONE
                            : exc.code == GEN_CANCELLED ? TASK_CANCELLED
                                                        : TASK_FAILED;
    struct task_scheduler *const s = t->task__node.task__scheduler;
    t->task__node.task__kind = TASK__KIND_DONE;
    task__complete(&t->future, state, state == TASK_DONE ? 0 : exc.code,
                   state == TASK_DONE ? NULL : exc.text);
    if (s->task__ended != NULL && s->task__ended(t))
        return;
    if (t->task__node.task__flags & TASK__HEAP)
        task__ready(&t->task__node);
    else if (state != TASK_FAILED || (t->future.task__bits & TASK__RETRIEVED))
        task__unlist(t);
}

/* A task whose coroutine has not suspended in a wait of task.h's. */
static inline void task__unusual(struct task *t, struct gen_io *io, enum gen_status st)
{
    while (st == GEN_YIELDED) {
        io->exc = gen__exception(GEN_EBADSTATE, "a task's coroutine yields a value");
        st = t->task__coroutine.resume(t->task__coroutine.frame, io);
    }
    if (st != GEN_PENDING)
        task__end(t, st, io->exc);
    else if (t->task__node.task__place == TASK__NOWHERE) {
        t->task__node.task__flags |= TASK__POLLS; /* gen_wait_until: it looks again each turn */
        task__ready(&t->task__node);
    }
}

/* One step of a task. What is in io is the same for all steps, but for two members. */
static inline void task__step(struct task *t, struct gen_io *io)
{
    const uint8_t flags = t->task__node.task__flags;
    enum gen_status st;
    io->context = t;
    io->exc.code = 0;
    if ((flags & (TASK__STARTED | TASK__POLLS)) != TASK__STARTED) {
        if (task__is_cancelled(t, &io->exc.text))
            io->exc.code = GEN_CANCELLED;
        t->task__node.task__flags = (uint8_t)((flags | TASK__STARTED) & ~TASK__POLLS);
    }
    st = t->task__coroutine.resume(t->task__coroutine.frame, io);
    if (st != GEN_PENDING || t->task__node.task__place == TASK__NOWHERE)
        task__unusual(t, io, st);
}

static inline int task_start_eager(struct task_scheduler *s, struct task *t,
                                   struct gen_any coroutine, const char *name)
{
    int code = task_start(s, t, coroutine, name);
    if (code == 0) {
        struct task *const outer = s->current;
        struct gen_io io;
        gen__io_init(&io, NULL, NULL);
        task__unready(&t->task__node);
        s->current = t;
        task__step(t, &io);
        s->current = outer;
    }
    return code;
}

/* -- The scheduler ---------------------------------------------------------------------------- */

static inline void task_scheduler_init(struct task_scheduler *s, const struct task_hooks *hooks,
                                       void *host)
{
    volatile unsigned char *byte = (volatile unsigned char *)s; /* so that no memset is called */
    size_t i;
    for (i = 0; i < sizeof *s; i++)
        byte[i] = 0;
    s->hooks = hooks;
    s->host = host;
}

/* Takes one of the first eight that this turn has to run. (Marsaglia's xorshift.) */
static inline struct task_node *task__pick(struct task_scheduler *s)
{
    struct task_node *n = s->task__first;
    uint32_t x = s->task__seed, skip;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    s->task__seed = x;
    for (skip = x % 8; skip > 0; skip--)
        if (n->task__next != NULL && (unsigned)n->task__next->task__order != s->task__turn)
            n = n->task__next;
    /* what is to be released, not before those who waited for it */
    if (n->task__kind == TASK__KIND_DONE)
        n = s->task__first;
    task__unready(n);
    return n;
}

static inline void task_shuffle(struct task_scheduler *s, uint32_t seed)
{
    s->task__seed = seed;
    s->task__pick = seed != 0 ? task__pick : NULL;
}

static inline void task__fire_timers(struct task_scheduler *s, task_time now)
{
    while (s->task__timers != NULL && !task__earlier(now, s->task__timers->task__due.time)) {
        struct task_node *n = s->task__timers;
        task__timer_stop_first(s);
        if (n->task__kind == TASK__KIND_SCOPE)
            s->task__expire(n);
        else
            task__ready(n);
    }
}

static inline void task__run_node(struct task_scheduler *s, struct task_node *n, struct gen_io *io)
{
    struct task *t = TASK__OF(struct task, task__node, n);
    if (n->task__kind == TASK__KIND_TASK) {
        s->current = t;
        if (TASK_MEASURE)
            s->task__name = t->name;
        task__step(t, io);
    } else if (n->task__kind == TASK__KIND_DONE)
        s->task__release(t);
    else {
        struct task_call *call = TASK__OF(struct task_call, task__node, n);
        s->current = NULL;
        if (TASK_MEASURE)
            s->task__name = NULL;
        call->task__fn(call->task__arg);
    }
}

static inline void task__step_took(struct task_scheduler *s, task_time span)
{
    if (span > s->longest_step) {
        s->longest_step = span;
        s->longest_name = s->task__name;
    }
}

/* The turn that began at task__since ends. */
static inline void task__turn_over(struct task_scheduler *s, task_time now)
{
    const task_time span = task__between(s->task__since, now);
    if (span > s->longest_turn)
        s->longest_turn = span;
    if (s->task__timed > 0)
        s->task__timed--;
    else if (s->task__steps == 1)
        task__step_took(s, span);
    else if (span > s->longest_step)
        s->task__timed = 64;
    s->task__steps = 0;
}

static inline void task__run_turn(struct task_scheduler *s, task_time now)
{
    const unsigned turn = ++s->task__turn; /* what becomes ready from now on is for the next one */
    const bool timed = TASK_MEASURE && s->task__timed > 0;
    struct task_node *n;
    struct gen_io io;
    unsigned steps = 0;
    gen__io_init(&io, NULL, NULL);
    if (TASK_MEASURE)
        s->task__since = now;
    for (; (n = s->task__first) != NULL && (unsigned)n->task__order != turn; steps++) {
        if (s->task__pick != NULL)
            n = s->task__pick(s);
        else
            task__unready_first(s);
        task__run_node(s, n, &io);
        if (timed) {
            const task_time before = now;
            now = task_now(s);
            task__step_took(s, task__between(before, now));
        }
    }
    s->current = NULL;
    s->task__steps = TASK_MEASURE ? steps : 0;
}

static inline int task_run_once(struct task_scheduler *s)
{
    task_time until, now;
    if (s->current != NULL)
        return GEN_EBADSTATE;
    if (s->task__first != NULL)
        until = task__past(s);
    else {
        until = s->task__timers ? s->task__timers->task__due.time : TASK_NEVER;
        if (TASK_MEASURE && s->task__steps > 0)
            task__turn_over(s, task_now(s));
    }
    s->hooks->idle(s->host, until);
    if (task_woken(s))
        s->task__wake_up(s);
    now = task_now(s);
    if (TASK_MEASURE && s->task__steps > 0)
        task__turn_over(s, now);
    task__fire_timers(s, now);
    task__run_turn(s, now);
    return 0;
}

static inline int task_run(struct task_scheduler *s, const struct task_future *future)
{
    int code = 0;
    while (code == 0 && !task_done(future))
        code = task_run_once(s);
    return code;
}

static inline bool task_any_alive(const struct task_scheduler *s)
{
    const struct task *t = s->task__all;
    const struct task_node *n = s->task__first;
    while (t != NULL && task_done(&t->future))
        t = t->task__next;
    if (t != NULL)
        return true;
    while (n != NULL && n->task__kind > TASK__KIND_DONE)
        n = n->task__next;
    return n != NULL;
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
        if (task_done(&t->future))
            task__report(t);
    }
}

#endif
