/* process_pool.h - work in other processes, for what must not share memory: asyncio's
 * ProcessPoolExecutor.
 *
 *     static int hash(const void *in, size_t in_size, void *out, size_t *out_size);
 *
 *     process_pool_open(&pool, loop, 4);                              before threads are started
 *
 *     process_pool_run(&pool, &self->job, hash, self->text, self->size, self->sum, 32);
 *                                                                     then self->job.out_size
 *     process_pool_close(&pool);
 *
 * A pool is a number of worker processes, forked from this one, and a queue of jobs, first in first
 * out. A worker has the memory that this process had when it was forked, no descriptor but 0, 1, 2
 * and its own, 3, and default signal handlers; it ignores SIGINT, which is for this process to
 * decide on. It ends when this process does; where that cannot be asked for, when its function has
 * returned.
 *
 * The function gets a copy of `in`, aligned as by malloc, and room for *out_size bytes, all zero;
 * it says in *out_size how many it has filled, and its code, if not 0, is raised where the job is
 * awaited (what is not a code of an error, as GEN_EBADSTATE). What it prints is flushed.
 *
 * A worker that dies, by a signal or exit, raises EXECUTOR_EDIED in its job, and another is forked
 * when there is a job for it. If this process has threads by then, such a worker may only do what
 * is safe after a fork from threads: malloc is, with glibc.
 *
 * What a cancel does: a job that is queued is taken back; one that runs is left to run, and its
 * result is dropped: `in` has been copied, and `out` is not touched any more. So the wait ends at
 * once, and its worker is busy until the function returns.
 *
 * Costs: two copies of `in` and `out` each through a socket, and O(workers) to find one.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_PROCESS_POOL_H
#define GEN_LOOP_PROCESS_POOL_H

#include "loop/loop.h"

/* What a worker calls: see above. */
typedef int process_pool_function(const void *in, size_t in_size, void *out, size_t *out_size);

struct pool__worker;

/* All zero: closed. It must not move while it is open. */
struct process_pool {
    struct loop *pool__loop; /* NULL: closed */
    size_t workers;          /* ro: how many there are at most */
    size_t busy;             /* ro: how many work */
    struct pool__worker *pool__workers;
    struct process_job *pool__first, *pool__last; /* with calls that have not begun */
    struct task_future pool__idle; /* done when nothing is queued, and none is busy */
    struct loop_service pool__service;
    bool pool__shut;
};

/* A call that is waited for, or one for each element of an array. Memory of the frame's. */
struct process_job {
    size_t
        out_size; /* ro: how many bytes of `out` have been filled; of an array: of the last one */
    struct task_source pool__source;
    struct process_pool *pool__pool; /* NULL: not in use */
    struct process_job *pool__next, *pool__prev;
    process_pool_function *pool__fn;
    const char *pool__in;
    char *pool__out;
    size_t pool__in_size, pool__out_size;
    size_t pool__calls, pool__begun, pool__running;
    size_t pool__failed; /* the first element that did */
    int pool__code;
    bool pool__queued;
};

/* Forks that many workers; 0: as many as there are processors. What a worker may have of this
 * process's memory has to be there by now. 0; LOOP_ECLOSED, LOOP_ETHREAD; GEN_EBADSTATE: it is open
 * already; ENOMEM, EMFILE, EAGAIN and their kind. */
int process_pool_open(struct process_pool *pool, struct loop *loop, size_t workers);

/* Closes at once: workers are killed and waited for, and who waits for a job gets
 * EXECUTOR_ESHUTDOWN. Closing again is harmless; loop_close closes it too. On the loop's thread. */
void process_pool_close(struct process_pool *pool);

/* -- Inside a body ----------------------------------------------------------------------------- */

/* Has a worker call fn, and waits. `out` has room for `out_size` bytes. Raises fn's code;
 * EXECUTOR_EDIED; EXECUTOR_ESHUTDOWN: the pool is closed, or shut down; GEN_EBADSTATE: the job is
 * in use; EMSGSIZE: fn says that it has filled more than there was room for; ENOMEM, here or in the
 * worker; EAGAIN and its kind: no worker could be forked. */
#define process_pool_run(pool, job, fn, in, in_size, out, out_size)                                \
    TASK__WAIT(pool__map(gen_context, (pool), (job), (fn), (in), (in_size), (out), (out_size), 1))

/* For each i < count: fn(&in[i], ..., &out[i], ...), `in_size` and `out_size` being those of an
 * element, as many at once as there are workers. An element that fails does not stop the others; of
 * their codes it is the first element's that is raised, when all have ended. */
#define process_pool_map(pool, job, fn, in, in_size, out, out_size, count)                         \
    TASK__WAIT(                                                                                    \
        pool__map(gen_context, (pool), (job), (fn), (in), (in_size), (out), (out_size), (count)))

/* Takes no more jobs, waits until those that are there are done, and closes the pool. A cancel: it
 * stays shut down, and open. */
#define process_pool_shutdown(pool)                                                                \
    do {                                                                                           \
        TASK__WAIT(pool__drain(gen_context, (pool)));                                              \
        process_pool_close(pool);                                                                  \
    } while (0)

/* -- Private ----------------------------------------------------------------------------------- */

bool pool__map(void *context, struct process_pool *pool, struct process_job *job,
               process_pool_function *fn, const void *in, size_t in_size, void *out,
               size_t out_size, size_t count);
bool pool__drain(void *context, struct process_pool *pool);

#endif
