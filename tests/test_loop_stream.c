/* A connection: round trips, back-pressure, ends, names, misuse, cancels. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/stream.h"
#include "loop_scene.h"
#include "serving.h"

enum { MIB = 1 << 20, BUFFER = 65536 };
static char sent[MIB], got[MIB];

/* -- A server that sends back ------------------------------------------------------------------ */

static char name_at_server[64];

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
    assert_int_equal(stream_peer_name(self->stream, name_at_server, sizeof name_at_server), 0);
    for (;;) {
        stream_read(self->n, self->stream, self->data, sizeof self->data);
        if (self->n == 0)
            gen_stop();
        stream_write(self->stream, self->data, self->n);
    }
    gen_end();
}

SERVING(echo)

static void small_buffers(int fd)
{
    const int size = BUFFER;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

/* -- 1 MiB, there and back --------------------------------------------------------------------- */

gen_declare(writer, void);
struct writer {
    struct gen gen;
    struct stream *stream;
    const char *data;
    size_t size;
};
gen_define(writer)
{
    gen_begin();
    stream_write(self->stream, self->data, self->size);
    assert_int_equal(stream_write_eof(self->stream), 0);
    gen_end();
}

gen_declare(round_trip, void);
struct round_trip {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope net;
    struct stream_server server;
    struct serving serving;
    struct writer writer;
    struct task task, write;
    struct stream stream;
    size_t n, have;
    int i;
    char extra;
};
gen_define(round_trip)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, "127.0.0.1", 0);
        small_buffers(self->server.fd); /* its connections inherit them */
        SERVE();
        stream_connect(&self->stream, "127.0.0.1", self->server.port);
        small_buffers(self->stream.fd);
        self->writer.stream = &self->stream;
        self->writer.data = sent;
        self->writer.size = sizeof sent;
        start(loop_running(), &self->write, writer_any(&self->writer));
        for (self->i = 0; self->i < 200; self->i++)
            task_sleep(0);
        assert_false(task_done(&self->write.future)); /* nobody has taken it */
        for (; self->have < sizeof got; self->have += self->n) {
            stream_read(self->n, &self->stream, got + self->have, sizeof got - self->have);
            assert_true(self->n > 0);
        }
        task_await(&self->write.future);
        stream_read(self->n, &self->stream, &self->extra, 1);
        assert_int_equal(self->n, 0);
        stream_close(&self->stream);
    }
    task_end_scope
    gen_end();
}

static void a_mebibyte_comes_back(void **state)
{
    struct round_trip r = {.have = 0};
    (void)state;
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (char)(i * 2654435761U >> 13 & 0x7f);
    memset(got, 0, sizeof got);
    assert_int_equal(loop_run(round_trip_any(&r)), 0);
    assert_int_equal(r.have, sizeof got);
    assert_memory_equal(got, sent, sizeof got);
}

/* -- Half close, and names, on IPv4 and IPv6 --------------------------------------------------- */

gen_declare(visitor, void);
struct visitor {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope net;
    const char *listens, *host, *name;
    struct stream_server server;
    struct serving serving;
    struct task task;
    struct stream stream;
    size_t n, have;
    bool skipped;
    char data[64];
};
gen_define(visitor)
{
    char name[64], expected[64];
    gen_begin();
    task_timeout (&self->net, 10) {
        gen_try {
            stream_listen(&self->server, self->listens, 0);
            SERVE();
            stream_connect(&self->stream, self->host, self->server.port);
        }
        gen_except (EADDRNOTAVAIL) {
            self->skipped = true;
        }
        gen_except (EAFNOSUPPORT) {
            self->skipped = true;
        }
        gen_end_try
        if (self->skipped)
            gen_stop();
        (void)snprintf(expected, sizeof expected, "%s:%d", self->name, self->server.port);
        assert_int_equal(stream_peer_name(&self->stream, name, sizeof name), 0);
        assert_string_equal(name, expected);
        assert_int_equal(stream_peer_name(&self->stream, name, strlen(expected)), ENOSPC);
        stream_write(&self->stream, "half", 4);
        assert_int_equal(stream_write_eof(&self->stream), 0);
        for (;;) {
            stream_read(self->n, &self->stream, self->data + self->have, 16);
            if (self->n == 0)
                break;
            self->have += self->n;
        }
        assert_int_equal(self->have, 4);
        assert_memory_equal(self->data, "half", 4);
        stream_close(&self->stream);
    }
    task_end_scope
    gen_end();
}

/* Whoever connects to `host` and the server call each other so. */
static void half_close_at(const char *listens, const char *host, const char *name)
{
    struct visitor v = {.listens = listens, .host = host, .name = name};
    assert_int_equal(loop_run(visitor_any(&v)), 0);
    if (v.skipped)
        skip();
    assert_memory_equal(name_at_server, name, strlen(name));
}

static void half_a_close_and_names(void **state)
{
    (void)state;
    half_close_at("127.0.0.1", "127.0.0.1", "127.0.0.1");
}

static void the_same_on_ipv6(void **state)
{
    (void)state;
    half_close_at("::1", "::1", "[::1]");
}

static void listening_everywhere(void **state)
{
    (void)state;
    half_close_at(NULL, "127.0.0.1", "127.0.0.1");
    half_close_at(NULL, "::1", "[::1]");
}

/* -- What is closed ---------------------------------------------------------------------------- */

/* Reads, or writes for ever, once, and keeps how it went. */
gen_declare(reader, void);
struct reader {
    struct gen gen;
    struct stream *stream;
    bool writes;
    size_t n;
    int code;
    char byte;
};
gen_define(reader)
{
    gen_begin();
    gen_try {
        if (self->writes)
            for (;;)
                stream_write(self->stream, sent, sizeof sent);
        stream_read(self->n, self->stream, &self->byte, 1);
    }
    gen_except_all {
        self->code = gen_caught.code;
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

/* Makes a pair; the first is for the stream. */
static int make_pair(int *other)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    *other = fds[1];
    return fds[0];
}

/* Every main task below begins with these: a stream, and its other end as a descriptor. */
#define PAIR                                                                                       \
    struct gen gen;                                                                                \
    struct gen_unwind unwind[2];                                                                   \
    struct task_scope net;                                                                         \
    struct stream stream;                                                                          \
    struct task tasks[2];                                                                          \
    struct reader readers[2];                                                                      \
    int other, i, codes[4];                                                                        \
    size_t n, have;                                                                                \
    char data[256]

static void start_reader(struct loop *loop, struct task *t, struct reader *r, struct stream *s,
                         bool writes)
{
    memset(r, 0, sizeof *r);
    r->stream = s;
    r->writes = writes;
    start(loop, t, reader_any(r));
}

#define READER(i, writes)                                                                          \
    start_reader(loop_running(), &self->tasks[i], &self->readers[i], &self->stream, (writes))

gen_declare(closer, void);
struct closer {
    PAIR;
};
gen_define(closer)
{
    char name[64];
    gen_begin();
    task_timeout (&self->net, 10) {
        stream_open(&self->stream, make_pair(&self->other));
        READER(0, false);
        READER(1, true);
        task_sleep(0);
        task_sleep(0);
        assert_false(task_done(&self->tasks[0].future));
        assert_false(task_done(&self->tasks[1].future));
        stream_close(&self->stream);
        stream_close(&self->stream);
        for (self->i = 0; self->i < 2; self->i++) {
            gen_try {
                task_await(&self->tasks[self->i].future);
            }
            gen_except_any {
                self->codes[self->i] = gen_caught.code;
            }
            gen_end_try
        }
        gen_try {
            stream_read(self->n, &self->stream, self->data, sizeof self->data);
        }
        gen_except_any {
            self->codes[2] = gen_caught.code;
        }
        gen_end_try
        gen_try {
            stream_write(&self->stream, "x", 1);
        }
        gen_except_any {
            self->codes[3] = gen_caught.code;
        }
        gen_end_try
        assert_int_equal(stream_write_eof(&self->stream), EBADF);
        assert_int_equal(stream_peer_name(&self->stream, name, sizeof name), EBADF);
        (void)close(self->other);
    }
    task_end_scope
    gen_end();
}

static void a_closed_stream_is_ebadf(void **state)
{
    struct closer c = {.n = 0};
    (void)state;
    assert_int_equal(loop_run(closer_any(&c)), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(c.codes[i], EBADF);
}

/* The same of a stream that has never been opened. */
gen_declare(unopened, void);
struct unopened {
    struct gen gen;
    struct stream stream;
    size_t n;
    char byte;
};
gen_define(unopened)
{
    gen_begin();
    stream_close(&self->stream);
    stream_read(self->n, &self->stream, &self->byte, 1);
    gen_end();
}

static void an_unopened_stream_is_ebadf(void **state)
{
    struct unopened u = {.n = 0};
    (void)state;
    assert_int_equal(loop_run(unopened_any(&u)), EBADF);
}

/* -- Two readers at once ----------------------------------------------------------------------- */

gen_declare(rival, void);
struct rival {
    PAIR;
};
gen_define(rival)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        stream_open(&self->stream, make_pair(&self->other));
        READER(0, false);
        task_sleep(0);
        gen_try {
            stream_read(self->n, &self->stream, self->data, sizeof self->data);
        }
        gen_except_any {
            self->codes[0] = gen_caught.code;
        }
        gen_end_try
        assert_int_equal(write(self->other, "y", 1), 1);
        task_await(&self->tasks[0].future); /* the first is not disturbed */
        assert_int_equal(self->readers[0].n, 1);
        assert_int_equal(self->readers[0].byte, 'y');
        stream_close(&self->stream);
        (void)close(self->other);
    }
    task_end_scope
    gen_end();
}

static void two_readers_are_a_misuse(void **state)
{
    struct rival r = {.n = 0};
    (void)state;
    assert_int_equal(loop_run(rival_any(&r)), 0);
    assert_int_equal(r.codes[0], GEN_EBADSTATE);
}

/* -- Cancels ----------------------------------------------------------------------------------- */

enum { ROUNDS = 200 };

/* One byte is sent for each read; some reads are cancelled, before or after the byte has come. */
gen_declare(canceller, void);
struct canceller {
    PAIR;
    char all[ROUNDS];
    int cancelled;
};
gen_define(canceller)
{
    char byte;
    gen_begin();
    task_timeout (&self->net, 10) {
        stream_open(&self->stream, make_pair(&self->other));
        for (self->i = 0; self->i < ROUNDS; self->i++) {
            READER(0, false);
            task_sleep(0);
            byte = (char)(self->i & 0x7f);
            if (self->i % 4 == 0)
                (void)task_cancel(&self->tasks[0]);
            assert_int_equal(write(self->other, &byte, 1), 1);
            if (self->i % 4 == 1)
                (void)task_cancel(&self->tasks[0]);
            if (self->i % 4 == 2) {
                task_sleep(0);
                (void)task_cancel(&self->tasks[0]);
            }
            gen_try {
                task_await(&self->tasks[0].future);
            }
            gen_except (TASK_ECANCELLED) {
                self->cancelled++;
            }
            gen_end_try
            if (self->readers[0].n == 1)
                self->all[self->have++] = self->readers[0].byte;
        }
        while (self->have < ROUNDS) {
            stream_read(self->n, &self->stream, self->all + self->have, ROUNDS - self->have);
            assert_true(self->n > 0);
            self->have += self->n;
        }
        stream_close(&self->stream);
        (void)close(self->other);
    }
    task_end_scope
    gen_end();
}

static void a_cancelled_read_loses_nothing(void **state)
{
    struct canceller c = {.n = 0};
    (void)state;
    assert_int_equal(loop_run(canceller_any(&c)), 0);
    assert_int_equal(c.have, ROUNDS);
    for (int i = 0; i < ROUNDS; i++)
        assert_int_equal(c.all[i], i & 0x7f);
    assert_in_range(c.cancelled, ROUNDS / 2, ROUNDS * 3 / 4);
}

gen_declare(connector, void);
struct connector {
    struct gen gen;
    struct stream stream;
    int port;
};
gen_define(connector)
{
    gen_begin();
    stream_connect(&self->stream, "127.0.0.1", self->port);
    gen_end();
}

gen_declare(hasty, void);
struct hasty {
    struct gen gen;
    struct stream_server server;
    struct connector connector;
    struct task task;
};
gen_define(hasty)
{
    gen_begin();
    stream_listen(&self->server, "127.0.0.1", 0);
    self->connector.port = self->server.port;
    start(loop_running(), &self->task, connector_any(&self->connector));
    task_sleep(0); /* it has begun to connect, and the loop has not yet looked */
    (void)task_cancel(&self->task);
    gen_try {
        task_await(&self->task.future);
    }
    gen_except (TASK_ECANCELLED) {
    }
    gen_end_try
    stream_server_close(&self->server);
    gen_end();
}

static void a_cancelled_connect_closes(void **state)
{
    struct hasty h = {.connector = {.port = 0}};
    (void)state;
    assert_int_equal(loop_run(hasty_any(&h)), 0);
    assert_int_equal(task_state(&h.task.future), TASK_CANCELLED);
    assert_int_equal(stream_write_eof(&h.connector.stream), EBADF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mebibyte_comes_back),      TEST(half_a_close_and_names),
        TEST(the_same_on_ipv6),           TEST(listening_everywhere),
        TEST(a_closed_stream_is_ebadf),   TEST(an_unopened_stream_is_ebadf),
        TEST(two_readers_are_a_misuse),   TEST(a_cancelled_read_loses_nothing),
        TEST(a_cancelled_connect_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
