/* A listening socket: listen, accept, and a task for each connection. */
#include "loop/stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "loop/address.h"
#include "loop/source.h"

enum { BACKLOG = 128, BURST = 100 /* accepted in one turn, as asyncio */ };

struct stream__connection {
    struct task task;
    struct task_call done;
    struct stream stream;
    struct stream_server *server;
    struct stream__connection *next, *prev;
};

/* -- Accepting --------------------------------------------------------------------------------- */

static void resume_accepting(struct stream_server *server)
{
    struct stream_server **link = &server->stream__loop->loop__paused;
    if (!server->stream__paused)
        return;
    while (*link != server)
        link = &(*link)->stream__next;
    *link = server->stream__next;
    server->stream__paused = false;
    (void)task_call_cancel(&server->stream__retry);
    if (server->stream__accepting.future.task__waiters != NULL)
        ev_io_start(server->stream__loop->ev, &server->stream__acceptable);
}

void stream__resume_accepting(struct loop *loop)
{
    while (loop->loop__paused != NULL)
        resume_accepting(loop->loop__paused);
}

static void on_retry(void *arg)
{
    resume_accepting(arg);
}

/* No descriptor or no memory for one more: those who are connected must live on, so look away from
 * the socket until there is hope. */
static void pause_accepting(struct stream_server *server)
{
    struct loop *loop = server->stream__loop;
    ev_io_stop(loop->ev, &server->stream__acceptable);
    if (server->stream__paused)
        return;
    server->stream__paused = true;
    server->stream__next = loop->loop__paused;
    loop->loop__paused = server;
    (void)loop_call_later(loop, &server->stream__retry, 1, on_retry, server);
}

/* 0 and a connection, EAGAIN, or why there will be none. */
static int accept_one(struct stream_server *server, int *fd)
{
    *fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (*fd >= 0)
        return 0;
    switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        pause_accepting(server);
        return EAGAIN;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP:
        return errno;
    default: /* EAGAIN, and what happened to a connection before we took it */
        return EAGAIN;
    }
}

static void on_acceptable(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct stream_server *server = watcher->data;
    int fd, code;
    (void)events;
    server->stream__burst = 0;
    if (!loop__waited_for(&server->stream__accepting)) {
        ev_io_stop(ev, watcher);
        return;
    }
    code = accept_one(server, &fd);
    if (code != EAGAIN)
        loop__end_with(&server->stream__accepting, code, (void *)(uintptr_t)fd);
}

static void stop_accepting(struct task_source *source)
{
    struct stream_server *server = TASK__OF(struct stream_server, stream__accepting, source);
    ev_io_stop(server->stream__loop->ev, &server->stream__acceptable);
}

bool stream__accept(void *context, struct stream_server *server)
{
    int fd;
    if (server->stream__loop == NULL)
        return loop__settle(context, EBADF, 0);
    if (loop__waited_for(&server->stream__accepting))
        return loop__settle(context, GEN_EBADSTATE, 0);
    if (!task__may_wait(context))
        return false;
    if (!server->stream__paused && server->stream__burst++ < BURST) {
        int code = accept_one(server, &fd);
        if (code != EAGAIN)
            return loop__settle(context, code, (size_t)fd);
    }
    if (!loop__wait(context, &server->stream__accepting))
        return false;
    if (!server->stream__paused)
        ev_io_start(server->stream__loop->ev, &server->stream__acceptable);
    return true;
}

/* -- Listening --------------------------------------------------------------------------------- */

/* Binds and listens on a socket of this kind. The descriptor, or -1 and errno. */
static int listen_on(const union loop_address *address, socklen_t size,
                     const struct stream_listen_options *options)
{
    const int on = 1;
    const int family = address->any.sa_family;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (family != AF_UNIX)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if ((options->reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) ||
        (options->v6_only && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
        bind(fd, &address->any, size) != 0 ||
        listen(fd, options->backlog ? options->backlog : BACKLOG) != 0) {
        const int code = errno;
        (void)close(fd);
        errno = code;
        return -1;
    }
    return fd;
}

static void open_server(struct loop *loop, struct stream_server *server, int fd, double grace)
{
    memset(server, 0, sizeof *server);
    server->stream__loop = loop;
    server->fd = fd;
    server->grace = grace;
    loop__source_init(&server->stream__accepting, stop_accepting);
    ev_io_init(&server->stream__acceptable, on_acceptable, fd, EV_READ);
    server->stream__acceptable.data = server;
    server->stream__resource.reading = &server->stream__accepting.future;
    loop__list(loop, &server->stream__resource, "server", fd);
}

bool stream__listen(void *context, struct stream_server *server, const char *host, int port,
                    const struct stream_listen_options *options)
{
    union loop_address address;
    socklen_t size;
    int fd, code = loop_address(&address, &size, host ? host : "0.0.0.0", port);
    if (code != 0 || context == NULL)
        return loop__settle(context, code, 0);
    fd = listen_on(&address, size, options);
    if (fd < 0)
        return loop__settle(context, errno, 0);
    open_server(loop__of(context), server, fd, options->grace);
    size = sizeof address;
    if (getsockname(fd, &address.any, &size) == 0)
        server->port = loop_address_port(&address);
    return loop__settle(context, 0, 0);
}

static bool is_socket(const char *path, struct stat *status)
{
    return stat(path, status) == 0 && S_ISSOCK(status->st_mode);
}

/* Does nobody listen there any more? */
static bool is_dead(const struct loop_sockaddr *a)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool dead = fd >= 0 && connect(fd, &a->address.any, a->size) != 0 && errno == ECONNREFUSED;
    if (fd >= 0)
        (void)close(fd);
    return dead;
}

bool stream__listen_unix(void *context, struct stream_server *server, const char *path,
                         const struct stream_listen_options *options)
{
    struct loop_sockaddr a;
    struct stat status;
    int fd, code = loop_sockaddr_unix(&a, path);
    if (code != 0 || context == NULL)
        return loop__settle(context, code, 0);
    if (is_socket(path, &status) && is_dead(&a))
        (void)unlink(path);
    fd = listen_on(&a.address, a.size, options);
    if (fd < 0)
        return loop__settle(context, errno, 0);
    open_server(loop__of(context), server, fd, options->grace);
    if (is_socket(path, &status)) {
        server->stream__path = path;
        server->stream__inode = status.st_ino;
    }
    return loop__settle(context, 0, 0);
}

void stream_server_close(struct stream_server *server)
{
    struct loop *loop = server->stream__loop;
    struct stat status;
    if (loop == NULL)
        return;
    resume_accepting(server); /* takes it off the list of the paused */
    ev_io_stop(loop->ev, &server->stream__acceptable);
    (void)close(server->fd);
    if (server->stream__path != NULL && is_socket(server->stream__path, &status) &&
        status.st_ino == server->stream__inode)
        (void)unlink(server->stream__path); /* nobody else has taken its place */
    loop__unlist(loop, &server->stream__resource);
    server->stream__loop = NULL;
    loop__fail(&server->stream__accepting, EBADF);
}

/* -- Serving ----------------------------------------------------------------------------------- */

static void forget(struct stream__connection *c)
{
    struct stream_server *server = c->server;
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        server->stream__all = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    free(c);
    if (--server->connections == 0)
        (void)task_future_set(&server->stream__drained);
}

static void on_flushed(struct stream *stream)
{
    struct stream__connection *c = TASK__OF(struct stream__connection, stream, stream);
    stream_close(stream);
    forget(c);
}

static void on_connection_done(void *arg)
{
    struct stream__connection *c = arg;
    struct task_scheduler *s = c->task.task__node.task__scheduler;
    struct gen_exc exc = task_error(&c->task.future);
    const bool well = task_state(&c->task.future) == TASK_DONE;
    if (task_state(&c->task.future) == TASK_FAILED && exc.code != ECONNRESET && exc.code != EPIPE)
        s->hooks->failed(s->host, &c->task, exc);
    if (!well || !stream__close_flushed(&c->stream, on_flushed))
        on_flushed(&c->stream);
}

/* 0 or ENOMEM. */
static int start_connection(struct loop *loop, struct stream_server *server, int fd)
{
    const size_t at = GEN__ROUND(sizeof(struct stream__connection));
    struct stream__connection *c = calloc(1, at + server->stream__size);
    struct stream **stream;
    struct gen_any handler;
    if (c == NULL)
        return ENOMEM;
    stream__open(loop, &c->stream, fd);
    handler.frame = (char *)c + at;
    handler.resume = server->stream__resume;
    stream = (struct stream **)(void *)((char *)handler.frame + server->stream__offset);
    *stream = &c->stream;
    c->server = server;
    c->next = server->stream__all;
    if (c->next != NULL)
        c->next->prev = c;
    server->stream__all = c;
    server->connections++;
    (void)task_start(&loop->scheduler, &c->task, handler, server->stream__name);
    (void)task_call_when_done(&loop->scheduler, &c->done, &c->task.future, on_connection_done, c);
    return 0;
}

void stream__serve_init(struct stream_server *server, size_t size, size_t offset,
                        enum gen_status (*resume)(void *, struct gen_io *), const char *name)
{
    memset(&server->stream__serving, 0, sizeof server->stream__serving);
    server->stream__serving.server = server;
    server->stream__size = size;
    server->stream__offset = offset;
    server->stream__resume = resume;
    server->stream__name = name;
}

/* What has only its write buffer left is closed. */
void stream_server_close_clients(struct stream_server *server)
{
    struct stream__connection *c = server->stream__all, *next;
    for (; c != NULL; c = next) {
        next = c->next;
        if (!task_cancel(&c->task))
            stream_close(&c->stream);
    }
}

void stream_server_abort_clients(struct stream_server *server)
{
    struct stream__connection *c = server->stream__all, *next;
    for (; c != NULL; c = next) {
        next = c->next;
        (void)task_cancel(&c->task);
        stream_abort(&c->stream);
    }
}

/* Waits until there are no connections. */
#define DRAIN(server)                                                                              \
    do {                                                                                           \
        (server)->stream__drained.task__state = TASK_PENDING;                                      \
        if ((server)->connections > 0)                                                             \
            task_await(&(server)->stream__drained);                                                \
    } while (0)

gen_define(stream__serving)
{
    gen_begin();
    gen_try_finally {
        for (;;) {
            stream_accept(self->fd, self->server);
            if (start_connection(loop_running(), self->server, self->fd) != 0) {
                (void)close(self->fd);
                pause_accepting(self->server);
            }
        }
    }
    gen_finally {
        stream_server_close(self->server);
        task_shield (&self->shield) {
            task_move_on (&self->grace, self->server->grace) {
                DRAIN(self->server);
            }
            task_end_scope
            stream_server_close_clients(self->server);
            DRAIN(self->server);
        }
        task_end_scope
    }
    gen_end_finally
    gen_end();
}
