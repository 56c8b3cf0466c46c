/* executor.h - blocking calls in other threads, awaited: asyncio's run_in_executor and to_thread.
 *
 *     static int hash(void *arg);                        may block, or compute for long
 *
 *     gen_define(hasher)                                 the frame has a struct loop_work work
 *     {
 *         gen_begin();
 *         loop_to_thread(&self->work, hash, self);       await asyncio.to_thread(hash, self)
 *         gen_end();
 *     }
 *
 * An executor is a number of threads and a queue, first in first out. A thread is started when
 * there is work and none is idle. A function reports by what `arg` points at and by its code: not
 * 0, it is raised where the work is awaited (what is not a code of an error, as GEN_EBADSTATE).
 *
 * What a cancel does: a work that has not begun is taken back. A thread cannot be stopped, and uses
 * the frame's memory, so a work that runs is waited for; its value or error is what the wait comes
 * to, so that nothing it opened or computed is lost, and the task's next wait raises GEN_CANCELLED.
 *
 * Costs: O(1) for each call, a lock on both sides, one wake-up of the loop for all that is done by
 * then. Nothing is allocated for a work.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_EXECUTOR_H
#define GEN_LOOP_EXECUTOR_H

#include "loop/loop.h"

/* -- The executor ------------------------------------------------------------------------------ */

struct loop_executor {
    size_t max_workers; /* ro */
    pthread_mutex_t loop__mutex;
    pthread_cond_t loop__more;
    struct loop_work *loop__first, *loop__last; /* with calls that have not begun */
    size_t loop__queued, loop__idle;            /* of these calls; of the threads */
    size_t loop__started;
    pthread_t *loop__threads;
    bool loop__shut;
};

/* concurrent.futures.ThreadPoolExecutor(max_workers). The memory is the caller's, and must not move
 * until a shut-down has waited. Several loops may share it. 0 workers: min(32, processors + 4). Its
 * threads have all signals blocked. 0, or ENOMEM or what pthread_mutex_init says. */
int loop_executor_open(struct loop_executor *executor, size_t max_workers);

/* No more work is taken. `cancel_queued`: what has not begun is cancelled; otherwise it is run.
 * `wait`: blocks until all threads have ended, and releases what the executor has; without it, call
 * again later, to wait. Again is harmless, but not from two threads at once. 0; EDEADLK: it would
 * wait for its own thread. Who blocks a loop so must be sure that no work waits for that loop. */
int loop_executor_shutdown(struct loop_executor *executor, bool wait, bool cancel_queued);

/* The loop's own, which is meant where NULL is passed below: made when it is first asked for, and
 * stopped by loop_close, which first runs the loop until all works that came from it are done.
 * NULL: no memory. */
struct loop_executor *loop_default_executor(struct loop *loop);

/* Another one for that. It stays the caller's, to shut down after the loop is closed. */
void loop_set_default_executor(struct loop *loop, struct loop_executor *executor);

/* -- A work ------------------------------------------------------------------------------------ */

/* Where a work is; those of concurrent.futures. */
enum loop_work_state {
    LOOP_WORK_PENDING,
    LOOP_WORK_RUNNING,
    LOOP_WORK_CANCELLED,
    LOOP_WORK_FINISHED
};

struct loop__port;

/* One call, or one for each element of an array. Memory of the caller's, all zero at first, used
 * until it is done, and then free to be submitted again. For task_await, task_gather,
 * task_as_completed: &work->future; see loop_work_await for who owns the memory. */
struct loop_work {
    struct task_future future;
    struct task_source loop__owners; /* those who wait with loop_work_await and loop_work_join */
    struct loop_executor *loop__executor; /* NULL: it is done, or was never submitted */
    struct loop__port *loop__port;
    struct loop_work *loop__next, *loop__prev;
    int (*loop__fn)(void *arg);
    char *loop__arg;
    size_t loop__size, loop__calls; /* of an element; how many calls there are to be */
    size_t loop__begun, loop__running;
    size_t loop__failed;                            /* the first element that did */
    size_t loop__value;                             /* for loop__count, if fn is of loop/ */
    void (*loop__finished)(struct loop_work *work); /* the same: on the loop's thread, in the end */
    int loop__code;
    bool loop__queued, loop__cancelled;
    atomic_bool loop__over; /* no thread uses it any more: the executor may be gone */
};

/* Queues fn(arg); for each element of an array, fn(&array[i]), as many at once as there are
 * threads. An element that fails does not stop the others; of their codes it is the first element's
 * that is raised, when all have ended. An array of none is done in the next turn.
 *
 * On the loop's thread. 0; LOOP_ETHREAD, LOOP_ECLOSED; GEN_EBADSTATE: the work is not done yet;
 * EXECUTOR_ESHUTDOWN; ENOMEM; EAGAIN: not one thread could be started. */
int loop_submit(struct loop_executor *executor, struct loop *loop, struct loop_work *work,
                int (*fn)(void *arg), void *arg);
int loop_submit_map(struct loop_executor *executor, struct loop *loop, struct loop_work *work,
                    int (*fn)(void *element), void *array, size_t count, size_t element_size);

/* Takes back what has not begun: who waits gets TASK_ECANCELLED, when what has begun is over. On
 * the loop's thread. False: all has begun, or is done. */
bool loop_work_cancel(struct loop_work *work);

/* On the loop's thread. What is done and has not come to the loop yet is running. */
enum loop_work_state loop_work_state(const struct loop_work *work);
const char *loop_work_state_name(enum loop_work_state state); /* "pending", ... */

/* -- Inside a body ----------------------------------------------------------------------------- */

/* await loop.run_in_executor(executor, fn, arg): submits and waits. Raises fn's code, and
 * loop_submit's. A cancel: see above. */
#define loop_run_in_executor(executor, work, fn, arg) loop_map(executor, work, fn, arg, 1, 0)

/* await asyncio.to_thread(fn, arg) */
#define loop_to_thread(work, fn, arg) loop_run_in_executor(NULL, work, fn, arg)

/* executor.map(fn, array): waits for all. */
#define loop_map(executor, work, fn, array, count, element_size)                                   \
    TASK__WAIT(loop__map(gen_context, (executor), (work), (fn), (array), (count), (element_size)))

/* Waits for a submitted work, as the owner of its memory: a cancel as above. task_await and the
 * like on &work->future wait as others do: a cancel ends that wait alone, and the work goes on.
 * Raises GEN_EBADSTATE if it was never submitted. */
#define loop_work_await(work) TASK__WAIT(loop__work_await(gen_context, (work)))

/* For gen_finally, before a frame with works in it goes: takes it back, or waits until it is over.
 * Raises nothing, and no cancel ends it. At once if it is done, or was never submitted. Of several,
 * loop_work_cancel them all first. */
#define loop_work_join(work)                                                                       \
    do {                                                                                           \
        if (loop__work_join(gen_context, (work)))                                                  \
            gen_suspend();                                                                         \
    } while (0)

/* -- Private ----------------------------------------------------------------------------------- */

bool loop__map(void *context, struct loop_executor *executor, struct loop_work *work,
               int (*fn)(void *), void *array, size_t count, size_t element_size);
bool loop__work_await(void *context, struct loop_work *work);
bool loop__work_join(void *context, struct loop_work *work);
bool loop__work_finish(void *context, struct loop_work *work); /* no cancel ends it */

#endif
