/* Any descriptor: readiness, readers and writers, sockets by hand, files, descriptors sent. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/descriptor.h"
#include "loop_scene.h"

enum { MIB = 1 << 20 };
static char sent[MIB], got[MIB];

static void make_pipe(int *ends)
{
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
}

static void make_pair(int *ends, int type)
{
    assert_int_equal(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
}

static void close_both(const int *ends)
{
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
}

static void fill_pipe(int fd)
{
    while (write(fd, sent, 4096) > 0)
        ;
    assert_int_equal(errno, EAGAIN);
}

/* -- Readiness --------------------------------------------------------------------------------- */

/* Waits for one or the other, and keeps how it went. */
gen_declare(waiter, void);
struct waiter {
    struct gen gen;
    struct loop_watch *watch;
    int fd, code;
    bool to_write, went_on;
};
gen_define(waiter)
{
    gen_begin();
    gen_try {
        if (self->to_write)
            loop_wait_writable(self->watch, self->fd);
        else
            loop_wait_readable(self->watch, self->fd);
        self->went_on = true;
    }
    gen_except_all {
        self->code = gen_caught.code;
    }
    gen_end_try
    gen_end();
}

gen_declare(readiness, void);
struct readiness {
    struct gen gen;
    int ends[2], turns;
    struct loop_watch read_watch, write_watch;
    struct waiter reader, writer;
    struct task read, write;
};
gen_define(readiness)
{
    gen_begin();
    make_pipe(self->ends);
    fill_pipe(self->ends[1]);
    self->writer = (struct waiter){.watch = &self->write_watch, .fd = self->ends[1], .to_write = 1};
    start(loop_running(), &self->write, waiter_any(&self->writer));
    for (self->turns = 0; self->turns < 10; self->turns++)
        task_sleep(0);
    assert_false(task_done(&self->write.future));
    while (read(self->ends[0], got, sizeof got) > 0)
        ;
    task_await(&self->write.future);
    assert_true(self->writer.went_on);

    self->reader = (struct waiter){.watch = &self->read_watch, .fd = self->ends[0]};
    start(loop_running(), &self->read, waiter_any(&self->reader));
    task_sleep(0);
    task_sleep(0);
    assert_false(task_done(&self->read.future));
    assert_string_equal(loop_running()->loop__resources->kind, "descriptor");
    assert_int_equal(loop_running()->loop__resources->fd, self->ends[0]);
    assert_ptr_equal(loop_running()->loop__resources->reading->task__waiters,
                     &self->read.task__node);
    assert_int_equal(write(self->ends[1], "x", 1), 1);
    task_await(&self->read.future);
    assert_true(self->reader.went_on);
    assert_null(loop_running()->loop__resources);
    close_both(self->ends);
    gen_end();
}

static void a_pipe_is_waited_for(void **state)
{
    struct readiness r = {.ends = {0}};
    (void)state;
    assert_int_equal(loop_run(readiness_any(&r)), 0);
}

gen_declare(misuse, void);
struct misuse {
    struct gen gen;
    int ends[2];
    struct loop_watch watch;
    struct waiter first, other;
    struct task wait, again;
};
gen_define(misuse)
{
    gen_begin();
    make_pipe(self->ends);
    self->first = (struct waiter){.watch = &self->watch, .fd = self->ends[0]};
    start(loop_running(), &self->wait, waiter_any(&self->first));
    task_sleep(0);
    self->other = self->first;
    self->other.code = 0;
    memset(&self->other.gen, 0, sizeof self->other.gen);
    start(loop_running(), &self->again, waiter_any(&self->other));
    task_await(&self->again.future);
    assert_int_equal(self->other.code, GEN_EBADSTATE);
    assert_int_equal(loop_add_reader(loop_running(), &self->watch, self->ends[0], NULL, NULL),
                     GEN_EBADSTATE);
    assert_false(loop_remove_reader(&self->watch));
    assert_false(task_done(&self->wait.future)); /* the first is not disturbed */

    assert_true(task_cancel(&self->wait));
    gen_try {
        task_await(&self->wait.future);
    }
    gen_except_any { /* it was caught in there */
        fail();
    }
    gen_end_try
    assert_int_equal(self->first.code, GEN_CANCELLED);
    assert_false(ev_is_active(&self->watch.loop__io));
    assert_null(loop_running()->loop__resources);

    close_both(self->ends);
    self->other = (struct waiter){.watch = &self->watch, .fd = self->ends[0]};
    start(loop_running(), &self->again, waiter_any(&self->other));
    task_await(&self->again.future);
    assert_int_equal(self->other.code, EBADF);
    self->other = (struct waiter){.watch = &self->watch, .fd = -1, .to_write = true};
    start(loop_running(), &self->again, waiter_any(&self->other));
    task_await(&self->again.future);
    assert_int_equal(self->other.code, EBADF);
    gen_end();
}

static void misuse_is_told_and_a_cancel_stops(void **state)
{
    struct misuse m = {.ends = {0}};
    (void)state;
    assert_int_equal(loop_run(misuse_any(&m)), 0);
}

/* -- Readers and writers ----------------------------------------------------------------------- */

struct calls {
    struct loop_watch watch, other;
    struct loop *loop;
    int ends[2], count, writes;
    char order[16];
};

static void on_readable(void *arg)
{
    struct calls *c = arg;
    char byte;
    assert_int_equal(read(c->ends[0], &byte, 1), 1);
    c->order[c->count++] = byte;
    if (byte == 'c') {
        assert_false(loop_remove_writer(&c->watch));
        assert_true(loop_remove_reader(&c->watch));
        assert_false(loop_remove_reader(&c->watch));
        loop_stop(c->loop);
    }
}

static void on_writable(void *arg)
{
    struct calls *c = arg;
    assert_int_equal(write(c->ends[1], c->writes++ == 0 ? "ab" : "cd", 2), 2);
    if (c->writes == 2)
        assert_true(loop_remove_writer(&c->other));
}

static void never(void *arg)
{
    (void)arg;
    fail();
}

static void a_reader_is_called_while_there_is_something(void **state)
{
    struct loop loop;
    struct calls c = {.loop = &loop};
    char left[4];
    (void)state;
    make_pipe(c.ends);
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(loop_add_reader(&loop, &c.watch, -1, never, NULL), EBADF);
    assert_int_equal(loop_add_reader(&loop, &c.watch, c.ends[0], on_readable, &c), 0);
    assert_int_equal(loop_add_reader(&loop, &c.watch, c.ends[0], never, NULL), GEN_EBADSTATE);
    assert_int_equal(loop_add_writer(&loop, &c.other, c.ends[1], on_writable, &c), 0);
    assert_string_equal(loop.loop__resources->kind, "writer");
    assert_string_equal(loop.loop__resources->loop__next->kind, "reader");
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_string_equal(c.order, "abc");
    assert_int_equal(c.writes, 2);
    assert_int_equal(read(c.ends[0], left, sizeof left), 1); /* the d has not been asked for */
    assert_null(loop.loop__resources);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(loop_add_reader(&loop, &c.watch, c.ends[0], never, NULL), LOOP_ECLOSED);
    close_both(c.ends);
}

/* Both are ready in one turn, and whoever is called first removes both. */
static void only_one(void *arg)
{
    struct calls *c = arg;
    c->count++;
    assert_true(loop_remove_reader(&c->other));
    assert_true(loop_remove_writer(&c->watch));
    loop_stop(c->loop);
}

static void a_removed_reader_is_not_called(void **state)
{
    struct loop loop;
    struct calls c = {.loop = &loop};
    (void)state;
    make_pair(c.ends, SOCK_STREAM);
    assert_int_equal(write(c.ends[1], "x", 1), 1);
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(loop_add_writer(&loop, &c.watch, c.ends[1], only_one, &c), 0);
    assert_int_equal(loop_add_reader(&loop, &c.other, c.ends[0], only_one, &c), 0);
    assert_int_equal(loop_run_forever(&loop), 0);
    loop_stop(&loop);
    assert_int_equal(loop_run_forever(&loop), 0); /* one turn more */
    assert_int_equal(c.count, 1);
    assert_int_equal(loop_close(&loop), 0);
    close_both(c.ends);
}

/* -- Sockets by hand --------------------------------------------------------------------------- */

static void small_buffers(int fd)
{
    const int size = 65536;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

/* The server of one connection: takes it, reads to the end, and sends back how much it was. */
gen_declare(by_hand, void);
struct by_hand {
    struct gen gen;
    struct loop_watch watch;
    int listener, fd;
    size_t n, have;
};
gen_define(by_hand)
{
    gen_begin();
    loop_sock_accept(self->fd, &self->watch, self->listener);
    assert_true(fcntl(self->fd, F_GETFL) & O_NONBLOCK);
    for (;;) {
        loop_sock_recv(self->n, &self->watch, self->fd, got + self->have, sizeof got - self->have);
        if (self->n == 0)
            break;
        self->have += self->n;
    }
    loop_sock_sendall(&self->watch, self->fd, &self->have, sizeof self->have);
    assert_int_equal(close(self->fd), 0);
    gen_end();
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct by_hand server;
    struct task serve;
    struct loop_watch watch;
    struct loop_sockaddr to;
    int fd, code;
    size_t n, answer;
};
gen_define(client)
{
    gen_begin();
    assert_int_equal(loop_sockaddr(&self->to, "127.0.0.1", 0), 0);
    self->server.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(self->server.listener, &self->to.address.any, self->to.size), 0);
    small_buffers(self->server.listener); /* its connections inherit them */
    assert_int_equal(listen(self->server.listener, 1), 0);
    assert_int_equal(getsockname(self->server.listener, &self->to.address.any, &self->to.size), 0);
    start(loop_running(), &self->serve, by_hand_any(&self->server));

    self->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    small_buffers(self->fd);
    loop_sock_connect(&self->watch, self->fd, &self->to);
    loop_sock_sendall(&self->watch, self->fd, sent, sizeof sent);
    assert_int_equal(shutdown(self->fd, SHUT_WR), 0);
    loop_sock_recv(self->n, &self->watch, self->fd, &self->answer, sizeof self->answer);
    assert_int_equal(self->n, sizeof self->answer);
    assert_int_equal(self->answer, sizeof sent);
    assert_memory_equal(sent, got, sizeof sent);
    task_await(&self->serve.future);
    assert_int_equal(close(self->fd), 0);
    assert_int_equal(close(self->server.listener), 0);

    self->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    RAISES(ECONNREFUSED, loop_sock_connect(&self->watch, self->fd, &self->to));
    assert_int_equal(close(self->fd), 0);
    gen_end();
}

static void fill_sent(void)
{
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (char)(i * 2654435761U >> 13 & 0x7f);
    memset(got, 0, sizeof got);
}

static void a_mebibyte_by_hand(void **state)
{
    struct client c = {.fd = -1};
    (void)state;
    fill_sent();
    assert_int_equal(loop_run(client_any(&c)), 0);
}

gen_declare(messages, void);
struct messages {
    struct gen gen;
    struct loop_watch watch;
    struct loop_sockaddr to, from;
    int a, b;
    size_t n;
    char data[8], name[LOOP_NAME];
};
gen_define(messages)
{
    gen_begin();
    assert_int_equal(loop_sockaddr(&self->to, "127.0.0.1", 0), 0);
    self->a = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    self->b = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(self->a, &self->to.address.any, self->to.size), 0);
    assert_int_equal(bind(self->b, &self->to.address.any, self->to.size), 0);
    assert_int_equal(getsockname(self->a, &self->to.address.any, &self->to.size), 0);
    loop_sock_sendto(&self->watch, self->b, "hello", 5, &self->to);
    loop_sock_recvfrom(self->n, &self->watch, self->a, self->data, sizeof self->data, &self->from);
    assert_int_equal(self->n, 5);
    assert_memory_equal(self->data, "hello", 5);
    loop_sock_sendto(&self->watch, self->a, "back", 4, &self->from);
    loop_sock_recvfrom(self->n, &self->watch, self->b, self->data, sizeof self->data, &self->from);
    assert_int_equal(self->n, 4);
    assert_memory_equal(&self->from.address.v4, &self->to.address.v4, sizeof self->to.address.v4);
    assert_int_equal(close(self->a), 0);
    assert_int_equal(close(self->b), 0);
    gen_end();
}

static void messages_by_hand(void **state)
{
    struct messages m = {.a = -1};
    (void)state;
    assert_int_equal(loop_run(messages_any(&m)), 0);
}

/* -- Files ------------------------------------------------------------------------------------- */

static int file_of(const char *data, size_t size, int flags)
{
    char path[] = "/tmp/gen-test-XXXXXX";
    int fd = mkostemp(path, flags | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(write(fd, data, size), size);
    return fd;
}

/* Takes `size` bytes from a socket or pipe. */
gen_declare(taker, void);
struct taker {
    struct gen gen;
    struct loop_watch watch;
    int fd;
    size_t have, size;
};
gen_define(taker)
{
    ssize_t n;
    gen_begin();
    while (self->have < self->size) {
        loop_wait_readable(&self->watch, self->fd);
        n = read(self->fd, got + self->have, sizeof got - self->have);
        assert_true(n > 0);
        self->have += (size_t)n;
    }
    gen_end();
}

gen_declare(sender, void);
struct sender {
    struct gen gen;
    struct loop_watch watch;
    struct taker taker;
    struct task take;
    int file, copy, ends[2], code;
    size_t n;
};
gen_define(sender)
{
    gen_begin();
    self->file = file_of(sent, sizeof sent, 0);
    make_pair(self->ends, SOCK_STREAM);
    self->taker = (struct taker){.fd = self->ends[1], .size = sizeof sent - 10};
    start(loop_running(), &self->take, taker_any(&self->taker));
    loop_sendfile(self->n, &self->watch, self->ends[0], self->file, 10, SIZE_MAX);
    assert_int_equal(self->n, sizeof sent - 10);
    task_await(&self->take.future);
    assert_memory_equal(got, sent + 10, sizeof sent - 10);
    assert_int_equal(lseek(self->file, 0, SEEK_CUR), sizeof sent);

    self->taker = (struct taker){.fd = self->ends[1], .size = 1000};
    start(loop_running(), &self->take, taker_any(&self->taker));
    loop_sendfile(self->n, &self->watch, self->ends[0], self->file, 0, 1000);
    assert_int_equal(self->n, 1000);
    task_await(&self->take.future);
    assert_memory_equal(got, sent, 1000);
    assert_int_equal(self->taker.have, 1000);

    loop_sendfile(self->n, &self->watch, self->ends[0], self->file, sizeof sent, 1);
    assert_int_equal(self->n, 0); /* the file's end */

    /* sendfile refuses a file that is appended to */
    self->copy = file_of("", 0, O_APPEND);
    loop_sendfile(self->n, &self->watch, self->copy, self->file, 0, SIZE_MAX);
    assert_int_equal(self->n, sizeof sent);
    memset(got, 0, sizeof got);
    assert_int_equal(pread(self->copy, got, sizeof got, 0), sizeof got);
    assert_memory_equal(got, sent, sizeof sent);
    assert_int_equal(close(self->copy), 0);

    RAISES(ESPIPE, loop_sendfile(self->n, &self->watch, self->ends[0], self->ends[1], 0, 1));
    close_both(self->ends);

    make_pipe(self->ends); /* to whom nobody listens: a signal, were it not for the library */
    assert_int_equal(close(self->ends[0]), 0);
    RAISES(EPIPE, loop_sendfile(self->n, &self->watch, self->ends[1], self->file, 0, 1000));
    assert_int_equal(close(self->ends[1]), 0);
    assert_int_equal(close(self->file), 0);
    gen_end();
}

static void a_file_is_sent(void **state)
{
    struct sender s = {.code = 0};
    sigset_t blocked;
    (void)state;
    fill_sent();
    assert_int_equal(loop_run(sender_any(&s)), 0);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &blocked), 0);
    assert_int_equal(sigismember(&blocked, SIGPIPE), 0);
    assert_int_equal(sigpending(&blocked), 0);
    assert_int_equal(sigismember(&blocked, SIGPIPE), 0);
}

/* -- Descriptors ------------------------------------------------------------------------------- */

gen_declare(passing, void);
struct passing {
    struct gen gen;
    struct loop_watch watch;
    int ends[2], pipe[2], came[2], code, many[3];
    size_t n, count;
    char data[8];
};
gen_define(passing)
{
    gen_begin();
    make_pair(self->ends, SOCK_STREAM);
    make_pipe(self->pipe);
    loop_send_fds(self->n, &self->watch, self->ends[0], "two", 3, self->pipe, 2);
    assert_int_equal(self->n, 3);
    close_both(self->pipe);
    self->count = 2;
    loop_recv_fds(self->n, &self->watch, self->ends[1], self->data, sizeof self->data, self->came,
                  &self->count);
    assert_int_equal(self->n, 3);
    assert_memory_equal(self->data, "two", 3);
    assert_int_equal(self->count, 2);
    assert_true(fcntl(self->came[0], F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(self->came[1], "x", 1), 1);
    assert_int_equal(read(self->came[0], self->data, 1), 1);

    loop_send_fds(self->n, &self->watch, self->ends[0], "none", 4, NULL, 0);
    loop_recv_fds(self->n, &self->watch, self->ends[1], self->data, sizeof self->data, self->came,
                  &self->count);
    assert_int_equal(self->n, 4);
    assert_int_equal(self->count, 0);

    self->many[0] = self->many[1] = self->many[2] = self->came[0];
    loop_send_fds(self->n, &self->watch, self->ends[0], "much", 4, self->many, 3);
    self->count = 2;
    RAISES(EMSGSIZE, loop_recv_fds(self->n, &self->watch, self->ends[1], self->data,
                                   sizeof self->data, self->many, &self->count));
    assert_int_equal(self->count, 0); /* and the test's end sees that none is left open */
    RAISES(EINVAL, loop_send_fds(self->n, &self->watch, self->ends[0], "", 0, self->came, 1));
    close_both(self->came);

    assert_int_equal(close(self->ends[0]), 0);
    self->count = 2;
    loop_recv_fds(self->n, &self->watch, self->ends[1], self->data, sizeof self->data, self->came,
                  &self->count);
    assert_int_equal(self->n, 0); /* the end */
    assert_int_equal(self->count, 0);
    assert_int_equal(close(self->ends[1]), 0);
    gen_end();
}

static void descriptors_are_sent(void **state)
{
    struct passing p = {.code = 0};
    (void)state;
    assert_int_equal(loop_run(passing_any(&p)), 0);
}

/* -- Addresses --------------------------------------------------------------------------------- */

static void there_and_back(const char *host, int port, const char *expected)
{
    struct loop_sockaddr a;
    char name[LOOP_NAME];
    assert_int_equal(loop_sockaddr(&a, host, port), 0);
    assert_int_equal(loop_sockaddr_name(&a, name, sizeof name), 0);
    assert_string_equal(name, expected);
    assert_int_equal(loop_sockaddr_name(&a, name, strlen(expected)), ENOSPC);
    assert_int_equal(loop_address_port(&a.address), port);
}

static void addresses_have_texts(void **state)
{
    struct loop_sockaddr a;
    char name[LOOP_NAME], lo[2 * LOOP_NAME], longest[sizeof a.address.local.sun_path + 1];
    (void)state;
    there_and_back("127.0.0.1", 80, "127.0.0.1:80");
    there_and_back("::1", 65535, "[::1]:65535");
    there_and_back("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535,
                   "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
    there_and_back("fe80::1%4000000000", 1, "[fe80::1%4000000000]:1");
    if (if_indextoname(1, name) != NULL) {
        (void)snprintf(lo, sizeof lo, "fe80::1%%%s", name);
        assert_int_equal(loop_sockaddr(&a, lo, 1), 0);
        assert_int_equal(a.address.v6.sin6_scope_id, 1);
        assert_int_equal(loop_sockaddr_name(&a, name, sizeof name), 0);
        assert_memory_equal(name + 1, lo, strlen(lo));
    }
    assert_int_equal(loop_sockaddr(&a, "fe80::1%nosuch", 1), EINVAL);
    assert_int_equal(loop_sockaddr(&a, "fe80::1%", 1), EINVAL);
    assert_int_equal(loop_sockaddr(&a, "fe80::1%0", 1), EINVAL);
    assert_int_equal(loop_sockaddr(&a, "fe80::1%4294967296", 1), EINVAL);
    assert_int_equal(loop_sockaddr(&a, "127.0.0.1%lo", 1), EINVAL);
    assert_int_equal(loop_sockaddr(&a, "localhost", 1), EINVAL);
    assert_int_equal(loop_sockaddr(&a, "", 1), EINVAL);
    assert_int_equal(loop_sockaddr(&a, "::1", 65536), EINVAL);
    assert_int_equal(loop_sockaddr(&a, "::1", -1), EINVAL);

    assert_int_equal(loop_sockaddr_unix(&a, "/run/x"), 0);
    assert_int_equal(a.address.any.sa_family, AF_UNIX);
    assert_int_equal(loop_sockaddr_name(&a, name, sizeof name), 0);
    assert_string_equal(name, "/run/x");
    assert_int_equal(loop_address_port(&a.address), 0);
    assert_int_equal(loop_sockaddr_unix(&a, "@abstract"), 0);
    assert_int_equal(a.size, offsetof(struct sockaddr_un, sun_path) + 9);
    assert_int_equal(loop_sockaddr_name(&a, name, sizeof name), 0);
    assert_string_equal(name, "@abstract");
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_int_equal(loop_sockaddr_unix(&a, longest), ENAMETOOLONG);
    assert_int_equal(loop_sockaddr_unix(&a, longest + 1), 0);
    assert_int_equal(loop_sockaddr_name(&a, name, sizeof name), 0);
    assert_string_equal(name, longest + 1);
    assert_int_equal(loop_sockaddr_unix(&a, ""), EINVAL);
    memset(&a, 0, sizeof a);
    assert_int_equal(loop_sockaddr_name(&a, name, sizeof name), 0);
    assert_string_equal(name, "");
    a.size = sizeof a.address.any;
    a.address.any.sa_family = AF_APPLETALK;
    assert_int_equal(loop_sockaddr_name(&a, name, sizeof name), EAFNOSUPPORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pipe_is_waited_for),
        TEST(misuse_is_told_and_a_cancel_stops),
        TEST(a_reader_is_called_while_there_is_something),
        TEST(a_removed_reader_is_not_called),
        TEST(a_mebibyte_by_hand),
        TEST(messages_by_hand),
        TEST(a_file_is_sent),
        TEST(descriptors_are_sent),
        TEST(addresses_have_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
