/* task/lock.h - lock, event, semaphore, condition and barrier for tasks, as asyncio has them.
 *
 *     task_with_lock (&self->account->lock) {                          async with account.lock:
 *         task_sleep(1);
 *     }
 *     task_end_lock
 *
 * Who waits is served first in, first out, and is handed what was released, so that no latecomer
 * takes it before. A wait that is over keeps what it got, though a cancel comes before the task runs
 * again: the cancel is raised by its next wait. What is to be had at once is had without a wait, by a
 * cancelled task too. What a cancel does to a wait: the place in the queue is lost, nothing else.
 *
 * Nothing is allocated. Each call costs O(1), but for those that wake several. What gives something
 * back may be called from anywhere on the scheduler's thread, what waits only in a task's body.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TASK_LOCK_H
#define TASK_LOCK_H

#include "../task.h"

/* -- Lock: all zero at first ------------------------------------------------------------------- */

struct task_lock {
    struct task *owner; /* ro; NULL: it is free */
    struct task_future task__waiters;
};

/* await lock.acquire(). GEN_EBADSTATE: the task has it, and would wait for itself. */
#define task_lock_acquire(lock) TASK__WAIT(task__lock_acquire(gen_context, (lock)))

/* The next who waits has it. 0, or GEN_EBADSTATE: it is free. */
static inline int task_lock_release(struct task_lock *lock);

/* task_with_lock (&self->lock) { ... } task_end_lock: acquires it, and releases it on every way out.
 * The frame has a gen_unwind for this nesting. The argument is evaluated anew at the end. */
#define task_with_lock(lock)                                                                       \
    {                                                                                              \
        task_lock_acquire(lock);                                                                   \
        GEN__WITH(GEN__AT(GEN__FINALLY_AT), (void)task_lock_release(lock))
#define task_end_lock                                                                              \
    GEN__END_WITH                                                                                  \
    }

/* -- Event: a future that can be cleared; all zero at first ------------------------------------ */

struct task_event {
    struct task_future future;
};

/* await event.wait(). Those who wait when it is set go on, though it is cleared at once. */
#define task_event_wait(event) task_await(&(event)->future)
static inline void task_event_set(struct task_event *event);
static inline void task_event_clear(struct task_event *event);
static inline bool task_event_is_set(const struct task_event *event);

/* -- Semaphore --------------------------------------------------------------------------------- */

struct task_semaphore {
    uint32_t value; /* ro */
    uint32_t bound; /* ro */
    struct task_future task__waiters;
};

/* `value` of them may be acquired. A release beyond `bound` is refused; asyncio's BoundedSemaphore
 * has bound == value, its Semaphore UINT32_MAX. */
static inline void task_semaphore_init(struct task_semaphore *semaphore, uint32_t value,
                                       uint32_t bound);

/* await semaphore.acquire(). */
#define task_semaphore_acquire(semaphore)                                                          \
    TASK__WAIT(task__semaphore_acquire(gen_context, (semaphore)))

/* 0, or GEN_EBADSTATE: there would be more than the bound. */
static inline int task_semaphore_release(struct task_semaphore *semaphore);

/* task_with_semaphore (&self->s) { ... } task_end_semaphore: as task_with_lock. */
#define task_with_semaphore(semaphore)                                                             \
    {                                                                                              \
        task_semaphore_acquire(semaphore);                                                         \
        GEN__WITH(GEN__AT(GEN__FINALLY_AT), (void)task_semaphore_release(semaphore))
#define task_end_semaphore task_end_lock

/* -- Condition --------------------------------------------------------------------------------- */

struct task_condition {
    struct task_source task__waiters;
    struct task_lock *task__lock;
};

/* A condition on what the lock guards. Several may share a lock. */
static inline void task_condition_init(struct task_condition *condition, struct task_lock *lock);

/* await condition.wait(): gives the lock away, waits for task_notify, and has the lock again when it
 * goes on, after a cancel too. GEN_EBADSTATE: the task does not have the lock. Who is notified is
 * not cancelled by what comes later, so no notification is lost. */
#define task_condition_wait(condition) TASK__WAIT(task__condition_wait(gen_context, (condition)))

/* await condition.wait_for(...): waits until the expression is true. */
#define task_condition_wait_for(condition, ...)                                                    \
    while (!(__VA_ARGS__))                                                                         \
    task_condition_wait(condition)

/* The first `count` who wait are next for the lock. 0, or GEN_EBADSTATE: nobody has the lock. */
static inline int task_condition_notify(struct task_condition *condition, size_t count);

/* -- Barrier ----------------------------------------------------------------------------------- */

struct task_barrier {
    uint32_t parties; /* ro */
    uint32_t waiting; /* ro: how many do */
    bool broken;      /* ro */
    struct task_source task__waiters;
};

/* For that many tasks, 1 or more. Before its first use; not while anybody waits. */
static inline void task_barrier_init(struct task_barrier *barrier, uint32_t parties);

/* index = await barrier.wait(): waits until `parties` tasks do. The lvalue `index`, a uint32_t member
 * of the frame, becomes 0..parties-1, another for each, in the order they came. TASK_EBROKEN: it is
 * broken, or was, or reset, while the task waited. */
#define task_barrier_wait(index, barrier)                                                          \
    TASK__WAIT(task__barrier_wait(gen_context, (barrier), &(index)))

/* Those who wait get TASK_EBROKEN; after abort all who come, too, until it is reset. */
static inline void task_barrier_abort(struct task_barrier *barrier);
static inline void task_barrier_reset(struct task_barrier *barrier);

/* ==== The machinery ========================================================================== */

/* The first who waits goes on, or NULL. */
static inline struct task *task__hand_over(struct task_future *waiters)
{
    struct task_node *n = task__wake_first(waiters);
    return n ? TASK__OF(struct task, task__node, n) : NULL;
}

static inline bool task__lock_acquire(void *context, struct task_lock *lock)
{
    struct task *t = (struct task *)context;
    if (t == NULL)
        return false;
    if (lock->owner == NULL || lock->owner == t) {
        task__settle(t, lock->owner ? GEN_EBADSTATE : 0, "the task has the lock already");
        lock->owner = t;
        return false;
    }
    if (!task__may_wait(t))
        return false;
    task__wait(&t->task__node, &lock->task__waiters);
    return true;
}

static inline int task_lock_release(struct task_lock *lock)
{
    if (lock->owner == NULL)
        return GEN_EBADSTATE;
    lock->owner = task__hand_over(&lock->task__waiters);
    return 0;
}

static inline void task_event_set(struct task_event *event)
{
    (void)task_future_set(&event->future);
}

static inline void task_event_clear(struct task_event *event)
{
    event->future.task__state = TASK_PENDING;
}

static inline bool task_event_is_set(const struct task_event *event)
{
    return task_done(&event->future);
}

static inline void task_semaphore_init(struct task_semaphore *semaphore, uint32_t value,
                                       uint32_t bound)
{
    const struct task_future pending = {NULL, NULL, 0, TASK_PENDING, 0};
    semaphore->value = value;
    semaphore->bound = bound;
    semaphore->task__waiters = pending;
}

static inline bool task__semaphore_acquire(void *context, struct task_semaphore *semaphore)
{
    struct task *t = (struct task *)context;
    if (t == NULL)
        return false;
    if (semaphore->value > 0) {
        semaphore->value--;
        task__settle(t, 0, NULL);
        return false;
    }
    if (!task__may_wait(t))
        return false;
    task__wait(&t->task__node, &semaphore->task__waiters);
    return true;
}

static inline int task_semaphore_release(struct task_semaphore *semaphore)
{
    if (semaphore->value >= semaphore->bound)
        return GEN_EBADSTATE;
    if (task__hand_over(&semaphore->task__waiters) == NULL)
        semaphore->value++;
    return 0;
}

/* A task that is through with waiting for a condition is next for the lock; no cancel may end that. */
static inline void task__condition_over(struct task_condition *condition, struct task *t)
{
    struct task_lock *lock = condition->task__lock;
    if (lock->owner == NULL) {
        lock->owner = t;
        task__ready(&t->task__node);
    } else
        task__wait_firmly(t, &lock->task__waiters);
}

static inline void task__condition_cancelled(struct task_source *source, struct task *t)
{
    task__condition_over((struct task_condition *)(void *)source, t);
}

static inline void task_condition_init(struct task_condition *condition, struct task_lock *lock)
{
    task_source_init(&condition->task__waiters, NULL, task__condition_cancelled);
    condition->task__lock = lock;
}

static inline bool task__condition_wait(void *context, struct task_condition *condition)
{
    struct task *t = (struct task *)context;
    if (t != NULL && condition->task__lock->owner != t) {
        task__settle(t, GEN_EBADSTATE, "a wait for a condition without its lock");
        return false;
    }
    if (!task__may_wait(t))
        return false;
    (void)task_lock_release(condition->task__lock);
    task__wait(&t->task__node, &condition->task__waiters.future);
    return true;
}

static inline int task_condition_notify(struct task_condition *condition, size_t count)
{
    struct task_future *f = &condition->task__waiters.future;
    if (condition->task__lock->owner == NULL)
        return GEN_EBADSTATE;
    for (; count > 0 && f->task__waiters != NULL; count--) {
        struct task_node *n = f->task__waiters;
        task__ring_remove(&f->task__waiters, n);
        task__condition_over(condition, TASK__OF(struct task, task__node, n));
    }
    return 0;
}

static inline void task__barrier_cancelled(struct task_source *source, struct task *t)
{
    TASK__OF(struct task_barrier, task__waiters, source)->waiting--;
    task__ready(&t->task__node);
}

static inline void task_barrier_init(struct task_barrier *barrier, uint32_t parties)
{
    barrier->parties = parties;
    barrier->waiting = 0;
    barrier->broken = false;
    task_source_init(&barrier->task__waiters, NULL, task__barrier_cancelled);
}

static inline bool task__barrier_wait(void *context, struct task_barrier *barrier, uint32_t *index)
{
    struct task *t = (struct task *)context;
    if (t != NULL && barrier->broken) {
        task__settle(t, TASK_EBROKEN, "the barrier is broken");
        return false;
    }
    if (!task__may_wait(t))
        return false;
    *index = barrier->waiting++;
    if (barrier->waiting < barrier->parties) {
        t->task__node.task__due.item = index;
        task__wait(&t->task__node, &barrier->task__waiters.future);
        return true;
    }
    for (barrier->waiting = 0;; barrier->waiting++) {
        struct task *first = task__hand_over(&barrier->task__waiters.future);
        if (first == NULL)
            break;
        *(uint32_t *)first->task__node.task__due.item = barrier->waiting;
    }
    barrier->waiting = 0; /* the last has its index already */
    return false;
}

static inline void task_barrier_reset(struct task_barrier *barrier)
{
    struct task *t;
    while ((t = task__hand_over(&barrier->task__waiters.future)) != NULL)
        task__settle(t, TASK_EBROKEN, "the barrier is broken");
    barrier->waiting = 0;
    barrier->broken = false;
}

static inline void task_barrier_abort(struct task_barrier *barrier)
{
    task_barrier_reset(barrier);
    barrier->broken = true;
}

#endif
