/* A time server and its client in one program: two tasks and gather. The client sleeps, connects
 * and asks; the server tells the time, closes the connection and itself. */
#include <stdio.h>
#include <time.h>

#include "examples/status.h"
#include "loop/stream.h"
#include "task/wait.h"

static void say(void *context, const char *what)
{
    printf("task_name: ' %s ' %s\n", ((struct task *)context)->name, what);
}

gen_declare(time_server, void);
struct time_server {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct stream_server server;
    struct stream stream;
    int fd;
    size_t n;
    char peer[64], data[128];
};

gen_define(time_server)
{
    gen_begin();
    say(gen_context, "calling stream_listen");
    stream_listen(&self->server, "127.0.0.1", 0);
    say(gen_context, "accepting");
    gen_try_finally {
        stream_accept(self->fd, &self->server);
        stream_open(&self->stream, self->fd);
        if (stream_peer_name(&self->stream, self->peer, sizeof self->peer) == 0)
            printf("server: connection from %s\n", self->peer);
        stream_read(self->n, &self->stream, self->data, sizeof self->data);
        printf("server: data received: '%.*s'\n", (int)self->n, self->data);
        {
            time_t now = time(NULL);
            self->n =
                strftime(self->data, sizeof self->data, "%A %d/%m/%Y %H:%M:%S %z", localtime(&now));
        }
        printf("server: send: %s\n", self->data);
        stream_write(&self->stream, self->data, self->n);
        printf("server: close the server socket\n");
    }
    gen_finally {
        stream_close(&self->stream);
        stream_server_close(&self->server);
    }
    gen_end_finally
    gen_end();
}

gen_declare(time_client, void);
struct time_client {
    struct gen gen;
    struct gen_unwind unwind[1];
    const struct stream_server *server;
    struct stream stream;
    size_t n;
    char data[128];
};

gen_define(time_client)
{
    gen_begin();
    say(gen_context, "task_sleep(1)");
    task_sleep(1);
    say(gen_context, "after task_sleep(1)");
    stream_connect(&self->stream, "127.0.0.1", self->server->port);
    gen_try_finally {
        stream_write(&self->stream, "local", 5);
        printf("client: request sent\n");
        for (;;) {
            stream_read(self->n, &self->stream, self->data, sizeof self->data);
            if (self->n == 0)
                break;
            printf("client: data received: %.*s\n", (int)self->n, self->data);
        }
        printf("client: connection lost\n");
    }
    gen_finally {
        say(gen_context, "closing client stream");
        stream_close(&self->stream);
    }
    gen_end_finally
    say(gen_context, "return");
    gen_end();
}

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
    say(gen_context, "tasks created/calling task_gather");
    self->slots[0].future = &self->server_task.future;
    self->slots[1].future = &self->client_task.future;
    task_gather(&self->wait, self->slots, 2);
    say(gen_context, "task_gather finished");
    gen_end();
}

int main(void)
{
    struct both both = {.gen = {0, 0}};
    return exit_status("time_server", loop_run(both_any(&both)));
}
