/* Lines over a Unix socket: read and write buffers, readuntil, flush, half close. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"
#include "loop/stream.h"

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

gen_declare(serving, void);
struct serving {
    struct gen gen;
    struct stream_server *server;
};
gen_define(serving)
{
    gen_begin();
    stream_serve(self->server, handler);
    gen_end();
}

gen_declare(writer, void);
struct writer {
    struct gen gen;
    struct stream *stream;
    int i;
    char line[LINE], out[128];
};
gen_define(writer)
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
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope time;
    struct stream_server server;
    struct serving serving;
    struct stream stream;
    struct writer writer;
    struct task serve, write;
    struct stream_bytes line;
    int lines;
    char in[64];
    bool serves, writes, complete;
};
gen_define(client)
{
    const int little = 1;
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            stream_listen_unix(&self->server, path);
            self->serving.server = &self->server;
            self->serves = true;
            (void)task_start(&loop_running()->scheduler, &self->serve, serving_any(&self->serving),
                             "serve");
            stream_connect_unix(&self->stream, path);
            (void)setsockopt(self->stream.fd, SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
            (void)stream_set_read_buffer(&self->stream, self->in, sizeof self->in);
            self->writer.stream = &self->stream;
            self->writes = true;
            (void)task_start(&loop_running()->scheduler, &self->write, writer_any(&self->writer),
                             "write");
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

static void prepare(void)
{
    (void)snprintf(path, sizeof path, "/tmp/gen-faults-%d", (int)getpid());
}

static struct gen_any begin(void)
{
    of_server = 0;
    memset(&scene, 0, sizeof scene);
    return client_any(&scene);
}

static bool complete(void)
{
    return scene.complete;
}

static void end(void)
{
    if (access(path, F_OK) == 0)
        violated("the socket's file was left");
    (void)unlink(path);
}

extern const struct scenario lines_scenario;
const struct scenario lines_scenario = {
    .name = "lines", .prepare = prepare, .begin = begin, .complete = complete, .end = end};
