/* What a reader is to do with bytes that come in pieces, and what comes of it, as a text. For the test
 * of the readers and its fuzz target. */
#ifndef TESTS_READER_SCENE_H
#define TESTS_READER_SCENE_H

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/stream.h"

#define CHECK_THAT(condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

/* What a reader is to do. What comes of it is written down as "bytes|", with what is raised before. */
struct step {
    enum { K_SOME, K_EXACTLY, K_ALL, K_LINE, K_UNTIL, K_UNTIL_ANY } kind;
    size_t size;
    const char *separator;
};

#define SOME(n)                                                                                    \
    {                                                                                              \
        K_SOME, n, NULL                                                                            \
    }
#define EXACTLY(n)                                                                                 \
    {                                                                                              \
        K_EXACTLY, n, NULL                                                                         \
    }
#define ALL(n)                                                                                     \
    {                                                                                              \
        K_ALL, n, NULL                                                                             \
    }
#define LINE                                                                                       \
    {                                                                                              \
        K_LINE, 0, NULL                                                                            \
    }
#define UNTIL(separator)                                                                           \
    {                                                                                              \
        K_UNTIL, 0, separator                                                                      \
    }
#define UNTIL_ANY                                                                                  \
    {                                                                                              \
        K_UNTIL_ANY, 0, NULL                                                                       \
    }

static const struct stream_bytes ends[] = {{"\r\n", 2}, {";", 1}, {"END", 3}};

gen_declare(reader, void);
struct reader {
    struct gen gen;
    struct stream *stream;
    const struct step *steps;
    size_t count, i, n;
    struct stream_bytes bytes;
    int code;
    size_t logged;
    char data[256], log[8192];
};

static const char *name_of(int code)
{
    switch (code) {
    case 0:
        return "";
    case STREAM_EINCOMPLETE:
        return "incomplete:";
    case STREAM_ELIMIT:
        return "limit:";
    case STREAM_ENOBUFFER:
        return "no buffer:";
    case EINVAL:
        return "invalid:";
    default:
        return "?";
    }
}

static void log_bytes(struct reader *r, const char *data, size_t size)
{
    CHECK_THAT(r->logged + size < sizeof r->log);
    if (size > 0)
        memcpy(r->log + r->logged, data, size);
    r->logged += size;
}

static void log_step(struct reader *r)
{
    const char *name = name_of(r->code);
    log_bytes(r, name, strlen(name));
    if (r->steps[r->i].kind >= K_LINE)
        log_bytes(r, r->bytes.data, r->bytes.size);
    else
        log_bytes(r, r->data, r->n);
    log_bytes(r, "|", 1);
}

gen_define(reader)
{
    gen_begin();
    for (self->i = 0; self->i < self->count; self->i++) {
        self->code = 0;
        gen_try {
            if (self->steps[self->i].kind == K_SOME)
                stream_read(self->n, self->stream, self->data, self->steps[self->i].size);
            else if (self->steps[self->i].kind == K_EXACTLY)
                stream_readexactly(self->n, self->stream, self->data, self->steps[self->i].size);
            else if (self->steps[self->i].kind == K_ALL)
                stream_readall(self->n, self->stream, self->data, self->steps[self->i].size);
            else if (self->steps[self->i].kind == K_LINE)
                stream_readline(self->bytes, self->stream);
            else if (self->steps[self->i].kind == K_UNTIL)
                stream_readuntil(self->bytes, self->stream, self->steps[self->i].separator);
            else
                stream_readuntil_any(self->bytes, self->stream, ends, 3);
        }
        gen_except_any {
            self->code = gen_caught.code;
        }
        gen_end_try
        log_step(self);
    }
    gen_end();
}

/* Sends the text in pieces, each when the reader has taken the one before as far as it goes. */
gen_declare(scene, void);
struct scene {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope net;
    const char *text;
    size_t size;
    uint32_t cuts; /* bit i: there is a cut behind byte i, of the first 32 */
    size_t buffer, at;
    int other;
    struct stream stream;
    struct reader reader;
    struct task task;
    char memory[256];
};
gen_define(scene)
{
    int pair[2];
    size_t n;
    gen_begin();
    task_timeout (&self->net, 10) {
        CHECK_THAT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
        self->other = pair[1];
        stream_open(&self->stream, pair[0]);
        if (self->buffer > 0)
            CHECK_THAT(stream_set_read_buffer(&self->stream, self->memory, self->buffer) == 0);
        self->reader.stream = &self->stream;
        CHECK_THAT(task_start(&loop_running()->scheduler, &self->task, reader_any(&self->reader),
                              "reader") == 0);
        while (self->at < self->size) {
            n = 1;
            while (self->at + n < self->size && !(self->cuts >> (self->at + n - 1) % 32 & 1))
                n++;
            CHECK_THAT(write(self->other, self->text + self->at, n) == (ssize_t)n);
            self->at += n;
            task_sleep(0);
            task_sleep(0);
        }
        (void)close(self->other);
        task_await(&self->task.future);
        stream_close(&self->stream);
    }
    task_end_scope
    gen_end();
}

/* Runs a scene. The log is in it, and its size. */
static inline void scene_run(struct scene *s, const char *text, size_t size, size_t buffer,
                             uint32_t cuts, const struct step *steps, size_t count)
{
    memset(s, 0, sizeof *s);
    s->text = text;
    s->size = size;
    s->buffer = buffer;
    s->cuts = cuts;
    s->reader.steps = steps;
    s->reader.count = count;
    CHECK_THAT(loop_run(scene_any(s)) == 0);
}

#endif
