/* Callback code: 100 KB to a protocol that echoes them, in pieces of two parts; the same over TLS. */
#include <stdlib.h>

#include "faults.h"
#include "loop/protocol.h"
#include "tls_scene.h"

enum { SIZE = 100000 };

static void told(int code)
{
    if (code != 0)
        note(code);
}

static void echo(struct protocol *p, const void *data, size_t size)
{
    const int code = transport_write(p->transport, data, size);
    told(code);
    if (code != 0) /* what follows would not be an echo */
        transport_abort(p->transport);
}

static void echo_lost(struct protocol *p, int code)
{
    told(code);
    free(p);
}

static const struct protocol_ops echo_ops = {.data_received = echo, .connection_lost = echo_lost};

static struct protocol *make_echo(void *arg)
{
    struct protocol *p = calloc(1, sizeof *p);
    (void)arg;
    if (p != NULL)
        p->ops = &echo_ops;
    return p;
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope time;
    struct protocol protocol; /* of the one who asks */
    struct task_future lost;
    struct loop_server server;
    struct loop_connecting connecting;
    size_t at;
    bool complete;
};
static struct client scene;
static bool over_tls;

static void made(struct protocol *p, struct transport *t)
{
    const struct iovec parts[2] = {{sent, SIZE / 3}, {sent + SIZE / 3, SIZE - SIZE / 3}};
    int code = transport_writelines(t, parts, 2);
    if (code == 0 && !over_tls)
        code = transport_write_eof(t);
    told(code);
    if (code != 0)
        transport_abort(p->transport);
}

static void received(struct protocol *p, const void *data, size_t size)
{
    expect_bytes(data, scene.at, size);
    scene.at += size;
    if (over_tls && scene.at == SIZE)
        transport_close(p->transport);
}

static void lost(struct protocol *p, int code)
{
    (void)p;
    told(code);
    (void)task_future_set(&scene.lost);
}

static const struct protocol_ops ops = {
    .connection_made = made, .data_received = received, .connection_lost = lost};

static struct protocol *ours(void *arg)
{
    scene.protocol.ops = &ops;
    return arg;
}

gen_define(client)
{
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            loop_create_server(&self->server, make_echo, NULL, "127.0.0.1", 0,
                               .tls = over_tls ? &server_context : NULL);
            self->connecting.tls = over_tls ? &client_context : NULL;
            self->connecting.server_name = "localhost";
            loop_create_connection(&self->connecting, ours, &self->protocol, "127.0.0.1",
                                   self->server.port);
            task_await(&self->lost);
            self->complete = self->at == SIZE;
        }
        gen_except_any {
            note(gen_caught.code);
        }
        gen_end_try
        loop_server_close(&self->server);
        loop_server_abort_clients(&self->server);
        loop_server_wait_closed(&self->server);
    }
    task_end_scope
    gen_end();
}

SCENARIO(protocol_scenario, .name = "protocol");

static void prepare_tls(void)
{
    over_tls = true;
    open_contexts();
}

/* Whom the server drops in the handshake learns of an end, as does who reads when it aborts. */
extern const struct scenario protocol_tls_scenario;
const struct scenario protocol_tls_scenario = {.name = "protocol_tls",
                                               .prepare = prepare_tls,
                                               .begin = begin,
                                               .complete = &scene.complete,
                                               .instead = {TLS_ETRUNCATED, ECONNRESET}};
