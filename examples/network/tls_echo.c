/* The echo server and its client, over TLS: one line more in each. The connection is a stream as
 * before. The client trusts the server's own certificate, which is for the name localhost.
 * Usage: tls_echo certificate.pem key.pem. In Python:
 *
 *     await asyncio.start_server(echo, '127.0.0.1', 0, ssl=server_context)
 *     await asyncio.open_connection('127.0.0.1', port, ssl=client_context,
 *                                   server_hostname='localhost')
 */
#include <stdio.h>
#include <string.h>

#include "examples/status.h"
#include "loop/tls.h"

static struct tls_context server_context, client_context;

gen_declare(echo, void);
struct echo {
    struct gen gen;
    struct stream *stream;
    size_t n;
    char data[1024];
};
gen_define(echo)
{
    gen_begin();
    tls_start(self->stream, &server_context, NULL);
    for (;;) {
        stream_read(self->n, self->stream, self->data, sizeof self->data);
        if (self->n == 0)
            gen_stop();
        stream_write(self->stream, self->data, self->n);
    }
    gen_end();
}

gen_declare(server, void);
struct server {
    struct gen gen;
    struct stream_server *listening;
};
gen_define(server)
{
    gen_begin();
    stream_serve(self->listening, echo);
    gen_end();
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct stream_server listening;
    struct stream stream;
    size_t n;
    char data[6];
};
gen_define(client)
{
    gen_begin();
    stream_listen(&self->listening, "127.0.0.1", 0);
    if (!task_spawn(server, .listening = &self->listening))
        gen_raise(GEN_ENOMEM);
    stream_connect(&self->stream, "127.0.0.1", self->listening.port);
    gen_try_finally {
        tls_start(&self->stream, &client_context, "localhost");
        stream_write(&self->stream, "secret", 6);
        stream_readexactly(self->n, &self->stream, self->data, 6);
        printf("received: %.*s\n", (int)self->n, self->data);
        tls_shutdown(&self->stream);
    }
    gen_finally {
        stream_close(&self->stream);
    }
    gen_end_finally
    gen_end(); /* the loop ends, and cancels the server first */
}

int main(int argc, char **argv)
{
    static struct client client;
    struct tls_options of_server = {0}, of_client = {0};
    int code;

    if (argc != 3) {
        fprintf(stderr, "usage: tls_echo certificate.pem key.pem\n");
        return 2;
    }
    of_server.certificate = argv[1];
    of_server.key = argv[2];
    of_client.authorities = argv[1];
    code = tls_context_open(&server_context, TLS_SERVER, &of_server);
    if (code == 0)
        code = tls_context_open(&client_context, TLS_CLIENT, &of_client);
    if (code == 0)
        code = loop_run(client_any(&client));
    tls_context_close(&client_context);
    tls_context_close(&server_context);
    return exit_status("tls_echo", code);
}
