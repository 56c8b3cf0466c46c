/* Sends a datagram, and prints what comes back. The socket is connected, so it takes answers from
 * nobody else, and is told if nobody listens.
 * Usage: udp_client port [message] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/status.h"
#include "loop/datagram.h"

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[2];
    int port;
    const char *message;
    struct datagram socket;
    struct task_scope scope;
    size_t n;
    char data[65536];
};
gen_define(client)
{
    gen_begin();
    datagram_open(&self->socket, NULL, 0, "127.0.0.1", self->port, 0);
    gen_try_finally {
        datagram_send(&self->socket, self->message, strlen(self->message), NULL);
        task_timeout (&self->scope, 5) { /* either message may get lost */
            datagram_receive(self->n, &self->socket, self->data, sizeof self->data, NULL);
        }
        task_end_scope
        printf("%.*s\n", (int)self->n, self->data);
    }
    gen_finally {
        datagram_close(&self->socket);
    }
    gen_end_finally
    gen_end();
}

int main(int argc, char **argv)
{
    static struct client client;
    client.port = argc > 1 ? atoi(argv[1]) : 0;
    client.message = argc > 2 ? argv[2] : "Hello, world!";
    if (argc > 3 || client.port <= 0 || client.port > 65535) {
        fprintf(stderr, "usage: %s port [message]\n", argv[0]);
        return 2;
    }
    return exit_status("udp_client", loop_run(client_any(&client)));
}
