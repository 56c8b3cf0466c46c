/* Files through streams: sockets, pipes and TLS; what comes between, errors, cancels. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/sendfile.h"
#include "loop/tls.h"
#include "loop_scene.h"

enum { BIG = 3 << 20 };
static char sent[BIG + 8], got[BIG + 8];

/* -- A file and a certificate, made for this run ----------------------------------------------- */

static char folder[] = "/tmp/gen-sendfile-XXXXXX";
static int file = -1;

static int make_files(void **state)
{
    char command[512];
    (void)state;
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (char)(i * 2654435761U >> 13);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(command, sizeof command, "%s/file", folder);
    file = open(command, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || pwrite(file, sent, BIG, 0) != BIG)
        return -1;
    (void)snprintf(command, sizeof command,
                   "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                   "-subj /CN=localhost -days 2 -keyout key -out certificate 2>/dev/null",
                   folder);
    return system(command);
}

static int remove_files(void **state)
{
    char command[64];
    (void)state;
    (void)close(file);
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* -- A sender, and its other end --------------------------------------------------------------- */

enum kind { SOCKET, PIPE, TLS };

gen_declare(sender, void);
struct sender {
    struct gen gen;
    struct stream *stream;
    struct stream_sending sending;
    int file, code;
    off_t offset;
    size_t count, n;
};
gen_define(sender)
{
    gen_begin();
    gen_try {
        stream_sendfile(self->n, &self->sending, self->stream, self->file, self->offset,
                        self->count);
    }
    gen_except_all {
        self->code = gen_caught.code;
    }
    gen_end_try
    gen_end();
}

gen_declare(greeter, void);
struct greeter {
    struct gen gen;
    struct stream *stream;
    struct tls_context *context;
};
gen_define(greeter)
{
    gen_begin();
    tls_start(self->stream, self->context, NULL);
    gen_end();
}

#define WORLD                                                                                      \
    struct gen gen;                                                                                \
    struct gen_unwind unwind[3];                                                                   \
    struct task_scope net;                                                                         \
    struct stream stream, peer;                                                                    \
    struct tls_context server, client;                                                             \
    struct greeter greeter;                                                                        \
    struct sender sender;                                                                          \
    struct task task;                                                                              \
    enum kind kind;                                                                                \
    int i, code;                                                                                   \
    size_t n, have;                                                                                \
    char memory[1024]

static void open_both(struct loop *loop, enum kind kind, struct stream *stream, struct stream *peer)
{
    const int small = 4096;
    int ends[2];
    if (kind == PIPE) {
        assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
        stream__open_pipe(loop, peer, ends[0]);
        stream__open_pipe(loop, stream, ends[1]);
        return;
    }
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    (void)setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    stream__open(loop, peer, ends[0]);
    stream__open(loop, stream, ends[1]);
}

static void open_contexts(struct tls_context *server, struct tls_context *client)
{
    char certificate[64], key[64];
    const struct tls_options options = {.certificate = certificate, .key = key};
    const struct tls_options any = {.insecure = true};
    (void)snprintf(certificate, sizeof certificate, "%s/certificate", folder);
    (void)snprintf(key, sizeof key, "%s/key", folder);
    assert_int_equal(tls_context_open(server, TLS_SERVER, &options), 0);
    assert_int_equal(tls_context_open(client, TLS_CLIENT, &any), 0);
}

#define OPEN()                                                                                     \
    do {                                                                                           \
        open_both(loop_running(), self->kind, &self->stream, &self->peer);                         \
        if (self->kind == TLS) {                                                                   \
            open_contexts(&self->server, &self->client);                                           \
            self->greeter.stream = &self->peer;                                                    \
            self->greeter.context = &self->client;                                                 \
            start(loop_running(), &self->task, greeter_any(&self->greeter));                       \
        }                                                                                          \
    } while (0)

#define GREET()                                                                                    \
    do {                                                                                           \
        if (self->kind == TLS)                                                                     \
            tls_start(&self->stream, &self->server, NULL);                                         \
    } while (0)

#define SEND(descriptor, from, size)                                                               \
    do {                                                                                           \
        memset(&self->sender, 0, sizeof self->sender);                                             \
        self->sender.stream = &self->stream;                                                       \
        self->sender.file = (descriptor);                                                          \
        self->sender.offset = (from);                                                              \
        self->sender.count = (size);                                                               \
        start(loop_running(), &self->task, sender_any(&self->sender));                             \
    } while (0)

/* -- It comes whole ---------------------------------------------------------------------------- */

gen_declare(whole, void);
struct whole {
    WORLD;
};
gen_define(whole)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        OPEN();
        GREET();
        if (self->kind == TLS)
            task_await(&self->task.future);
        assert_int_equal(stream_set_write_buffer(&self->stream, self->memory, 1024), 0);
        /* what was written before, goes before */
        stream_write(&self->stream, "before:", 7);
        SEND(file, 0, SIZE_MAX);
        stream_readexactly(self->n, &self->peer, got, 7);
        assert_memory_equal(got, "before:", 7);
        stream_readexactly(self->n, &self->peer, got, BIG);
        assert_memory_equal(got, sent, BIG);
        task_await(&self->task.future);
        assert_int_equal(self->sender.code, 0);
        assert_int_equal(self->sender.n, BIG);
        /* a part; less than that at the end; nothing */
        SEND(file, 1000, 100000);
        stream_readexactly(self->n, &self->peer, got, 100000);
        assert_memory_equal(got, sent + 1000, 100000);
        task_await(&self->task.future);
        assert_int_equal(self->sender.n, 100000);
        SEND(file, BIG - 10, 100);
        stream_readexactly(self->n, &self->peer, got, 10);
        assert_memory_equal(got, sent + BIG - 10, 10);
        task_await(&self->task.future);
        assert_int_equal(self->sender.n, 10);
        SEND(file, BIG + 10, SIZE_MAX);
        task_await(&self->task.future);
        assert_int_equal(self->sender.n, 0);
        SEND(file, 0, 0);
        task_await(&self->task.future);
        assert_int_equal(self->sender.n, 0);
        assert_int_equal(self->sender.code, 0);
        /* and the stream is as it was */
        stream_write(&self->stream, "after", 5);
        stream_readexactly(self->n, &self->peer, got, 5);
        assert_memory_equal(got, "after", 5);
        if (self->kind != PIPE) {
            stream_write(&self->peer, "back", 4);
            stream_readexactly(self->n, &self->stream, got, 4);
        }
        assert_int_equal(lseek(file, 0, SEEK_CUR), 0);
        stream_close(&self->stream);
        stream_close(&self->peer);
        if (self->kind == TLS) {
            tls_context_close(&self->server);
            tls_context_close(&self->client);
        }
    }
    task_end_scope
    gen_end();
}

static void through(enum kind kind)
{
    static struct whole w;
    memset(&w, 0, sizeof w);
    memset(got, 0, sizeof got);
    w.kind = kind;
    assert_int_equal(loop_run(whole_any(&w)), 0);
}

static void through_a_socket(void **state)
{
    (void)state;
    through(SOCKET);
}

static void through_a_pipe(void **state)
{
    (void)state;
    through(PIPE);
}

static void through_tls(void **state)
{
    (void)state;
    through(TLS);
}

/* -- Nothing gets between ---------------------------------------------------------------------- */

TEST_BODY_WITH(nothing_gets_between, struct sender second; struct task task2;)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        OPEN();
        SEND(file, 0, SIZE_MAX);
        SETTLE();
        assert_false(task_done(&self->task.future));
        RAISES(GEN_EBADSTATE, stream_write(&self->stream, "x", 1));
        RAISES(GEN_EBADSTATE, stream_read(self->n, &self->stream, self->memory, 1));
        self->second.stream = &self->stream;
        self->second.file = file;
        self->second.count = 1;
        start(loop_running(), &self->task2, sender_any(&self->second));
        task_await(&self->task2.future);
        assert_int_equal(self->second.code, GEN_EBADSTATE);
        stream_readexactly(self->n, &self->peer, got, BIG);
        assert_memory_equal(got, sent, BIG);
        task_await(&self->task.future);
        assert_int_equal(self->sender.n, BIG);
        stream_close(&self->stream);
        stream_close(&self->peer);
    }
    task_end_scope
    gen_end();
}

/* Two wait until the write buffer is empty: the second is refused, and the first is not disturbed. */
TEST_BODY_WITH(two_at_once, struct sender second; struct task task2;)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        OPEN();
        assert_int_equal(stream_set_write_buffer(&self->stream, self->memory, 1024), 0);
        while (buffer__used(&self->stream.stream__output) == 0) {
            stream_write(&self->stream, sent, 500);
            self->have += 500;
        }
        SEND(file, 0, SIZE_MAX);
        self->second.stream = &self->stream;
        self->second.file = file;
        self->second.offset = 1;
        self->second.count = SIZE_MAX;
        start(loop_running(), &self->task2, sender_any(&self->second));
        SETTLE();
        for (; self->have > 0; self->have -= self->n)
            stream_read(self->n, &self->peer, got, self->have);
        stream_readexactly(self->n, &self->peer, got, BIG);
        assert_memory_equal(got, sent, BIG);
        task_await(&self->task.future);
        task_await(&self->task2.future);
        assert_int_equal(self->sender.n, BIG);
        assert_int_equal(self->second.code, GEN_EBADSTATE);
        stream_close(&self->stream);
        stream_close(&self->peer);
    }
    task_end_scope
    gen_end();
}

/* -- Errors and cancels ------------------------------------------------------------------------ */

#define REFUSED(descriptor, from, expected)                                                        \
    do {                                                                                           \
        SEND(descriptor, from, 10);                                                                \
        task_await(&self->task.future);                                                            \
        assert_int_equal(self->sender.code, (expected));                                           \
    } while (0)

TEST_BODY_WITH(what_cannot_be_sent_is_told, int ends[2], directory;)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        OPEN();
        self->directory = open(folder, O_RDONLY | O_CLOEXEC);
        assert_int_equal(pipe2(self->ends, O_CLOEXEC), 0);
        REFUSED(-1, 0, EBADF);
        REFUSED(self->ends[0], 0, ESPIPE);
        REFUSED(self->directory, 0, EISDIR);
        REFUSED(file, -1, EINVAL);
        /* the stream is as it was */
        stream_write(&self->stream, "x", 1);
        stream_readexactly(self->n, &self->peer, got, 1);
        assert_int_equal(stream_write_eof(&self->stream), 0);
        REFUSED(file, 0, EPIPE);
        stream_close(&self->stream);
        REFUSED(file, 0, EBADF);
        stream_close(&self->peer);
        (void)close(self->ends[0]);
        (void)close(self->ends[1]);
        (void)close(self->directory);
    }
    task_end_scope
    gen_end();
}

enum how { PEER_GOES, CLOSED, CANCELLED };

gen_declare(broken, void);
struct broken {
    WORLD;
    enum how how;
};
gen_define(broken)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        OPEN();
        SEND(file, 0, SIZE_MAX);
        stream_readexactly(self->n, &self->peer, got, 5000);
        SETTLE();
        assert_false(task_done(&self->task.future));
        if (self->how == PEER_GOES)
            stream_close(&self->peer);
        else if (self->how == CLOSED)
            stream_close(&self->stream);
        else
            (void)task_cancel(&self->task);
        task_await(&self->task.future);
        assert_in_range(self->sender.sending.sent, 5000, BIG - 1);
        RAISES(EBADF, stream_write(&self->stream, "x", 1));
        if (self->how != PEER_GOES) {
            stream_readall(self->have, &self->peer, got, BIG);
            assert_int_equal(self->have + 5000, self->sender.sending.sent);
            assert_memory_equal(got, sent + 5000, self->have);
        }
        stream_close(&self->peer);
    }
    task_end_scope
    gen_end();
}

static void an_end_half_way_closes(void **state)
{
    const int codes[] = {EPIPE, EBADF, GEN_CANCELLED};
    static struct broken b;
    (void)state;
    for (int kind = SOCKET; kind <= PIPE; kind++)
        for (int how = PEER_GOES; how <= CANCELLED; how++) {
            memset(&b, 0, sizeof b);
            b.kind = (enum kind)kind;
            b.how = (enum how)how;
            assert_int_equal(loop_run(broken_any(&b)), 0);
            assert_int_equal(b.sender.code, codes[how]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(through_a_socket),       TEST(through_a_pipe), TEST(through_tls),
        TEST(nothing_gets_between),   TEST(two_at_once),    TEST(what_cannot_be_sent_is_told),
        TEST(an_end_half_way_closes),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
