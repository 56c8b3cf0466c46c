/* A listening socket: listen, accept, and a task for each connection. */
#include "loop/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/address.h"
#include "loop/source.h"

enum { BACKLOG = 128 };

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

static void on_acceptable(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct stream_server *server = watcher->data;
    int fd;
    (void)events;
    if (server->stream__accepting.future.task__waiters == NULL) {
        ev_io_stop(ev, watcher);
        return;
    }
    fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        loop__done(&server->stream__accepting, (size_t)fd);
        return;
    }
    switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        pause_accepting(server);
        break;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP:
        (void)task__finish(&server->stream__accepting.future, TASK_FAILED, errno, NULL);
        break;
    default: /* EAGAIN, and what happened to a connection before we took it */
        break;
    }
}

static void stop_accepting(struct task_source *source)
{
    struct stream_server *server = TASK__OF(struct stream_server, stream__accepting, source);
    ev_io_stop(server->stream__loop->ev, &server->stream__acceptable);
}

bool stream__accept(void *context, struct stream_server *server)
{
    if (context == NULL)
        return false;
    if (server->stream__loop == NULL || server->stream__accepting.future.task__waiters != NULL) {
        task__settle(context, server->stream__loop ? GEN_EBADSTATE : EBADF, NULL);
        return false;
    }
    server->stream__accepting.future.task__state = TASK_PENDING;
    if (!task__await(context, &server->stream__accepting.future))
        return false;
    if (!server->stream__paused)
        ev_io_start(server->stream__loop->ev, &server->stream__acceptable);
    return true;
}

/* -- Listening --------------------------------------------------------------------------------- */

static int listen_on(struct loop *loop, struct stream_server *server, const char *host, int port)
{
    union loop_address address;
    socklen_t size;
    const int on = 1;
    int fd, code;
    if (loop == NULL)
        return GEN_EBADSTATE;
    code = loop_address(&address, &size, host ? host : "0.0.0.0", port);
    if (code != 0)
        return code;
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &address.any, size) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, &address.any, &size) != 0) {
        code = errno;
        (void)close(fd);
        return code;
    }
    memset(server, 0, sizeof *server);
    server->stream__loop = loop;
    server->fd = fd;
    server->port = loop_address_port(&address);
    loop__source_init(&server->stream__accepting, stop_accepting);
    ev_io_init(&server->stream__acceptable, on_acceptable, fd, EV_READ);
    server->stream__acceptable.data = server;
    return 0;
}

bool stream__listen(void *context, struct stream_server *server, const char *host, int port)
{
    return loop__settle(context, listen_on(loop__of(context), server, host, port), 0);
}

void stream_server_close(struct stream_server *server)
{
    if (server->stream__loop == NULL)
        return;
    resume_accepting(server); /* takes it off the list of the paused */
    ev_io_stop(server->stream__loop->ev, &server->stream__acceptable);
    (void)close(server->fd);
    server->stream__loop = NULL;
    (void)task__finish(&server->stream__accepting.future, TASK_FAILED, EBADF, NULL);
}

/* -- Serving ----------------------------------------------------------------------------------- */

static void on_connection_done(void *arg)
{
    struct stream__connection *c = arg;
    struct stream_server *server = c->server;
    struct task_scheduler *s = c->task.task__node.task__scheduler;
    struct gen_exc exc = task_error(&c->task.future);
    if (task_state(&c->task.future) == TASK_FAILED && exc.code != ECONNRESET && exc.code != EPIPE)
        s->hooks->failed(s->host, &c->task, exc);
    stream_close(&c->stream);
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

static void cancel_connections(struct stream_server *server)
{
    for (struct stream__connection *c = server->stream__all; c != NULL; c = c->next)
        (void)task_cancel(&c->task);
}

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
        cancel_connections(self->server);
        task_shield (&self->scope) {
            self->server->stream__drained.task__state = TASK_PENDING;
            if (self->server->connections > 0)
                task_await(&self->server->stream__drained);
        }
        task_end_scope
    }
    gen_end_finally
    gen_end();
}
