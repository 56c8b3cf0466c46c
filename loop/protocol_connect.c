/* Connections that are made for a protocol. */
#include <stdlib.h>
#include <unistd.h>

#include "loop/connect.h"
#include "loop/source.h"
#include "loop/transport.h"

/* Nothing holds c any more. */
static void forget(struct loop_connecting *c)
{
    loop__connect_cancel(c->loop__connector);
    loop__link_remove(&c->loop__open.link);
    c->loop__connector = NULL;
    c->loop__transport = NULL;
    c->loop__loop = NULL;
}

/* It is over, well or not. */
static void settle(struct loop_connecting *c, int code)
{
    forget(c);
    loop__end_with(&c->connected, code, NULL);
}

static void end_with_loop(struct loop__open *o)
{
    settle(TASK__OF(struct loop_connecting, loop__open, o), LOOP_ECLOSED);
}

/* Nobody waits any more. */
static void give_up(struct task_source *source)
{
    struct loop_connecting *c = TASK__OF(struct loop_connecting, connected, source);
    struct transport *t = c->loop__transport;
    if (t != NULL) {
        t->after_made = NULL;
        transport_close(t);
    }
    forget(c);
}

static void after_made(void *maker, int code)
{
    struct loop_connecting *c = maker;
    if (code == 0)
        c->protocol = c->loop__transport->protocol;
    settle(c, code);
}

static void on_connected(void *arg, struct loop *loop, int code, int fd)
{
    struct loop_connecting *c = arg;
    struct transport *t = code ? NULL : calloc(1, sizeof *t);
    c->loop__connector = NULL;
    if (t == NULL) {
        if (code == 0)
            (void)close(fd);
        settle(c, code ? code : ENOMEM);
        return;
    }
    loop__link_remove(&c->loop__open.link); /* the transport takes its place */
    c->loop__transport = t;                 /* before the factory is asked, which may give up */
    t->maker = c;
    t->after_made = after_made;
    transport__begin(t, loop, c->loop__factory, c->loop__arg, fd, c->tls, c->loop__name);
}

static int begin(struct loop *loop, struct loop_connecting *c, protocol_factory *factory, void *arg,
                 const char *host)
{
    const struct loop_connecting fresh = {
        .tls = c->tls, .server_name = c->server_name, .loop__factory = factory, .loop__arg = arg};
    int code;
    if (c->loop__loop != NULL)
        return GEN_EBADSTATE;
    if (c->tls != NULL && c->server_name == NULL && host == NULL)
        return EINVAL;
    *c = fresh;
    c->loop__name = c->server_name ? c->server_name : host;
    task_source_init(&c->connected, give_up, NULL);
    code = loop__open(loop, &c->loop__open, end_with_loop);
    if (code == 0)
        c->loop__loop = loop;
    return code;
}

int loop_begin_connection(struct loop *loop, struct loop_connecting *c, protocol_factory *factory,
                          void *arg, const char *host, int port)
{
    int code = begin(loop, c, factory, arg, host);
    if (code != 0)
        return code;
    c->loop__connector = loop__connect(loop, host, port, on_connected, c);
    if (c->loop__connector != NULL)
        return 0;
    forget(c);
    return ENOMEM;
}

int loop_begin_unix_connection(struct loop *loop, struct loop_connecting *c,
                               protocol_factory *factory, void *arg, const char *path)
{
    int fd = -1, code = begin(loop, c, factory, arg, NULL);
    if (code != 0)
        return code;
    code = loop__connect_unix(path, &fd);
    on_connected(c, loop, code, fd);
    return 0;
}

/* Waits for what has begun, if it has. */
static bool wait_for(void *context, struct loop_connecting *c, int code)
{
    return code ? loop__settle(context, code, 0) : task__await(context, &c->connected.future);
}

bool loop__create_connection(void *context, struct loop_connecting *c, protocol_factory *factory,
                             void *arg, const char *host, int port)
{
    struct loop *loop = loop__of(context);
    return task__may_wait(context) &&
           wait_for(context, c, loop_begin_connection(loop, c, factory, arg, host, port));
}

bool loop__create_unix_connection(void *context, struct loop_connecting *c,
                                  protocol_factory *factory, void *arg, const char *path)
{
    struct loop *loop = loop__of(context);
    return task__may_wait(context) &&
           wait_for(context, c, loop_begin_unix_connection(loop, c, factory, arg, path));
}
