/* A stream's server: listen, accept, and a task for each connection. */
#include "loop/stream.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/address.h"
#include "loop/source.h"

enum { BURST = 100 /* accepted in one turn, as asyncio */ };

struct stream__connection {
    struct task task;
    struct task_call done;
    struct stream stream;
    struct stream_server *server;
    struct loop__link link;
};

/* -- Accepting --------------------------------------------------------------------------------- */

/* True: that is what to tell who accepts. */
static bool accept_one(struct stream_server *server, int *code, int *fd)
{
    *code = loop__accept(&server->stream__listener, fd);
    return *code != EAGAIN && !loop__is_paused(&server->stream__listener);
}

static void on_acceptable(struct loop__listener *l)
{
    struct stream_server *server = TASK__OF(struct stream_server, stream__listener, l);
    int fd, code;
    server->stream__burst = 0;
    if (!loop__waited_for(&server->stream__accepting))
        loop__listener_stop(l);
    else if (accept_one(server, &code, &fd))
        loop__end_with(&server->stream__accepting, code, (void *)(uintptr_t)fd);
}

static void stop_accepting(struct task_source *source)
{
    loop__listener_stop(
        &TASK__OF(struct stream_server, stream__accepting, source)->stream__listener);
}

bool stream__accept(void *context, struct stream_server *server)
{
    struct loop__listener *l = &server->stream__listener;
    int fd, code;
    if (l->loop == NULL)
        return loop__settle(context, EBADF, 0);
    if (loop__waited_for(&server->stream__accepting))
        return loop__settle(context, GEN_EBADSTATE, 0);
    if (!task__may_wait(context))
        return false;
    if (!loop__is_paused(l) && server->stream__burst++ < BURST && accept_one(server, &code, &fd))
        return loop__settle(context, code, (size_t)fd);
    if (!loop__wait(context, &server->stream__accepting))
        return false;
    loop__listener_start(l);
    return true;
}

/* -- Listening --------------------------------------------------------------------------------- */

/* Until whoever serves it has had his turn after its end: his frame is in there. */
static bool is_served(const struct stream_server *server)
{
    return gen_state(&server->stream__serving) == GEN_SUSPENDED ||
           gen_state(&server->stream__serving) == GEN_RUNNING;
}

/* With an address, unless there is a code. */
static int listen_at(struct loop *loop, struct stream_server *server, int code,
                     const struct loop_sockaddr *a, const struct loop_listen_options *options)
{
    struct loop__listener *l = &server->stream__listener;
    if (code == 0 && options->tls != NULL)
        code = EINVAL;
    if (code == 0 && (l->loop != NULL || server->connections > 0 || is_served(server)))
        code = GEN_EBADSTATE;
    if (code != 0)
        return code;
    memset(server, 0, sizeof *server);
    code = loop__listen(loop, l, a, options);
    if (code != 0)
        return code;
    server->fd = l->io.fd;
    server->port = loop_address_port(&l->name.address);
    server->grace = options->grace;
    task_source_init(&server->stream__accepting, stop_accepting, NULL);
    l->resource.reading = &server->stream__accepting.future;
    l->acceptable = on_acceptable;
    return 0;
}

bool stream__listen(void *context, struct stream_server *server, const char *host, int port,
                    const struct loop_listen_options *options)
{
    struct loop_sockaddr a;
    int code;
    if (context == NULL)
        return false;
    code = loop_sockaddr(&a, host ? host : "::", port);
    code = listen_at(loop__of(context), server, code, &a, options);
    if (host == NULL && loop__no_such_address(code)) {
        code = loop_sockaddr(&a, "0.0.0.0", port);
        code = listen_at(loop__of(context), server, code, &a, options);
    }
    return loop__settle(context, code, 0);
}

bool stream__listen_unix(void *context, struct stream_server *server, const char *path,
                         const struct loop_listen_options *options)
{
    struct loop_sockaddr a;
    int code = loop_sockaddr_unix(&a, path);
    return context != NULL &&
           loop__settle(context, listen_at(loop__of(context), server, code, &a, options), 0);
}

void stream_server_close(struct stream_server *server)
{
    if (server->stream__listener.loop == NULL)
        return;
    loop__listener_close(&server->stream__listener);
    loop__fail(&server->stream__accepting, EBADF);
}

/* -- Serving ----------------------------------------------------------------------------------- */

static void forget(struct stream__connection *c)
{
    struct stream_server *server = c->server;
    loop__link_remove(&c->link);
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
    loop__link_add(&server->stream__all, &c->link);
    server->connections++;
    (void)task_start(&loop->scheduler, &c->task, handler, server->stream__name);
    (void)task_call_when_done(&loop->scheduler, &c->done, &c->task.future, on_connection_done, c);
    return 0;
}

/* No memory for it. An end could be mistaken for an answer, so its peer gets a reset. */
static void refuse_connection(struct stream_server *server, int fd)
{
    const struct linger at_once = {.l_onoff = 1};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)close(fd);
    loop__listener_pause(&server->stream__listener, ENOMEM);
}

bool stream__serve_init(struct stream_server *server, size_t size, size_t offset,
                        enum gen_status (*resume)(void *, struct gen_io *), const char *name)
{
    if (is_served(server))
        return false;
    memset(&server->stream__serving, 0, sizeof server->stream__serving);
    server->stream__serving.server = server;
    server->stream__size = size;
    server->stream__offset = offset;
    server->stream__resume = resume;
    server->stream__name = name;
    return true;
}

/* What has only its write buffer left is closed. */
void stream_server_close_clients(struct stream_server *server)
{
    struct loop__link *l = server->stream__all, *next;
    for (; l != NULL; l = next) {
        struct stream__connection *c = TASK__OF(struct stream__connection, link, l);
        next = l->next;
        if (!task_cancel(&c->task))
            stream_close(&c->stream);
    }
}

void stream_server_abort_clients(struct stream_server *server)
{
    struct loop__link *l = server->stream__all, *next;
    for (; l != NULL; l = next) {
        struct stream__connection *c = TASK__OF(struct stream__connection, link, l);
        next = l->next;
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
            if (start_connection(loop_running(), self->server, self->fd) != 0)
                refuse_connection(self->server, self->fd);
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
