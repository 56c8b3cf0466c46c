/* process.h - child processes for coroutines: asyncio's create_subprocess_exec and Process.
 *
 *     process_exec(&self->process, (char *[]){"tr", "a-z", "A-Z", NULL},
 *                  .in = PROCESS_PIPE, .out = PROCESS_PIPE);
 *     self->io.input = "hello";
 *     self->io.input_size = 5;
 *     self->io.out.data = self->text;
 *     self->io.out.room = sizeof self->text;
 *     process_communicate(&self->io, &self->process);
 *     printf("%d: %.*s\n", self->process.returncode, (int)self->io.out.size, self->text);
 *
 * The end of a process is told by a pidfd, or where the kernel has none (before Linux 5.3), or no
 * descriptor is left, by a thread that waits for it. No SIGCHLD is needed, and no process but those
 * that were started here is ever waited for. Only where SIGCHLD is ignored, or somebody else waits
 * for every child, is an exit status lost, and that is told: ECHILD.
 *
 * A process is memory of the caller's, all zero at first, that must stay where it is until it is
 * done and its pipes are closed; process_close sees to both, and comes before the loop is closed,
 * which kills what is left and reports it. The statements are for bodies that run in a loop's task,
 * and all calls for the loop's thread.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_PROCESS_H
#define GEN_LOOP_PROCESS_H

#include <sys/types.h>

#include "loop/stream.h"

/* -- Starting ---------------------------------------------------------------------------------- */

/* What the child's stdin, stdout or stderr is: one of these, or a descriptor above 0, which is
 * duplicated and stays the caller's. */
enum {
    PROCESS_INHERIT = 0, /* ours */
    PROCESS_PIPE = -1,   /* a pipe to process->in, or from process->out or process->err */
    PROCESS_STDOUT = -2, /* stderr only: where stdout goes */
    PROCESS_NULL = -3    /* /dev/null */
};

/* All zero but for the first: as ours. */
struct process_options {
    char *const *argv; /* NULL at its end */
    const char *shell; /* or a command for /bin/sh -c */
    int in, out, err;
    char *const *env; /* "NAME=value", ..., NULL; NULL: ours */
    const char *cwd;  /* NULL: ours */
    bool new_session; /* setsid(): signals from the terminal do not reach it */
    bool keep_fds;    /* descriptors above 2 that are not close-on-exec stay open */
};

/* All zero: none was started. */
struct process {
    struct task_future future; /* done when the process has ended: task_await(&process->future) */
    pid_t pid;                 /* ro */
    int returncode;            /* ro, once it is done: the exit status, or -N: ended by signal N */
    struct stream in;          /* to write to; open where there is a pipe */
    struct stream out, err;    /* to read from; the same */
    struct process__child *process__child; /* NULL: it does not run */
};

/* process_exec(process, argv);  process_exec(process, argv, .out = PROCESS_PIPE, .cwd = "/", ...);
 * process_shell(process, "command | command", ...): the same with /bin/sh -c.
 *
 * Starts a program; argv ends with NULL, and argv[0] is looked up in our PATH if it has no slash.
 * It begins with no signal blocked, those that are ignored still ignored, SIGPIPE not. What is
 * given is only read, before the statement ends, which does not suspend: it takes as long as an
 * exec does.
 *
 * Raises what exec or chdir fails with: ENOENT, EACCES, E2BIG, ENOEXEC; EMFILE, EAGAIN, ENOMEM: no
 * descriptor, process or memory is left; EBADF: a descriptor that is not open; EINVAL: no argv, or
 * none of the numbers above; GEN_EBADSTATE: the process runs, or its pipes are open. Then nothing is
 * left behind. */
#define process_exec(process, ...)                                                                 \
    TASK__WAIT(process__exec(gen_context, (process),                                               \
                             &(const struct process_options){.argv = __VA_ARGS__}))
#define process_shell(process, ...)                                                                \
    TASK__WAIT(process__exec(gen_context, (process),                                               \
                             &(const struct process_options){.shell = __VA_ARGS__}))

/* -- Waiting ----------------------------------------------------------------------------------- */

/* (lvalue code) = await process.wait(): its returncode, at once if it has ended. Any number of
 * tasks may wait. A cancel loses nothing, and leaves the process as it is. With pipes that nobody
 * reads the process may wait for ever: see process_communicate. `process` is evaluated twice.
 *
 * Raises ECHILD: somebody else took the exit status; TASK_ECANCELLED: process_close came first;
 * GEN_EBADSTATE: none was started. */
#define process_wait(code, process)                                                                \
    do {                                                                                           \
        TASK__WAIT(process__wait(gen_context, (process)));                                         \
        (code) = (process)->returncode;                                                            \
    } while (0)

/* What comes from a pipe. `size` is how much came, which may be more than there was room for, as
 * with snprintf: the first `room` bytes are in `data`. */
struct process_output {
    void *data;
    size_t room;
    size_t size; /* ro */
};

/* await process.communicate(input): writes the input and closes stdin, while it reads what comes
 * from stdout and stderr, as far as these are pipes; then waits for the end, which
 * process->returncode tells. The memory is the caller's. A child that does not want the input may
 * close its stdin or end.
 *
 * Raises PROCESS_ELIMIT in the end if there was not room for all: what is too much is read and
 * dropped, so the process is not held up. EBADF: there is an input, and stdin is no open pipe. What
 * process_wait raises. A cancel leaves the process as it is, what has come is in `data`; the input
 * may have gone half-way. Costs no allocation, three tasks in the struct. */
#define process_communicate(io, process)                                                           \
    do {                                                                                           \
        process__communicate_init((io), (process));                                                \
        gen_await(process_communicate, (io));                                                      \
    } while (0)
struct process_communicate;

/* -- Signals and the end ----------------------------------------------------------------------- */

/* Sends a signal; SIGTERM; SIGKILL. 0; ESRCH if it has ended, or none was started, and no other
 * process gets it; EINVAL: no signal; EPERM. */
int process_send_signal(struct process *process, int signum);
int process_terminate(struct process *process);
int process_kill(struct process *process);

/* Closes its pipes, and kills it if it runs: then its future is cancelled, and the loop sees to it
 * that no zombie remains. Does not wait. Closing again is harmless. Does nothing else to one that
 * has ended. */
void process_close(struct process *process);

/* -- Private ----------------------------------------------------------------------------------- */

struct process__feed {
    struct gen gen;
    struct stream *stream;
    const void *data;
    size_t size;
};

struct process__drain {
    struct gen gen;
    struct stream *stream;
    struct process_output *output;
    struct process_communicate *io;
    size_t n;
};

gen_declare_extern(process_communicate, void);

struct process_communicate {
    struct gen gen;
    struct gen_unwind unwind[1];
    const void *input;
    size_t input_size;
    struct process_output out, err;
    struct process *process__of;
    struct task_group process__group;
    struct task process__tasks[3];
    struct process__feed process__feed;
    struct process__drain process__out, process__err;
    char process__dropped[1024];
};

bool process__exec(void *context, struct process *process, const struct process_options *options);
bool process__wait(void *context, struct process *process);
void process__communicate_init(struct process_communicate *io, struct process *process);

#endif
