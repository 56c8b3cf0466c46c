/* TLS: handshake, echo, goodbye. The file that CERTIFICATE names has the certificate and its key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"
#include "loop/tls.h"

enum { SIZE = 40000, MORE = 5000 };
static char sent[SIZE], got[SIZE];
static struct tls_context client_context, server_context;

gen_declare(echo, void);
struct echo {
    struct gen gen;
    struct stream *stream;
    size_t n;
    char data[5000];
};
gen_define(echo)
{
    gen_begin();
    gen_try {
        tls_start(self->stream, &server_context, NULL);
        for (;;) {
            stream_read(self->n, self->stream, self->data, sizeof self->data);
            if (self->n == 0)
                break;
            stream_write(self->stream, self->data, self->n);
        }
        stream_write(self->stream, sent, MORE); /* to who has said goodbye already */
        tls_shutdown(self->stream);
    }
    gen_except_any {
        note(gen_caught.code);
    }
    gen_end_try
    gen_end();
}

gen_declare(serving, void);
struct serving {
    struct gen gen;
    struct stream_server *server;
};
gen_define(serving)
{
    gen_begin();
    stream_serve(self->server, echo);
    gen_end();
}

gen_declare(writer, void);
struct writer {
    struct gen gen;
    struct stream *stream;
    char out[2000];
};
gen_define(writer)
{
    int code;
    gen_begin();
    gen_try {
        (void)stream_set_write_buffer(self->stream, self->out, sizeof self->out);
        stream_write(self->stream, sent, SIZE);
        code = stream_write_eof(self->stream);
        if (code != 0)
            gen_raise(code);
    }
    gen_except_any {
        note(gen_caught.code);
        stream_close(self->stream); /* nobody shall wait for an answer */
    }
    gen_end_try
    gen_end();
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope time;
    struct stream_server server;
    struct serving serving;
    struct stream stream;
    struct writer writer;
    struct task serve, write;
    size_t n, got;
    char in[1000], after[MORE], more[1];
    bool serves, writes, complete;
};
gen_define(client)
{
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            stream_listen(&self->server, "127.0.0.1", 0);
            self->serving.server = &self->server;
            self->serves = true;
            (void)task_start(&loop_running()->scheduler, &self->serve, serving_any(&self->serving),
                             "serve");
            stream_connect(&self->stream, "127.0.0.1", self->server.port);
            tls_start(&self->stream, &client_context, "localhost");
            (void)stream_set_read_buffer(&self->stream, self->in, sizeof self->in);
            self->writer.stream = &self->stream;
            self->writes = true;
            (void)task_start(&loop_running()->scheduler, &self->write, writer_any(&self->writer),
                             "write");
            stream_readexactly(self->n, &self->stream, got, SIZE);
            self->got = SIZE;
            stream_readexactly(self->n, &self->stream, self->after, MORE);
            self->complete = true;
            stream_read(self->n, &self->stream, self->more, 1);
            if (self->n != 0)
                violated("more has come than was sent");
        }
        gen_except_any {
            if (!self->complete)
                expect_bytes(self->got ? self->after : got, 0, self->n);
            note(gen_caught.code);
        }
        gen_end_try
        stream_close(&self->stream);
        if (self->writes)
            JOIN(&self->write);
        while (self->server.connections > 0)
            task_sleep(0.001);
        if (self->serves) {
            (void)task_cancel(&self->serve);
            JOIN(&self->serve);
        }
        stream_server_close(&self->server); /* it may have been cancelled before it began */
    }
    task_end_scope
    gen_end();
}

static struct client scene;

static void prepare(void)
{
    const char *file = getenv("CERTIFICATE");
    const struct tls_options of_client = {.authorities = file}, of_server = {.certificate = file};
    if (file == NULL || tls_context_open(&client_context, TLS_CLIENT, &of_client) != 0 ||
        tls_context_open(&server_context, TLS_SERVER, &of_server) != 0) {
        (void)puts("no CERTIFICATE");
        exit(2);
    }
}

static struct gen_any begin(void)
{
    fill(sent, SIZE);
    memset(got, 0, SIZE);
    memset(&scene, 0, sizeof scene);
    return client_any(&scene);
}

static bool complete(void)
{
    if (scene.complete) {
        expect_bytes(got, 0, SIZE);
        expect_bytes(scene.after, 0, MORE);
    }
    return scene.complete;
}

extern const struct scenario tls_scenario;
const struct scenario tls_scenario = {
    .name = "tls", .prepare = prepare, .begin = begin, .complete = complete};
