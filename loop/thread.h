/* thread.h - a coroutine run for another thread: asyncio.run_coroutine_threadsafe.
 *
 *     struct loop_remote remote = {0};                               in a thread that has no loop
 *     struct fetch fetch = {.url = url};
 *     loop_run_coroutine_threadsafe(loop, &remote, fetch_any(&fetch));
 *     code = loop_remote_wait(&remote, 5);
 *     if (code == ETIMEDOUT) {
 *         loop_remote_cancel(&remote);
 *         code = loop_remote_wait(&remote, INFINITY);
 *     }
 *
 * The remote and the coroutine's frame are the calling thread's memory, and must stay where they
 * are until a wait has given the result. A remote belongs to the thread that started it; any number
 * of threads may have theirs at once.
 *
 * The loop must not be closed before the call. When it closes, the coroutines that are left are
 * cancelled, begun or not, so no thread waits for ever.
 *
 * Costs: a wake-up of the loop, and one of the thread.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_THREAD_H
#define GEN_LOOP_THREAD_H

#include "loop/list.h"
#include "loop/loop.h"

/* All zero at first; to be used again when its result has been waited for. */
struct loop_remote {
    struct loop *loop__loop; /* NULL: not in use */
    struct gen_any loop__coroutine;
    struct task loop__task;
    struct task_call loop__when_ended;
    struct loop_threadsafe loop__start, loop__cancel;
    struct loop__link loop__link; /* in the list of the loop's */
    pthread_mutex_t loop__mutex;  /* for what follows */
    pthread_cond_t loop__done_now;
    int loop__code;
    bool loop__done, loop__ended, loop__cancelling;
};

/* Starts the coroutine in a task of the loop's. 0; GEN_EBADSTATE: the remote is in use;
 * LOOP_ECLOSED; ENOMEM or what pthread_mutex_init and its kind say. */
int loop_run_coroutine_threadsafe(struct loop *loop, struct loop_remote *remote,
                                  struct gen_any coroutine);

/* Blocks until the coroutine is done, but not longer than that; INFINITY: as long as it takes. 0,
 * or the code that left the coroutine; GEN_CANCELLED if it was cancelled; ENOMEM: it never began.
 * With these the remote and the frame are the caller's again.
 *
 * ETIMEDOUT: it goes on. (A coroutine may end with ETIMEDOUT itself: loop_remote_done tells.)
 * LOOP_ETHREAD: this is the loop's thread, which would wait for itself. TASK_ETIME: not a number.
 * GEN_EBADSTATE: nothing was started. */
int loop_remote_wait(struct loop_remote *remote, double seconds);

/* Cancels the coroutine; false: it is done already. Its result is still to be waited for. */
bool loop_remote_cancel(struct loop_remote *remote);

/* Would a wait come back at once? True as well where nothing was started. */
bool loop_remote_done(struct loop_remote *remote);

#endif
