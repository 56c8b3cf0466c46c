/* Writing: turns, the write buffer and its limits, what a cancel leaves; pipes and stdio. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/stream.h"
#include "loop_scene.h"

enum { WRITERS = 4, BIG = 300000 };

static char data[WRITERS][BIG];

gen_declare(writer, void);
struct writer {
    struct gen gen;
    struct stream *stream;
    const char *data;
    size_t size;
    bool flush;
    const struct stream_bytes *pieces;
    size_t count;
};
gen_define(writer)
{
    gen_begin();
    if (self->pieces != NULL)
        stream_writelines(self->stream, self->pieces, self->count);
    else if (self->flush)
        stream_flush(self->stream);
    else
        stream_write(self->stream, self->data, self->size);
    gen_end();
}

/* A stream, its other end, and writers. */
#define WORLD                                                                                      \
    struct gen gen;                                                                                \
    struct gen_unwind unwind[2];                                                                   \
    struct task_scope net;                                                                         \
    struct stream stream, peer;                                                                    \
    struct writer writers[WRITERS];                                                                \
    struct task tasks[WRITERS];                                                                    \
    size_t n, have;                                                                                \
    int i, other, codes[WRITERS];                                                                  \
    char memory[4096], got[WRITERS * BIG]

static void open_pair(struct loop *loop, struct stream *stream, int *other)
{
    const int small = 4096;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    (void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    stream__open(loop, stream, pair[0]);
    *other = pair[1];
}

static void start_writer(struct loop *loop, struct task *t, struct writer *w, struct writer fresh)
{
    *w = fresh;
    start(loop, t, writer_any(w));
}

#define START(k, ...)                                                                              \
    start_writer(loop_running(), &self->tasks[k], &self->writers[k],                               \
                 (struct writer){.stream = &self->stream, __VA_ARGS__})
#define WRITER(k, from, n) START(k, .data = (from), .size = (n))
#define PIECES_WRITER(k, from, n) START(k, .pieces = (from), .count = (n))
#define FLUSHER(k) START(k, .flush = true)

/* Lets everybody go on, and keeps what the writers came to. */
#define CODES()                                                                                    \
    do {                                                                                           \
        SETTLE();                                                                                  \
        for (self->i = 0; self->i < WRITERS; self->i++)                                            \
            self->codes[self->i] = task_error(&self->tasks[self->i].future).code;                  \
    } while (0)

static void fill(void)
{
    for (size_t k = 0; k < WRITERS; k++)
        memset(data[k], (int)('a' + k), sizeof data[k]);
}

/* -- Turns ------------------------------------------------------------------------------------- */

gen_declare(turns, void);
struct turns {
    WORLD;
    bool cancel; /* the second, which has not begun */
};
gen_define(turns)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        open_pair(loop_running(), &self->stream, &self->other);
        for (self->i = 0; self->i < WRITERS; self->i++)
            WRITER(self->i, data[self->i], BIG);
        task_sleep(0);
        task_sleep(0);
        if (self->cancel)
            (void)task_cancel(&self->tasks[1]);
        stream_open(&self->peer, self->other);
        while (self->have < (size_t)(WRITERS - self->cancel) * BIG) {
            stream_read(self->n, &self->peer, self->got + self->have, 65536);
            self->have += self->n;
        }
        CODES();
        stream_close(&self->stream);
        stream_close(&self->peer);
    }
    task_end_scope
    gen_end();
}

static void writes_come_whole_and_in_order(void **state)
{
    static struct turns w;
    (void)state;
    memset(&w, 0, sizeof w);
    fill();
    assert_int_equal(loop_run(turns_any(&w)), 0);
    for (size_t k = 0; k < WRITERS; k++) {
        assert_int_equal(w.codes[k], 0);
        assert_memory_equal(w.got + k * BIG, data[k], BIG);
    }
}

static void who_has_not_begun_may_be_cancelled(void **state)
{
    static struct turns w;
    (void)state;
    memset(&w, 0, sizeof w);
    w.cancel = true;
    fill();
    assert_int_equal(loop_run(turns_any(&w)), 0);
    assert_int_equal(w.codes[1], TASK_ECANCELLED);
    assert_memory_equal(w.got, data[0], BIG);
    assert_memory_equal(w.got + BIG, data[2], BIG);
    assert_memory_equal(w.got + 2 * BIG, data[3], BIG);
}

/* -- A part that is written -------------------------------------------------------------------- */

gen_declare(tearing, void);
struct tearing {
    WORLD;
};
gen_define(tearing)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        open_pair(loop_running(), &self->stream, &self->other);
        WRITER(0, data[0], BIG);
        WRITER(1, data[1], BIG);
        task_sleep(0);
        task_sleep(0);
        (void)task_cancel(&self->tasks[0]);
        SETTLE();
        assert_true(task_done(&self->tasks[1].future));
        self->codes[0] = task_error(&self->tasks[0].future).code;
        self->codes[1] = task_error(&self->tasks[1].future).code;
        gen_try {
            stream_write(&self->stream, "x", 1);
        }
        gen_except_any {
            self->codes[2] = gen_caught.code;
        }
        gen_end_try
        assert_int_equal(stream_write_eof(&self->stream), STREAM_ETORN);
        stream_close(&self->stream);
        (void)close(self->other);
    }
    task_end_scope
    gen_end();
}

static void a_torn_write_is_the_last(void **state)
{
    static struct tearing w;
    (void)state;
    memset(&w, 0, sizeof w);
    assert_int_equal(loop_run(tearing_any(&w)), 0);
    assert_int_equal(w.codes[0], TASK_ECANCELLED);
    assert_int_equal(w.codes[1], STREAM_ETORN);
    assert_int_equal(w.codes[2], STREAM_ETORN);
}

/* -- Many pieces ------------------------------------------------------------------------------- */

enum { PIECES = 200 };

/* data[k] in pieces of all sizes: none, one byte, ..., and what is left. */
static struct stream_bytes pieces[WRITERS][PIECES];

static void cut(size_t k)
{
    size_t from = 0;
    for (size_t i = 0; i < PIECES; i++) {
        const size_t size = i == PIECES - 1 ? BIG - from : i % 3 * i;
        pieces[k][i].data = size > 0 ? data[k] + from : NULL;
        pieces[k][i].size = size;
        from += size;
    }
}

gen_declare(lines, void);
struct lines {
    WORLD;
    bool pipe, buffer;
    int ends[2];
};
gen_define(lines)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        if (self->pipe) {
            assert_int_equal(pipe2(self->ends, O_NONBLOCK | O_CLOEXEC), 0);
            stream_open_pipe(&self->peer, self->ends[0]);
            stream_open_pipe(&self->stream, self->ends[1]);
        } else {
            open_pair(loop_running(), &self->stream, &self->other);
            stream_open(&self->peer, self->other);
        }
        if (self->buffer)
            (void)stream_set_write_buffer(&self->stream, self->memory, sizeof self->memory);
        PIECES_WRITER(0, pieces[0], PIECES);
        WRITER(1, data[1], BIG);
        PIECES_WRITER(2, pieces[2], PIECES);
        PIECES_WRITER(3, pieces[3], PIECES);
        while (self->have < WRITERS * BIG) {
            stream_read(self->n, &self->peer, self->got + self->have, 65536);
            self->have += self->n;
        }
        CODES();
        assert_false(stream_is_closing(&self->stream));
        stream_close(&self->stream);
        assert_true(stream_is_closing(&self->stream));
        stream_close(&self->peer);
    }
    task_end_scope
    gen_end();
}

static void pieces_come_whole_and_in_order(void **state)
{
    static struct lines w;
    (void)state;
    for (size_t k = 0; k < WRITERS; k++) {
        for (size_t i = 0; i < BIG; i++)
            data[k][i] = (char)((k * BIG + i) * 2654435761U >> 13);
        cut(k);
    }
    for (int kind = 0; kind < 4; kind++) {
        memset(&w, 0, sizeof w);
        w.pipe = kind & 1;
        w.buffer = kind & 2;
        assert_int_equal(loop_run(lines_any(&w)), 0);
        for (size_t k = 0; k < WRITERS; k++)
            assert_int_equal(w.codes[k], 0);
        assert_memory_equal(w.got, data, sizeof data);
    }
}

/* A socket whose sends are messages shows that they are one. */
gen_declare(message, void);
struct message {
    WORLD;
    int pair[2];
};
gen_define(message)
{
    gen_begin();
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, self->pair), 0);
    stream_open(&self->stream, self->pair[0]);
    stream_writelines(&self->stream, pieces[0], 64);
    stream_writelines(&self->stream, NULL, 0);
    self->n = (size_t)recv(self->pair[1], self->got, sizeof self->got, 0);
    stream_close(&self->stream);
    (void)close(self->pair[1]);
    gen_end();
}

static void one_call_takes_many_pieces(void **state)
{
    static struct message w;
    size_t size = 0;
    (void)state;
    fill();
    cut(0);
    for (size_t i = 0; i < 64; i++)
        size += pieces[0][i].size;
    memset(&w, 0, sizeof w);
    assert_int_equal(loop_run(message_any(&w)), 0);
    assert_int_equal(w.n, size);
    assert_memory_equal(w.got, data[0], size);
}

/* Cancelled between two pieces a write is torn, too; before the first it is not. */
gen_declare(torn_pieces, void);
struct torn_pieces {
    WORLD;
};
gen_define(torn_pieces)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        open_pair(loop_running(), &self->stream, &self->other);
        WRITER(0, data[0], BIG);
        PIECES_WRITER(1, pieces[1], PIECES);
        PIECES_WRITER(2, pieces[2], PIECES);
        PIECES_WRITER(3, pieces[3], PIECES);
        task_sleep(0);
        task_sleep(0);
        (void)task_cancel(&self->tasks[1]);
        stream_open(&self->peer, self->other);
        stream_readexactly(self->n, &self->peer, self->got, BIG + 10000);
        (void)task_cancel(&self->tasks[2]);
        CODES();
        stream_close(&self->stream);
        stream_close(&self->peer);
    }
    task_end_scope
    gen_end();
}

static void torn_between_two_pieces(void **state)
{
    static struct torn_pieces w;
    (void)state;
    fill();
    for (size_t k = 0; k < WRITERS; k++)
        cut(k);
    memset(&w, 0, sizeof w);
    assert_int_equal(loop_run(torn_pieces_any(&w)), 0);
    assert_int_equal(w.codes[0], 0);
    assert_int_equal(w.codes[1], TASK_ECANCELLED);
    assert_int_equal(w.codes[2], TASK_ECANCELLED);
    assert_int_equal(w.codes[3], STREAM_ETORN);
    assert_memory_equal(w.got, data[0], BIG);
    assert_memory_equal(w.got + BIG, data[2], 10000);
}

/* -- The write buffer -------------------------------------------------------------------------- */

gen_declare(buffered, void);
struct buffered {
    WORLD;
    size_t filled;
};
gen_define(buffered)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        open_pair(loop_running(), &self->stream, &self->other);
        assert_int_equal(stream_set_write_buffer(&self->stream, self->memory, 4096), 0);
        assert_int_equal(stream_set_write_buffer_limits(&self->stream, 4097, 0), EINVAL);
        assert_int_equal(stream_set_write_buffer_limits(&self->stream, 1, 2), EINVAL);
        assert_int_equal(stream_set_write_buffer_limits(&self->stream, 2048, 1024), 0);
        /* until the kernel takes no more */
        while (buffer__used(&self->stream.stream__output) == 0) {
            stream_write(&self->stream, data[0] + self->filled, 512);
            self->filled += 512;
        }
        assert_int_equal(stream_set_write_buffer(&self->stream, NULL, 0), EBUSY);
        /* up to the high mark nobody waits */
        while (buffer__used(&self->stream.stream__output) + 256 <= 2048) {
            WRITER(0, data[0] + self->filled, 256);
            task_sleep(0);
            task_sleep(0);
            assert_true(task_done(&self->tasks[0].future));
            self->filled += 256;
        }
        WRITER(1, data[0] + self->filled, 256);
        self->filled += 256;
        SETTLE();
        assert_false(task_done(&self->tasks[1].future));
        FLUSHER(2);
        WRITER(3, data[0] + self->filled, 5000); /* more than the buffer */
        self->filled += 5000;
        SETTLE();
        assert_int_equal(stream_write_eof(&self->stream), 0); /* when they are gone */
        assert_false(task_done(&self->tasks[2].future));
        assert_false(task_done(&self->tasks[3].future));
        stream_open(&self->peer, self->other);
        stream_readall(self->n, &self->peer, self->got, sizeof self->got);
        SETTLE();
        for (self->i = 1; self->i < WRITERS; self->i++)
            self->codes[self->i] = task_error(&self->tasks[self->i].future).code;
        gen_try {
            stream_write(&self->stream, "x", 1);
        }
        gen_except_any {
            self->codes[0] = gen_caught.code;
        }
        gen_end_try
        stream_close(&self->stream);
        stream_close(&self->peer);
    }
    task_end_scope
    gen_end();
}

static void a_buffer_has_marks(void **state)
{
    static struct buffered w;
    (void)state;
    memset(&w, 0, sizeof w);
    for (size_t i = 0; i < BIG; i++)
        data[0][i] = (char)(i * 2654435761U >> 13 & 0x7f);
    assert_int_equal(loop_run(buffered_any(&w)), 0);
    assert_int_equal(w.codes[1], 0);
    assert_int_equal(w.codes[2], 0);
    assert_int_equal(w.codes[3], 0);
    assert_int_equal(w.codes[0], EPIPE);
    assert_int_equal(w.n, w.filled);
    assert_memory_equal(w.got, data[0], w.n);
}

/* -- The peer is gone -------------------------------------------------------------------------- */

gen_declare(abandoned, void);
struct abandoned {
    WORLD;
    bool close;
};
gen_define(abandoned)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        open_pair(loop_running(), &self->stream, &self->other);
        for (self->i = 0; self->i < WRITERS; self->i++)
            WRITER(self->i, data[self->i], BIG);
        SETTLE();
        if (self->close)
            stream_close(&self->stream);
        (void)close(self->other);
        CODES();
        stream_close(&self->stream);
    }
    task_end_scope
    gen_end();
}

static void all_writers_are_told(void **state)
{
    static struct abandoned w;
    (void)state;
    for (int closed = 0; closed < 2; closed++) {
        memset(&w, 0, sizeof w);
        w.close = closed;
        assert_int_equal(loop_run(abandoned_any(&w)), 0);
        for (size_t k = 0; k < WRITERS; k++)
            assert_int_equal(w.codes[k], closed ? EBADF : EPIPE);
    }
}

/* -- Pipes and stdio --------------------------------------------------------------------------- */

gen_declare(piping, void);
struct piping {
    WORLD;
    int ends[2];
};
gen_define(piping)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        assert_int_equal(pipe2(self->ends, O_NONBLOCK | O_CLOEXEC), 0);
        stream_open_pipe(&self->peer, self->ends[0]);
        stream_open_pipe(&self->stream, self->ends[1]);
        WRITER(0, data[0], BIG);
        stream_readexactly(self->n, &self->peer, self->got, BIG);
        assert_memory_equal(self->got, data[0], BIG);
        assert_int_equal(stream_write_eof(&self->stream), ENOTSUP);
        stream_close(&self->peer);
        SETTLE();
        gen_try {
            stream_write(&self->stream, "x", 1);
        }
        gen_except (EPIPE) {
            self->codes[0] = EPIPE;
        }
        gen_end_try
        stream_close(&self->stream);
    }
    task_end_scope
    gen_end();
}

static volatile sig_atomic_t pipe_signals;
static void on_sigpipe(int signum)
{
    (void)signum;
    pipe_signals++;
}

static void a_pipe_gives_no_signal(void **state)
{
    static struct piping w;
    (void)state;
    memset(&w, 0, sizeof w);
    (void)signal(SIGPIPE, on_sigpipe);
    assert_int_equal(loop_run(piping_any(&w)), 0);
    assert_int_equal(w.codes[0], EPIPE);
    assert_int_equal(pipe_signals, 0);
    (void)raise(SIGPIPE); /* that of others is not taken away */
    assert_int_equal(pipe_signals, 1);
    (void)signal(SIGPIPE, SIG_DFL);
}

gen_declare(stdio, void);
struct stdio {
    struct gen gen;
    struct stream in;
    size_t n;
    int fd, flags;
    char text[16];
};
gen_define(stdio)
{
    gen_begin();
    assert_int_equal(stream_open_stdio(&self->in, self->fd), 0);
    self->flags = fcntl(self->fd, F_GETFL);
    stream_readall(self->n, &self->in, self->text, sizeof self->text);
    stream_close(&self->in);
    gen_end();
}

static void stdio_stays_open_and_as_it_was(void **state)
{
    struct stdio s = {.n = 0};
    int ends[2];
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], "hello", 5), 5);
    (void)close(ends[1]);
    s.fd = ends[0];
    assert_int_equal(loop_run(stdio_any(&s)), 0);
    assert_int_equal(s.n, 5);
    assert_memory_equal(s.text, "hello", 5);
    assert_true(s.flags & O_NONBLOCK);
    assert_false(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
    (void)close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_come_whole_and_in_order),
        TEST(who_has_not_begun_may_be_cancelled),
        TEST(a_torn_write_is_the_last),
        TEST(pieces_come_whole_and_in_order),
        TEST(one_call_takes_many_pieces),
        TEST(torn_between_two_pieces),
        TEST(a_buffer_has_marks),
        TEST(all_writers_are_told),
        TEST(a_pipe_gives_no_signal),
        TEST(stdio_stays_open_and_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
