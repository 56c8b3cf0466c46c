/* signal.h - signals for a loop, as calls and as something to wait for.
 *
 *     struct loop_signal_handler hangup;                               in the frame, all zero
 *
 *     loop_add_signal_handler(loop_running(), &self->hangup, SIGHUP, NULL, NULL);
 *     for (;;) {
 *         loop_wait_signal(&self->hangup);
 *         read_configuration();
 *     }
 *
 * A handler is called in a turn of the loop, so it may do what any call may. Several signals of one
 * kind that come before it is called may count as one, as they do for the kernel; signals of
 * different kinds are called in the order they came. The signal must not be blocked in all threads.
 *
 * One loop of a process has a signal. It does not go through libev, which would end the process
 * when a second loop asks. While a loop has it, other dispositions of the signal are out of force;
 * they are put back in the end, unless somebody has set another one meanwhile. SIGINT and SIGTERM
 * are loop_run's, which does nothing while its loop has another handler for them: so take SIGINT
 * where it shall not cancel the main task.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_SIGNAL_H
#define GEN_LOOP_SIGNAL_H

#include <signal.h>

#include "loop/loop.h"

/* Memory of the caller's, all zero at first, which must stay where it is until it is removed. */
struct loop_signal_handler {
    int signum;              /* ro */
    struct loop *loop__loop; /* NULL: not added */
    void (*loop__fn)(void *arg);
    void *loop__arg;
    struct task_call loop__call;
    struct task_source loop__waiting;
    struct loop_signal_handler *loop__next;
    bool loop__came;
    bool loop__by_default; /* not called if there is another: loop_run's */
};

/* From now on fn(arg), if fn is not NULL, is called when the signal comes. A signal may have
 * several handlers, which are called in the order they were added. The loop's end removes what is
 * left.
 *
 * 0; EBUSY: another loop has the signal; EINVAL: there is no such signal, or it cannot be handled
 * so (SIGKILL, SIGSTOP; SIGSEGV, SIGBUS, SIGFPE, SIGILL, after which no program goes on);
 * GEN_EBADSTATE: the handler is added already; LOOP_ETHREAD, LOOP_ECLOSED. Costs one or two system
 * calls. */
int loop_add_signal_handler(struct loop *loop, struct loop_signal_handler *handler, int signum,
                            void (*fn)(void *arg), void *arg);

/* It is not called any more, though the signal has come. Those who wait get ECANCELED. Does nothing
 * if it is not added. May be called from a handler, for itself too. */
void loop_remove_signal_handler(struct loop_signal_handler *handler);

/* Waits until the signal comes, or goes on if it came since the last wait, or since the handler was
 * added if it is the first. All who wait go on. A cancel loses nothing. GEN_EBADSTATE: the handler
 * is not added; ECANCELED: it was removed. */
#define loop_wait_signal(handler) TASK__WAIT(loop__wait_signal(gen_context, (handler)))

/* -- Private ----------------------------------------------------------------------------------- */

bool loop__wait_signal(void *context, struct loop_signal_handler *handler);

#endif
