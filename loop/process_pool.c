/* Worker processes. Each has a socket to the loop, for one job and one reply at a time. */
#include "loop/process_pool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__linux__) && !defined(LOOP_PORTABLE)
#include <sys/prctl.h>
#endif

#include "loop/portable.h"
#include "loop/source.h"

struct request { /* then in_size bytes */
    process_pool_function *fn;
    size_t in_size, out_size;
};

struct reply { /* then size bytes */
    int code;
    size_t size;
};

struct pool__worker {
    struct process_pool *pool;
    pid_t pid; /* 0: it is not there */
    int fd;
    ev_io readable, writable;
    struct loop_resource resource;
    bool busy;
    struct process_job *job; /* NULL, and busy: nobody waits for it any more */
    size_t at;               /* its element */
    char *request;
    size_t size, sent;
    struct reply reply;
    size_t received; /* of the reply, with what follows it */
};

/* ==== The worker ============================================================================== */

/* False: the other process has gone. */
static bool get(int fd, void *data, size_t size)
{
    char *to = data;
    while (size > 0) {
        const ssize_t n = recv(fd, to, size, 0);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        if (n > 0) {
            to += n;
            size -= (size_t)n;
        }
    }
    return true;
}

static bool put(int fd, const void *data, size_t size)
{
    const char *from = data;
    while (size > 0) {
        const ssize_t n = send(fd, from, size, LOOP__NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            from += n;
            size -= (size_t)n;
        }
    }
    return true;
}

static bool skip(int fd, size_t size)
{
    char buffer[4096];
    bool there = true;
    while (there && size > 0) {
        const size_t n = size < sizeof buffer ? size : sizeof buffer;
        there = get(fd, buffer, n);
        size -= n;
    }
    return there;
}

static bool do_job(int fd)
{
    struct request request;
    struct reply reply = {.code = 0};
    void *in, *out;
    bool there;
    if (!get(fd, &request, sizeof request))
        return false;
    in = malloc(request.in_size > 0 ? request.in_size : 1);
    out = calloc(request.out_size > 0 ? request.out_size : 1, 1);
    if (in != NULL && out != NULL) {
        there = get(fd, in, request.in_size);
        if (there) {
            reply.size = request.out_size;
            reply.code = request.fn(in, request.in_size, out, &reply.size);
            (void)fflush(stdout);
        }
        if (reply.size > request.out_size) {
            reply.size = 0;
            reply.code = EMSGSIZE;
        }
    } else {
        there = skip(fd, request.in_size);
        reply.code = ENOMEM;
    }
    there = there && put(fd, &reply, sizeof reply) && put(fd, out, reply.size);
    free(in);
    free(out);
    return there;
}

static _Noreturn void serve(int fd, pid_t parent)
{
    enum { OWN = 3 };
    sigset_t none;
    (void)parent;
    if (dup2(fd, OWN) != OWN)
        _exit(1);
    loop__close_from(OWN + 1);
    loop__default_signals();
    (void)signal(SIGINT, SIG_IGN);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
#if defined(PR_SET_PDEATHSIG)
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
#endif
    while (do_job(OWN))
        ;
    _exit(0);
}

/* ==== The loop ================================================================================ */

static void dispatch(struct process_pool *pool);

static void become_idle(struct process_pool *pool)
{
    if (pool->busy == 0 && pool->pool__first == NULL)
        (void)task__finish(&pool->pool__idle, TASK_DONE, 0, NULL);
}

/* -- Jobs -------------------------------------------------------------------------------------- */

static void enqueue(struct process_pool *pool, struct process_job *job)
{
    job->pool__queued = true;
    job->pool__next = NULL;
    job->pool__prev = pool->pool__last;
    if (pool->pool__last != NULL)
        pool->pool__last->pool__next = job;
    else
        pool->pool__first = job;
    pool->pool__last = job;
}

static void dequeue(struct process_pool *pool, struct process_job *job)
{
    if (!job->pool__queued)
        return;
    job->pool__queued = false;
    if (job->pool__prev != NULL)
        job->pool__prev->pool__next = job->pool__next;
    else
        pool->pool__first = job->pool__next;
    if (job->pool__next != NULL)
        job->pool__next->pool__prev = job->pool__prev;
    else
        pool->pool__last = job->pool__prev;
}

static void end_job(struct process_job *job, int code)
{
    job->pool__pool = NULL;
    loop__end_with(&job->pool__source, code, NULL);
}

/* One element is done; perhaps the job is. */
static void end_call(struct process_job *job, size_t at, int code)
{
    if (code < 0 || code > INT16_MAX)
        code = GEN_EBADSTATE;
    if (code != 0 && (job->pool__code == 0 || at < job->pool__failed)) {
        job->pool__code = code;
        job->pool__failed = at;
    }
    if (--job->pool__running == 0 && job->pool__begun == job->pool__calls)
        end_job(job, job->pool__code);
}

/* Who waited is cancelled: from here on the job is not there. */
static void on_leave(struct task_source *source)
{
    struct process_job *job = TASK__OF(struct process_job, pool__source, source);
    struct process_pool *pool = job->pool__pool;
    dequeue(pool, job);
    for (size_t i = 0; i < pool->workers; i++)
        if (pool->pool__workers[i].job == job) {
            pool->pool__workers[i].job = NULL;
            pool->pool__workers[i].resource.reading = NULL;
        }
    job->pool__pool = NULL;
    become_idle(pool);
}

/* -- Workers ----------------------------------------------------------------------------------- */

/* The worker has nothing to do from here on. */
static void end_work(struct pool__worker *w, int code)
{
    struct process_job *job = w->job;
    ev_io_stop(w->pool->pool__loop->ev, &w->writable);
    free(w->request);
    w->request = NULL;
    w->job = NULL;
    w->resource.reading = NULL;
    w->received = 0;
    if (!w->busy)
        return;
    w->busy = false;
    w->pool->busy--;
    if (job != NULL)
        end_call(job, w->at, code);
}

/* It is dead, or shall be. */
static void bury(struct pool__worker *w, int code)
{
    struct loop *loop = w->pool->pool__loop;
    ev_io_stop(loop->ev, &w->readable);
    loop__unlist(loop, &w->resource);
    (void)close(w->fd);
    (void)kill(w->pid, SIGKILL);
    while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    w->pid = 0;
    end_work(w, code);
}

static void on_death(struct pool__worker *w)
{
    struct process_pool *pool = w->pool;
    bury(w, EXECUTOR_EDIED);
    dispatch(pool);
}

/* Where the next bytes of the reply go, and how many; `dropped` is for those nobody awaits. */
static size_t next_bytes(struct pool__worker *w, char **to, char *dropped, size_t most)
{
    const size_t head = sizeof w->reply;
    size_t left, done;
    if (w->received < head) {
        *to = (char *)&w->reply + w->received;
        return head - w->received;
    }
    done = w->received - head;
    left = w->reply.size - done;
    if (w->job != NULL) {
        *to = w->job->pool__out + w->at * w->job->pool__out_size + done;
        return left;
    }
    *to = dropped;
    return left < most ? left : most;
}

static void on_reply(struct pool__worker *w)
{
    struct process_pool *pool = w->pool;
    if (w->job != NULL)
        w->job->out_size = w->reply.size;
    end_work(w, w->reply.code);
    dispatch(pool);
}

static void on_readable(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct pool__worker *w = watcher->data;
    char dropped[4096], *to;
    (void)ev, (void)events;
    for (;;) {
        const size_t most = next_bytes(w, &to, dropped, sizeof dropped);
        const ssize_t n = recv(w->fd, to, most, 0);
        if (n < 0 && loop__again(errno))
            return;
        if (n <= 0 || !w->busy) { /* an idle one has nothing to say */
            on_death(w);
            return;
        }
        w->received += (size_t)n;
        if (w->received < sizeof w->reply)
            continue;
        if (w->job != NULL && w->reply.size > w->job->pool__out_size) { /* it is not itself */
            on_death(w);
            return;
        }
        if (w->received - sizeof w->reply == w->reply.size) {
            on_reply(w);
            return;
        }
    }
}

/* Sends what the socket takes. 0, EAGAIN with some left, or why it failed. */
static int send_some(struct pool__worker *w)
{
    while (w->sent < w->size) {
        const ssize_t n = send(w->fd, w->request + w->sent, w->size - w->sent, LOOP__NOSIGNAL);
        if (n >= 0)
            w->sent += (size_t)n;
        else if (errno != EINTR)
            return loop__again(errno) ? EAGAIN : errno;
    }
    return 0;
}

static void on_writable(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct pool__worker *w = watcher->data;
    const int code = send_some(w);
    (void)events;
    if (code == 0)
        ev_io_stop(ev, watcher);
    else if (code != EAGAIN)
        on_death(w);
}

static int fork_worker(int fd)
{
    sigset_t before;
    const pid_t parent = getpid();
    pid_t pid;
    int code;
    (void)fflush(stdout); /* what is buffered would be printed by both */
    loop__block_signals(&before);
    pid = fork();
    if (pid == 0)
        serve(fd, parent);
    code = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = code;
    return pid;
}

static int spawn(struct pool__worker *w)
{
    int ends[2], code;
    if (loop__socketpair(ends) != 0)
        return errno;
    for (size_t i = 0; i < 2; i++)
        loop__quiet_socket(ends[i]);
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 || (w->pid = fork_worker(ends[1])) < 0) {
        code = errno;
        w->pid = 0;
        (void)close(ends[0]);
        (void)close(ends[1]);
        return code;
    }
    (void)close(ends[1]);
    w->fd = ends[0];
    w->received = 0;
    ev_io_init(&w->readable, on_readable, w->fd, EV_READ);
    ev_io_init(&w->writable, on_writable, w->fd, EV_WRITE);
    w->readable.data = w->writable.data = w;
    ev_io_start(w->pool->pool__loop->ev, &w->readable);
    loop__list(w->pool->pool__loop, &w->resource, "process pool worker", w->fd);
    return 0;
}

/* An idle worker, or one that is forked anew; NULL: all are busy, or `code` tells why not. */
static struct pool__worker *find_worker(struct process_pool *pool, int *code)
{
    struct pool__worker *gone = NULL;
    *code = 0;
    for (size_t i = 0; i < pool->workers; i++) {
        struct pool__worker *w = &pool->pool__workers[i];
        if (w->pid != 0 && !w->busy)
            return w;
        if (w->pid == 0)
            gone = w;
    }
    if (gone != NULL)
        *code = spawn(gone);
    return gone != NULL && *code == 0 ? gone : NULL;
}

static int prepare(struct pool__worker *w, const struct process_job *job)
{
    const struct request request = {job->pool__fn, job->pool__in_size, job->pool__out_size};
    if (job->pool__in_size > SIZE_MAX - sizeof request)
        return ENOMEM;
    w->size = sizeof request + job->pool__in_size;
    w->request = malloc(w->size);
    if (w->request == NULL)
        return ENOMEM;
    memcpy(w->request, &request, sizeof request);
    if (job->pool__in_size > 0)
        memcpy(w->request + sizeof request, job->pool__in + w->at * job->pool__in_size,
               job->pool__in_size);
    w->sent = w->received = 0;
    return 0;
}

/* The next call of a job begins, and ends at once if it fails here. */
static void start(struct pool__worker *w, struct process_job *job)
{
    struct process_pool *pool = w->pool;
    int code;
    w->at = job->pool__begun;
    code = prepare(w, job);
    if (code == 0) {
        code = send_some(w);
        if (code != 0 && code != EAGAIN && w->sent == 0) {
            bury(w, code); /* it had died before; the call waits for another */
            return;
        }
    }
    if (++job->pool__begun == job->pool__calls)
        dequeue(pool, job);
    job->pool__running++;
    if (code == ENOMEM && w->request == NULL) {
        end_call(job, w->at, code);
        return;
    }
    w->busy = true;
    w->job = job;
    w->resource.reading = &job->pool__source.future;
    pool->busy++;
    if (code == EAGAIN)
        ev_io_start(pool->pool__loop->ev, &w->writable);
    else if (code != 0)
        bury(w, EXECUTOR_EDIED);
}

static void dispatch(struct process_pool *pool)
{
    while (pool->pool__first != NULL) {
        struct process_job *job = pool->pool__first;
        int code;
        struct pool__worker *w = find_worker(pool, &code);
        if (w != NULL)
            start(w, job);
        else if (code == 0 || pool->busy > 0)
            break;
        else { /* nobody will come to it */
            dequeue(pool, job);
            end_job(job, code);
        }
    }
    become_idle(pool);
}

/* -- Opening and closing ----------------------------------------------------------------------- */

static void close_service(struct loop_service *service)
{
    process_pool_close(TASK__OF(struct process_pool, pool__service, service));
}

int process_pool_open(struct process_pool *pool, struct loop *loop, size_t workers)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int code = pool->pool__loop ? (int)GEN_EBADSTATE : loop__may_begin(loop);
    if (code != 0)
        return code;
    memset(pool, 0, sizeof *pool);
    pool->workers = workers > 0 ? workers : processors > 0 ? (size_t)processors : 1;
    pool->pool__workers = calloc(pool->workers, sizeof *pool->pool__workers);
    if (pool->pool__workers == NULL)
        return ENOMEM;
    pool->pool__loop = loop;
    pool->pool__service.close = close_service;
    loop_add_service(loop, &pool->pool__service);
    for (size_t i = 0; i < pool->workers; i++)
        pool->pool__workers[i].pool = pool;
    for (size_t i = 0; i < pool->workers && code == 0; i++)
        code = spawn(&pool->pool__workers[i]);
    if (code != 0)
        process_pool_close(pool);
    return code;
}

void process_pool_close(struct process_pool *pool)
{
    struct loop *loop = pool->pool__loop;
    if (loop == NULL)
        return;
    while (pool->pool__first != NULL) {
        struct process_job *job = pool->pool__first;
        dequeue(pool, job);
        job->pool__calls = job->pool__begun;
        job->pool__code = EXECUTOR_ESHUTDOWN;
        job->pool__failed = 0;
        if (job->pool__running == 0)
            end_job(job, EXECUTOR_ESHUTDOWN);
    }
    for (size_t i = 0; i < pool->workers; i++)
        if (pool->pool__workers[i].pid != 0)
            bury(&pool->pool__workers[i], EXECUTOR_ESHUTDOWN);
    become_idle(pool);
    loop_remove_service(loop, &pool->pool__service);
    free(pool->pool__workers);
    pool->pool__workers = NULL;
    pool->pool__loop = NULL;
}

/* -- Inside a body ----------------------------------------------------------------------------- */

static int refuse(void *context, const struct process_pool *pool, const struct process_job *job)
{
    if (pool->pool__loop == NULL || pool->pool__shut)
        return EXECUTOR_ESHUTDOWN;
    if (loop__of(context) != pool->pool__loop)
        return LOOP_ETHREAD;
    return job->pool__pool != NULL ? (int)GEN_EBADSTATE : 0;
}

bool pool__map(void *context, struct process_pool *pool, struct process_job *job,
               process_pool_function *fn, const void *in, size_t in_size, void *out,
               size_t out_size, size_t count)
{
    int code;
    if (context == NULL)
        return false;
    code = refuse(context, pool, job);
    if (code != 0 || count == 0)
        return loop__settle(context, code, 0);
    memset(job, 0, sizeof *job);
    task_source_init(&job->pool__source, on_leave, NULL);
    if (!loop__wait(context, &job->pool__source))
        return false;
    job->pool__pool = pool;
    job->pool__fn = fn;
    job->pool__in = in;
    job->pool__in_size = in_size;
    job->pool__out = out;
    job->pool__out_size = out_size;
    job->pool__calls = count;
    enqueue(pool, job);
    dispatch(pool);
    return true;
}

bool pool__drain(void *context, struct process_pool *pool)
{
    pool->pool__shut = true;
    if (pool->pool__loop == NULL || (pool->busy == 0 && pool->pool__first == NULL))
        return loop__settle(context, 0, 0);
    pool->pool__idle.task__state = TASK_PENDING;
    return task__await(context, &pool->pool__idle);
}
