/* The TCP echo client: open_connection, write, read what was sent, close.
 * Usage: echo_client port [message] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/status.h"
#include "loop/stream.h"

enum { CHUNK = 1024 };

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct stream stream;
    struct task_scope scope;
    int port;
    const char *message;
    size_t n, left;
    char data[CHUNK];
};

gen_define(client)
{
    gen_begin();
    stream_connect(&self->stream, "127.0.0.1", self->port);
    gen_try_finally {
        stream_write(&self->stream, self->message, strlen(self->message));
        printf("sent: %s\nreceived: ", self->message);
        task_timeout (&self->scope, 5) {
            self->left = strlen(self->message);
            for (; self->left > 0; self->left -= self->n) {
                self->n = self->left < CHUNK ? self->left : CHUNK;
                stream_readexactly(self->n, &self->stream, self->data, self->n);
                printf("%.*s", (int)self->n, self->data);
            }
        }
        task_end_scope
        printf("\n");
    }
    gen_finally {
        stream_close(&self->stream);
    }
    gen_end_finally
    gen_end();
}

/* The port that an argument says, or -1. */
static int port_of(const char *text)
{
    char *end;
    long port = strtol(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && port <= 65535 ? (int)port : -1;
}

int main(int argc, char **argv)
{
    struct client client = {.message = argc > 2 ? argv[2] : "Hello, world!"};
    client.port = argc > 1 ? port_of(argv[1]) : 0;
    if (argc > 3 || client.port <= 0) {
        fprintf(stderr, "usage: %s port [message]\n", argv[0]);
        return 2;
    }
    return exit_status("echo_client", loop_run(client_any(&client)));
}
