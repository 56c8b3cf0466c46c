/* What asyncio's rules come to here: turns, timers and stop (31-33), streams (39-43); and what users
 * of other loops were hurt by. Rules that are tested elsewhere are not tested again. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/descriptor.h"
#include "loop/protocol.h"
#include "loop/stream.h"
#include "loop_scene.h"

#define HOST "127.0.0.1"
enum { EMINE = GEN_EUSER };

/* -- What is called, and what it notes --------------------------------------------------------- */

static char trace[64];

static void note(void *arg)
{
    strncat(trace, arg, sizeof trace - strlen(trace) - 1);
}

static void stop(void *loop)
{
    loop_stop(loop);
}

/* Blocks, as nobody should. */
static void spin(struct loop *loop, double seconds)
{
    const double end = loop_time(loop) + seconds;
    while (loop_time(loop) < end)
        ;
}

/* -- 31: turns --------------------------------------------------------------------------------- */

struct endless {
    struct loop *loop;
    struct task_call call;
    double end;
    int calls;
};

static void call_again(void *arg)
{
    struct endless *e = arg;
    e->calls++;
    assert_true(loop_time(e->loop) < e->end);
    assert_int_equal(loop_call_soon(e->loop, &e->call, call_again, e), 0);
}

/* libev runs an event that feeds itself for ever before it looks at a timer. */
static void rule_31_a_call_that_queues_itself_holds_no_timer_up(void **state)
{
    struct loop loop;
    struct endless e = {.loop = &loop};
    struct task_call timer = {.task__arg = NULL};
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    e.end = loop_time(&loop) + 10;
    call_again(&e);
    assert_int_equal(loop_call_later(&loop, &timer, 0.001, stop, &loop), 0);
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_true(e.calls > 1);
    assert_true(task_call_cancel(&e.call));
    assert_int_equal(loop_close(&loop), 0);
}

/* libev runs twelve of them in the order 0 11 10 ... 1. */
static void rule_31_equal_deadlines_come_in_the_order_they_were_set(void **state)
{
    static char *const names[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b"};
    struct loop loop;
    struct task_call calls[13];
    double when;
    (void)state;
    memset(calls, 0, sizeof calls);
    trace[0] = '\0';
    assert_int_equal(loop_open(&loop, NULL), 0);
    when = loop_time(&loop) + 0.001;
    for (int i = 0; i < 12; i++)
        assert_int_equal(loop_call_at(&loop, &calls[i], when, note, names[i]), 0);
    assert_int_equal(loop_call_at(&loop, &calls[12], when, stop, &loop), 0);
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_string_equal(trace, "0123456789ab");
    assert_int_equal(loop_close(&loop), 0);
}

struct ready {
    struct loop *loop;
    struct loop_watch watch;
    char name[2];
    int ends[2];
};

static void on_ready(void *arg)
{
    struct ready *r = arg;
    note(r->name);
    assert_true(loop_remove_reader(&r->watch));
    if (r->name[0] == '7')
        loop_stop(r->loop);
}

/* libev invokes what it has found from the last to the first. */
static void rule_31_descriptors_that_are_ready_are_called_in_order(void **state)
{
    struct loop loop;
    struct ready all[8];
    (void)state;
    memset(all, 0, sizeof all);
    trace[0] = '\0';
    assert_int_equal(loop_open(&loop, NULL), 0);
    for (int i = 0; i < 8; i++) {
        struct ready *r = &all[i];
        r->loop = &loop;
        r->name[0] = (char)('0' + i);
        assert_int_equal(pipe2(r->ends, O_NONBLOCK | O_CLOEXEC), 0);
        assert_int_equal(write(r->ends[1], "x", 1), 1);
        assert_int_equal(loop_add_reader(&loop, &r->watch, r->ends[0], on_ready, r), 0);
    }
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_string_equal(trace, "01234567");
    assert_int_equal(loop_close(&loop), 0);
    for (int i = 0; i < 8; i++) {
        (void)close(all[i].ends[0]);
        (void)close(all[i].ends[1]);
    }
}

enum { TIMERS = 100 };
struct timed {
    struct loop *loop;
    struct task_call call;
    double due;
};
static int not_early;

static void on_time(void *arg)
{
    struct timed *t = arg;
    assert_true(loop_time(t->loop) >= t->due);
    if (++not_early == TIMERS)
        loop_stop(t->loop);
}

/* libev counts from a time that it noted before the program was busy; asyncio may be a tick early. */
static void rule_31_no_timer_is_early(void **state)
{
    static struct timed timers[TIMERS];
    struct loop loop;
    (void)state;
    memset(timers, 0, sizeof timers);
    not_early = 0;
    assert_int_equal(loop_open(&loop, NULL), 0);
    spin(&loop, 0.005);
    for (int i = 0; i < TIMERS; i++) {
        const double span = (i * 37 % TIMERS) * 1e-4;
        timers[i].loop = &loop;
        timers[i].due = loop_time(&loop) + span;
        assert_int_equal(loop_call_later(&loop, &timers[i].call, span, on_time, &timers[i]), 0);
    }
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_int_equal(loop_close(&loop), 0);
}

/* Who would make them? */
static void rule_31_a_closed_loop_takes_no_calls(void **state)
{
    struct loop loop;
    struct task_call call = {.task__arg = NULL};
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(loop_call_soon(&loop, &call, note, "?"), LOOP_ECLOSED);
    assert_int_equal(loop_call_later(&loop, &call, 0, note, "?"), LOOP_ECLOSED);
    assert_int_equal(loop_call_at(&loop, &call, 0, note, "?"), LOOP_ECLOSED);
    assert_false(task_call_cancel(&call));
}

/* -- 32: sleep and stop ------------------------------------------------------------------------ */

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    char *name;
    double seconds;
    int i;
};
gen_define(sleeper)
{
    gen_begin();
    for (; self->i < 3; self->i++) {
        note(self->name);
        task_sleep(self->seconds);
    }
    gen_end();
}

static void rule_32_a_sleep_of_nothing_is_one_turn(void **state)
{
    struct loop loop;
    struct sleeper a = {.name = "a"}, b = {.name = "b", .seconds = -1};
    struct sleeper c = {.name = "c", .seconds = (double)NAN};
    struct task t;
    (void)state;
    trace[0] = '\0';
    assert_int_equal(loop_open(&loop, NULL), 0);
    start(&loop, &t, sleeper_any(&a));
    assert_int_equal(loop_run_until_complete(&loop, sleeper_any(&b)), 0);
    assert_string_equal(trace, "ababab");
    assert_int_equal(loop_run_until_complete(&loop, sleeper_any(&c)), TASK_ETIME);
    assert_int_equal(loop_close(&loop), 0);
}

struct stopper {
    struct loop *loop;
    struct task_call call, next;
};

static void stop_and_queue(void *arg)
{
    struct stopper *s = arg;
    loop_stop(s->loop);
    assert_int_equal(loop_call_soon(s->loop, &s->next, note, "next"), 0);
}

/* What was ready is run, and no more. */
static void rule_32_a_stop_ends_the_turn(void **state)
{
    struct loop loop;
    struct stopper s = {.loop = &loop};
    struct task_call after = {.task__arg = NULL};
    (void)state;
    trace[0] = '\0';
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(loop_call_soon(&loop, &s.call, stop_and_queue, &s), 0);
    assert_int_equal(loop_call_soon(&loop, &after, note, "after "), 0);
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_string_equal(trace, "after ");
    assert_int_equal(loop_call_soon(&loop, &after, stop, &loop), 0);
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_string_equal(trace, "after next");
    assert_int_equal(loop_close(&loop), 0);
}

/* -- 33: timers that are cancelled, or far away ------------------------------------------------ */

enum { MANY = 10000 };

/* Nothing is left of it: asyncio keeps it until half of all are cancelled. */
static void rule_33_a_cancelled_timer_is_gone_at_once(void **state)
{
    static struct task_call calls[MANY];
    struct loop loop;
    (void)state;
    memset(calls, 0, sizeof calls);
    assert_int_equal(loop_open(&loop, NULL), 0);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(loop_call_later(&loop, &calls[i], 1 + i * 7 % 100, note, "?"), 0);
    for (int i = 0; i < MANY; i++)
        assert_true(task_call_cancel(&calls[i]));
    assert_null(loop.scheduler.task__timers);
    assert_false(task_call_cancel(&calls[0]));
    memset(calls, 0xff, sizeof calls);
    assert_int_equal(loop_close(&loop), 0);
}

/* asyncio waits for a day at most. */
static void rule_33_a_timer_may_be_far_away(void **state)
{
    const double spans[] = {1e6, 1e9, 1e300, (double)INFINITY};
    struct task_call far[4], near = {.task__arg = NULL};
    struct loop loop;
    (void)state;
    memset(far, 0, sizeof far);
    trace[0] = '\0';
    assert_int_equal(loop_open(&loop, NULL), 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(loop_call_later(&loop, &far[i], spans[i], note, "?"), 0);
        near = (struct task_call){.task__arg = NULL};
        assert_int_equal(loop_call_later(&loop, &near, 0.001, stop, &loop), 0);
        assert_int_equal(loop_run_forever(&loop), 0);
    }
    assert_string_equal(trace, "");
    for (int i = 0; i < 4; i++)
        assert_true(task_call_cancel(&far[i]));
    assert_int_equal(loop_close(&loop), 0);
}

/* -- A stream, and its other end --------------------------------------------------------------- */

static char flood[1 << 20];

#define WORLD                                                                                      \
    struct gen gen;                                                                                \
    struct gen_unwind unwind[4];                                                                   \
    struct task_scope net;                                                                         \
    struct stream stream, peer;                                                                    \
    size_t n, total;                                                                               \
    int i, other, code;                                                                            \
    char data[4096], memory[64]

static int open_pair(struct loop *loop, struct stream *stream)
{
    const int small = 4096;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    (void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    (void)setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    stream__open(loop, stream, pair[0]);
    return pair[1];
}

#define OPEN() self->other = open_pair(loop_running(), &self->stream)

static size_t fill(int fd)
{
    size_t total = 0;
    ssize_t n;
    while ((n = send(fd, flood, 512, MSG_NOSIGNAL)) > 0)
        total += (size_t)n;
    assert_int_equal(errno, EAGAIN);
    return total;
}

/* -- 39: how far is read ahead ----------------------------------------------------------------- */

/* Not at all while nobody reads, and as much as the buffer has room for: asyncio reads 128 KiB. */
TEST_BODY(rule_39_who_does_not_read_holds_the_peer_up)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        OPEN();
        assert_int_equal(stream_set_read_buffer(&self->stream, self->memory, 64), 0);
        assert_int_equal(write(self->other, "x", 1), 1);
        stream_readexactly(self->n, &self->stream, self->data, 1);
        self->total = fill(self->other);
        SETTLE();
        assert_int_equal(send(self->other, "x", 1, MSG_NOSIGNAL), -1);
        assert_int_equal(errno, EAGAIN);
        while (self->total > 0) {
            stream_read(self->n, &self->stream, self->data, sizeof self->data);
            self->total -= self->n;
        }
        assert_int_equal(send(self->other, "x", 1, MSG_NOSIGNAL), 1);
        stream_close(&self->stream);
        (void)close(self->other);
    }
    task_end_scope
    gen_end();
}

TEST_BODY(rule_39_more_than_the_buffer_may_be_asked_for)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        OPEN();
        for (size_t i = 0; i < 1000; i++)
            flood[i] = (char)i;
        assert_int_equal(stream_set_read_buffer(&self->stream, self->memory, 8), 0);
        assert_int_equal(write(self->other, flood, 1000), 1000);
        stream_readexactly(self->n, &self->stream, self->data, 5);
        stream_readexactly(self->n, &self->stream, self->data + 5, 995);
        assert_int_equal(self->n, 995);
        assert_memory_equal(self->data, flood, 1000);
        stream_close(&self->stream);
        (void)close(self->other);
    }
    task_end_scope
    gen_end();
}

/* -- 40: reads --------------------------------------------------------------------------------- */

/* At once, though nothing has come and nothing is lost. */
TEST_BODY(rule_40_a_read_of_nothing_gives_nothing)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        OPEN();
        self->n = 1;
        stream_read(self->n, &self->stream, self->data, 0);
        assert_int_equal(self->n, 0);
        self->n = 1;
        stream_readexactly(self->n, &self->stream, self->data, 0);
        assert_int_equal(self->n, 0);
        self->n = 1;
        stream_readall(self->n, &self->stream, self->data, 0);
        assert_int_equal(self->n, 0);
        assert_false(stream_at_eof(&self->stream));
        assert_int_equal(write(self->other, "x", 1), 1);
        stream_read(self->n, &self->stream, self->data, 1);
        assert_int_equal(self->n, 1);
        stream_close(&self->stream);
        (void)close(self->other);
    }
    task_end_scope
    gen_end();
}

/* -- 41: writes -------------------------------------------------------------------------------- */

TEST_BODY(rule_41_a_write_is_sent_at_once)
{
    struct task_scheduler *const s = &loop_running()->scheduler;
    gen_begin();
    task_timeout (&self->net, 10) {
        OPEN();
        self->total = s->task__turn;
        stream_write(&self->stream, "hello", 5);
        assert_int_equal(s->task__turn, self->total);
        assert_int_equal(recv(self->other, self->data, sizeof self->data, 0), 5);
        stream_close(&self->stream);
        (void)close(self->other);
    }
    task_end_scope
    gen_end();
}

gen_declare(flusher, void);
struct flusher {
    struct gen gen;
    struct stream *stream;
};
gen_define(flusher)
{
    gen_begin();
    stream_flush(self->stream);
    note("f");
    gen_end();
}

TEST_BODY_WITH(rule_41_any_number_may_flush, struct flusher flushers[3]; struct task tasks[3];)
{
    gen_begin();
    trace[0] = '\0';
    task_timeout (&self->net, 10) {
        OPEN();
        assert_int_equal(stream_set_write_buffer(&self->stream, self->memory, 64), 0);
        self->total = fill(self->stream.fd);
        stream_write(&self->stream, "hello", 5);
        for (int k = 0; k < 3; k++) {
            self->flushers[k].stream = &self->stream;
            start(loop_running(), &self->tasks[k], flusher_any(&self->flushers[k]));
        }
        SETTLE();
        assert_string_equal(trace, "");
        stream_open(&self->peer, self->other);
        for (self->total += 5; self->total > 0; self->total -= self->n)
            stream_read(self->n, &self->peer, self->data, sizeof self->data);
        for (self->i = 0; self->i < 3; self->i++)
            task_await(&self->tasks[self->i].future);
        assert_string_equal(trace, "fff");
        stream_close(&self->stream);
        stream_close(&self->peer);
    }
    task_end_scope
    gen_end();
}

/* -- 42: accepting and receiving --------------------------------------------------------------- */

static size_t handlers, peak, before;
static struct stream_server *watched;

gen_declare(counted, void);
struct counted {
    struct gen gen;
    struct stream *stream;
};
gen_define(counted)
{
    gen_begin();
    handlers++;
    gen_end();
}

gen_declare(serving, void);
struct serving {
    struct gen gen;
    struct stream_server *server;
    int code;
};
gen_define(serving)
{
    gen_begin();
    CAUGHT(stream_serve(self->server, counted));
    gen_end();
}

enum { CLIENTS = 250 };

/* Connects, without a wait: the kernel answers for the server. */
static int connect_to(int port)
{
    struct loop_sockaddr to;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(loop_sockaddr(&to, HOST, port), 0);
    assert_int_equal(connect(fd, &to.address.any, to.size), 0);
    return fd;
}

/* In one turn, so that those who are connected are not held up for long. */
TEST_BODY_WITH(rule_42_a_hundred_are_accepted_at_a_time, struct stream_server server;
               struct serving serving; struct task task; int fds[CLIENTS];)
{
    gen_begin();
    handlers = peak = 0;
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, HOST, 0, .backlog = CLIENTS);
        for (int k = 0; k < CLIENTS; k++)
            self->fds[k] = connect_to(self->server.port);
        self->serving.server = watched = &self->server;
        start(loop_running(), &self->task, serving_any(&self->serving));
        while (handlers < CLIENTS) {
            before = handlers;
            task_sleep(0);
            if (handlers - before > peak)
                peak = handlers - before;
        }
        for (int k = 0; k < CLIENTS; k++)
            (void)close(self->fds[k]);
        stream_server_close(&self->server);
        task_await(&self->task.future);
        assert_int_equal(self->serving.code, EBADF);
    }
    task_end_scope
    assert_in_range(peak, 100, 101); /* one is told by the event */
    gen_end();
}

/* However much there is, others have a turn between any two reads. */
TEST_BODY(rule_42_one_receive_for_each_event)
{
    struct task_scheduler *const s = &loop_running()->scheduler;
    gen_begin();
    task_timeout (&self->net, 10) {
        OPEN();
        assert_int_equal(write(self->other, flood, 1000), 1000);
        self->total = s->task__turn;
        for (self->i = 0; self->i < 100; self->i++) {
            stream_read(self->n, &self->stream, self->data, 10);
            assert_int_equal(self->n, 10);
        }
        assert_true(s->task__turn - self->total >= 100);
        stream_close(&self->stream);
        (void)close(self->other);
    }
    task_end_scope
    gen_end();
}

/* -- 43: handlers that fail -------------------------------------------------------------------- */

static int told, told_code;

static void tell(struct loop *loop, const struct loop_exception *e, void *arg)
{
    (void)loop, (void)arg;
    told++;
    told_code = e->exc.code;
}

/* The peer says by its first byte how it ends. */
gen_declare(failing, void);
struct failing {
    struct gen gen;
    struct stream *stream;
    size_t n;
    char how;
};
gen_define(failing)
{
    gen_begin();
    stream_read(self->n, self->stream, &self->how, 1);
    if (self->how == 'f')
        gen_raise(EMINE);
    if (self->how == 'r')
        gen_raise(ECONNRESET);
    stream_write(self->stream, "w", 1);
    task_sleep(100);
    gen_end();
}

gen_declare(serving_failing, void);
struct serving_failing {
    struct gen gen;
    struct stream_server *server;
};
gen_define(serving_failing)
{
    gen_begin();
    stream_serve(self->server, failing);
    gen_end();
}

TEST_BODY_WITH(rule_43_a_handler_that_fails_is_reported_and_closed, struct stream_server server;
               struct serving_failing serving; struct task task;)
{
    gen_begin();
    told = 0;
    task_timeout (&self->net, 10) {
        loop_set_exception_handler(loop_running(), tell, NULL);
        stream_listen(&self->server, HOST, 0);
        self->serving.server = &self->server;
        start(loop_running(), &self->task, serving_failing_any(&self->serving));
        /* an error is told */
        stream_connect(&self->stream, HOST, self->server.port);
        stream_write(&self->stream, "f", 1);
        stream_read(self->n, &self->stream, self->data, 1);
        assert_int_equal(self->n, 0);
        stream_close(&self->stream);
        assert_int_equal(told, 1);
        assert_int_equal(told_code, EMINE);
        /* what peers do is not */
        stream_connect(&self->stream, HOST, self->server.port);
        stream_write(&self->stream, "r", 1);
        stream_read(self->n, &self->stream, self->data, 1);
        assert_int_equal(self->n, 0);
        stream_close(&self->stream);
        /* nor is a cancel */
        stream_connect(&self->stream, HOST, self->server.port);
        stream_write(&self->stream, "c", 1);
        stream_read(self->n, &self->stream, self->data, 1);
        assert_int_equal(self->n, 1);
        stream_server_close_clients(&self->server);
        stream_read(self->n, &self->stream, self->data, 1);
        assert_int_equal(self->n, 0);
        stream_close(&self->stream);
        assert_int_equal(told, 1);
        assert_int_equal(self->server.connections, 0);
        (void)task_cancel(&self->task);
        RAISES(TASK_ECANCELLED, task_await(&self->task.future));
    }
    task_end_scope
    gen_end();
}

/* -- Pains: section 5's numbers ---------------------------------------------------------------- */

gen_declare(fails, void);
struct fails {
    struct gen gen;
};
gen_define(fails)
{
    gen_begin();
    task_sleep(0);
    gen_raise(EMINE);
    gen_end();
}

/* To hold a task silences nothing. */
static void pain_7_a_failure_of_a_task_that_is_held_is_told(void **state)
{
    struct loop loop;
    struct fails f = {.gen = {0, 0}};
    struct sleeper s = {.name = ""};
    struct task t;
    (void)state;
    told = 0;
    assert_int_equal(loop_open(&loop, NULL), 0);
    loop_set_exception_handler(&loop, tell, NULL);
    start(&loop, &t, fails_any(&f));
    assert_int_equal(loop_run_until_complete(&loop, sleeper_any(&s)), 0);
    assert_true(task_done(&t.future));
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(told, 1);
    assert_int_equal(told_code, EMINE);
}

gen_declare(writing, void);
struct writing {
    struct gen gen;
    struct stream *stream;
    size_t sent;
};
gen_define(writing)
{
    gen_begin();
    for (;;) {
        stream_write(self->stream, flood, 1024);
        self->sent += 1024;
    }
    gen_end();
}

/* A write waits for the peer without being asked to. */
TEST_BODY_WITH(pain_10_nothing_is_written_without_bound, struct writing writing; struct task task;)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        OPEN();
        self->writing.stream = &self->stream;
        start(loop_running(), &self->task, writing_any(&self->writing));
        SETTLE();
        self->total = self->writing.sent;
        SETTLE();
        assert_false(task_done(&self->task.future));
        assert_int_equal(self->writing.sent, self->total);
        stream_close(&self->stream);
        RAISES(EBADF, task_await(&self->task.future));
        (void)close(self->other);
    }
    task_end_scope
    gen_end();
}

/* -- Servers that are waited for --------------------------------------------------------------- */

static const struct protocol_ops nothing = {.connection_made = NULL};
static struct protocol protocol;
static struct protocol *give(void *arg)
{
    (void)arg;
    protocol.ops = &nothing;
    return &protocol;
}

gen_declare(closing, void);
struct closing {
    struct gen gen;
    struct loop_server *server;
};
gen_define(closing)
{
    gen_begin();
    loop_server_wait_closed(self->server);
    note("c");
    gen_end();
}

TEST_BODY_WITH(pain_11_any_number_may_wait_until_a_server_is_closed, struct loop_server server;
               struct closing closing[2]; struct task tasks[2];)
{
    gen_begin();
    trace[0] = '\0';
    task_timeout (&self->net, 10) {
        loop_server_wait_closed(&self->server); /* it has never been open */
        loop_create_server(&self->server, give, NULL, HOST, 0);
        self->other = connect_to(self->server.port);
        while (self->server.connections == 0)
            task_sleep(0);
        for (int k = 0; k < 2; k++) {
            self->closing[k].server = &self->server;
            start(loop_running(), &self->tasks[k], closing_any(&self->closing[k]));
        }
        SETTLE();
        loop_server_close(&self->server);
        SETTLE();
        assert_string_equal(trace, ""); /* there is a connection */
        (void)close(self->other);
        task_await(&self->tasks[0].future);
        task_await(&self->tasks[1].future);
        assert_string_equal(trace, "cc");
        loop_server_wait_closed(&self->server);
    }
    task_end_scope
    gen_end();
}

/* One that serves a second time is refused; the first is not disturbed, nor is one whose server was
 * closed and listens again before he had his turn. */
TEST_BODY_WITH(pain_11_a_server_is_served_once, struct stream_server server;
               struct serving first, second; struct task tasks[2];)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        stream_listen(&self->server, HOST, 0);
        self->first.server = self->second.server = &self->server;
        start(loop_running(), &self->tasks[0], serving_any(&self->first));
        start(loop_running(), &self->tasks[1], serving_any(&self->second));
        task_await(&self->tasks[1].future);
        assert_int_equal(self->second.code, GEN_EBADSTATE);
        stream_connect(&self->stream, HOST, self->server.port);
        stream_read(self->n, &self->stream, self->data, 1);
        assert_int_equal(self->n, 0);
        stream_close(&self->stream);
        stream_server_close(&self->server);
        RAISES(GEN_EBADSTATE, stream_listen(&self->server, HOST, 0));
        task_await(&self->tasks[0].future);
        assert_int_equal(self->first.code, EBADF);
        stream_listen(&self->server, HOST, 0);
        stream_server_close(&self->server);
    }
    task_end_scope
    gen_end();
}

static void spin_call(void *loop)
{
    spin(loop, 0.002);
}

/* Without debug mode, and the sum of calls that are not slow themselves. */
static void pain_12_a_whole_turn_is_measured(void **state)
{
    struct loop loop;
    struct task_call calls[4];
    (void)state;
    memset(calls, 0, sizeof calls);
    assert_int_equal(loop_open(&loop, NULL), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(loop_call_soon(&loop, &calls[i], spin_call, &loop), 0);
    assert_int_equal(loop_call_soon(&loop, &calls[3], stop, &loop), 0);
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_true(loop.scheduler.longest_turn >= task_ticks(0.006));
    assert_int_equal(loop.scheduler.task__steps, 0); /* what comes now is no part of it */
    assert_int_equal(loop_close(&loop), 0);
}

/* Nor is the time that libev waits in the user's ev_run. */
static void pain_12_waiting_is_no_part_of_a_turn(void **state)
{
    struct ev_loop *ev = ev_loop_new(EVFLAG_AUTO);
    struct loop loop;
    struct sleeper s = {.name = "s", .seconds = 0.001};
    struct task t;
    (void)state;
    trace[0] = '\0';
    assert_int_equal(loop_open(&loop, ev), 0);
    start(&loop, &t, sleeper_any(&s));
    assert_int_equal(loop_attach(&loop), 0);
    while (!task_done(&t.future)) {
        (void)ev_run(ev, EVRUN_ONCE);
        assert_int_equal(loop.scheduler.task__steps, 0);
    }
    assert_string_equal(trace, "sss");
    assert_int_equal(loop_close(&loop), 0);
    ev_loop_destroy(ev);
}

/* -- Memory of what is closed ------------------------------------------------------------------ */

gen_declare(user, void);
struct user {
    struct gen gen;
    struct stream *stream;
    char how;
    size_t n;
    struct stream_bytes line;
    char byte;
    int code;
};
gen_define(user)
{
    gen_begin();
    gen_try {
        if (self->how == 'r')
            stream_read(self->n, self->stream, &self->byte, 1);
        else if (self->how == 'l')
            stream_readline(self->line, self->stream);
        else
            stream_write(self->stream, flood, sizeof flood);
    }
    gen_except_any {
        self->code = gen_caught.code;
    }
    gen_except_all {
        self->code = gen_caught.code;
    }
    gen_end_try
    gen_end();
}

gen_declare(freed, void);
struct freed {
    WORLD;
    struct stream *own;
    struct user reader, writer;
    struct task tasks[2];
    bool cancel;
};
gen_define(freed)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        self->own = malloc(sizeof *self->own);
        assert_non_null(self->own);
        self->other = open_pair(loop_running(), self->own);
        assert_int_equal(stream_set_read_buffer(self->own, self->memory, 64), 0);
        self->reader.stream = self->writer.stream = self->own;
        start(loop_running(), &self->tasks[0], user_any(&self->reader));
        start(loop_running(), &self->tasks[1], user_any(&self->writer));
        SETTLE();
        if (self->cancel) {
            (void)task_cancel(&self->tasks[0]);
            (void)task_cancel(&self->tasks[1]);
        }
        stream_close(self->own);
        free(self->own);
        SETTLE();
        assert_int_equal(self->reader.code, self->cancel ? GEN_CANCELLED : EBADF);
        assert_int_equal(self->writer.code, self->cancel ? GEN_CANCELLED : EBADF);
        assert_int_equal(self->reader.line.size, 0);
        (void)close(self->other);
    }
    task_end_scope
    gen_end();
}

/* libuv tells later, when the memory may go. Here it may go when stream_close has returned, even
 * though tasks wait for it. */
static void pain_14_the_memory_of_a_closed_stream_may_go(void **state)
{
    static struct freed f;
    (void)state;
    for (int i = 0; i < 4; i++) {
        memset(&f, 0, sizeof f);
        f.reader.how = i % 2 ? 'r' : 'l';
        f.cancel = i / 2;
        assert_int_equal(loop_run(freed_any(&f)), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_31_a_call_that_queues_itself_holds_no_timer_up),
        TEST(rule_31_equal_deadlines_come_in_the_order_they_were_set),
        TEST(rule_31_descriptors_that_are_ready_are_called_in_order),
        TEST(rule_31_no_timer_is_early),
        TEST(rule_31_a_closed_loop_takes_no_calls),
        TEST(rule_32_a_sleep_of_nothing_is_one_turn),
        TEST(rule_32_a_stop_ends_the_turn),
        TEST(rule_33_a_cancelled_timer_is_gone_at_once),
        TEST(rule_33_a_timer_may_be_far_away),
        TEST(rule_39_who_does_not_read_holds_the_peer_up),
        TEST(rule_39_more_than_the_buffer_may_be_asked_for),
        TEST(rule_40_a_read_of_nothing_gives_nothing),
        TEST(rule_41_a_write_is_sent_at_once),
        TEST(rule_41_any_number_may_flush),
        TEST(rule_42_a_hundred_are_accepted_at_a_time),
        TEST(rule_42_one_receive_for_each_event),
        TEST(rule_43_a_handler_that_fails_is_reported_and_closed),
        TEST(pain_7_a_failure_of_a_task_that_is_held_is_told),
        TEST(pain_10_nothing_is_written_without_bound),
        TEST(pain_11_any_number_may_wait_until_a_server_is_closed),
        TEST(pain_11_a_server_is_served_once),
        TEST(pain_12_a_whole_turn_is_measured),
        TEST(pain_12_waiting_is_no_part_of_a_turn),
        TEST(pain_14_the_memory_of_a_closed_stream_may_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
