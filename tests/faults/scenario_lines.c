/* Lines over a Unix socket: read and write buffers, readuntil, flush, half close. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scene.h"

enum { LINES = 150, LINE = 32 };

static char path[64];
static int of_server; /* lines that it has seen, in their order */

static size_t make_line(char *line, int i)
{
    return (size_t)snprintf(line, LINE, "line %d of %d\r\n", i, LINES);
}

static bool is_line(struct stream_bytes line, int i)
{
    char expected[LINE];
    const size_t size = make_line(expected, i);
    return line.size == size && memcmp(line.data, expected, size) == 0;
}

/* Sends each line back, as soon as it is there. */
gen_declare(handler, void);
struct handler {
    struct gen gen;
    struct stream *stream;
    struct stream_bytes line;
    char in[64], out[256];
};
gen_define(handler)
{
    gen_begin();
    gen_try {
        (void)stream_set_read_buffer(self->stream, self->in, sizeof self->in);
        (void)stream_set_write_buffer(self->stream, self->out, sizeof self->out);
        for (;;) {
            stream_readline(self->line, self->stream);
            if (self->line.size == 0)
                break;
            if (!is_line(self->line, of_server))
                violated("a wrong line");
            of_server++;
            stream_write(self->stream, self->line.data, self->line.size);
        }
    }
    gen_except_any {
        note(gen_caught.code);
    }
    gen_end_try
    gen_end();
}

SERVING(handler)

gen_declare(line_writer, void);
struct line_writer {
    struct gen gen;
    struct stream *stream;
    int i;
    char line[LINE], out[128];
};
gen_define(line_writer)
{
    int code;
    gen_begin();
    gen_try {
        (void)stream_set_write_buffer(self->stream, self->out, sizeof self->out);
        for (self->i = 0; self->i < LINES; self->i++) {
            stream_write(self->stream, self->line, make_line(self->line, self->i));
            if (self->i % 50 == 49)
                stream_flush(self->stream);
        }
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
    SCENE;
    struct line_writer writer;
    struct task write;
    struct stream_bytes line;
    int lines;
    char in[64];
    bool complete;
};
gen_define(client)
{
    const int little = 1;
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            stream_listen_unix(&self->server, path);
            SERVE();
            stream_connect_unix(&self->stream, path);
            (void)setsockopt(self->stream.fd, SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
            (void)stream_set_read_buffer(&self->stream, self->in, sizeof self->in);
            WRITE(line_writer);
            for (; self->lines < LINES; self->lines++) {
                stream_readuntil(self->line, &self->stream, "\r\n");
                if (!is_line(self->line, self->lines))
                    violated("a wrong line");
            }
            stream_readline(self->line, &self->stream);
            if (self->line.size != 0)
                violated("more has come than was sent");
            self->complete = true;
        }
        gen_except_any {
            note(gen_caught.code);
        }
        gen_end_try
        END_WRITER();
        END_SERVER();
    }
    task_end_scope
    gen_end();
}

static void prepare(void)
{
    (void)snprintf(path, sizeof path, "/tmp/gen-faults-%d", (int)getpid());
}

static void before(void)
{
    of_server = 0;
}

static void end(void)
{
    if (access(path, F_OK) == 0)
        violated("the socket's file was left");
    (void)unlink(path);
}

SCENARIO(lines_scenario, .name = "lines", .prepare = prepare, .before = before, .end = end);
