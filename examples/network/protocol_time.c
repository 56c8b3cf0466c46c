/* A time server and its client in one program, with protocols: what happens on a connection calls
 * functions, and tasks wait for the outcome. The client sends a word; the server answers with the
 * time, closes the connection and itself, which ends the task that serves as if cancelled. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "examples/status.h"
#include "loop/protocol.h"
#include "task/wait.h"

static void say(void *context, const char *what)
{
    printf("task_name: ' %s ' %s\n", ((struct task *)context)->name, what);
}

/* -- The server: a protocol for each connection, on the heap --------------------------------------- */

struct time_protocol {
    struct protocol protocol;
    struct loop_server *server;
    char peer[64];
};

static void server_connection_made(struct protocol *p, struct transport *transport)
{
    struct time_protocol *self = (struct time_protocol *)p;
    if (transport_peer_name(transport, self->peer, sizeof self->peer) != 0)
        self->peer[0] = '\0';
}

static void server_data_received(struct protocol *p, const void *data, size_t size)
{
    struct time_protocol *self = (struct time_protocol *)p;
    char text[64];
    time_t now = time(NULL);
    size_t n = strftime(text, sizeof text, "%A %d/%m/%Y %H:%M:%S %z", localtime(&now));
    printf("server: connection from %s, data received: '%.*s'\n", self->peer, (int)size,
           (const char *)data);
    printf("server: send: %s\n", text);
    (void)transport_write(p->transport, text, n); /* if it fails, connection_lost tells */
    printf("server: close the server socket\n");
    transport_close(p->transport);
    loop_server_close(self->server);
}

static void server_connection_lost(struct protocol *p, int code)
{
    (void)code;
    free(p);
}

static const struct protocol_ops server_ops = {.connection_made = server_connection_made,
                                               .data_received = server_data_received,
                                               .connection_lost = server_connection_lost};

static struct protocol *make_time_protocol(void *server)
{
    struct time_protocol *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->protocol.ops = &server_ops;
    self->server = server;
    return &self->protocol;
}

gen_declare(time_server, void);
struct time_server {
    struct gen gen;
    struct loop_server server;
};

gen_define(time_server)
{
    gen_begin();
    say(gen_context, "calling loop_create_server");
    loop_create_server(&self->server, make_time_protocol, &self->server, "127.0.0.1", 0);
    say(gen_context, "calling loop_server_serve_forever");
    loop_server_serve_forever(&self->server);
    gen_end();
}

/* -- The client: one protocol, in the frame of the task that waits --------------------------------- */

struct client_protocol {
    struct protocol protocol;
    struct task_future lost;
};

static void client_connection_made(struct protocol *p, struct transport *transport)
{
    (void)p;
    (void)transport_write(transport, "local", 5);
    printf("client: request sent\n");
}

static void client_data_received(struct protocol *p, const void *data, size_t size)
{
    (void)p;
    printf("client: data received: %.*s\n", (int)size, (const char *)data);
}

static void client_connection_lost(struct protocol *p, int code)
{
    struct client_protocol *self = (struct client_protocol *)p;
    (void)code;
    printf("client: connection lost\n");
    (void)task_future_set(&self->lost);
}

static const struct protocol_ops client_ops = {.connection_made = client_connection_made,
                                               .data_received = client_data_received,
                                               .connection_lost = client_connection_lost};

static struct protocol *give_client(void *client)
{
    return &((struct client_protocol *)client)->protocol;
}

gen_declare(time_client, void);
struct time_client {
    struct gen gen;
    struct gen_unwind unwind[1];
    const struct loop_server *server;
    struct loop_connecting connecting;
    struct client_protocol client;
};

gen_define(time_client)
{
    gen_begin();
    say(gen_context, "task_sleep(1)");
    task_sleep(1);
    say(gen_context, "after task_sleep(1)");
    self->client.protocol.ops = &client_ops;
    loop_create_connection(&self->connecting, give_client, &self->client, "127.0.0.1",
                           self->server->port);
    gen_try_finally {
        say(gen_context, "await connection_lost");
        task_await(&self->client.lost);
        say(gen_context, "after await connection_lost");
    }
    gen_finally {
        say(gen_context, "closing client transport");
        transport_close(self->client.protocol.transport); /* NULL by now, which is harmless */
    }
    gen_end_finally
    say(gen_context, "return");
    gen_end();
}

/* -- Both ------------------------------------------------------------------------------------------ */

gen_declare(both, void);
struct both {
    struct gen gen;
    struct time_server server;
    struct time_client client;
    struct task server_task, client_task;
    struct task_slot slots[2];
    struct task_wait wait;
};

gen_define(both)
{
    struct task_scheduler *scheduler = &loop_running()->scheduler;
    gen_begin();
    self->client.server = &self->server.server;
    task_start(scheduler, &self->server_task, time_server_any(&self->server), "server task");
    task_start(scheduler, &self->client_task, time_client_any(&self->client), "client task");
    say(gen_context, "tasks created/calling task_gather_all");
    self->slots[0].future = &self->server_task.future;
    self->slots[1].future = &self->client_task.future;
    task_gather_all(&self->wait, self->slots, 2);
    if (task_state(&self->server_task.future) == TASK_CANCELLED)
        say(gen_context, "the server task was cancelled");
    say(gen_context, "task_gather_all finished");
    if (task_error(&self->client_task.future).code != 0)
        gen_raise(task_error(&self->client_task.future).code, "the client failed");
    gen_end();
}

int main(void)
{
    static struct both both;
    return exit_status("protocol_time", loop_run(both_any(&both)));
}
