/* Datagrams: echo and time servers, truncation, refusals, order, back-pressure, closing, cancels. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/datagram.h"
#include "loop_scene.h"

/* -- Servers ----------------------------------------------------------------------------------- */

gen_declare(echo, void);
struct echo {
    struct gen gen;
    struct datagram *socket;
    struct loop_sockaddr from;
    size_t n;
    char data[2048];
};
gen_define(echo)
{
    gen_begin();
    for (;;) {
        datagram_receive(self->n, self->socket, self->data, sizeof self->data, &self->from);
        datagram_send(self->socket, self->data, self->n, &self->from);
    }
    gen_end();
}

/* A byte asks for the time. */
gen_declare(clock_server, void);
struct clock_server {
    struct gen gen;
    struct datagram *socket;
    struct loop_sockaddr from;
    size_t n;
    char byte;
};
gen_define(clock_server)
{
    static const char now[] = "Mon Sep 17 00:00:00 2001\n";
    gen_begin();
    for (;;) {
        datagram_receive(self->n, self->socket, &self->byte, 1, &self->from);
        datagram_send(self->socket, now, sizeof now - 1, &self->from);
    }
    gen_end();
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope net;
    const char *host;
    struct datagram server, socket;
    struct echo echo;
    struct clock_server clock;
    struct task serve;
    struct loop_sockaddr to, from;
    size_t n;
    int code;
    char data[1024], name[LOOP_NAME], other[LOOP_NAME];
};
gen_define(client)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        CAUGHT(datagram_open(&self->server, self->host, 0, NULL, 0, 0));
        if (self->code == EADDRNOTAVAIL || self->code == EAFNOSUPPORT)
            gen_stop(); /* a machine without IPv6 */
        assert_int_equal(self->code, 0);
        assert_true(self->server.port > 0);
        assert_string_equal(loop_running()->loop__resources->kind, "datagram");
        RAISES(GEN_EBADSTATE, datagram_open(&self->server, self->host, 0, NULL, 0, 0));

        /* one that names its receiver */
        self->echo.socket = &self->server;
        start(loop_running(), &self->serve, echo_any(&self->echo));
        datagram_open(&self->socket, self->host, 0, NULL, 0, 0);
        assert_int_equal(loop_sockaddr(&self->to, self->host, self->server.port), 0);
        datagram_send(&self->socket, "hello", 5, &self->to);
        datagram_receive(self->n, &self->socket, self->data, sizeof self->data, &self->from);
        assert_int_equal(self->n, 5);
        assert_memory_equal(self->data, "hello", 5);
        assert_int_equal(loop_sockaddr_name(&self->from, self->name, sizeof self->name), 0);
        assert_int_equal(datagram_local_name(&self->server, self->other, sizeof self->other), 0);
        assert_string_equal(self->name, self->other);
        assert_int_equal(datagram_peer_name(&self->socket, self->name, sizeof self->name),
                         ENOTCONN);
        RAISES(EDESTADDRREQ, datagram_send(&self->socket, "?", 1, NULL));

        /* nothing is a message, too */
        datagram_send(&self->socket, "", 0, &self->to);
        datagram_receive(self->n, &self->socket, self->data, sizeof self->data, NULL);
        assert_int_equal(self->n, 0);

        /* what is too long for the buffer, or for any message */
        datagram_send(&self->socket, "too long", 8, &self->to);
        RAISES(EMSGSIZE, datagram_receive(self->n, &self->socket, self->data, 3, &self->from));
        assert_memory_equal(self->data, "too", 3);
        assert_int_equal(loop_address_port(&self->from.address), self->server.port);
        datagram_send(&self->socket, "next", 4, &self->to);
        datagram_receive(self->n, &self->socket, self->data, sizeof self->data, NULL);
        assert_int_equal(self->n, 4); /* the rest of the one before is gone */
        assert_true(task_cancel(&self->serve));
        RAISES(TASK_ECANCELLED, task_await(&self->serve.future));
        datagram_close(&self->socket);

        /* a connected one */
        self->clock.socket = &self->server;
        start(loop_running(), &self->serve, clock_server_any(&self->clock));
        datagram_open(&self->socket, NULL, 0, self->host, self->server.port, 0);
        assert_int_equal(datagram_peer_name(&self->socket, self->name, sizeof self->name), 0);
        assert_string_equal(self->name, self->other);
        datagram_send(&self->socket, "?", 1, NULL);
        datagram_receive(self->n, &self->socket, self->data, sizeof self->data, NULL);
        assert_int_equal(self->n, 25);
        assert_memory_equal(self->data, "Mon Sep 17 00:00:00 2001\n", 25);
        datagram_close(&self->socket);
        datagram_close(&self->socket);
        datagram_close(&self->server); /* its task gets EBADF */
        RAISES(EBADF, task_await(&self->serve.future));
        assert_null(loop_running()->loop__resources);
        RAISES(EBADF, datagram_receive(self->n, &self->server, self->data, 1, NULL));
        RAISES(EBADF, datagram_send(&self->server, "", 0, &self->to));
        assert_int_equal(datagram_local_name(&self->server, self->name, 1), EBADF);
    }
    task_end_scope
    gen_end();
}

static void echo_and_time_on_ipv4(void **state)
{
    struct client *c = calloc(1, sizeof *c);
    (void)state;
    c->host = "127.0.0.1";
    assert_int_equal(loop_run(client_any(c)), 0);
    assert_int_not_equal(c->code, EADDRNOTAVAIL);
    free(c);
}

static void the_same_on_ipv6(void **state)
{
    struct client *c = calloc(1, sizeof *c);
    int code;
    (void)state;
    c->host = "::1";
    assert_int_equal(loop_run(client_any(c)), 0);
    code = c->code;
    free(c);
    if (code == EADDRNOTAVAIL || code == EAFNOSUPPORT)
        skip();
}

/* -- Opening ----------------------------------------------------------------------------------- */

gen_declare(opener, void);
struct opener {
    struct gen gen;
    struct datagram *socket;
    const char *host;
    int code;
};
gen_define(opener)
{
    gen_begin();
    CAUGHT(datagram_open(self->socket, self->host, 0, NULL, 0, 0));
    gen_end();
}

gen_declare(opening, void);
struct opening {
    struct gen gen;
    struct datagram a, b, c;
    struct opener opener;
    struct task open;
    struct loop_sockaddr to;
    int code;
    size_t n;
    char data[8], name[LOOP_NAME];
};
gen_define(opening)
{
    gen_begin();
    datagram_open(&self->a, NULL, 0, NULL, 0, 0); /* every address */
    assert_int_equal(datagram_local_name(&self->a, self->name, sizeof self->name), 0);
    assert_memory_equal(self->name, "0.0.0.0:", 8);
    RAISES(EADDRINUSE, datagram_open(&self->b, NULL, self->a.port, NULL, 0, 0));
    assert_null(self->b.datagram__loop);
    datagram_close(&self->a);
    datagram_open(&self->a, "localhost", 0, NULL, 0, 0); /* by name, of one family or the other */
    datagram_open(&self->b, "localhost", 0, "localhost", self->a.port, 0);
    datagram_send(&self->b, "name", 4, NULL);
    datagram_receive(self->n, &self->a, self->data, sizeof self->data, NULL);
    assert_int_equal(self->n, 4);
    datagram_close(&self->a);
    datagram_close(&self->b);

    datagram_open(&self->a, "127.0.0.1", 0, NULL, 0, DATAGRAM_REUSE_PORT);
    datagram_open(&self->b, "127.0.0.1", self->a.port, NULL, 0, DATAGRAM_REUSE_PORT);
    assert_int_equal(self->a.port, self->b.port);
    datagram_close(&self->a);
    datagram_close(&self->b);

    RAISES(EAFNOSUPPORT, datagram_open(&self->a, "127.0.0.1", 0, "::1", 1, 0));
    RAISES(EINVAL, datagram_open(&self->a, "127.0.0.1", 65536, NULL, 0, 0));
    RAISES(NAME_ENONAME, datagram_open(&self->a, "", 0, NULL, 0, 0));

    /* a broadcast has to be asked for */
    assert_int_equal(loop_sockaddr(&self->to, "255.255.255.255", 9), 0);
    datagram_open(&self->a, "127.0.0.1", 0, NULL, 0, 0);
    CAUGHT(datagram_send(&self->a, "all", 3, &self->to));
    assert_int_not_equal(self->code, 0);
    datagram_open(&self->c, "127.0.0.1", 0, NULL, 0, DATAGRAM_BROADCAST);
    self->code = 0;
    assert_int_equal(
        getsockopt(self->c.fd, SOL_SOCKET, SO_BROADCAST, &self->code, &(socklen_t){sizeof(int)}),
        0);
    assert_int_equal(self->code, 1);
    datagram_close(&self->a);
    datagram_close(&self->c);

    /* cancelled, and closed, while the name is looked up */
    self->opener = (struct opener){.socket = &self->a, .host = "127.0.0.1"};
    start(loop_running(), &self->open, opener_any(&self->opener));
    task_sleep(0);
    assert_true(task_cancel(&self->open));
    task_await(&self->open.future);
    assert_int_equal(self->opener.code, GEN_CANCELLED);
    self->opener = (struct opener){.socket = &self->a, .host = "127.0.0.1"};
    start(loop_running(), &self->open, opener_any(&self->opener));
    task_sleep(0);
    RAISES(GEN_EBADSTATE, datagram_open(&self->a, "127.0.0.1", 0, NULL, 0, 0));
    datagram_close(&self->a);
    task_await(&self->open.future);
    assert_int_equal(self->opener.code, EBADF);
    datagram_open(&self->a, "127.0.0.1", 0, NULL, 0, 0); /* and may be opened again */
    datagram_close(&self->a);
    gen_end();
}

static void opening_and_its_errors(void **state)
{
    struct opening o = {.code = 0};
    (void)state;
    assert_int_equal(loop_run(opening_any(&o)), 0);
}

/* -- Nobody listens ---------------------------------------------------------------------------- */

gen_declare(refused, void);
struct refused {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope net;
    struct datagram a, b;
    int code, port;
    size_t n;
    char byte;
};
gen_define(refused)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        datagram_open(&self->a, "127.0.0.1", 0, NULL, 0, 0);
        self->port = self->a.port;
        datagram_open(&self->b, NULL, 0, "127.0.0.1", self->port, 0);
        datagram_close(&self->a);
        datagram_send(&self->b, "?", 1, NULL);
        RAISES(ECONNREFUSED, datagram_receive(self->n, &self->b, &self->byte, 1, NULL));
        datagram_open(&self->a, "127.0.0.1", self->port, NULL, 0, 0); /* somebody, at last */
        datagram_send(&self->b, "!", 1, NULL);
        datagram_receive(self->n, &self->a, &self->byte, 1, NULL);
        assert_int_equal(self->byte, '!');
        datagram_close(&self->a);
        datagram_close(&self->b);
    }
    task_end_scope
    gen_end();
}

static void nobody_listens(void **state)
{
    struct refused r = {.code = 0};
    (void)state;
    assert_int_equal(loop_run(refused_any(&r)), 0);
}

/* -- Two at once, cancels ---------------------------------------------------------------------- */

gen_declare(reader, void);
struct reader {
    struct gen gen;
    struct datagram *socket;
    size_t n;
    int code;
    char byte;
};
gen_define(reader)
{
    gen_begin();
    CAUGHT(datagram_receive(self->n, self->socket, &self->byte, 1, NULL));
    gen_end();
}

static void never(struct datagram *d, int code, size_t n, const struct loop_sockaddr *from,
                  void *arg)
{
    (void)d, (void)code, (void)n, (void)from, (void)arg;
    fail();
}

gen_declare(readers, void);
struct readers {
    struct gen gen;
    struct datagram a, b;
    struct reader first, second;
    struct task one, two;
    int ends[2], code;
};
gen_define(readers)
{
    gen_begin();
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, self->ends), 0);
    assert_int_equal(datagram_open_socket(loop_running(), &self->a, self->ends[0]), 0);
    assert_int_equal(datagram_open_socket(loop_running(), &self->a, self->ends[1]), GEN_EBADSTATE);
    assert_int_equal(datagram_open_socket(loop_running(), &self->b, self->ends[1]), 0);
    self->first.socket = self->second.socket = &self->a;
    start(loop_running(), &self->one, reader_any(&self->first));
    start(loop_running(), &self->two, reader_any(&self->second));
    task_await(&self->two.future);
    assert_int_equal(self->second.code, GEN_EBADSTATE);
    assert_false(task_done(&self->one.future));
    assert_int_equal(datagram_on_receive(&self->a, NULL, 0, never, NULL), GEN_EBADSTATE);

    assert_true(task_cancel(&self->one));
    task_await(&self->one.future);
    assert_int_equal(self->first.code, GEN_CANCELLED);
    assert_false(ev_is_active(&self->a.datagram__reading.loop__io));
    datagram_send(&self->b, "x", 1, NULL); /* the cancel has lost nothing */
    self->first = (struct reader){.socket = &self->a};
    start(loop_running(), &self->one, reader_any(&self->first));
    task_await(&self->one.future);
    assert_int_equal(self->first.code, 0);
    assert_int_equal(self->first.byte, 'x');

    self->first = (struct reader){.socket = &self->a};
    start(loop_running(), &self->one, reader_any(&self->first));
    task_sleep(0);
    datagram_close(&self->a);
    task_await(&self->one.future);
    assert_int_equal(self->first.code, EBADF);
    RAISES(ECONNREFUSED, datagram_send(&self->b, "x", 1, NULL));
    datagram_close(&self->b);
    gen_end();
}

static void two_readers_cancels_and_a_close(void **state)
{
    struct readers r = {.code = 0};
    (void)state;
    assert_int_equal(loop_run(readers_any(&r)), 0);
}

/* -- A thousand in order ----------------------------------------------------------------------- */

enum { MANY = 1000 };

gen_declare(counter, void);
struct counter {
    struct gen gen;
    struct datagram *socket;
    const struct loop_sockaddr *to;
    int i, turns, waited;
};
gen_define(counter)
{
    gen_begin();
    for (; self->i < MANY; self->i++) {
        self->turns = (int)loop_running()->scheduler.task__turn;
        datagram_send(self->socket, &self->i, sizeof self->i, self->to);
        self->waited += (int)loop_running()->scheduler.task__turn != self->turns;
    }
    gen_end();
}

gen_declare(ordered, void);
struct ordered {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope net;
    struct datagram a, b;
    struct loop_sockaddr to;
    const char *path; /* NULL: a pair */
    struct counter counter;
    struct task count;
    int ends[2], i, number, code;
    size_t n;
};
gen_define(ordered)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        if (self->path == NULL) {
            assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, self->ends), 0);
            assert_int_equal(datagram_open_socket(loop_running(), &self->a, self->ends[0]), 0);
            assert_int_equal(datagram_open_socket(loop_running(), &self->b, self->ends[1]), 0);
        } else {
            assert_int_equal(datagram_open_unix(loop_running(), &self->b, self->path, NULL), 0);
            assert_int_equal(datagram_open_unix(loop_running(), &self->a, NULL, NULL), 0);
            assert_int_equal(loop_sockaddr_unix(&self->to, self->path), 0);
        }
        self->counter = (struct counter){.socket = &self->a, .to = self->path ? &self->to : NULL};
        start(loop_running(), &self->count, counter_any(&self->counter));
        for (self->i = 0; self->i < 10; self->i++)
            task_sleep(0);
        assert_false(task_done(&self->count.future)); /* the kernel's queue is full */
        assert_int_equal(datagram_sendto(&self->a, "", 0, NULL), GEN_EBADSTATE);
        for (self->i = 0; self->i < MANY; self->i++) {
            datagram_receive(self->n, &self->b, &self->number, sizeof self->number, NULL);
            assert_int_equal(self->n, sizeof self->number);
            assert_int_equal(self->number, self->i);
        }
        task_await(&self->count.future);
        assert_true(self->counter.waited > 0);
        do
            self->code = datagram_sendto(&self->a, "x", 1, self->counter.to);
        while (self->code == 0);
        assert_int_equal(self->code, EAGAIN);
        datagram_close(&self->a);
        datagram_close(&self->b);
    }
    task_end_scope
    gen_end();
}

static void a_thousand_in_order(void **state)
{
    struct ordered o = {.path = NULL};
    (void)state;
    assert_int_equal(loop_run(ordered_any(&o)), 0);
}

/* There is no event for the receiver's room: tried again and again, but not without a pause. */
static void the_same_without_a_connection(void **state)
{
    char directory[] = "/tmp/gen-test-XXXXXX", path[64];
    struct ordered o = {.path = path};
    (void)state;
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/socket", directory);
    assert_int_equal(loop_run(ordered_any(&o)), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

/* -- Unix names -------------------------------------------------------------------------------- */

static void unix_names(void **state)
{
    char directory[] = "/tmp/gen-test-XXXXXX", path[64], name[LOOP_NAME];
    struct datagram a = {.fd = 0}, b = {.fd = 0};
    struct loop loop;
    (void)state;
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/socket", directory);
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(datagram_open_unix(&loop, &b, NULL, path), ENOENT);
    assert_int_equal(datagram_open_unix(&loop, &a, path, NULL), 0);
    assert_int_equal(datagram_open_unix(&loop, &a, path, NULL), GEN_EBADSTATE);
    assert_int_equal(datagram_open_unix(&loop, &b, path, NULL), EADDRINUSE);
    assert_int_equal(datagram_open_unix(&loop, &b, "", NULL), EINVAL);
    assert_int_equal(datagram_open_unix(&loop, &b, NULL, path), 0);
    assert_int_equal(datagram_local_name(&a, name, sizeof name), 0);
    assert_string_equal(name, path);
    assert_int_equal(datagram_local_name(&b, name, sizeof name), 0);
    assert_string_equal(name, "");
    assert_int_equal(datagram_peer_name(&b, name, sizeof name), 0);
    assert_string_equal(name, path);
    datagram_close(&a);
    datagram_close(&b);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(datagram_open_unix(&loop, &b, NULL, path), LOOP_ECLOSED);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

/* -- Callbacks --------------------------------------------------------------------------------- */

struct protocol {
    struct loop *loop;
    struct datagram socket, peer;
    int codes[3], calls;
    size_t sizes[3];
    char data[4];
};

static void received(struct datagram *d, int code, size_t n, const struct loop_sockaddr *from,
                     void *arg)
{
    struct protocol *p = arg;
    assert_ptr_equal(d, &p->socket);
    assert_int_equal(loop_address_port(&from->address), p->peer.port);
    p->codes[p->calls] = code;
    p->sizes[p->calls] = n;
    if (++p->calls == 1)
        assert_int_equal(datagram_sendto(d, p->data, n, from), 0);
    else if (p->calls == 2)
        assert_int_equal(datagram_on_receive(d, NULL, 0, NULL, NULL), 0);
    else if (p->calls == 3)
        datagram_close(d);
}

gen_declare(feeder, void);
struct feeder {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope net;
    struct protocol p;
    struct loop_sockaddr to;
    char third, answer[4];
    size_t n;
};
gen_define(feeder)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        datagram_open(&self->p.socket, "127.0.0.1", 0, NULL, 0, 0);
        datagram_open(&self->p.peer, "127.0.0.1", 0, NULL, 0, 0);
        assert_int_equal(loop_sockaddr(&self->to, "127.0.0.1", self->p.socket.port), 0);
        assert_int_equal(datagram_on_receive(&self->p.socket, self->p.data, sizeof self->p.data,
                                             received, &self->p),
                         0);
        datagram_send(&self->p.peer, "one", 3, &self->to);
        datagram_send(&self->p.peer, "is too long", 11, &self->to);
        datagram_send(&self->p.peer, "3", 1, &self->to);
        while (self->p.calls < 2)
            task_sleep(0);
        datagram_receive(self->n, &self->p.socket, &self->third, 1, NULL); /* a task takes over */
        assert_int_equal(self->third, '3');
        datagram_receive(self->n, &self->p.peer, self->answer, sizeof self->answer, NULL);
        assert_int_equal(self->n, 3);
        assert_memory_equal(self->answer, "one", 3);
        assert_int_equal(datagram_on_receive(&self->p.socket, self->p.data, sizeof self->p.data,
                                             received, &self->p),
                         0);
        datagram_send(&self->p.peer, "4", 1, &self->to);
        while (self->p.calls < 3)
            task_sleep(0);
        assert_int_equal(datagram_sendto(&self->p.peer, "5", 1, NULL), EDESTADDRREQ);
        datagram_close(&self->p.peer);
        assert_int_equal(datagram_on_receive(&self->p.socket, NULL, 0, received, NULL), EBADF);
        assert_int_equal(datagram_sendto(&self->p.socket, "6", 1, &self->to), EBADF);
    }
    task_end_scope
    gen_end();
}

static void a_callback_for_each_message(void **state)
{
    struct feeder f = {.third = 0};
    (void)state;
    assert_int_equal(loop_run(feeder_any(&f)), 0);
    assert_int_equal(f.p.calls, 3);
    assert_int_equal(f.p.codes[0], 0);
    assert_int_equal(f.p.sizes[0], 3);
    assert_int_equal(f.p.codes[1], EMSGSIZE);
    assert_int_equal(f.p.sizes[1], 4);
    assert_int_equal(f.p.codes[2], 0);
    assert_int_equal(f.p.sizes[2], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(echo_and_time_on_ipv4),           TEST(the_same_on_ipv6),
        TEST(opening_and_its_errors),          TEST(nobody_listens),
        TEST(two_readers_cancels_and_a_close), TEST(a_thousand_in_order),
        TEST(the_same_without_a_connection),   TEST(unix_names),
        TEST(a_callback_for_each_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
