/* Servers that make a protocol for each connection. */
#include <errno.h>
#include <stdlib.h>

#include "loop/address.h"
#include "loop/source.h"
#include "loop/transport.h"

/* -- The end ----------------------------------------------------------------------------------- */

/* Nothing of a server is left: its memory may go when those who wait have gone on. */
static void end_if_drained(struct loop_server *server)
{
    if (server->sockets > 0 || server->connections > 0 || server->loop__loop == NULL)
        return;
    server->loop__loop = NULL;
    (void)task_future_set(&server->loop__ended);
    loop__fail(&server->loop__serving, GEN_CANCELLED);
    (void)task__wake_first(&server->loop__drained);
}

static void close_sockets(struct loop_server *server)
{
    loop__link_remove(&server->loop__open.link);
    while (server->sockets > 0)
        loop__listener_close(&server->loop__doors[--server->sockets].listener);
}

void loop_server_close(struct loop_server *server)
{
    close_sockets(server);
    end_if_drained(server);
}

static void end_with_loop(struct loop__open *o)
{
    loop_server_close(TASK__OF(struct loop_server, loop__open, o));
}

void loop_server_close_clients(struct loop_server *server)
{
    for (struct loop__link *l = server->loop__all; l != NULL; l = l->next)
        transport_close(TASK__OF(struct transport, link, l));
}

void loop_server_abort_clients(struct loop_server *server)
{
    for (struct loop__link *l = server->loop__all; l != NULL; l = l->next)
        transport_abort(TASK__OF(struct transport, link, l));
}

int loop_server_fd(const struct loop_server *server, size_t i)
{
    return i < server->sockets ? server->loop__doors[i].listener.io.fd : -1;
}

/* -- Accepting --------------------------------------------------------------------------------- */

static void after_lost(void *maker)
{
    struct loop_server *server = maker;
    server->connections--;
    end_if_drained(server);
}

static void after_made(void *maker, int code)
{
    const struct loop_server *server = maker;
    const struct loop_exception e = {
        "a server's factory gave a protocol that has a connection", NULL, {GEN_EBADSTATE, NULL}};
    if (code == GEN_EBADSTATE)
        loop_call_exception_handler(server->loop__loop, &e);
}

/* Takes over t and fd. */
static void start_connection(struct loop_server *server, struct transport *t, int fd)
{
    server->connections++; /* the factory may close the server */
    t->maker = server;
    t->after_made = after_made;
    t->after_lost = after_lost;
    loop__link_add(&server->loop__all, &t->link);
    transport__begin(t, server->loop__loop, server->loop__factory, server->loop__arg, fd,
                     server->options.tls, NULL);
}

static void accept_some(void *arg)
{
    struct loop__door *door = arg;
    struct loop_server *server = door->server;
    int code = 0;
    for (int i = 0; code == 0 && i < server->options.backlog && server->sockets > 0; i++) {
        /* there before the connection is taken, which would be lost without */
        struct transport *t = calloc(1, sizeof *t);
        int fd;
        code = t ? loop__accept(&door->listener, &fd) : ENOMEM;
        if (code == 0)
            start_connection(server, t, fd);
        else
            free(t);
    }
    if (code != 0 && code != EAGAIN)
        loop__listener_pause(&door->listener, code);
}

/* In a turn of the loop, as all that calls the user. */
static void on_acceptable(struct loop__listener *l)
{
    loop__call_next(l->loop, &l->call, accept_some, TASK__OF(struct loop__door, listener, l));
}

/* -- Waiting ----------------------------------------------------------------------------------- */

/* Who serves is cancelled: he goes on when nothing is left that needs the server's memory. */
static void serving_cancelled(struct task_source *source, struct task *t)
{
    struct loop_server *server = TASK__OF(struct loop_server, loop__serving, source);
    loop_server_close(server);
    loop_server_abort_clients(server);
    if (server->loop__loop == NULL) {
        task__ready(&t->task__node);
        return;
    }
    task__wait_firmly(t, &server->loop__drained);
}

bool loop__wait_closed(void *context, struct loop_server *server)
{
    if (context == NULL)
        return false;
    if (server->loop__loop == NULL)
        return loop__settle(context, 0, 0);
    return task__await(context, &server->loop__ended);
}

bool loop__serve_forever(void *context, struct loop_server *server)
{
    if (context == NULL)
        return false;
    if (server->sockets == 0 || loop__waited_for(&server->loop__serving) ||
        server->loop__drained.task__waiters != NULL)
        return loop__settle(context, GEN_EBADSTATE, 0);
    return task__await(context, &server->loop__serving.future);
}

/* -- Listening --------------------------------------------------------------------------------- */

static int begin(struct loop *loop, struct loop_server *server, protocol_factory *factory,
                 void *arg, const struct loop_listen_options *options)
{
    const struct loop_listen_options defaults = {.backlog = 0};
    const struct loop_server closed = {.options = options ? *options : defaults};
    int code;
    if (server->loop__loop != NULL)
        return GEN_EBADSTATE;
    if (closed.options.grace != 0)
        return EINVAL;
    *server = closed;
    server->options.backlog = loop__backlog(&closed.options);
    task_source_init(&server->loop__serving, NULL, serving_cancelled);
    server->loop__factory = factory;
    server->loop__arg = arg;
    code = loop__open(loop, &server->loop__open, end_with_loop);
    if (code == 0)
        server->loop__loop = loop;
    return code;
}

/* With an address, unless there is a code. */
static int add_socket(struct loop_server *server, int code, const struct loop_sockaddr *a)
{
    struct loop__door *door = &server->loop__doors[server->sockets];
    if (code == 0)
        code = loop__listen(server->loop__loop, &door->listener, a, &server->options);
    if (code != 0)
        return code;
    server->port = loop_address_port(&door->listener.name.address);
    server->sockets++;
    door->server = server;
    door->listener.acceptable = on_acceptable;
    loop__listener_start(&door->listener);
    return 0;
}

/* A socket for each family that there is, with the same port. */
static int add_all(struct loop_server *server, int port)
{
    struct loop_sockaddr v4, v6;
    int code = add_socket(server, loop_sockaddr(&v4, "0.0.0.0", port), &v4);
    if (code != 0 && !loop__no_such_address(code))
        return code;
    server->options.v6_only = true;
    code = add_socket(server, loop_sockaddr(&v6, "::", server->sockets ? server->port : port), &v6);
    return server->sockets > 0 && loop__no_such_address(code) ? 0 : code;
}

/* What has begun without a socket is over. */
static int begun(struct loop_server *server, int code)
{
    if (code != 0) {
        close_sockets(server);
        server->loop__loop = NULL;
    }
    return code;
}

int loop_begin_server(struct loop *loop, struct loop_server *server, protocol_factory *factory,
                      void *arg, const char *host, int port,
                      const struct loop_listen_options *options)
{
    struct loop_sockaddr a;
    int code = begin(loop, server, factory, arg, options);
    if (code != 0)
        return code;
    if (host == NULL)
        return begun(server, add_all(server, port));
    return begun(server, add_socket(server, loop_sockaddr(&a, host, port), &a));
}

int loop_begin_unix_server(struct loop *loop, struct loop_server *server, protocol_factory *factory,
                           void *arg, const char *path, const struct loop_listen_options *options)
{
    struct loop_sockaddr a;
    int code = begin(loop, server, factory, arg, options);
    if (code != 0)
        return code;
    return begun(server, add_socket(server, loop_sockaddr_unix(&a, path), &a));
}

bool loop__create_server(void *context, struct loop_server *server, protocol_factory *factory,
                         void *arg, const char *host, int port,
                         const struct loop_listen_options *options)
{
    struct loop *loop = loop__of(context);
    return task__may_wait(context) &&
           loop__settle(context, loop_begin_server(loop, server, factory, arg, host, port, options),
                        0);
}

bool loop__create_unix_server(void *context, struct loop_server *server, protocol_factory *factory,
                              void *arg, const char *path,
                              const struct loop_listen_options *options)
{
    struct loop *loop = loop__of(context);
    return task__may_wait(context) &&
           loop__settle(context, loop_begin_unix_server(loop, server, factory, arg, path, options),
                        0);
}
