/* A server and what peers, the system and the user do to it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/stream.h"
#include "loop_scene.h"
#include "serving.h"

#define HOST "127.0.0.1"

/* -- The handler: an echo, or, if the first byte is 'S', a sink -------------------------------- */

static struct task_future handler_ended; /* the first one */
static int handlers_begun, handlers_ended, handler_code;

gen_declare(handler, void);
struct handler {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct stream *stream;
    bool begun, sink;
    size_t n;
    char data[4096];
};
gen_define(handler)
{
    gen_begin();
    handlers_begun++;
    gen_try_finally {
        for (;;) {
            stream_read(self->n, self->stream, self->data, sizeof self->data);
            if (self->n == 0)
                gen_stop();
            if (!self->begun)
                self->sink = self->data[0] == 'S';
            self->begun = true;
            if (!self->sink)
                stream_write(self->stream, self->data, self->n);
        }
    }
    gen_finally {
        handlers_ended++;
        handler_code = gen_caught.code;
        (void)task_future_set(&handler_ended);
    }
    gen_end_finally
    gen_end();
}

SERVING(handler)

/* Sends `text` and waits until it has come back. */
gen_declare(round_trip, void);
struct round_trip {
    struct gen gen;
    struct stream *stream;
    const char *text;
    size_t n, have;
    char data[64];
};
gen_define(round_trip)
{
    gen_begin();
    stream_write(self->stream, self->text, strlen(self->text));
    for (self->have = 0; self->have < strlen(self->text); self->have += self->n) {
        stream_read(self->n, self->stream, self->data + self->have, sizeof self->data - self->have);
        if (self->n == 0)
            gen_raise(GEN_EUSER, "the server closed");
    }
    assert_memory_equal(self->data, self->text, self->have);
    gen_end();
}

#define ROUND_TRIP(connection)                                                                     \
    do {                                                                                           \
        memset(&self->trip, 0, sizeof self->trip);                                                 \
        self->trip.stream = (connection);                                                          \
        self->trip.text = "hello";                                                                 \
        gen_await(round_trip, &self->trip);                                                        \
    } while (0)

/* Every test's main task begins with these. */
#define WORLD                                                                                      \
    struct gen gen;                                                                                \
    struct gen_unwind unwind[4];                                                                   \
    struct task_scope net;                                                                         \
    struct stream_server server;                                                                   \
    struct task task;                                                                              \
    struct serving serving;                                                                        \
    struct stream a, b;                                                                            \
    struct round_trip trip;                                                                        \
    size_t n;                                                                                      \
    int i, code;                                                                                   \
    char data[64]

static void reset(void)
{
    memset(&handler_ended, 0, sizeof handler_ended);
    handlers_begun = handlers_ended = handler_code = 0;
}

/* -- A peer that resets ------------------------------------------------------------------------ */

TEST_BODY(a_peer_resets)
{
    gen_begin();
    reset();
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, HOST, 0);
        SERVE();
        stream_connect(&self->a, HOST, self->server.port);
        ROUND_TRIP(&self->a);
        (void)setsockopt(self->a.fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
                         sizeof(struct linger));
        stream_close(&self->a);
        task_await(&handler_ended);
        assert_int_equal(handler_code, ECONNRESET);
        stream_connect(&self->b, HOST, self->server.port);
        ROUND_TRIP(&self->b);
        assert_int_equal(self->server.connections, 1);
        stream_close(&self->b);
        while (self->server.connections > 0)
            task_sleep(0);
        assert_int_equal(handlers_ended, 2);
    }
    task_end_scope
    gen_end();
}

/* -- A peer that closes half ------------------------------------------------------------------- */

TEST_BODY(a_peer_closes_half)
{
    gen_begin();
    reset();
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, HOST, 0);
        SERVE();
        stream_connect(&self->a, HOST, self->server.port);
        stream_write(&self->a, "abc", 3);
        assert_int_equal(stream_write_eof(&self->a), 0);
        for (;;) {
            stream_read(self->n, &self->a, self->data + self->i, sizeof self->data / 2);
            if (self->n == 0)
                break;
            self->i += (int)self->n;
        }
        assert_int_equal(self->i, 3);
        assert_memory_equal(self->data, "abc", 3);
        stream_close(&self->a);
        task_await(&handler_ended);
        assert_int_equal(handlers_ended, 1);
        assert_int_equal(handler_code, 0);
    }
    task_end_scope
    gen_end();
}

/* -- A peer that sends nothing, and the server is cancelled ------------------------------------ */

TEST_BODY(a_peer_sends_nothing)
{
    gen_begin();
    reset();
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, HOST, 0);
        SERVE();
        stream_connect(&self->a, HOST, self->server.port);
        stream_connect(&self->b, HOST, self->server.port);
        ROUND_TRIP(&self->b); /* so both have been accepted */
        assert_int_equal(self->server.connections, 2);
        (void)task_cancel(&self->task);
        RAISES(TASK_ECANCELLED, task_await(&self->task.future));
        assert_int_equal(self->server.connections, 0);
        assert_int_equal(handlers_begun, 2);
        assert_int_equal(handlers_ended, 2);
        assert_int_equal(handler_code, GEN_CANCELLED);
        stream_read(self->n, &self->a, self->data, sizeof self->data);
        assert_int_equal(self->n, 0);
        stream_close(&self->a);
        stream_close(&self->b);
    }
    task_end_scope
    gen_end();
}

/* -- A peer that sends for ever ---------------------------------------------------------------- */

static char flood[65536];

gen_declare(flooder, void);
struct flooder {
    struct gen gen;
    struct stream *stream;
    int chunks;
};
gen_define(flooder)
{
    gen_begin();
    for (self->chunks = 0; self->chunks < 16384; self->chunks++) /* 1 GiB: not reached */
        stream_write(self->stream, flood, sizeof flood);
    gen_end();
}

gen_declare(flooded, void);
struct flooded {
    WORLD;
    struct task writer;
    struct flooder flooder;
};
gen_define(flooded)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, HOST, 0);
        SERVE();
        stream_connect(&self->a, HOST, self->server.port);
        self->flooder.stream = &self->a;
        start(loop_running(), &self->writer, flooder_any(&self->flooder));
        stream_connect(&self->b, HOST, self->server.port);
        for (self->i = 0; self->i < 100; self->i++)
            ROUND_TRIP(&self->b);
        assert_false(task_done(&self->writer.future));
        (void)task_cancel(&self->writer);
        stream_close(&self->a);
        stream_close(&self->b);
    }
    task_end_scope
    gen_end();
}

/* 'S': what comes is thrown away. 'E': it is sent back, to one who does not read. */
static void a_peer_sends_for_ever(void **state)
{
    const char first[] = {'S', 'E'};
    (void)state;
    for (size_t i = 0; i < sizeof first; i++) {
        struct flooded f = {.code = 0};
        reset();
        memset(flood, first[i], sizeof flood);
        assert_int_equal(loop_run(flooded_any(&f)), 0);
        assert_int_equal(f.i, 100);
        assert_int_equal(handlers_ended, 2);
    }
}

/* -- A port in use ----------------------------------------------------------------------------- */

TEST_BODY_WITH(a_port_is_in_use, struct stream_server other;)
{
    gen_begin();
    reset();
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, HOST, 0);
        RAISES(EADDRINUSE, stream_listen(&self->other, HOST, self->server.port));
        SERVE();
        stream_connect(&self->a, HOST, self->server.port);
        ROUND_TRIP(&self->a);
        stream_close(&self->a);
    }
    task_end_scope
    gen_end();
}

/* -- No descriptors left ----------------------------------------------------------------------- */

enum { FILLERS = 64 };
static int fillers[FILLERS];
static int filled;
static struct rlimit limit_before;

/* Until none is left. */
static void fill(void)
{
    struct rlimit limit;
    int fd = dup(0), top;
    assert_true(fd >= 0);
    top = fd + FILLERS / 2;
    (void)close(fd);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit_before), 0);
    limit = limit_before;
    limit.rlim_cur = (rlim_t)top;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (filled = 0; filled < FILLERS; filled++)
        if ((fillers[filled] = dup(0)) < 0)
            break;
    assert_int_equal(errno, EMFILE);
    assert_true(filled > 1 && filled < FILLERS);
}

static void unfill(void)
{
    while (filled > 0)
        (void)close(fillers[--filled]);
    (void)setrlimit(RLIMIT_NOFILE, &limit_before);
}

gen_declare(starved, void);
struct starved {
    WORLD;
    bool by_stream;
    struct stream refused;
};
gen_define(starved)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, HOST, 0);
        SERVE();
        stream_connect(&self->a, HOST, self->server.port);
        ROUND_TRIP(&self->a);
        fill();
        gen_try_finally {
            RAISES(EMFILE, stream_connect(&self->refused, HOST, self->server.port));
            (void)close(fillers[--filled]);
            stream_connect(&self->b, HOST, self->server.port); /* takes the last one */
            for (self->i = 0; self->i < 10; self->i++)
                ROUND_TRIP(&self->a);
            assert_int_equal(self->server.connections, 1);
            assert_true(loop__is_paused(&self->server.stream__listener));
            if (self->by_stream) {
                stream_close(&self->a);
                assert_false(loop__is_paused(&self->server.stream__listener));
            } else
                unfill();
            ROUND_TRIP(&self->b);
            assert_false(loop__is_paused(&self->server.stream__listener));
        }
        gen_finally {
            unfill();
            stream_close(&self->a);
            stream_close(&self->b);
        }
        gen_end_finally
    }
    task_end_scope
    gen_end();
}

static void no_descriptors_are_left(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct starved s = {.by_stream = i == 0};
        reset();
        assert_int_equal(loop_run(starved_any(&s)), 0);
        assert_int_equal(handlers_ended, 2);
    }
}

TEST_BODY(a_paused_server_is_cancelled)
{
    gen_begin();
    reset();
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, HOST, 0);
        SERVE();
        stream_connect(&self->a, HOST, self->server.port);
        ROUND_TRIP(&self->a);
        fill();
        gen_try_finally {
            (void)close(fillers[--filled]);
            stream_connect(&self->b, HOST, self->server.port);
            for (self->i = 0; self->i < 10; self->i++)
                ROUND_TRIP(&self->a);
            assert_true(loop__is_paused(&self->server.stream__listener));
            (void)task_cancel(&self->task);
            RAISES(TASK_ECANCELLED, task_await(&self->task.future));
            assert_int_equal(handlers_ended, 1);
        }
        gen_finally {
            unfill();
            stream_close(&self->a);
            stream_close(&self->b);
        }
        gen_end_finally
    }
    task_end_scope
    gen_end();
}

/* -- A signal in the middle -------------------------------------------------------------------- */

gen_declare(killer, void);
struct killer {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct stream stream;
    struct round_trip trip;
    int port, number;
    size_t n;
    char data[8];
};
gen_define(killer)
{
    gen_begin();
    stream_connect(&self->stream, HOST, self->port);
    gen_try_finally {
        ROUND_TRIP(&self->stream);
        (void)raise(self->number);
        stream_read(self->n, &self->stream, self->data, sizeof self->data);
        if (self->n == 0)
            self->number = 0; /* the server has closed */
        task_sleep(10);
    }
    gen_finally {
        stream_close(&self->stream);
    }
    gen_end_finally
    gen_end();
}

gen_declare(killed, void);
struct killed {
    WORLD;
    struct task client;
    struct killer killer;
};
gen_define(killed)
{
    gen_begin();
    stream_listen(&self->server, HOST, 0);
    self->killer.port = self->server.port;
    start(loop_running(), &self->client, killer_any(&self->killer));
    gen_try_finally {
        task_timeout (&self->net, 10) {
            stream_serve(&self->server, handler);
        }
        task_end_scope
    }
    gen_finally {
        self->code = loop_running()->signal;
    }
    gen_end_finally
    gen_end();
}

static void a_signal_comes(void **state)
{
    const int numbers[] = {SIGINT, SIGTERM};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct killed k = {.killer = {.number = numbers[i]}};
        reset();
        assert_int_equal(loop_run(killed_any(&k)), GEN_CANCELLED);
        assert_int_equal(k.code, numbers[i]);
        assert_int_equal(k.server.connections, 0);
        assert_int_equal(handlers_ended, 1);
        assert_int_equal(handler_code, GEN_CANCELLED);
    }
}

/* -- Nobody, and no address -------------------------------------------------------------------- */

gen_declare(connector, void);
struct connector {
    struct gen gen;
    struct stream stream;
    struct stream_server server;
    const char *host;
    int port;
    bool listens;
    int code;
};
gen_define(connector)
{
    gen_begin();
    gen_try {
        if (self->listens)
            stream_listen(&self->server, self->host, self->port);
        else
            stream_connect(&self->stream, self->host, self->port);
    }
    gen_except_any {
        self->code = gen_caught.code;
    }
    gen_end_try
    gen_end();
}

static void nobody_listens(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    struct connector c = {.host = HOST};
    int fd = socket(AF_INET, SOCK_STREAM, 0); /* bound: nobody else gets the port */
    (void)state;
    assert_true(fd >= 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    c.port = ntohs(address.sin_port);
    assert_int_equal(loop_run(connector_any(&c)), 0);
    assert_int_equal(c.code, ECONNREFUSED);
    assert_int_equal(stream_write_eof(&c.stream), EBADF); /* it is closed */
    assert_int_equal(close(fd), 0);
}

/* A server looks no names up. */
static void a_bad_address(void **state)
{
    static const struct {
        const char *host;
        int port;
        bool listens;
    } bad[] = {{"localhost", 80, true},  {"", 80, true},      {"256.0.0.1", 80, true},
               {"127.0.0.1 ", 80, true}, {"::1::", 80, true}, {"[::1]", 80, true},
               {HOST, -1, true},         {HOST, 65536, true}, {HOST, -1, false},
               {HOST, 65536, false}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct connector c = {.listens = bad[i].listens};
        c.host = bad[i].host;
        c.port = bad[i].port;
        assert_int_equal(loop_run(connector_any(&c)), 0);
        assert_int_equal(c.code, EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_peer_resets),
        TEST(a_peer_closes_half),
        TEST(a_peer_sends_nothing),
        TEST(a_peer_sends_for_ever),
        TEST(a_port_is_in_use),
        TEST(no_descriptors_are_left),
        TEST(a_paused_server_is_cancelled),
        TEST(a_signal_comes),
        TEST(nobody_listens),
        TEST(a_bad_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
