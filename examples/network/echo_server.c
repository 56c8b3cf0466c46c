/* The TCP echo server: asyncio.start_server(handle, '127.0.0.1', port) and serve_forever().
 * Usage: echo_server [port]. Port 0, the default, is any free one. Ctrl-C ends it cleanly. */
#include <stdio.h>
#include <stdlib.h>

#include "loop/stream.h"

gen_declare(echo, void);
struct echo {
    struct gen gen;
    struct stream *stream; /* the server opens and closes it */
    size_t n;
    char data[16384];
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

/* The port that an argument says, or -1. */
static int port_of(const char *text)
{
    char *end;
    long port = strtol(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && port <= 65535 ? (int)port : -1;
}

int main(int argc, char **argv)
{
    struct serve serve = {.port = argc > 1 ? port_of(argv[1]) : 0};
    int code;
    if (argc > 2 || serve.port < 0) {
        fprintf(stderr, "usage: %s [port]\n", argv[0]);
        return 2;
    }
    code = loop_run(serve_any(&serve));
    if (code == GEN_CANCELLED) {
        printf("closed\n");
        return 0;
    }
    fprintf(stderr, "%s: %s\n", argv[0], loop_error_name(code));
    return 1;
}
