/* TLS: handshake, echo, goodbye. */
#include "scene.h"
#include "tls_scene.h"

enum { SIZE = 40000, MORE = 5000 };

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

SERVING(echo)

gen_declare(client, void);
struct client {
    SCENE;
    struct writer writer;
    struct task write;
    size_t n;
    char in[1000], out[2000], got[SIZE], after[MORE], more[1];
    bool whole, complete;
};
gen_define(client)
{
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            stream_listen(&self->server, "127.0.0.1", 0);
            SERVE();
            stream_connect(&self->stream, "127.0.0.1", self->server.port);
            tls_start(&self->stream, &client_context, "localhost");
            (void)stream_set_read_buffer(&self->stream, self->in, sizeof self->in);
            (void)stream_set_write_buffer(&self->stream, self->out, sizeof self->out);
            self->writer.size = SIZE;
            WRITE(writer);
            stream_readexactly(self->n, &self->stream, self->got, SIZE);
            expect_bytes(self->got, 0, SIZE);
            self->whole = true;
            stream_readexactly(self->n, &self->stream, self->after, MORE);
            expect_bytes(self->after, 0, MORE);
            self->complete = true;
            stream_read(self->n, &self->stream, self->more, 1);
            if (self->n != 0)
                violated("more has come than was sent");
        }
        gen_except_any {
            if (!self->complete)
                expect_bytes(self->whole ? self->after : self->got, 0, self->n);
            note(gen_caught.code);
        }
        gen_end_try
        END_WRITER();
        self->server.grace = LIMIT; /* connections end by themselves */
        END_SERVER();
    }
    task_end_scope
    gen_end();
}

SCENARIO(tls_scenario, .name = "tls", .prepare = open_contexts);
