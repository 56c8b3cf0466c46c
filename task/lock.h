/* task/lock.h - lock, event, semaphore, condition and barrier for tasks, as asyncio has them.
 *
 *     task_with_lock (&self->bank->lock) {                             async with bank.lock:
 *         task_sleep(1);
 *     }
 *     task_end_lock
 *
 * Who waits is served first in, first out, and is handed over what was released: a latecomer cannot
 * take it before. A wait that is over keeps what it got though a cancel comes before the task runs
 * again; the cancel is raised by its next wait. What is there to be had at once, is had without a
 * wait, by a cancelled task too. Each is all zero, or initialised as it says; each call costs O(1),
 * but for those that wake several.
 *
 * What a cancel does to a wait: its place in the queue is lost, nothing else.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TASK_LOCK_H
#define TASK_LOCK_H

#include "../task.h"

/* -- Lock. All zero: free. -------------------------------------------------------------------- */

struct task_lock {
    struct task_future task__waiters;
    struct task *owner; /* ro; NULL: it is free */
};

/* await lock.acquire(). GEN_EBADSTATE: the task has it already, and would wait for itself. */
#define task_lock_acquire(lock) TASK__WAIT(task__lock_acquire(gen_context, (lock)))

/* The next one who waits has it now. 0, or GEN_EBADSTATE: nobody has it. */
static inline int task_lock_release(struct task_lock *lock);

/* task_with_lock (&lock) { ... } task_end_lock: acquires it, and releases it on every way out. The
 * frame has a gen_unwind for this nesting; the argument is evaluated at both ends. */
#define task_with_lock(lock)                                                                       \
    {                                                                                              \
        task_lock_acquire(lock);                                                                   \
        for (self->unwind[gen__nesting].gen__text = NULL;;) {                                      \
            TASK__WITH(task_lock_release(lock))
#define task_end_lock TASK__END_WITH
