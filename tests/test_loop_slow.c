/* Clients that are slow, silent, rude or endless: none of them holds the others up. What is slow
 * goes on after round trips of the others, so no test looks at a clock. */
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

#define HOST "127.0.0.1"
enum {
    OTHERS = 3,         /* who want to be served */
    LIMIT = 64,         /* of a line */
    BLOCK = 65536,      /* what the writer writes at once */
    BUFFER = 2 * BLOCK, /* of its writes */
    MOST = 1000         /* blocks: more than any kernel keeps */
};

/* -- The handler: answers each line, or does what it says -------------------------------------- */

static int handlers_begun, handlers_ended, handlers_cancelled, overruns, lines;
static int last_code;             /* what ended the last handler */
static struct task_future reset_; /* a handler got ECONNRESET */
static struct task *writing;
static size_t blocks; /* that have been taken from the writer */
static size_t lent;   /* of its write buffer, 0: none */
static char block[BLOCK];

static bool is(struct stream_bytes line, const char *text)
{
    return line.size == strlen(text) && memcmp(line.data, text, line.size) == 0;
}

gen_declare(handler, void);
struct handler {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct stream *stream;
    struct stream_bytes line;
    bool more;
    char memory[LIMIT], buffer[BUFFER];
};
gen_define(handler)
{
    gen_begin();
    handlers_begun++;
    gen_try_finally {
        (void)stream_set_read_buffer(self->stream, self->memory, sizeof self->memory);
        for (;;) {
            self->more = true;
            gen_try {
                stream_readline(self->line, self->stream);
                self->more = self->line.size > 0;
            }
            gen_except (STREAM_ELIMIT) {
                overruns++;
                continue;
            }
            gen_end_try
            if (!self->more)
                break;
            lines++;
            if (is(self->line, "write\n")) /* without end */
                break;
            if (is(self->line, "leave\n")) { /* with much in the write buffer */
                (void)stream_set_write_buffer(self->stream, self->buffer, sizeof self->buffer);
                stream_write(self->stream, block, sizeof block);
                stream_write(self->stream, block, sizeof block);
                gen_stop();
            }
            stream_write(self->stream, self->line.data, self->line.size);
        }
        if (self->more) {
            writing = task_current();
            (void)stream_set_write_buffer(self->stream, lent > 0 ? self->buffer : NULL, lent);
            for (; blocks < MOST; blocks++)
                stream_write(self->stream, block, sizeof block);
        }
    }
    gen_finally {
        handlers_ended++;
        last_code = gen_caught.code;
        if (last_code == GEN_CANCELLED)
            handlers_cancelled++;
        if (last_code == ECONNRESET)
            (void)task_future_set(&reset_);
    }
    gen_end_finally
    gen_end();
}

SERVING(handler)

/* -- The others, each of whom sends a line and waits until it has come back -------------------- */

gen_declare(round_trips, void);
struct round_trips {
    struct gen gen;
    struct stream *streams;
    int i;
    size_t n;
    char data[6];
};
gen_define(round_trips)
{
    gen_begin();
    for (self->i = 0; self->i < OTHERS; self->i++) {
        stream_write(&self->streams[self->i], "hello\n", 6);
        stream_readexactly(self->n, &self->streams[self->i], self->data, 6);
        assert_memory_equal(self->data, "hello\n", 6);
    }
    gen_end();
}

#define OTHERS_ARE_SERVED()                                                                        \
    do {                                                                                           \
        memset(&self->trips, 0, sizeof self->trips);                                               \
        self->trips.streams = self->others;                                                        \
        gen_await(round_trips, &self->trips);                                                      \
    } while (0)

/* -- What every test begins and ends with ------------------------------------------------------ */

#define WORLD                                                                                      \
    struct gen gen;                                                                                \
    struct gen_unwind unwind[2];                                                                   \
    struct task_scope net;                                                                         \
    struct stream_server server;                                                                   \
    struct serving serving;                                                                        \
    struct task task;                                                                              \
    struct stream others[OTHERS], slow;                                                            \
    struct round_trips trips;                                                                      \
    struct opening opening;                                                                        \
    struct ending ending;                                                                          \
    size_t n, have, before;                                                                        \
    int i, code;                                                                                   \
    char data[128]

/* Listens, serves, and connects the others. */
gen_declare(opening, void);
struct opening {
    struct gen gen;
    struct stream_server *server;
    struct serving *serving;
    struct task *task;
    struct stream *others;
    struct round_trips trips;
    int i;
};
gen_define(opening)
{
    const int small = 16384;
    gen_begin();
    stream_listen(self->server, HOST, 0);
    (void)setsockopt(self->server->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    self->serving->server = self->server;
    start(loop_running(), self->task, serving_any(self->serving));
    for (self->i = 0; self->i < OTHERS; self->i++)
        stream_connect(&self->others[self->i], HOST, self->server->port);
    OTHERS_ARE_SERVED();
    assert_int_equal(self->server->connections, OTHERS);
    gen_end();
}

#define OPEN()                                                                                     \
    do {                                                                                           \
        const struct opening fresh = {.server = &self->server,                                     \
                                      .serving = &self->serving,                                   \
                                      .task = &self->task,                                         \
                                      .others = self->others};                                     \
        reset();                                                                                   \
        self->opening = fresh;                                                                     \
        gen_await(opening, &self->opening);                                                        \
    } while (0)

/* The server is closed; those who are still connected get an end or a reset, and nothing else. */
gen_declare(ending, void);
struct ending {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct stream_server *server;
    struct task *task;
    struct stream *others;
    int i, code;
    size_t n;
    char data[8];
};
gen_define(ending)
{
    gen_begin();
    stream_server_close(self->server);
    RAISES(EBADF, task_await(&self->task->future));
    assert_int_equal(self->server->connections, 0);
    assert_int_equal(handlers_begun, handlers_ended);
    for (self->i = 0; self->i < OTHERS; self->i++) {
        stream_read(self->n, &self->others[self->i], self->data, sizeof self->data);
        assert_int_equal(self->n, 0);
        stream_close(&self->others[self->i]);
    }
    gen_end();
}

#define END()                                                                                      \
    do {                                                                                           \
        const struct ending fresh = {                                                              \
            .server = &self->server, .task = &self->task, .others = self->others};                 \
        self->ending = fresh;                                                                      \
        gen_await(ending, &self->ending);                                                          \
    } while (0)

static void reset(void)
{
    handlers_begun = handlers_ended = handlers_cancelled = overruns = lines = last_code = 0;
    blocks = 0;
    writing = NULL;
    memset(&reset_, 0, sizeof reset_);
    for (size_t i = 0; i < BLOCK; i++)
        block[i] = (char)(i * 2654435761U >> 13);
}

static void small_window(struct stream *stream)
{
    const int small = 16384;
    (void)setsockopt(stream->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
}

/* Bytes of memory that the process has. */
static long resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long size, pages = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &size, &pages), 2);
    (void)fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

/* -- One who never reads, until the writing handler is cancelled ------------------------------- */

enum { QUIET = 100 /* round trips in which the writer does not get on */ };

/* A sanitizer keeps what was freed for a while. */
#if defined(__SANITIZE_ADDRESS__)
enum { SLACK = 16 << 20 };
#elif defined(__has_feature)
enum { SLACK = (__has_feature(address_sanitizer) ? 16 : 1) << 20 };
#else
enum { SLACK = 1 << 20 };
#endif

gen_declare(reader, void);
struct reader {
    WORLD;
    long memory;
    char got[BLOCK];
};
gen_define(reader)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        OPEN();
        stream_connect(&self->slow, HOST, self->server.port);
        small_window(&self->slow);
        stream_write(&self->slow, "write\n", 6);
        for (self->i = 0; self->i < QUIET; self->i++) {
            self->before = blocks;
            OTHERS_ARE_SERVED();
            if (self->i == QUIET / 2)
                self->memory = resident();
            if (writing == NULL || blocks != self->before) {
                assert_true(blocks < MOST);
                self->i = -1;
            }
        }
        assert_true(resident() - self->memory < SLACK);
        assert_int_equal(self->server.connections, OTHERS + 1);
        assert_false(task_done(&writing->future));
        (void)task_cancel(writing);
        OTHERS_ARE_SERVED();
        assert_int_equal(handlers_cancelled, 1);
        assert_int_equal(self->server.connections, OTHERS);
        /* what the kernel took comes whole, and then the end */
        for (self->have = 0;; self->have += self->n) {
            stream_read(self->n, &self->slow, self->got, BLOCK - self->have % BLOCK);
            if (self->n == 0)
                break;
            assert_memory_equal(self->got, block + self->have % BLOCK, self->n);
        }
        assert_true(self->have > 0);
        assert_true(self->have < (blocks + 1) * BLOCK);
        if (lent == 0)
            assert_true(self->have >= blocks * BLOCK);
        stream_close(&self->slow);
        END();
    }
    task_end_scope
    gen_end();
}

static void a_client_never_reads(void **state)
{
    static struct reader r;
    const size_t buffers[] = {0, BUFFER};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        lent = buffers[i];
        memset(&r, 0, sizeof r);
        assert_int_equal(loop_run(reader_any(&r)), 0);
        assert_int_equal(last_code, GEN_CANCELLED); /* that of the others, when the server ended */
    }
}

/* The server ends while its handler, or what it has left, still writes. */
gen_declare(deaf, void);
struct deaf {
    WORLD;
    const char *what;
    bool left;
};
gen_define(deaf)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        OPEN();
        stream_connect(&self->slow, HOST, self->server.port);
        small_window(&self->slow);
        stream_write(&self->slow, self->what, strlen(self->what));
        do
            OTHERS_ARE_SERVED();
        while (self->left ? handlers_ended == 0 : blocks == 0);
        OTHERS_ARE_SERVED();
        assert_int_equal(self->server.connections, OTHERS + 1);
        END();
        assert_int_equal(handlers_cancelled, self->left ? OTHERS : OTHERS + 1);
        stream_close(&self->slow);
    }
    task_end_scope
    gen_end();
}

static void a_server_ends_though_its_client_does_not_read(void **state)
{
    static struct deaf d;
    (void)state;
    lent = BUFFER;
    for (int left = 0; left < 2; left++) {
        memset(&d, 0, sizeof d);
        d.left = left;
        d.what = left ? "leave\n" : "write\n";
        assert_int_equal(loop_run(deaf_any(&d)), 0);
    }
}

/* -- One who sends a byte now and then --------------------------------------------------------- */

static const char sentence[] = "a byte, and then, after a while, another\n";

TEST_BODY(a_client_sends_a_byte_now_and_then)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        OPEN();
        stream_connect(&self->slow, HOST, self->server.port);
        for (self->have = 0; self->have < sizeof sentence - 1; self->have++) {
            self->before = (size_t)lines;
            stream_write(&self->slow, &sentence[self->have], 1);
            if (self->have == sizeof sentence - 2)
                break;
            OTHERS_ARE_SERVED();
            assert_int_equal(lines - (int)self->before, OTHERS); /* and none of its */
        }
        stream_readexactly(self->n, &self->slow, self->data, sizeof sentence - 1);
        assert_memory_equal(self->data, sentence, sizeof sentence - 1);
        stream_close(&self->slow);
        END();
    }
    task_end_scope
    gen_end();
}

/* -- One who says nothing ---------------------------------------------------------------------- */

TEST_BODY(a_client_says_nothing)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        OPEN();
        stream_connect(&self->slow, HOST, self->server.port);
        for (self->i = 0; self->i < QUIET; self->i++)
            OTHERS_ARE_SERVED();
        assert_int_equal(self->server.connections, OTHERS + 1);
        END();
        assert_int_equal(handlers_cancelled, OTHERS + 1);
        stream_read(self->n, &self->slow, self->data, sizeof self->data);
        assert_int_equal(self->n, 0);
        stream_close(&self->slow);
    }
    task_end_scope
    gen_end();
}

/* -- One who resets in the middle of a line ---------------------------------------------------- */

TEST_BODY(a_client_resets_in_the_middle_of_a_line)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        OPEN();
        stream_connect(&self->slow, HOST, self->server.port);
        stream_write(&self->slow, "half a li", 9);
        OTHERS_ARE_SERVED();
        assert_int_equal(self->server.connections, OTHERS + 1);
        stream_abort(&self->slow);
        task_await(&reset_);
        OTHERS_ARE_SERVED();
        assert_int_equal(self->server.connections, OTHERS);
        assert_int_equal(lines, 3 * OTHERS);
        END();
    }
    task_end_scope
    gen_end();
}

/* -- A thousand who close at once, every second by a reset ------------------------------------- */

enum { VISITORS = 20, VISITS = 50 };

gen_declare(visitor, void);
struct visitor {
    struct gen gen;
    struct stream stream;
    int port, i;
};
gen_define(visitor)
{
    gen_begin();
    for (self->i = 0; self->i < VISITS; self->i++) {
        stream_connect(&self->stream, HOST, self->port);
        if (self->i % 2 == 0)
            stream_close(&self->stream);
        else
            stream_abort(&self->stream);
    }
    gen_end();
}

TEST_BODY_WITH(a_thousand_clients_close_at_once, struct visitor visitors[VISITORS];
               struct task tasks[VISITORS];)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        OPEN();
        for (self->i = 0; self->i < VISITORS; self->i++) {
            self->visitors[self->i].port = self->server.port;
            start(loop_running(), &self->tasks[self->i], visitor_any(&self->visitors[self->i]));
        }
        for (self->i = 0; self->i < VISITORS; self->i++)
            while (!task_done(&self->tasks[self->i].future))
                OTHERS_ARE_SERVED();
        for (self->i = 0; self->i < VISITORS; self->i++)
            task_await(&self->tasks[self->i].future);
        while (self->server.connections > OTHERS)
            OTHERS_ARE_SERVED();
        /* a system may forget those that were reset before they were accepted */
        assert_true(handlers_begun >= OTHERS + VISITORS * VISITS / 2);
        assert_int_equal(handlers_ended, handlers_begun - OTHERS);
        assert_int_equal(handlers_cancelled, 0);
        END();
    }
    task_end_scope
    gen_end();
}

/* -- A line that never ends -------------------------------------------------------------------- */

enum { ENDLESS = 200 /* blocks of LIMIT - 1 bytes */ };

TEST_BODY(a_line_never_ends)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        OPEN();
        stream_connect(&self->slow, HOST, self->server.port);
        memset(self->data, 'x', sizeof self->data);
        for (self->i = 0; self->i < ENDLESS; self->i++) {
            self->before = (size_t)overruns;
            stream_write(&self->slow, self->data, LIMIT + 1);
            do
                OTHERS_ARE_SERVED();
            while ((size_t)overruns == self->before); /* at least one for each */
        }
        assert_true(overruns >= ENDLESS);
        assert_int_equal(self->server.connections, OTHERS + 1);
        /* the rest of it is a line, if it is short enough; and then there is the next */
        stream_write(&self->slow, "\nnext\n", 6);
        do {
            stream_read(self->n, &self->slow, self->data, 1);
            assert_int_equal(self->n, 1);
        } while (self->data[0] != '\n');
        stream_readexactly(self->n, &self->slow, self->data, 5);
        assert_memory_equal(self->data, "next\n", 5);
        stream_close(&self->slow);
        END();
    }
    task_end_scope
    gen_end();
}

/* -- All of them ------------------------------------------------------------------------------- */

enum { DEAF, DRIPPING, SILENT, RESETTING, ENDLESS_LINE, ROGUES };

TEST_BODY_WITH(all_of_them_at_once, struct stream rogues[ROGUES]; struct visitor visitor;
               struct task visiting; int round;)
{
    gen_begin();
    lent = 0;
    task_timeout (&self->net, 20) {
        OPEN();
        for (self->i = 0; self->i < ROGUES; self->i++)
            stream_connect(&self->rogues[self->i], HOST, self->server.port);
        self->visitor.port = self->server.port;
        start(loop_running(), &self->visiting, visitor_any(&self->visitor));
        small_window(&self->rogues[DEAF]);
        stream_write(&self->rogues[DEAF], "write\n", 6);
        memset(self->data, 'x', sizeof self->data);
        for (self->round = 0; self->round < QUIET; self->round++) {
            stream_write(&self->rogues[DRIPPING], "y", 1);
            stream_write(&self->rogues[ENDLESS_LINE], self->data, sizeof self->data);
            stream_write(&self->rogues[RESETTING], "half a li", 9);
            OTHERS_ARE_SERVED();
            stream_abort(&self->rogues[RESETTING]);
            stream_connect(&self->rogues[RESETTING], HOST, self->server.port);
        }
        assert_non_null(writing);
        END();
        for (self->i = 0; self->i < ROGUES; self->i++)
            stream_close(&self->rogues[self->i]);
    }
    task_end_scope
    gen_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_client_never_reads),
        TEST(a_server_ends_though_its_client_does_not_read),
        TEST(a_client_sends_a_byte_now_and_then),
        TEST(a_client_says_nothing),
        TEST(a_client_resets_in_the_middle_of_a_line),
        TEST(a_thousand_clients_close_at_once),
        TEST(a_line_never_ends),
        TEST(all_of_them_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
