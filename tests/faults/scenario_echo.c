/* 100 KB there and back: stream_serve, connecting to a literal address, write and readexactly. */
#include "scene.h"

enum { SIZE = 100000 };

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

SERVING(echo)

gen_declare(client, void);
struct client {
    SCENE;
    struct writer writer;
    struct task write;
    size_t n;
    char name[64], got[SIZE];
    bool complete;
};
gen_define(client)
{
    int code;
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            stream_listen(&self->server, "127.0.0.1", 0);
            SERVE();
            stream_connect(&self->stream, "127.0.0.1", self->server.port);
            code = stream_peer_name(&self->stream, self->name, sizeof self->name);
            if (code != 0)
                gen_raise(code);
            self->writer.size = SIZE;
            WRITE(writer);
            stream_readexactly(self->n, &self->stream, self->got, SIZE);
            expect_bytes(self->got, 0, SIZE);
            self->complete = self->n == SIZE;
            stream_read(self->n, &self->stream, self->name, 1);
            if (self->n != 0)
                violated("more has come than was sent");
        }
        gen_except_any {
            if (!self->complete)
                expect_bytes(self->got, 0, self->n);
            note(gen_caught.code);
        }
        gen_end_try
        END_WRITER();
        END_SERVER();
    }
    task_end_scope
    gen_end();
}

SCENARIO(echo_scenario, .name = "echo");
