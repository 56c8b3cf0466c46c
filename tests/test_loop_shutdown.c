/* How servers end and connections are closed; Unix sockets; ports that are shared. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "loop/stream.h"
#include "loop_scene.h"
#include "serving.h"

enum { BIG = 200000 };

/* -- A handler that does what its peer's first byte says --------------------------------------- */

static int handlers_cancelled, handlers_done;
static char big[BIG], got[BIG + 1];

gen_declare(handler, void);
struct handler {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct stream *stream;
    size_t n;
    char data[16], buffer[BIG];
};
gen_define(handler)
{
    gen_begin();
    gen_try_finally {
        for (;;) {
            stream_read(self->n, self->stream, self->data, sizeof self->data);
            if (self->n == 0)
                gen_stop();
            if (self->data[0] == 'B') { /* ends with much in its write buffer */
                (void)stream_set_write_buffer(self->stream, self->buffer, sizeof self->buffer);
                stream_write(self->stream, big, sizeof big);
                gen_stop();
            }
            stream_write(self->stream, self->data, self->n);
        }
    }
    gen_finally {
        if (gen_caught.code == GEN_CANCELLED)
            handlers_cancelled++;
        else
            handlers_done++;
    }
    gen_end_finally
    gen_end();
}

SERVING(handler)

/* Has been accepted when it is done, as its first byte has come back. */
gen_declare(visit, void);
struct visit {
    struct gen gen;
    struct stream *stream;
    size_t n;
    char byte;
};
gen_define(visit)
{
    gen_begin();
    stream_write(self->stream, "x", 1);
    stream_read(self->n, self->stream, &self->byte, 1);
    assert_int_equal(self->n, 1);
    gen_end();
}

#define WORLD                                                                                      \
    struct gen gen;                                                                                \
    struct gen_unwind unwind[2];                                                                   \
    struct task_scope net;                                                                         \
    struct stream_server server, second;                                                           \
    struct serving serving;                                                                        \
    struct task task;                                                                              \
    struct stream a;                                                                               \
    struct task_call call;                                                                         \
    struct visit visit;                                                                            \
    size_t n;                                                                                      \
    int code;                                                                                      \
    char path[64]

#define VISIT()                                                                                    \
    do {                                                                                           \
        const struct visit fresh = {.stream = &self->a};                                           \
        self->visit = fresh;                                                                       \
        gen_await(visit, &self->visit);                                                            \
    } while (0)

static void reset(void)
{
    handlers_cancelled = handlers_done = 0;
    for (size_t i = 0; i < BIG; i++)
        big[i] = (char)(i * 2654435761U >> 13);
}

/* -- Grace ------------------------------------------------------------------------------------- */

static void end_client(void *arg)
{
    (void)stream_write_eof((struct stream *)arg);
}

gen_declare(graceful, void);
struct graceful {
    WORLD;
    double grace;
};
gen_define(graceful)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, "127.0.0.1", 0, .grace = self->grace);
        SERVE();
        stream_connect(&self->a, "127.0.0.1", self->server.port);
        VISIT();
        if (self->grace > 1)
            (void)loop_call_later(loop_running(), &self->call, 0.01, end_client, &self->a);
        stream_server_close(&self->server);
        RAISES(EBADF, task_await(&self->task.future));
        assert_int_equal(self->server.connections, 0);
        stream_close(&self->a);
    }
    task_end_scope
    gen_end();
}

static void connections_have_time_to_end(void **state)
{
    struct graceful g = {.grace = 5};
    (void)state;
    reset();
    assert_int_equal(loop_run(graceful_any(&g)), 0);
    assert_int_equal(handlers_done, 1);
    assert_int_equal(handlers_cancelled, 0);
}

static void and_no_more_than_that(void **state)
{
    const double graces[] = {0, 0.01};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct graceful g = {.grace = graces[i]};
        reset();
        assert_int_equal(loop_run(graceful_any(&g)), 0);
        assert_int_equal(handlers_cancelled, 1);
    }
}

/* -- Clients are closed, or reset -------------------------------------------------------------- */

gen_declare(evictor, void);
struct evictor {
    WORLD;
    int cancelled;
    bool abort;
};
gen_define(evictor)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, "127.0.0.1", 0);
        SERVE();
        stream_connect(&self->a, "127.0.0.1", self->server.port);
        VISIT();
        if (self->abort)
            stream_server_abort_clients(&self->server);
        else
            stream_server_close_clients(&self->server);
        CAUGHT(stream_read(self->n, &self->a, self->path, sizeof self->path));
        self->cancelled = handlers_cancelled;
        stream_close(&self->a);
        stream_connect(&self->a, "127.0.0.1", self->server.port); /* it goes on */
        VISIT();
        stream_close(&self->a);
    }
    task_end_scope
    gen_end();
}

static void clients_are_sent_away(void **state)
{
    struct evictor closing = {.abort = false}, aborting = {.abort = true};
    (void)state;
    reset();
    assert_int_equal(loop_run(evictor_any(&closing)), 0);
    assert_int_equal(closing.code, 0);
    assert_int_equal(closing.n, 0);
    assert_int_equal(closing.cancelled, 1);
    assert_int_equal(loop_run(evictor_any(&aborting)), 0);
    assert_int_equal(aborting.code, ECONNRESET);
}

/* -- What a handler leaves in its write buffer ------------------------------------------------- */

gen_declare(collector, void);
struct collector {
    WORLD;
    bool go_away;
};
gen_define(collector)
{
    const int small = 4096;
    gen_begin();
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, "127.0.0.1", 0);
        (void)setsockopt(self->server.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        SERVE();
        stream_connect(&self->a, "127.0.0.1", self->server.port);
        stream_write(&self->a, "B", 1);
        stream_readexactly(self->n, &self->a, got, 1);
        task_sleep(0);
        task_sleep(0);
        assert_int_equal(handlers_done, 1);
        assert_int_equal(self->server.connections, 1); /* it is not yet closed */
        if (!self->go_away) {
            stream_readall(self->n, &self->a, got + 1, sizeof got - 1);
            assert_int_equal(self->n, BIG - 1);
        }
        stream_close(&self->a);
        while (self->server.connections > 0)
            task_sleep(0);
    }
    task_end_scope
    gen_end();
}

static void it_is_sent_before_the_end(void **state)
{
    static struct collector c;
    (void)state;
    for (int away = 0; away < 2; away++) {
        reset();
        memset(&c, 0, sizeof c);
        c.go_away = away;
        assert_int_equal(loop_run(collector_any(&c)), 0);
        if (!away)
            assert_memory_equal(got, big, BIG);
    }
}

/* -- Unix sockets ------------------------------------------------------------------------------ */

gen_declare(local, void);
struct local {
    WORLD;
    char name[128];
};
gen_define(local)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        stream_listen_unix(&self->server, self->path);
        RAISES(GEN_EBADSTATE, stream_listen(&self->server, "127.0.0.1", 0));
        RAISES(EADDRINUSE, stream_listen_unix(&self->second, self->path));
        SERVE();
        stream_connect_unix(&self->a, self->path);
        VISIT();
        assert_int_equal(stream_peer_name(&self->a, self->name, sizeof self->name), 0);
        stream_close(&self->a);
        stream_server_close(&self->server);
        RAISES(EBADF, task_await(&self->task.future));
    }
    task_end_scope
    gen_end();
}

static void a_socket_with_a_path(void **state)
{
    struct local l = {.code = 0};
    struct stat status;
    int fd;
    (void)state;
    (void)snprintf(l.path, sizeof l.path, "/tmp/gen-shutdown-%ld", (long)getpid());
    /* what a dead server has left */
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        strcpy(address.sun_path, l.path);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
        (void)close(fd);
    }
    assert_int_equal(loop_run(local_any(&l)), 0);
    assert_string_equal(l.name, l.path);
    assert_int_not_equal(stat(l.path, &status), 0);
}

static void a_socket_without_a_file(void **state)
{
    struct local l = {.code = 0};
    (void)state;
    (void)snprintf(l.path, sizeof l.path, "@gen-shutdown-%ld", (long)getpid());
    assert_int_equal(loop_run(local_any(&l)), 0);
    assert_string_equal(l.name, l.path);
}

/* -- Two loops in two threads share a port ----------------------------------------------------- */

enum { VISITS = 64 };
static atomic_int shared_port;
static struct loop_threadsafe stop_call[2];
static struct loop *sharing_loops[2];
static struct task *sharing_tasks[2];
static atomic_int sharing_ready;
static int shared[2];

gen_declare(sharing, void);
struct sharing {
    WORLD;
    int index, fd;
};
gen_define(sharing)
{
    gen_begin();
    stream_listen(&self->server, "127.0.0.1", atomic_load(&shared_port), .reuse_port = true);
    atomic_store(&shared_port, self->server.port);
    sharing_loops[self->index] = loop_running();
    sharing_tasks[self->index] = task_current();
    atomic_fetch_add(&sharing_ready, 1);
    gen_try {
        for (;;) {
            stream_accept(self->fd, &self->server);
            shared[self->index]++;
            (void)close(self->fd);
        }
    }
    gen_except (GEN_CANCELLED) {
    }
    gen_end_try
    stream_server_close(&self->server);
    gen_end();
}

static void *run_sharing(void *arg)
{
    return (void *)(intptr_t)loop_run(sharing_any((struct sharing *)arg));
}

static void cancel_task(void *arg)
{
    (void)task_cancel((struct task *)arg);
}

static void threads_share_a_port(void **state)
{
    static struct sharing all[2];
    struct sockaddr_in address = {.sin_family = AF_INET};
    pthread_t threads[2];
    char byte;
    (void)state;
    for (int i = 0; i < 2; i++) {
        all[i].index = i;
        assert_int_equal(pthread_create(&threads[i], NULL, run_sharing, &all[i]), 0);
        while (atomic_load(&sharing_ready) <= i)
            sched_yield();
    }
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)atomic_load(&shared_port));
    for (int i = 0; i < VISITS; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(read(fd, &byte, 1), 0); /* it has been accepted, and closed */
        (void)close(fd);
    }
    for (int i = 0; i < 2; i++) {
        (void)loop_call_soon_threadsafe(sharing_loops[i], &stop_call[i], cancel_task,
                                        sharing_tasks[i]);
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(shared[0] + shared[1], VISITS);
    assert_true(shared[0] > 0 && shared[1] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(connections_have_time_to_end), TEST(and_no_more_than_that),
        TEST(clients_are_sent_away),        TEST(it_is_sent_before_the_end),
        TEST(a_socket_with_a_path),         TEST(a_socket_without_a_file),
        TEST(threads_share_a_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
