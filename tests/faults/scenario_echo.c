/* 100 KB there and back: stream_serve, connecting to a literal address, write and readexactly. */
#include <string.h>

#include "faults.h"
#include "loop/stream.h"

enum { SIZE = 100000 };
static char sent[SIZE], got[SIZE];

gen_declare(echo, void);
struct echo {
    struct gen gen;
    struct stream *stream;
    size_t n;
    char data[16384];
};
gen_define(echo)
{
    gen_begin();
    gen_try {
        for (;;) {
            stream_read(self->n, self->stream, self->data, sizeof self->data);
            if (self->n == 0)
                break;
            stream_write(self->stream, self->data, self->n);
        }
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
};
gen_define(writer)
{
    int code;
    gen_begin();
    gen_try {
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
    size_t n;
    char name[64];
    bool serves, writes, complete;
};
gen_define(client)
{
    int code;
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            stream_listen(&self->server, "127.0.0.1", 0);
            self->serving.server = &self->server;
            self->serves = true;
            (void)task_start(&loop_running()->scheduler, &self->serve, serving_any(&self->serving),
                             "serve");
            stream_connect(&self->stream, "127.0.0.1", self->server.port);
            code = stream_peer_name(&self->stream, self->name, sizeof self->name);
            if (code != 0)
                gen_raise(code);
            self->writer.stream = &self->stream;
            self->writes = true;
            (void)task_start(&loop_running()->scheduler, &self->write, writer_any(&self->writer),
                             "write");
            stream_readexactly(self->n, &self->stream, got, SIZE);
            self->complete = self->n == SIZE;
            stream_read(self->n, &self->stream, self->name, 1);
            if (self->n != 0)
                violated("more has come than was sent");
        }
        gen_except_any {
            if (!self->complete)
                expect_bytes(got, 0, self->n);
            note(gen_caught.code);
        }
        gen_end_try
        stream_close(&self->stream);
        if (self->writes)
            JOIN(&self->write);
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

static struct gen_any begin(void)
{
    fill(sent, SIZE);
    memset(got, 0, SIZE);
    memset(&scene, 0, sizeof scene);
    return client_any(&scene);
}

static bool complete(void)
{
    if (scene.complete)
        expect_bytes(got, 0, SIZE);
    return scene.complete;
}

extern const struct scenario echo_scenario;
const struct scenario echo_scenario = {.name = "echo", .begin = begin, .complete = complete};
