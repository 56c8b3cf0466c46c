/* The echo server of examples/echo_server.c with a small buffer: what a connection takes in memory
 * without its buffer. Usage: idle_server [port]. */
#include <stdio.h>
#include <stdlib.h>

#include "loop/stream.h"

gen_declare(echo, void);
struct echo {
    struct gen gen;
    struct stream *stream;
    size_t n;
    char data[64];
};

gen_define(echo)
{
    gen_begin();
    for (;;) {
        stream_read(self->n, self->stream, self->data, sizeof self->data);
        if (self->n == 0)
            gen_stop();
        stream_write(self->stream, self->data, self->n);
    }
    gen_end();
}

gen_declare(serve, void);
struct serve {
    struct gen gen;
    int port;
    struct stream_server server;
};

gen_define(serve)
{
    gen_begin();
    stream_listen(&self->server, "127.0.0.1", self->port);
    printf("listening on 127.0.0.1:%d\n", self->server.port);
    fflush(stdout);
    stream_serve(&self->server, echo);
    gen_end();
}

int main(int argc, char **argv)
{
    struct serve serve = {.port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0};
    int code = loop_run(serve_any(&serve));
    if (code == GEN_CANCELLED)
        return 0;
    fprintf(stderr, "%s: %s\n", argv[0], loop_error_name(code));
    return 1;
}
