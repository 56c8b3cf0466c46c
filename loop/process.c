/* Child processes: start, wait, communicate, kill. */
#include "loop/process.h"

#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "loop/portable.h"
#include "loop/source.h"

extern char **environ;

/* A process that has not been waited for. It lives on if its owner closes it. */
struct process__child {
    struct loop_service service;
    struct loop_resource resource;
    struct loop *loop;
    struct process *owner; /* NULL: closed */
    pid_t pid;
    int pidfd; /* -1: the thread waits */
    ev_io readable;
    struct task_call ended;
    pthread_t thread;
    struct loop_threadsafe call;
};

/* -- The end of a process ---------------------------------------------------------------------- */

/* Of one that has been waited for. */
static void forget(struct process__child *child)
{
    loop_remove_service(child->loop, &child->service);
    loop__unlist(child->loop, &child->resource);
    if (child->pidfd >= 0) {
        ev_io_stop(child->loop->ev, &child->readable);
        (void)task_call_cancel(&child->ended);
        (void)close(child->pidfd);
    }
    free(child);
}

/* 0: it has not ended, though we were told so; else its pid, or -1 and errno. */
static pid_t wait_for(pid_t pid, int *status, int flags)
{
    pid_t ended;
    do
        ended = waitpid(pid, status, flags);
    while (ended < 0 && errno == EINTR);
    return ended;
}

static void on_end(struct process__child *child)
{
    struct process *p = child->owner;
    int status = 0;
    /* one that is traced ends for its parent after it did for its tracer */
    const pid_t ended = wait_for(child->pid, &status, child->pidfd >= 0 ? WNOHANG : 0);
    const int code = ended < 0 ? errno : 0;
    if (ended == 0) {
        ev_io_start(child->loop->ev, &child->readable);
        return;
    }
    forget(child);
    if (p == NULL)
        return;
    p->process__child = NULL;
    p->returncode = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    (void)task__finish(&p->future, code ? TASK_FAILED : TASK_DONE, code, NULL);
}

static void on_pidfd_end(void *arg)
{
    on_end(arg);
}

/* In a call, so that those who wait go on in the order they came: what libev's callbacks make ready is
 * turned round. */
static void on_readable(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct process__child *child = watcher->data;
    (void)events;
    ev_io_stop(ev, watcher);
    loop__call_next(child->loop, &child->ended, on_pidfd_end, child);
}

static void on_thread_end(void *arg)
{
    struct process__child *child = arg;
    (void)pthread_join(child->thread, NULL);
    on_end(child);
}

/* The thread leaves the exit status for the loop to take, so that the pid stays the child's. */
static void *wait_in_thread(void *arg)
{
    struct process__child *child = arg;
    siginfo_t info;
    while (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
        ;
    (void)loop_call_soon_threadsafe(child->loop, &child->call, on_thread_end, child);
    return NULL;
}

static int send_signal(const struct process__child *child, int signum)
{
#ifdef LOOP__HAS_PIDFD
    if (child->pidfd >= 0) {
        if (syscall(SYS_pidfd_send_signal, child->pidfd, signum, NULL, 0) == 0)
            return 0;
        if (errno != ENOSYS)
            return errno;
    }
#endif
    /* the pid is the child's, as we have not waited for it */
    return kill(child->pid, signum) == 0 ? 0 : errno;
}

/* The loop ends. */
static void end_child(struct loop_service *service)
{
    struct process__child *child = TASK__OF(struct process__child, service, service);
    int status;
    if (child->owner != NULL) {
        const struct loop_exception e = {"a process was left open", NULL, {GEN_EBADSTATE, NULL}};
        loop_call_exception_handler(child->loop, &e);
    }
    (void)send_signal(child, SIGKILL);
    if (child->pidfd < 0) {
        (void)pthread_join(child->thread, NULL);
        task_wakeup_stop(&child->call.loop__wakeup);
    }
    (void)wait_for(child->pid, &status, 0);
    forget(child);
}

/* -- Descriptors ------------------------------------------------------------------------------- */

/* A duplicate that is none of 0, 1 and 2, wherever those may be: so none that is still to be placed is
 * overwritten, and nothing of ours is taken for a closed stdout. -1 and errno. */
static int duplicate(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

/* The same in place of fd, which is closed if need be. */
static int raise_above_2(int fd)
{
    int other, code;
    if (fd < 0 || fd > 2)
        return fd;
    other = duplicate(fd);
    code = errno;
    (void)close(fd);
    errno = code;
    return other;
}

/* Opens a pipe, its ends above 2. 0 or an errno code. */
static int open_pipe(int ends[2])
{
    int both[2], code;
    if (loop__pipe(both) != 0)
        return errno;
    ends[0] = raise_above_2(both[0]);
    code = ends[0] < 0 ? errno : 0;
    ends[1] = raise_above_2(both[1]);
    return ends[1] < 0 ? errno : code;
}

/* What becomes of stdin, stdout and stderr: our end of a pipe, and what the child gets; -1: none. */
struct stdio {
    int ours[3], child[3];
};

static void close_all(const int fds[3])
{
    for (int i = 0; i < 3; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
}

/* 0 or a code; what is open then, is in `io`. */
static int prepare(struct stdio *io, const int what[3])
{
    for (int i = 0; i < 3; i++) {
        int ends[2] = {-1, -1}, code;
        if (what[i] > 0) {
            io->child[i] = duplicate(what[i]);
            if (io->child[i] < 0)
                return errno;
        } else if (what[i] == PROCESS_PIPE) {
            code = open_pipe(ends);
            io->ours[i] = ends[i == 0];
            io->child[i] = ends[i != 0];
            if (code != 0)
                return code;
            if (fcntl(io->ours[i], F_SETFL, O_NONBLOCK) != 0)
                return errno;
        } else if (what[i] < PROCESS_NULL || (what[i] == PROCESS_STDOUT && i != 2))
            return EINVAL;
    }
    return 0;
}

/* -- Starting ---------------------------------------------------------------------------------- */

#ifdef LOOP__HAS_SPAWN

/* What the child does before the exec, in this order. */
static int add_actions(posix_spawn_file_actions_t *actions, const struct stdio *io,
                       const int what[3], const struct process_options *o)
{
    int code = 0;
    for (int i = 0; i < 3 && code == 0; i++) {
        if (io->child[i] >= 0)
            code = posix_spawn_file_actions_adddup2(actions, io->child[i], i);
        else if (what[i] == PROCESS_NULL)
            code = posix_spawn_file_actions_addopen(actions, i, "/dev/null", O_RDWR, 0);
        else if (what[i] == PROCESS_STDOUT)
            code = posix_spawn_file_actions_adddup2(actions, 1, i);
    }
    if (code == 0 && o->cwd != NULL)
        code = posix_spawn_file_actions_addchdir_np(actions, o->cwd);
    if (code == 0 && !o->keep_fds)
        code = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    return code;
}

static int set_attributes(posix_spawnattr_t *attributes, const struct process_options *o)
{
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigset_t none, defaults;
    int code;
    (void)sigemptyset(&none);
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    if (o->new_session)
        flags |= POSIX_SPAWN_SETSID;
    code = posix_spawnattr_setsigmask(attributes, &none);
    if (code == 0)
        code = posix_spawnattr_setsigdefault(attributes, &defaults);
    return code ? code : posix_spawnattr_setflags(attributes, (short)flags);
}

/* posix_spawn: the C library knows how to do it while other threads run, does not copy our page
 * tables, and tells of a failed exec. */
static int spawn(pid_t *pid, const struct stdio *io, const int what[3],
                 const struct process_options *o, char *const *argv)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0)
        return code;
    code = posix_spawnattr_init(&attributes);
    if (code == 0) {
        code = add_actions(&actions, io, what, o);
        if (code == 0)
            code = set_attributes(&attributes, o);
        if (code == 0)
            code =
                posix_spawnp(pid, argv[0], &actions, &attributes, argv, o->env ? o->env : environ);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return code;
}

#else

/* In the child, here and below: only what may be called after a fork from a program with threads. */
static int set_stdio(const struct stdio *io, const int what[3])
{
    for (int i = 0; i < 3; i++) {
        int from = i;
        if (io->child[i] >= 0)
            from = io->child[i];
        else if (what[i] == PROCESS_NULL)
            from = open("/dev/null", O_RDWR);
        else if (what[i] == PROCESS_STDOUT)
            from = 1;
        if (from == i)
            continue;
        if (from < 0 || dup2(from, i) < 0)
            return errno;
        if (what[i] == PROCESS_NULL)
            (void)close(from);
    }
    return 0;
}

/* Returns why not. Without a slash: looked for in `path`, of which one that may not be executed is
 * told of only if there is no other. */
static int exec(char *const *argv, char *const *env, const char *path)
{
    const size_t size = strlen(argv[0]) + 1;
    char file[PATH_MAX];
    int code = ENOENT;
    if (size == 1)
        return ENOENT;
    if (strchr(argv[0], '/') != NULL) {
        (void)execve(argv[0], argv, env);
        return errno;
    }
    for (;; path++) {
        const size_t n = strcspn(path, ":");
        if (n + 1 + size <= sizeof file) {
            memcpy(file, path, n);
            file[n] = '/';
            memcpy(file + n + (n > 0), argv[0], size);
            (void)execve(file, argv, env);
            if (errno == EACCES)
                code = EACCES;
            else if (errno != ENOENT && errno != ENOTDIR)
                return errno;
        }
        path += n;
        if (*path == 0)
            return code;
    }
}

/* What there is to report, or the program; `report` is none of 0, 1 and 2. */
static _Noreturn void become(int report, const struct stdio *io, const int what[3],
                             const struct process_options *o, char *const *argv)
{
    const char *const path = getenv("PATH");
    sigset_t none;
    int code = set_stdio(io, what);
    if (code == 0 && ((o->new_session && setsid() < 0) || (o->cwd != NULL && chdir(o->cwd) != 0)))
        code = errno;
    if (!o->keep_fds) {
        if (report != 3 && (dup2(report, 3) < 0 || fcntl(3, F_SETFD, FD_CLOEXEC) != 0))
            _exit(127);
        report = 3;
        loop__close_from(4);
    }
    loop__default_signals();
    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (code == 0)
        code = exec(argv, o->env ? o->env : environ, path ? path : "/bin:/usr/bin");
    _exit(write(report, &code, sizeof code) < 0 ? 126 : 127);
}

/* With the signals blocked, so that no handler of ours runs in the child. 0, or an errno code. */
static int fork_quietly(pid_t *pid)
{
    sigset_t before;
    int code;
    loop__block_signals(&before);
    *pid = fork();
    code = errno;
    if (*pid != 0)
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return *pid < 0 ? code : 0;
}

/* Through a pipe that an exec closes the child tells why it could not. */
static int spawn(pid_t *pid, const struct stdio *io, const int what[3],
                 const struct process_options *o, char *const *argv)
{
    int report[2] = {-1, -1}, code = open_pipe(report), status;
    ssize_t n = 0;
    if (code == 0)
        code = fork_quietly(pid);
    if (code == 0 && *pid == 0)
        become(report[1], io, what, o, argv);
    if (report[1] >= 0)
        (void)close(report[1]);
    if (code == 0)
        do
            n = read(report[0], &code, sizeof code);
        while (n < 0 && errno == EINTR);
    if (report[0] >= 0)
        (void)close(report[0]);
    if (n > 0)
        (void)wait_for(*pid, &status, 0);
    return code;
}

#endif

static int open_pidfd(pid_t pid)
{
#ifdef LOOP__HAS_PIDFD
    return raise_above_2((int)syscall(SYS_pidfd_open, pid, 0));
#else
    (void)pid;
    return -1;
#endif
}

/* 0, or EAGAIN: nothing can tell us of its end. */
static int watch(struct process__child *child)
{
    sigset_t before;
    int code;
    child->pidfd = open_pidfd(child->pid);
    if (child->pidfd >= 0) {
        ev_io_init(&child->readable, on_readable, child->pidfd, EV_READ);
        child->readable.data = child;
        ev_io_start(child->loop->ev, &child->readable);
        return 0;
    }
    loop__block_signals(&before); /* the program's are not for this thread */
    code = pthread_create(&child->thread, NULL, wait_in_thread, child);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

static int start(struct loop *loop, struct process *p, struct process__child *child,
                 struct stdio *io, const struct process_options *o)
{
    const int what[3] = {o->in, o->out, o->err};
    struct task_node *const waiters = p->future.task__waiters; /* who awaits it already */
    char shell[] = "/bin/sh", option[] = "-c";
    char *command[] = {shell, option, (char *)(uintptr_t)o->shell, NULL};
    int code = prepare(io, what), status;
    if (code == 0)
        code = spawn(&child->pid, io, what, o, o->shell ? command : o->argv);
    if (code != 0)
        return code;
    child->loop = loop;
    child->owner = p;
    code = watch(child);
    if (code != 0) {
        (void)kill(child->pid, SIGKILL);
        (void)wait_for(child->pid, &status, 0);
        return code;
    }
    child->service.close = end_child;
    loop_add_service(loop, &child->service);
    loop__list(loop, &child->resource, "process", child->pidfd);
    child->resource.reading = &p->future;
    memset(p, 0, sizeof *p);
    p->future.task__waiters = waiters;
    p->process__child = child;
    p->pid = child->pid;
    if (io->ours[0] >= 0)
        stream__open_pipe(loop, &p->in, io->ours[0]);
    if (io->ours[1] >= 0)
        stream__open_pipe(loop, &p->out, io->ours[1]);
    if (io->ours[2] >= 0)
        stream__open_pipe(loop, &p->err, io->ours[2]);
    return 0;
}

static bool is_open(const struct stream *s)
{
    return s->stream__loop != NULL;
}

static int try_to_start(struct loop *loop, struct process *p, const struct process_options *o)
{
    struct stdio io = {{-1, -1, -1}, {-1, -1, -1}};
    struct process__child *child;
    int code;
    if (p->process__child != NULL || is_open(&p->in) || is_open(&p->out) || is_open(&p->err))
        return GEN_EBADSTATE;
    if (o->shell == NULL && (o->argv == NULL || o->argv[0] == NULL))
        return EINVAL;
    child = calloc(1, sizeof *child);
    if (child == NULL)
        return ENOMEM;
    code = start(loop, p, child, &io, o);
    close_all(io.child);
    if (code != 0) {
        close_all(io.ours);
        free(child);
    }
    return code;
}

bool process__exec(void *context, struct process *p, const struct process_options *o)
{
    if (context == NULL || !task__may_wait(context))
        return false;
    return loop__settle(context, try_to_start(loop__of(context), p, o), 0);
}

/* -- Waiting, signals, the end ----------------------------------------------------------------- */

bool process__wait(void *context, struct process *p)
{
    if (p->pid == 0)
        return loop__settle(context, GEN_EBADSTATE, 0);
    return task__await(context, &p->future);
}

int process_send_signal(struct process *p, int signum)
{
    return p->process__child ? send_signal(p->process__child, signum) : ESRCH;
}

int process_terminate(struct process *p)
{
    return process_send_signal(p, SIGTERM);
}

int process_kill(struct process *p)
{
    return process_send_signal(p, SIGKILL);
}

void process_close(struct process *p)
{
    struct process__child *child = p->process__child;
    stream_close(&p->in);
    stream_close(&p->out);
    stream_close(&p->err);
    if (child == NULL)
        return;
    (void)send_signal(child, SIGKILL);
    child->owner = NULL;
    child->resource.reading = NULL;
    p->process__child = NULL;
    (void)task_future_cancel(&p->future);
}

/* -- Communicating ----------------------------------------------------------------------------- */

gen_declare(process__feed, void);
gen_declare(process__drain, void);

gen_define(process__feed)
{
    gen_begin();
    gen_try {
        stream_write(self->stream, self->data, self->size);
    }
    gen_except (EPIPE) {
    }
    gen_except (ECONNRESET) {
    }
    gen_end_try
    stream_close(self->stream);
    gen_end();
}

/* Where the next bytes go: behind those that came, or where there is no room, nowhere. */
static void *place(struct process__drain *d, size_t *room)
{
    const struct process_output *o = d->output;
    if (o->size < o->room) {
        *room = o->room - o->size;
        return (char *)o->data + o->size;
    }
    *room = sizeof d->io->process__dropped;
    return d->io->process__dropped;
}

gen_define(process__drain)
{
    gen_begin();
    do {
        size_t room;
        void *const data = place(self, &room);
        stream_read(self->n, self->stream, data, room);
        self->output->size += self->n;
    } while (self->n > 0);
    stream_close(self->stream);
    gen_end();
}

void process__communicate_init(struct process_communicate *io, struct process *p)
{
    io->gen = io->process__feed.gen = io->process__out.gen = io->process__err.gen =
        gen__at(GEN__CREATED);
    io->process__of = p;
    io->process__feed.stream = &p->in;
    io->process__feed.data = io->input;
    io->process__feed.size = io->input_size;
    io->process__out.stream = &p->out;
    io->process__err.stream = &p->err;
    io->process__out.output = &io->out;
    io->process__err.output = &io->err;
    io->process__out.io = io->process__err.io = io;
    io->out.size = io->err.size = 0;
    memset(io->process__tasks, 0, sizeof io->process__tasks);
}

static void communicate(struct process_communicate *io)
{
    struct task_group *g = &io->process__group;
    struct process *p = io->process__of;
    if (is_open(&p->in))
        (void)task_group_start(g, &io->process__tasks[0], process__feed_any(&io->process__feed),
                               "stdin");
    if (is_open(&p->out))
        (void)task_group_start(g, &io->process__tasks[1], process__drain_any(&io->process__out),
                               "stdout");
    if (is_open(&p->err))
        (void)task_group_start(g, &io->process__tasks[2], process__drain_any(&io->process__err),
                               "stderr");
}

gen_define(process_communicate)
{
    gen_begin();
    if (self->input_size > 0 && !is_open(&self->process__of->in))
        gen_raise(EBADF, "stdin is no open pipe");
    task_group (&self->process__group) {
        communicate(self);
    }
    task_end_group
    TASK__WAIT(process__wait(gen_context, self->process__of));
    if (self->out.size > self->out.room || self->err.size > self->err.room)
        gen_raise(PROCESS_ELIMIT, "the process wrote more than there was room for");
    gen_end();
}
