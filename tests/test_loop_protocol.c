/* Protocols and transports: every callback, its order, and what it is given. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/protocol.h"
#include "loop_scene.h"

#define HOST "127.0.0.1"
enum { MIB = 1 << 20, SMALL = 4096 };

static char flood[10 * MIB];

static void fill(void)
{
    for (size_t i = 0; i < sizeof flood; i++)
        flood[i] = (char)(i * 31 + i / 251);
}

/* -- A protocol that notes what it is told ------------------------------------------------------- */

/* M made, D data, B buffer asked for, U updated, E eof, P pause, R resume, L lost */
struct probe {
    struct protocol protocol;
    struct loop *loop;
    char trace[256]; /* the same letter again is noted once */
    struct transport *made;
    int pauses, resumes, lost, code;
    size_t have, high; /* the most that has waited to be sent */
    bool wrong;        /* a byte that is not the flood's */
    bool keep;         /* open after EOF */
    bool echoes, closes;
    char buffer[64]; /* of the buffered form, of which `size` are lent */
    size_t size;
    char text[64];
};

static void note(struct probe *probe, char letter)
{
    const size_t n = strlen(probe->trace);
    assert_null(probe->loop->scheduler.current);
    if (n == 0 || (probe->trace[n - 1] != letter && n + 1 < sizeof probe->trace))
        probe->trace[n] = letter;
}

static void on_made(struct protocol *p, struct transport *t)
{
    struct probe *probe = (struct probe *)p;
    assert_ptr_equal(p->transport, t);
    assert_ptr_equal(transport_get_protocol(t), p);
    probe->made = t;
    note(probe, 'M');
}

static void take(struct probe *probe, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (probe->have < sizeof probe->text - 1)
            probe->text[probe->have] = data[i];
        probe->wrong |= data[i] != flood[probe->have % sizeof flood];
        probe->have++;
    }
}

static void on_data(struct protocol *p, const void *data, size_t size)
{
    struct probe *probe = (struct probe *)p;
    assert_true(size > 0 && size <= 65536);
    note(probe, 'D');
    take(probe, data, size);
    if (probe->echoes)
        assert_int_equal(transport_write(p->transport, data, size), 0);
    if (probe->closes)
        transport_close(p->transport);
}

static bool on_eof(struct protocol *p)
{
    struct probe *probe = (struct probe *)p;
    note(probe, 'E');
    return probe->keep;
}

static void on_lost(struct protocol *p, int code)
{
    struct probe *probe = (struct probe *)p;
    note(probe, 'L');
    assert_null(p->transport);
    assert_int_equal(transport_write(probe->made, "x", 1), EPIPE);
    assert_int_equal(transport_set_protocol(probe->made, p), EPIPE);
    assert_true(transport_is_closing(probe->made));
    transport_close(probe->made);
    transport_abort(probe->made);
    probe->lost++;
    probe->code = code;
}

static void on_pause(struct protocol *p)
{
    struct probe *probe = (struct probe *)p;
    note(probe, 'P');
    probe->pauses++;
}

static void on_resume(struct protocol *p)
{
    struct probe *probe = (struct probe *)p;
    note(probe, 'R');
    probe->resumes++;
}

static void *get_buffer(struct protocol *p, size_t hint, size_t *size)
{
    struct probe *probe = (struct probe *)p;
    (void)hint;
    note(probe, 'B');
    *size = probe->size;
    return probe->buffer;
}

static void on_updated(struct protocol *p, size_t n)
{
    struct probe *probe = (struct probe *)p;
    note(probe, 'U');
    assert_in_range(n, 1, probe->size);
    take(probe, probe->buffer, n);
}

static const struct protocol_ops ops = {.connection_made = on_made,
                                        .data_received = on_data,
                                        .eof_received = on_eof,
                                        .connection_lost = on_lost,
                                        .pause_writing = on_pause,
                                        .resume_writing = on_resume};
static const struct protocol_ops buffered_ops = {.connection_made = on_made,
                                                 .get_buffer = get_buffer,
                                                 .buffer_updated = on_updated,
                                                 .eof_received = on_eof,
                                                 .connection_lost = on_lost};
static const struct protocol_ops no_ops = {.connection_made = NULL};

/* The factory: gives one after the other, each as `model` is. */
enum { PROBES = 200 };
static struct probe probes[PROBES];
static struct probe model;
static int used;

static struct protocol *give(void *arg)
{
    struct probe *probe = &probes[used];
    if (used == PROBES)
        return NULL;
    used++;
    *probe = model;
    probe->loop = arg;
    if (probe->protocol.ops == NULL)
        probe->protocol.ops = &ops;
    return &probe->protocol;
}

static struct protocol *give_none(void *arg)
{
    (void)arg;
    return NULL;
}

static struct protocol *give_same(void *arg)
{
    return arg;
}

static void probe_init(struct probe *probe, struct loop *loop)
{
    memset(probe, 0, sizeof *probe);
    probe->protocol.ops = &ops;
    probe->loop = loop;
}

/* -- The frame of every test's main task --------------------------------------------------------- */

#define WORLD                                                                                      \
    struct gen gen;                                                                                \
    struct gen_unwind unwind[4];                                                                   \
    struct task_scope net, inner;                                                                  \
    struct loop_server server, other;                                                              \
    struct loop_connecting connecting;                                                             \
    struct probe probe, second;                                                                    \
    struct task task;                                                                              \
    struct task_call call;                                                                         \
    int i, code, fd;                                                                               \
    size_t n;                                                                                      \
    char name[128]

#define SETUP()                                                                                    \
    do {                                                                                           \
        memset(&model, 0, sizeof model);                                                           \
        used = 0;                                                                                  \
        probe_init(&self->probe, loop_running());                                                  \
        probe_init(&self->second, loop_running());                                                 \
    } while (0)
#define LISTEN() loop_create_server(&self->server, give, loop_running(), HOST, 0)
#define CONNECT(p)                                                                                 \
    loop_create_connection(&self->connecting, give_same, &(p)->protocol, HOST, self->server.port)

#define BEGIN()                                                                                    \
    gen_begin();                                                                                   \
    SETUP();                                                                                       \
    task_timeout (&self->net, 10)
#define END()                                                                                      \
    task_end_scope                                                                                 \
    gen_end()

static void small_buffers(int fd)
{
    const int size = SMALL;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

/* A transport for one end of a pair; the other, non-blocking, is returned. */
static int open_pair(struct probe *probe)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    small_buffers(fds[0]);
    assert_int_equal(transport_open(probe->loop, &probe->protocol, fds[0]), 0);
    return fds[1];
}

/* Reads what there is of the flood, from its byte `have` on. -1: EOF has come. */
static ssize_t drain(int fd, size_t have)
{
    static char data[65536];
    ssize_t n = read(fd, data, sizeof data);
    if (n == 0)
        return -1;
    if (n < 0) {
        assert_int_equal(errno, EAGAIN);
        return 0;
    }
    assert_memory_equal(data, flood + have, (size_t)n);
    return n;
}

/* -- A life -------------------------------------------------------------------------------------- */

TEST_BODY(a_whole_life_in_order)
{
    BEGIN()
    {
        model.echoes = true;
        LISTEN();
        assert_true(self->server.port > 0);
        assert_int_equal(self->server.sockets, 1);
        CONNECT(&self->probe);
        assert_ptr_equal(self->connecting.protocol, &self->probe.protocol);
        assert_string_equal(self->probe.trace, "M"); /* made before the wait is over */
        assert_int_equal(transport_write(self->probe.made, flood, 5), 0);
        gen_wait_until(self->probe.have == 5);
        assert_int_equal(transport_write_eof(self->probe.made), 0);
        gen_wait_until(self->probe.lost && probes[0].lost);
        assert_string_equal(probes[0].trace, "MDEL");
        assert_string_equal(self->probe.trace, "MDEL");
        assert_int_equal(probes[0].code, 0);
        assert_int_equal(self->probe.code, 0);
        assert_int_equal(self->server.connections, 0);
        loop_server_close(&self->server);
        loop_server_wait_closed(&self->server);
    }
    END();
}

TEST_BODY(a_protocol_without_callbacks)
{
    BEGIN()
    {
        model.protocol.ops = &no_ops;
        LISTEN();
        CONNECT(&self->probe);
        assert_int_equal(transport_write(self->probe.made, flood, sizeof flood), 0);
        assert_int_equal(transport_write_eof(self->probe.made), 0);
        gen_wait_until(self->probe.lost);
        assert_string_equal(self->probe.trace, "MPREL"); /* it has read all, and closed */
        loop_server_close(&self->server);
        loop_server_wait_closed(&self->server);
    }
    END();
}

TEST_BODY(nothing_is_called_from_within)
{
    BEGIN()
    {
        self->fd = open_pair(&self->probe);
        assert_string_equal(self->probe.trace, "");
        task_sleep(0);
        assert_string_equal(self->probe.trace, "M");
        transport_close(self->probe.made);
        transport_close(self->probe.made);
        transport_abort(self->probe.made);
        assert_string_equal(self->probe.trace, "M");
        assert_int_equal(transport_write(self->probe.made, "x", 1), EPIPE);
        assert_int_equal(transport_write_eof(self->probe.made), EPIPE);
        task_sleep(0);
        assert_string_equal(self->probe.trace, "ML");
        task_sleep(0);
        assert_int_equal(self->probe.lost, 1);
        (void)close(self->fd);
    }
    END();
}

/* Lost before it was made: both are told. */
TEST_BODY(closed_before_it_is_made)
{
    BEGIN()
    {
        self->fd = open_pair(&self->probe);
        transport_abort(self->probe.protocol.transport);
        gen_wait_until(self->probe.lost);
        assert_string_equal(self->probe.trace, "ML");
        (void)close(self->fd);
    }
    END();
}

static void close_when_made(struct protocol *p, struct transport *t)
{
    on_made(p, t);
    transport_close(t);
}

static const struct protocol_ops closing_ops = {.connection_made = close_when_made,
                                                .connection_lost = on_lost};

/* Who waits for connection_made runs before connection_lost: his protocol is still there. */
TEST_BODY(closed_in_connection_made)
{
    BEGIN()
    {
        LISTEN();
        self->probe.protocol.ops = &closing_ops;
        CONNECT(&self->probe);
        assert_string_equal(self->probe.trace, "M");
        assert_true(transport_is_closing(self->probe.made));
        gen_wait_until(self->probe.lost && used == 1 && probes[0].lost);
        assert_string_equal(probes[0].trace, "MEL");
        loop_server_close(&self->server);
    }
    END();
}

TEST_BODY(without_a_transport)
{
    size_t high = 1, low = 1;
    BEGIN()
    {
        assert_int_equal(transport_write(NULL, "x", 1), EPIPE);
        assert_int_equal(transport_writelines(NULL, NULL, 0), EPIPE);
        assert_int_equal(transport_write_eof(NULL), EPIPE);
        assert_false(transport_can_write_eof(NULL));
        transport_close(NULL);
        transport_abort(NULL);
        assert_true(transport_is_closing(NULL));
        transport_pause_reading(NULL);
        transport_resume_reading(NULL);
        assert_false(transport_is_reading(NULL));
        assert_int_equal(transport_set_write_buffer_limits(NULL, 1, 1), EPIPE);
        transport_get_write_buffer_limits(NULL, &high, &low);
        assert_int_equal(high + low, 0);
        transport_set_write_limit(NULL, 1);
        assert_int_equal(transport_get_write_buffer_size(NULL), 0);
        assert_int_equal(transport_peer_name(NULL, self->name, sizeof self->name), EPIPE);
        assert_int_equal(transport_local_name(NULL, self->name, sizeof self->name), EPIPE);
        assert_int_equal(transport_fd(NULL), -1);
        assert_int_equal(transport_set_protocol(NULL, &self->probe.protocol), EPIPE);
        assert_null(transport_get_protocol(NULL));
    }
    END();
}

/* -- Writing ------------------------------------------------------------------------------------- */

TEST_BODY(a_peer_that_does_not_read)
{
    struct transport *t = self->probe.made;
    BEGIN()
    {
        self->fd = open_pair(&self->probe);
        task_sleep(0);
        t = self->probe.made;
        /* `n` bytes are written, in steps, until it pauses. */
        while (self->probe.pauses == 0) {
            assert_true(transport_get_write_buffer_size(t) <= 65536);
            assert_int_equal(transport_write(t, flood + self->n, 1000), 0);
            self->n += 1000;
        }
        assert_in_range(transport_get_write_buffer_size(t), 65537, 66536);
        assert_int_equal(transport_write(t, flood + self->n, 1000), 0);
        self->n += 1000;
        assert_int_equal(self->probe.pauses, 1); /* not again */
        while (self->probe.resumes == 0) {
            const size_t before = transport_get_write_buffer_size(self->probe.made);
            ssize_t n = drain(self->fd, self->probe.have);
            assert_true(n >= 0 && before > 16384);
            self->probe.have += (size_t)n;
            task_sleep(0);
        }
        assert_true(transport_get_write_buffer_size(self->probe.made) <= 16384);
        transport_close(self->probe.made); /* which flushes */
        assert_int_equal(transport_write(self->probe.made, "x", 1), EPIPE);
        assert_true(transport_is_closing(self->probe.made));
        for (;;) {
            ssize_t n = drain(self->fd, self->probe.have);
            if (n < 0)
                break;
            self->probe.have += (size_t)n;
            task_sleep(0);
        }
        assert_int_equal(self->probe.have, self->n);
        assert_string_equal(self->probe.trace, "MPRL");
        assert_int_equal(self->probe.code, 0);
        (void)close(self->fd);
    }
    END();
}

TEST_BODY(the_limits)
{
    size_t high, low;
    BEGIN()
    {
        self->fd = open_pair(&self->probe);
        task_sleep(0);
#define LIMITS(code, give_high, give_low, is_high, is_low)                                         \
    assert_int_equal(transport_set_write_buffer_limits(self->probe.made, (give_high), (give_low)), \
                     (code));                                                                      \
    transport_get_write_buffer_limits(self->probe.made, &high, &low);                              \
    assert_int_equal(high, (is_high));                                                             \
    assert_int_equal(low, (is_low))
        LIMITS(0, 100, 100, 100, 100);
        LIMITS(EINVAL, 99, 100, 100, 100);
        LIMITS(0, TRANSPORT_DEFAULT, TRANSPORT_DEFAULT, 65536, 16384);
        LIMITS(0, TRANSPORT_DEFAULT, 100, 400, 100);
        LIMITS(0, 1000, TRANSPORT_DEFAULT, 1000, 250);
        LIMITS(0, 0, 7, 0, 0);
        /* High 0: paused whenever something waits. */
        assert_int_equal(transport_write(self->probe.made, flood, 1), 0);
        assert_int_equal(self->probe.pauses, 0);
        assert_int_equal(transport_write(self->probe.made, flood + 1, 99999), 0);
        assert_int_equal(self->probe.pauses, 1);
        while (self->n < 100000) {
            assert_int_equal(self->probe.resumes,
                             transport_get_write_buffer_size(self->probe.made) == 0);
            self->n += (size_t)drain(self->fd, self->n);
            task_sleep(0);
        }
        assert_int_equal(self->probe.resumes, 1);
        /* Lowering them pauses at once. */
        LIMITS(0, TRANSPORT_DEFAULT, TRANSPORT_DEFAULT, 65536, 16384);
        assert_int_equal(transport_write(self->probe.made, flood, 60000), 0);
        assert_true(transport_get_write_buffer_size(self->probe.made) > 0);
        assert_int_equal(self->probe.pauses, 1);
        LIMITS(0, 1, TRANSPORT_DEFAULT, 1, 0);
        assert_int_equal(self->probe.pauses, 2);
        transport_abort(self->probe.made);
        gen_wait_until(self->probe.lost);
        (void)close(self->fd);
    }
    END();
}

/* What is too much is refused, and nothing of it is sent. */
TEST_BODY(the_write_limit)
{
    BEGIN()
    {
        self->fd = open_pair(&self->probe);
        task_sleep(0);
        transport_set_write_limit(self->probe.made, 50000);
        assert_int_equal(transport_write(self->probe.made, flood, 50001), ENOBUFS);
        assert_int_equal(drain(self->fd, 0), 0);
        assert_int_equal(transport_write(self->probe.made, flood, 50000), 0);
        self->n = transport_get_write_buffer_size(self->probe.made);
        assert_in_range(self->n, 1, 49999);
        assert_int_equal(transport_write(self->probe.made, flood + 50000, 50000 - self->n + 1),
                         ENOBUFS);
        assert_int_equal(transport_get_write_buffer_size(self->probe.made), self->n);
        assert_int_equal(transport_write(self->probe.made, flood + 50000, 50000 - self->n), 0);
        assert_int_equal(transport_get_write_buffer_size(self->probe.made), 50000);
        transport_set_write_limit(self->probe.made, 10);
        assert_int_equal(transport_write(self->probe.made, flood, 1), ENOBUFS);
        assert_int_equal(transport_write(self->probe.made, flood, 0), 0);
        transport_close(self->probe.made);
        self->n = 100000 - self->n;
        while (self->probe.have < self->n) {
            self->probe.have += (size_t)drain(self->fd, self->probe.have);
            task_sleep(0);
        }
        gen_wait_until(self->probe.lost);
        assert_int_equal(drain(self->fd, 0), -1);
        (void)close(self->fd);
    }
    END();
}

TEST_BODY(lines_of_several_parts)
{
    BEGIN()
    {
        self->fd = open_pair(&self->probe);
        task_sleep(0);
        for (self->i = 0; self->i < 50; self->i++) { /* so that some begin amid the parts */
            struct iovec parts[10];
            for (size_t i = 0; i < 10; i++) {
                parts[i].iov_base = flood + self->n;
                parts[i].iov_len = i * 237;
                self->n += i * 237;
            }
            assert_int_equal(transport_writelines(self->probe.made, parts, 10), 0);
            self->probe.have += (size_t)drain(self->fd, self->probe.have);
            task_sleep(0);
        }
        transport_close(self->probe.made);
        while (self->probe.have < self->n) {
            self->probe.have += (size_t)drain(self->fd, self->probe.have);
            task_sleep(0);
        }
        gen_wait_until(self->probe.lost);
        assert_int_equal(drain(self->fd, 0), -1);
        (void)close(self->fd);
    }
    END();
}

TEST_BODY(more_than_there_can_be)
{
    const struct iovec parts[2] = {{flood, SIZE_MAX}, {flood, 1}};
    BEGIN()
    {
        self->fd = open_pair(&self->probe);
        task_sleep(0);
        assert_int_equal(transport_writelines(self->probe.made, parts, 2), ENOBUFS);
        transport_set_write_limit(self->probe.made, SIZE_MAX);
        assert_int_equal(transport_writelines(self->probe.made, parts, 2), ENOBUFS);
        assert_int_equal(drain(self->fd, 0), 0);
        (void)close(self->fd);
        gen_wait_until(self->probe.lost);
    }
    END();
}

/* The buffer is never empty: what has been sent makes room for what comes. */
TEST_BODY(writing_while_it_drains)
{
    BEGIN()
    {
        self->fd = open_pair(&self->probe);
        task_sleep(0);
        while (self->n < 4 * MIB) {
            if (transport_get_write_buffer_size(self->probe.made) < 60000) {
                assert_int_equal(transport_write(self->probe.made, flood + self->n, 40001), 0);
                self->n += 40001;
            }
            self->probe.have += (size_t)drain(self->fd, self->probe.have);
            task_sleep(0);
            assert_true(self->n < 100000 || transport_get_write_buffer_size(self->probe.made) > 0);
        }
        transport_close(self->probe.made);
        while (self->probe.have < self->n) {
            self->probe.have += (size_t)drain(self->fd, self->probe.have);
            task_sleep(0);
        }
        gen_wait_until(self->probe.lost);
        assert_int_equal(drain(self->fd, 0), -1);
        (void)close(self->fd);
    }
    END();
}

TEST_BODY(a_peer_that_goes_while_something_waits)
{
    BEGIN()
    {
        self->fd = open_pair(&self->probe);
        task_sleep(0);
        transport_pause_reading(self->probe.made);
        assert_int_equal(transport_write(self->probe.made, flood, MIB), 0);
        transport_close(self->probe.made);
        (void)close(self->fd);
        gen_wait_until(self->probe.lost);
        assert_true(self->probe.code == EPIPE || self->probe.code == ECONNRESET);
        assert_string_equal(self->probe.trace, "MPL");
    }
    END();
}

TEST_BODY(ten_mebibytes_there_and_back)
{
    BEGIN()
    {
        model.echoes = true;
        LISTEN();
        CONNECT(&self->probe);
        assert_int_equal(transport_write(self->probe.made, flood, sizeof flood), 0);
        assert_int_equal(transport_write_eof(self->probe.made), 0); /* when all has been sent */
        assert_int_equal(transport_write(self->probe.made, "x", 1), GEN_EBADSTATE);
        gen_wait_until(self->probe.lost);
        assert_int_equal(self->probe.have, sizeof flood);
        assert_int_equal(probes[0].have, sizeof flood);
        assert_false(self->probe.wrong || probes[0].wrong);
        assert_int_equal(self->probe.pauses, self->probe.resumes);
        loop_server_close(&self->server);
        loop_server_wait_closed(&self->server);
    }
    END();
}

TEST_BODY(abort_drops_what_waits)
{
    BEGIN()
    {
        self->fd = open_pair(&self->probe);
        task_sleep(0);
        assert_int_equal(transport_write(self->probe.made, flood, sizeof flood), 0);
        transport_close(self->probe.made);
        for (self->i = 0; self->i < 5; self->i++)
            task_sleep(0);
        assert_int_equal(self->probe.lost, 0); /* the peer does not read */
        transport_abort(self->probe.made);
        transport_abort(self->probe.made);
        assert_int_equal(transport_get_write_buffer_size(self->probe.made), 0);
        task_sleep(0);
        assert_string_equal(self->probe.trace, "MPL");
        assert_int_equal(self->probe.lost, 1);
        assert_int_equal(self->probe.code, 0);
        while ((self->n = (size_t)drain(self->fd, self->probe.have)) != (size_t)-1)
            self->probe.have += self->n;
        assert_true(self->probe.have < sizeof flood);
        (void)close(self->fd);
    }
    END();
}

/* -- Ends ---------------------------------------------------------------------------------------- */

TEST_BODY(half_closed_and_kept_open)
{
    BEGIN()
    {
        model.keep = true;
        LISTEN();
        CONNECT(&self->probe);
        assert_true(transport_can_write_eof(self->probe.made));
        assert_int_equal(transport_write_eof(self->probe.made), 0);
        assert_int_equal(transport_write_eof(self->probe.made), 0);
        gen_wait_until(used == 1 && strcmp(probes[0].trace, "ME") == 0);
        for (self->i = 0; self->i < 5; self->i++)
            task_sleep(0);
        assert_string_equal(probes[0].trace, "ME");
        assert_false(transport_is_reading(probes[0].made));
        transport_pause_reading(probes[0].made);
        transport_resume_reading(probes[0].made); /* EOF is told once */
        assert_int_equal(transport_write(probes[0].made, flood, 1000), 0);
        gen_wait_until(self->probe.have == 1000);
        assert_string_equal(probes[0].trace, "ME");
        transport_close(probes[0].made);
        gen_wait_until(self->probe.lost && probes[0].lost);
        assert_string_equal(self->probe.trace, "MDEL");
        loop_server_close(&self->server);
    }
    END();
}

static void reset_peer(struct transport *t)
{
    const struct linger now = {.l_onoff = 1};
    assert_int_equal(setsockopt(transport_fd(t), SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    transport_abort(t);
}

TEST_BODY(a_peer_that_resets)
{
    BEGIN()
    {
        LISTEN();
        CONNECT(&self->probe);
        gen_wait_until(used == 1 && probes[0].made);
        reset_peer(probes[0].made);
        gen_wait_until(self->probe.lost);
        assert_string_equal(self->probe.trace, "ML");
        assert_int_equal(self->probe.code, ECONNRESET);
        /* The same, found out by a write. */
        CONNECT(&self->second);
        gen_wait_until(used == 2 && probes[1].made);
        transport_pause_reading(self->second.made);
        reset_peer(probes[1].made);
        gen_wait_until(probes[1].lost);
        self->code = transport_write(self->second.made, "x", 1);
        assert_true(self->code == ECONNRESET || self->code == EPIPE);
        assert_int_equal(self->second.lost, 0); /* not from within */
        gen_wait_until(self->second.lost);
        assert_int_equal(self->second.code, self->code);
        loop_server_close(&self->server);
    }
    END();
}

/* -- Reading ------------------------------------------------------------------------------------- */

TEST_BODY(pause_reading_holds_the_peer_up)
{
    BEGIN()
    {
        LISTEN();
        CONNECT(&self->probe);
        gen_wait_until(used == 1 && probes[0].made);
        transport_pause_reading(probes[0].made);
        assert_false(transport_is_reading(probes[0].made));
        assert_int_equal(transport_write(self->probe.made, flood, sizeof flood), 0);
        transport_close(self->probe.made);
        for (self->i = 0; self->i < 50; self->i++)
            task_sleep(0);
        assert_int_equal(probes[0].have, 0);
        assert_true(transport_get_write_buffer_size(self->probe.made) > 0);
        assert_int_equal(self->probe.resumes, 0);
        transport_resume_reading(probes[0].made);
        assert_true(transport_is_reading(probes[0].made));
        gen_wait_until(probes[0].lost && self->probe.lost);
        assert_int_equal(probes[0].have, sizeof flood);
        assert_false(probes[0].wrong);
        loop_server_close(&self->server);
    }
    END();
}

static void pause_when_made(struct protocol *p, struct transport *t)
{
    on_made(p, t);
    transport_pause_reading(t);
}

static const struct protocol_ops pausing_ops = {
    .connection_made = pause_when_made, .data_received = on_data, .connection_lost = on_lost};

TEST_BODY(paused_in_connection_made)
{
    BEGIN()
    {
        self->probe.protocol.ops = &pausing_ops;
        self->fd = open_pair(&self->probe);
        assert_int_equal(write(self->fd, flood, 3), 3);
        for (self->i = 0; self->i < 5; self->i++)
            task_sleep(0);
        assert_string_equal(self->probe.trace, "M");
        transport_resume_reading(self->probe.made);
        gen_wait_until(self->probe.have == 3);
        (void)close(self->fd);
        gen_wait_until(self->probe.lost);
    }
    END();
}

TEST_BODY(buffers_of_one_byte)
{
    BEGIN()
    {
        model.protocol.ops = &buffered_ops;
        model.size = 1;
        LISTEN();
        CONNECT(&self->probe);
        assert_int_equal(transport_write(self->probe.made, flood, 1000), 0);
        transport_close(self->probe.made);
        gen_wait_until(used == 1 && probes[0].lost);
        assert_int_equal(probes[0].have, 1000);
        assert_false(probes[0].wrong);
        assert_memory_equal(probes[0].trace, "MBUBUBU", 7);
        loop_server_close(&self->server);
    }
    END();
}

TEST_BODY(no_buffer)
{
    BEGIN()
    {
        self->probe.protocol.ops = &buffered_ops;
        self->fd = open_pair(&self->probe);
        assert_int_equal(write(self->fd, "x", 1), 1);
        gen_wait_until(self->probe.lost);
        assert_string_equal(self->probe.trace, "MBL");
        assert_int_equal(self->probe.code, ENOBUFS);
        (void)close(self->fd);
    }
    END();
}

static void *close_instead(struct protocol *p, size_t hint, size_t *size)
{
    transport_close(p->transport);
    return get_buffer(p, hint, size);
}

static const struct protocol_ops refusing_ops = {.connection_made = on_made,
                                                 .get_buffer = close_instead,
                                                 .buffer_updated = on_updated,
                                                 .connection_lost = on_lost};

TEST_BODY(closed_when_a_buffer_is_asked_for)
{
    BEGIN()
    {
        self->probe.protocol.ops = &refusing_ops;
        self->probe.size = 1;
        self->fd = open_pair(&self->probe);
        assert_int_equal(write(self->fd, "x", 1), 1);
        gen_wait_until(self->probe.lost);
        assert_string_equal(self->probe.trace, "MBL");
        assert_int_equal(self->probe.code, 0);
        (void)close(self->fd);
    }
    END();
}

/* The first byte chooses the protocol that has the rest. */
static void choose(struct protocol *p, const void *data, size_t size)
{
    struct probe *probe = (struct probe *)p;
    note(probe, 'D');
    take(probe, data, size);
    assert_int_equal(transport_set_protocol(p->transport, &probes[199].protocol), 0);
}

static const struct protocol_ops choosing_ops = {
    .connection_made = on_made, .data_received = choose, .connection_lost = on_lost};

TEST_BODY(a_protocol_is_switched_in)
{
    BEGIN()
    {
        probe_init(&probes[199], loop_running());
        self->probe.protocol.ops = &choosing_ops;
        self->fd = open_pair(&self->probe);
        assert_int_equal(write(self->fd, flood, 1), 1);
        gen_wait_until(self->probe.have == 1);
        probes[199].made = self->probe.made;
        assert_null(self->probe.protocol.transport);
        assert_ptr_equal(transport_get_protocol(self->probe.made), &probes[199].protocol);
        assert_int_equal(transport_set_protocol(self->probe.made, &probes[199].protocol), 0);
        assert_int_equal(write(self->fd, flood, 5), 5);
        (void)close(self->fd);
        gen_wait_until(probes[199].lost);
        assert_string_equal(self->probe.trace, "MD");
        assert_string_equal(probes[199].trace, "DEL");
        assert_int_equal(probes[199].have, 5);
    }
    END();
}

TEST_BODY(a_protocol_has_one_transport)
{
    int fds[2];
    BEGIN()
    {
        self->fd = open_pair(&self->probe);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        assert_int_equal(transport_open(loop_running(), &self->probe.protocol, fds[0]),
                         GEN_EBADSTATE);
        assert_int_equal(transport_open(loop_running(), &self->second.protocol, fds[0]), 0);
        (void)close(fds[1]);
        task_sleep(0);
        assert_int_equal(transport_set_protocol(self->second.made, &self->probe.protocol),
                         GEN_EBADSTATE);
        (void)close(self->fd);
        gen_wait_until(self->probe.lost && self->second.lost);
    }
    END();
}

/* -- Connecting ---------------------------------------------------------------------------------- */

TEST_BODY(connections_that_fail)
{
    BEGIN()
    {
        LISTEN();
        RAISES(GEN_EBADSTATE, loop_create_server(&self->server, give, loop_running(), HOST, 0));
        RAISES(EADDRINUSE, loop_create_server(&self->other, give, NULL, HOST, self->server.port));
        assert_int_equal(loop_begin_server(loop_running(), &self->other, give, NULL, HOST,
                                           self->server.port, NULL),
                         EADDRINUSE);
        assert_int_equal(self->other.sockets, 0);
        loop_server_close(&self->server);
        loop_server_close(&self->server);
        RAISES(ECONNREFUSED, CONNECT(&self->probe));
        RAISES(EINVAL, loop_create_server(&self->other, give, NULL, "localhost", 0)); /* a name */
        RAISES(EINVAL, loop_create_connection(&self->connecting, give_same, NULL, HOST, 65536));
        RAISES(EINVAL, loop_create_connection(&self->connecting, give_same, NULL, HOST, -1));
        RAISES(EINVAL, loop_create_server(&self->other, give, NULL, "127.0.0.", 0));
        RAISES(EADDRNOTAVAIL, loop_create_server(&self->other, give, NULL, "192.0.2.1", 0));
        RAISES(ENOENT,
               loop_create_unix_connection(&self->connecting, give_same, NULL, "/nowhere/at/all"));
        RAISES(EINVAL, loop_create_unix_connection(&self->connecting, give_same, NULL, ""));
        memset(self->name, 'x', sizeof self->name - 1);
        RAISES(ENAMETOOLONG,
               loop_create_unix_connection(&self->connecting, give_same, NULL, self->name));
        RAISES(ENAMETOOLONG, loop_create_unix_server(&self->other, give, NULL, self->name));
        RAISES(ENOENT, loop_create_unix_server(&self->other, give, NULL, "/nowhere/at/all"));
        assert_string_equal(self->probe.trace, "");
        loop_server_wait_closed(&self->other);
    }
    END();
}

static int told;
static struct gen_exc tale;

static void tell(struct loop *loop, const struct loop_exception *e, void *arg)
{
    (void)loop, (void)arg;
    told++;
    tale = e->exc;
}

TEST_BODY(factories_that_give_nothing)
{
    BEGIN()
    {
        told = 0;
        loop_set_exception_handler(loop_running(), tell, NULL);
        loop_create_server(&self->server, give_none, NULL, HOST, 0);
        RAISES(ENOMEM,
               loop_create_connection(&self->connecting, give_none, NULL, HOST, self->server.port));
        CONNECT(&self->probe); /* and is dropped */
        gen_wait_until(self->probe.lost);
        assert_int_equal(self->server.connections, 0);
        assert_int_equal(told, 0);
        loop_server_close(&self->server);
        loop_create_server(&self->server, give_same, &self->second.protocol, HOST, 0);
        CONNECT(&self->probe);
        RAISES(GEN_EBADSTATE, CONNECT(&self->probe));
        gen_wait_until(told == 1);
        assert_int_equal(tale.code, GEN_EBADSTATE);
        assert_int_equal(self->server.connections, 1);
        loop_server_close(&self->server);
        loop_server_abort_clients(&self->server);
        loop_server_wait_closed(&self->server);
        gen_wait_until(self->probe.lost == 2);
    }
    END();
}

gen_declare(connector, void);
struct connector {
    struct gen gen;
    struct loop_connecting connecting;
    struct protocol *protocol;
    int port;
};
gen_define(connector)
{
    gen_begin();
    loop_create_connection(&self->connecting, give_same, self->protocol, HOST, self->port);
    gen_end();
}

/* A listening socket whose backlog is full: who connects has to wait. */
static int full_socket(int *port, int filling[4])
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, size), 0);
    assert_int_equal(listen(fd, 0), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
    *port = ntohs(a.sin_port);
    for (int i = 0; i < 4; i++) {
        filling[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(filling[i], (struct sockaddr *)&a, size);
    }
    return fd;
}

static void close_full(int fd, int filling[4])
{
    for (int i = 0; i < 4; i++)
        (void)close(filling[i]);
    (void)close(fd);
}

TEST_BODY(a_cancelled_connect)
{
    static struct connector connector;
    static int filling[4];
    BEGIN()
    {
        memset(&connector, 0, sizeof connector);
        self->fd = full_socket(&connector.port, filling);
        connector.protocol = &self->probe.protocol;
        (void)task_start(&loop_running()->scheduler, &self->task, connector_any(&connector), NULL);
        for (self->i = 0; self->i < 5; self->i++)
            task_sleep(0);
        assert_false(task_done(&self->task.future));
        assert_non_null(connector.connecting.loop__connector); /* it does wait */
        (void)task_cancel(&self->task);
        RAISES(TASK_ECANCELLED, task_await(&self->task.future));
        assert_null(connector.connecting.loop__connector);
        assert_string_equal(self->probe.trace, "");
        close_full(self->fd, filling);
    }
    END();
}

/* Cancelled when the factory has been asked, and connection_made not yet called: both come. */
TEST_BODY(a_connect_cancelled_late)
{
    static struct connector connector;
    BEGIN()
    {
        memset(&connector, 0, sizeof connector);
        LISTEN();
        connector.port = self->server.port;
        connector.protocol = &self->probe.protocol;
        (void)task_start(&loop_running()->scheduler, &self->task, connector_any(&connector), NULL);
        gen_wait_until(self->probe.protocol.transport != NULL);
        assert_string_equal(self->probe.trace, "");
        (void)task_cancel(&self->task);
        RAISES(TASK_ECANCELLED, task_await(&self->task.future));
        memset(&connector, 0xff, sizeof connector); /* nobody looks at it */
        gen_wait_until(self->probe.lost);
        assert_string_equal(self->probe.trace, "ML");
        loop_server_close(&self->server);
        loop_server_wait_closed(&self->server);
    }
    END();
}

static int call_code;

static void on_call(void *arg)
{
    struct loop_connecting *c = arg;
    call_code = task_error(&c->connected.future).code;
}

TEST_BODY(connected_from_callbacks)
{
    struct loop *loop = loop_running();
    BEGIN()
    {
        call_code = -1;
        assert_int_equal(loop_begin_server(loop, &self->server, give, loop, HOST, 0, NULL), 0);
        assert_int_equal(loop_begin_connection(loop, &self->connecting, give_same,
                                               &self->probe.protocol, HOST, self->server.port),
                         0);
        assert_int_equal(loop_begin_connection(loop, &self->connecting, give_same,
                                               &self->second.protocol, HOST, self->server.port),
                         GEN_EBADSTATE);
        (void)task_call_when_done(&loop->scheduler, &self->call, &self->connecting.connected.future,
                                  on_call, &self->connecting);
        gen_wait_until(call_code != -1);
        assert_int_equal(call_code, 0);
        assert_string_equal(self->probe.trace, "M");
        transport_close(self->probe.made);
        loop_server_close(&self->server);
        loop_server_wait_closed(&self->server);
        /* One that fails, */
        self->n = (size_t)self->server.port;
        call_code = -1;
        assert_int_equal(loop_begin_connection(loop_running(), &self->connecting, give_same,
                                               &self->second.protocol, HOST, (int)self->n),
                         0);
        (void)task_call_when_done(&loop_running()->scheduler, &self->call,
                                  &self->connecting.connected.future, on_call, &self->connecting);
        gen_wait_until(call_code != -1);
        assert_int_equal(call_code, ECONNREFUSED);
        /* and one that is given up. */
        call_code = -1;
        assert_int_equal(loop_begin_connection(loop_running(), &self->connecting, give_same,
                                               &self->second.protocol, HOST, (int)self->n),
                         0);
        (void)task_call_when_done(&loop_running()->scheduler, &self->call,
                                  &self->connecting.connected.future, on_call, &self->connecting);
        assert_true(task_call_cancel(&self->call));
        for (self->i = 0; self->i < 5; self->i++)
            task_sleep(0);
        assert_int_equal(call_code, -1);
        assert_string_equal(self->second.trace, "");
    }
    END();
}

static struct task_call *call_to_cancel;
static struct loop_connecting *to_give_up;

static struct protocol *give_up_and_give(void *arg)
{
    assert_true(task_call_cancel(call_to_cancel));
    memset(to_give_up, 0xff, sizeof *to_give_up); /* nobody looks at it */
    return arg;
}

TEST_BODY(given_up_by_the_factory)
{
    static struct loop_connecting connecting;
    BEGIN()
    {
        LISTEN();
        call_to_cancel = &self->call;
        to_give_up = &connecting;
        for (self->i = 0; self->i < 2; self->i++) { /* it gives one, and none */
            memset(&connecting, 0, sizeof connecting);
            assert_int_equal(loop_begin_connection(loop_running(), &connecting, give_up_and_give,
                                                   self->i ? NULL : &self->probe.protocol, HOST,
                                                   self->server.port),
                             0);
            (void)task_call_when_done(&loop_running()->scheduler, &self->call,
                                      &connecting.connected.future, on_call, &connecting);
            gen_wait_until(used == self->i + 1 && probes[self->i].lost);
        }
        gen_wait_until(self->probe.lost);
        assert_string_equal(self->probe.trace, "ML");
        loop_server_close(&self->server);
        loop_server_wait_closed(&self->server);
    }
    END();
}

/* Who is cancelled already begins nothing. */
TEST_BODY(cancelled_before)
{
    BEGIN()
    {
        self->n = 0;
        task_scope (&self->inner) {
            task_scope_cancel(&self->inner);
            RAISES(GEN_CANCELLED, LISTEN());
            RAISES(GEN_CANCELLED, CONNECT(&self->probe));
            RAISES(GEN_CANCELLED, loop_create_unix_server(&self->server, give, NULL, "/none"));
            RAISES(GEN_CANCELLED,
                   loop_create_unix_connection(&self->connecting, give_same, NULL, "/none"));
        }
        task_end_scope
        assert_null(self->server.loop__loop);
        assert_null(self->connecting.loop__loop);
    }
    END();
}

/* -- Servers ------------------------------------------------------------------------------------- */

gen_declare(waiter, void);
struct waiter {
    struct gen gen;
    struct loop_server *server;
    bool serves;
};
gen_define(waiter)
{
    gen_begin();
    if (self->serves)
        loop_server_serve_forever(self->server);
    else
        loop_server_wait_closed(self->server);
    gen_end();
}

TEST_BODY(wait_closed_with_open_clients)
{
    static struct waiter waiter;
    BEGIN()
    {
        memset(&waiter, 0, sizeof waiter);
        loop_server_wait_closed(&self->server); /* was never open */
        loop_server_close(&self->server);
        loop_server_close_clients(&self->server);
        LISTEN();
        CONNECT(&self->probe);
        gen_wait_until(used == 1 && probes[0].made);
        waiter.server = &self->server;
        (void)task_start(&loop_running()->scheduler, &self->task, waiter_any(&waiter), NULL);
        task_sleep(0);
        loop_server_close(&self->server);
        assert_int_equal(self->server.sockets, 0);
        assert_int_equal(loop_server_fd(&self->server, 0), -1);
        assert_int_equal(transport_write(self->probe.made, flood, 100), 0);
        gen_wait_until(probes[0].have == 100); /* connections go on */
        assert_false(task_done(&self->task.future));
        assert_int_equal(self->server.connections, 1);
        loop_server_close_clients(&self->server);
        task_await(&self->task.future);
        assert_int_equal(probes[0].lost, 1);
        assert_int_equal(self->server.connections, 0);
        loop_server_wait_closed(&self->server);
        gen_wait_until(self->probe.lost);
        assert_string_equal(self->probe.trace, "MEL");
    }
    END();
}

TEST_BODY(clients_are_closed_or_aborted)
{
    BEGIN()
    {
        LISTEN();
        CONNECT(&self->probe);
        CONNECT(&self->second);
        gen_wait_until(used == 2 && probes[0].made && probes[1].made);
        transport_pause_reading(self->probe.made);
        transport_pause_reading(self->second.made);
        assert_int_equal(transport_write(probes[0].made, flood, sizeof flood), 0);
        assert_int_equal(transport_write(probes[1].made, flood, sizeof flood), 0);
        loop_server_close_clients(&self->server);
        transport_resume_reading(self->probe.made);
        gen_wait_until(self->probe.lost && probes[0].lost);
        assert_int_equal(self->probe.have, sizeof flood);
        assert_false(self->probe.wrong);
        assert_int_equal(self->server.connections, 1); /* whose peer does not read */
        loop_server_abort_clients(&self->server);
        loop_server_close(&self->server);
        loop_server_wait_closed(&self->server);
        assert_int_equal(probes[1].lost, 1);
        transport_resume_reading(self->second.made);
        gen_wait_until(self->second.lost);
        assert_true(self->second.have < sizeof flood);
    }
    END();
}

TEST_BODY(serve_forever_ends_cancelled)
{
    static struct waiter waiter;
    BEGIN()
    {
        waiter = (struct waiter){.server = &self->server, .serves = true};
        RAISES(GEN_EBADSTATE, loop_server_serve_forever(&self->server));
        LISTEN();
        CONNECT(&self->probe);
        (void)task_start(&loop_running()->scheduler, &self->task, waiter_any(&waiter), NULL);
        task_sleep(0);
        RAISES(GEN_EBADSTATE, loop_server_serve_forever(&self->server));
        gen_wait_until(used == 1 && probes[0].made);
        loop_server_close(&self->server);
        for (self->i = 0; self->i < 5; self->i++)
            task_sleep(0);
        assert_false(task_done(&self->task.future));
        transport_close(self->probe.made);
        RAISES(TASK_ECANCELLED, task_await(&self->task.future));
        assert_int_equal(task_state(&self->task.future), TASK_CANCELLED);
        assert_int_equal(probes[0].lost, 1);
    }
    END();
}

/* Its server's memory may go when it has ended. */
TEST_BODY(serve_forever_is_cancelled)
{
    static struct waiter waiter;
    static struct loop_server *server;
    BEGIN()
    {
        for (self->i = 0; self->i < 2; self->i++) { /* without, and with a connection */
            used = 0;
            server = calloc(1, sizeof *server);
            loop_create_server(server, give, loop_running(), HOST, 0);
            if (self->i == 1) {
                loop_create_connection(&self->connecting, give_same, &self->probe.protocol, HOST,
                                       server->port);
                gen_wait_until(used == 1 && probes[0].made);
                assert_int_equal(transport_write(probes[0].made, flood, sizeof flood), 0);
            }
            waiter = (struct waiter){.server = server, .serves = true};
            memset(&self->task, 0, sizeof self->task);
            (void)task_start(&loop_running()->scheduler, &self->task, waiter_any(&waiter), NULL);
            task_sleep(0);
            (void)task_cancel(&self->task);
            RAISES(TASK_ECANCELLED, task_await(&self->task.future));
            free(server);
        }
        assert_int_equal(probes[0].lost, 1);
        gen_wait_until(self->probe.lost);
    }
    END();
}

static struct loop_server *closing_server;

static struct protocol *close_and_give(void *arg)
{
    loop_server_close(closing_server);
    return give(arg);
}

TEST_BODY(a_factory_that_closes_its_server)
{
    BEGIN()
    {
        closing_server = &self->server;
        loop_create_server(&self->server, close_and_give, loop_running(), HOST, 0);
        CONNECT(&self->probe);
        gen_wait_until(used == 1 && probes[0].made);
        assert_int_equal(self->server.sockets, 0);
        assert_int_equal(self->server.connections, 1);
        transport_close(self->probe.made);
        loop_server_wait_closed(&self->server);
        assert_int_equal(probes[0].lost, 1);
    }
    END();
}

TEST_BODY(two_hundred_connections)
{
    static struct probe clients[PROBES];
    static struct loop_connecting connecting[PROBES];
    BEGIN()
    {
        model.echoes = true;
        LISTEN();
        for (int i = 0; i < PROBES; i++) {
            probe_init(&clients[i], loop_running());
            memset(&connecting[i], 0, sizeof connecting[i]);
            assert_int_equal(loop_begin_connection(loop_running(), &connecting[i], give_same,
                                                   &clients[i].protocol, HOST, self->server.port),
                             0);
        }
        for (self->i = 0; self->i < PROBES; self->i++) {
            task_await(&connecting[self->i].connected.future);
            assert_int_equal(transport_write(clients[self->i].made, flood, 1000), 0);
        }
        for (self->i = 0; self->i < PROBES; self->i++) {
            gen_wait_until(clients[self->i].have == 1000);
            transport_close(clients[self->i].made);
        }
        loop_server_close(&self->server);
        loop_server_wait_closed(&self->server);
        for (int i = 0; i < PROBES; i++) {
            assert_string_equal(probes[i].trace, "MDEL");
            assert_string_equal(clients[i].trace, "MDL");
            assert_false(probes[i].wrong || clients[i].wrong);
        }
    }
    END();
}

TEST_BODY(a_port_is_shared)
{
    BEGIN()
    {
        loop_create_server(&self->server, give, loop_running(), HOST, 0, .reuse_port = true,
                           .backlog = 1);
        loop_create_server(&self->other, give, loop_running(), HOST, self->server.port,
                           .reuse_port = true);
        assert_int_equal(self->other.port, self->server.port);
        assert_int_equal(self->server.options.backlog, 1);
        assert_int_equal(self->other.options.backlog, 100);
        CONNECT(&self->probe);
        CONNECT(&self->second);
        gen_wait_until(used == 2 && probes[0].made && probes[1].made);
        assert_int_equal(self->server.connections + self->other.connections, 2);
        loop_server_close(&self->server);
        loop_server_close(&self->other);
        transport_close(self->probe.made);
        transport_close(self->second.made);
        loop_server_wait_closed(&self->server);
        loop_server_wait_closed(&self->other);
    }
    END();
}

/* NULL: a socket for each family that there is, with the same port; and the loopback. */
TEST_BODY(every_address)
{
    BEGIN()
    {
        loop_create_server(&self->server, give, loop_running(), NULL, 0);
        assert_in_range(self->server.sockets, 1, 2);
        loop_create_connection(&self->connecting, give_same, &self->probe.protocol, NULL,
                               self->server.port);
        CONNECT(&self->second);
        transport_close(self->probe.made);
        transport_close(self->second.made);
        gen_wait_until(used == 2 && probes[0].lost && probes[1].lost);
        loop_server_close(&self->server);
        loop_server_wait_closed(&self->server);
    }
    END();
}

TEST_BODY(names)
{
    char expected[64];
    BEGIN()
    {
        LISTEN();
        CONNECT(&self->probe);
        (void)snprintf(expected, sizeof expected, HOST ":%d", self->server.port);
        assert_int_equal(transport_peer_name(self->probe.made, self->name, sizeof self->name), 0);
        assert_string_equal(self->name, expected);
        assert_int_equal(transport_peer_name(self->probe.made, self->name, 5), ENOSPC);
        assert_int_equal(transport_local_name(self->probe.made, expected, sizeof expected), 0);
        gen_wait_until(used == 1 && probes[0].made);
        assert_int_equal(transport_local_name(self->probe.made, expected, sizeof expected), 0);
        assert_int_equal(transport_peer_name(probes[0].made, self->name, sizeof self->name), 0);
        assert_string_equal(self->name, expected);
        assert_true(transport_fd(self->probe.made) >= 0);
        transport_close(self->probe.made);
        loop_server_close(&self->server);
        loop_server_wait_closed(&self->server);
    }
    END();
}

TEST_BODY(a_unix_path)
{
    static char dir[] = "/tmp/protocol-XXXXXX", path[64];
    struct stat st;
    BEGIN()
    {
        assert_non_null(mkdtemp(dir));
        (void)snprintf(path, sizeof path, "%s/socket", dir);
        model.echoes = true;
        loop_create_unix_server(&self->server, give, loop_running(), path);
        loop_create_unix_connection(&self->connecting, give_same, &self->probe.protocol, path);
        assert_int_equal(transport_peer_name(self->probe.made, self->name, sizeof self->name), 0);
        assert_string_equal(self->name, path);
        assert_int_equal(transport_local_name(self->probe.made, self->name, sizeof self->name), 0);
        assert_string_equal(self->name, "");
        assert_int_equal(transport_write(self->probe.made, flood, sizeof flood), 0);
        assert_int_equal(transport_write_eof(self->probe.made), 0);
        gen_wait_until(self->probe.lost);
        assert_int_equal(self->probe.have, sizeof flood);
        assert_false(self->probe.wrong);
        /* It is not another's to take, while a server listens there. */
        RAISES(EADDRINUSE, loop_create_unix_server(&self->other, give, loop_running(), path));
        assert_int_equal(stat(path, &st), 0);
        /* One that has got it is not the first one's to remove. */
        assert_int_equal(unlink(path), 0);
        loop_create_unix_server(&self->other, give, loop_running(), path);
        loop_server_close(&self->server);
        assert_int_equal(stat(path, &st), 0);
        loop_server_close(&self->other);
        assert_int_equal(stat(path, &st), -1);
        loop_server_wait_closed(&self->server);
        assert_int_equal(rmdir(dir), 0);
    }
    END();
}

TEST_BODY(a_unix_socket_without_a_file)
{
    static char path[64];
    BEGIN()
    {
        (void)snprintf(path, sizeof path, "@gen-protocol-%ld", (long)getpid());
        loop_create_unix_server(&self->server, give, loop_running(), path, .backlog = 1);
        RAISES(EADDRINUSE, loop_create_unix_server(&self->other, give, loop_running(), path));
        RAISES(EINVAL, loop_create_unix_server(&self->other, give, loop_running(), NULL));
        loop_create_unix_connection(&self->connecting, give_same, &self->probe.protocol, path);
        assert_int_equal(transport_peer_name(self->probe.made, self->name, sizeof self->name), 0);
        assert_string_equal(self->name, path);
        transport_close(self->probe.made);
        gen_wait_until(used == 1 && probes[0].lost);
        loop_server_close(&self->server);
        loop_server_wait_closed(&self->server);
    }
    END();
}

/* Without descriptors it looks away, for a second or until a connection ends, and nobody is lost. */
TEST_BODY(out_of_descriptors)
{
    static struct rlimit before;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct rlimit few;
    BEGIN()
    {
        loop_set_exception_handler(loop_running(), tell, NULL);
        for (self->n = 0; self->n < 2; self->n++) {
            used = told = 0;
            LISTEN();
            CONNECT(&self->probe);
            gen_wait_until(used == 1 && probes[0].made);
            self->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            to.sin_port = htons((uint16_t)self->server.port);
            assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
            few = before;
            few.rlim_cur = 0; /* those that are open stay */
            assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
            assert_int_equal(connect(self->fd, (const struct sockaddr *)&to, sizeof to), 0);
            gen_wait_until(told == 1 || used == 2);
            assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
            assert_int_equal(told, 1);
            assert_int_equal(tale.code, EMFILE);
            for (self->i = 0; self->i < 5; self->i++)
                task_sleep(0);
            assert_int_equal(used, 1);
            if (self->n == 1)
                transport_close(self->probe.made);
            gen_wait_until(used == 2 && probes[1].made);
            assert_int_equal(told, 1);
            (void)close(self->fd);
            transport_close(self->probe.protocol.transport);
            loop_server_close(&self->server);
            loop_server_wait_closed(&self->server);
            gen_wait_until(self->probe.lost == (int)self->n + 1);
        }
    }
    END();
}

/* -- The end of the loop ------------------------------------------------------------------------- */

static struct loop_connecting again, under_way;

static void reconnect(struct protocol *p, int code)
{
    on_lost(p, code);
    memset(&again, 0, sizeof again);
    (void)loop_begin_connection(((struct probe *)p)->loop, &again, give_same, p, HOST, 9);
}

static const struct protocol_ops reconnecting_ops = {.connection_made = on_made,
                                                     .connection_lost = reconnect};

static struct loop_resource foreign; /* is left alone */

TEST_BODY(left_open_body)
{
    static int filling[4];
    gen_begin();
    SETUP();
    self->probe.protocol.ops = &reconnecting_ops;
    LISTEN();
    CONNECT(&self->probe);
    gen_wait_until(used == 1 && probes[0].made);
    self->fd = full_socket(&self->i, filling);
    assert_int_equal(loop_begin_connection(loop_running(), &under_way, give_same,
                                           &probes[1].protocol, HOST, self->i),
                     0);
    for (self->i = 0; self->i < 5; self->i++) /* its host is looked up */
        task_sleep(0);
    close_full(self->fd, filling);
    assert_int_equal(transport_write(self->probe.made, flood, sizeof flood), 0);
    transport_close(self->probe.made);
    self->fd = open_pair(&self->second); /* which has not been made yet */
    (void)close(self->fd);
    loop__list(loop_running(), &foreign, "another's", 0);
    self->fd = full_socket(&self->i, filling);
    assert_int_equal(loop_begin_connection(loop_running(), &self->connecting, give_same,
                                           &probes[1].protocol, HOST, self->i),
                     0);
    close_full(self->fd, filling);
    gen_end();
}

static void the_loop_closes(void **state)
{
    static struct left_open_body_body body;
    (void)state;
    (void)left_open_body;
    memset(&body, 0, sizeof body);
    assert_int_equal(loop_run(left_open_body_body_any(&body)), 0);
    assert_string_equal(body.probe.trace, "ML");
    assert_string_equal(foreign.kind, "another's");
    assert_int_equal(body.probe.code, LOOP_ECLOSED);
    assert_int_equal(probes[0].lost, 1);
    assert_string_equal(body.second.trace, "ML");
    assert_int_equal(body.second.lost, 1);
    assert_int_equal(task_error(&body.connecting.connected.future).code, LOOP_ECLOSED);
    assert_int_equal(task_error(&under_way.connected.future).code, LOOP_ECLOSED);
    assert_int_equal(body.server.sockets + body.server.connections, 0);
}

static void a_closed_loop(void **state)
{
    struct loop loop;
    struct probe probe;
    struct loop_connecting c = {.protocol = NULL};
    struct loop_server server = {.port = 0};
    (void)state;
    probe_init(&probe, &loop);
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(transport_open(&loop, &probe.protocol, 0), LOOP_ECLOSED);
    assert_int_equal(loop_begin_connection(&loop, &c, give, NULL, HOST, 1), LOOP_ECLOSED);
    assert_int_equal(loop_begin_unix_connection(&loop, &c, give, NULL, "x"), LOOP_ECLOSED);
    assert_int_equal(loop_begin_server(&loop, &server, give, NULL, HOST, 0, NULL), LOOP_ECLOSED);
    assert_int_equal(loop_begin_unix_server(&loop, &server, give, NULL, "x", NULL), LOOP_ECLOSED);
}

static void *begin_elsewhere(void *arg)
{
    static struct loop_connecting c;
    static int code;
    code = loop_begin_connection(arg, &c, give, NULL, HOST, 1);
    return &code;
}

static void another_thread(void **state)
{
    struct loop loop;
    pthread_t thread;
    void *code;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, begin_elsewhere, &loop), 0);
    assert_int_equal(pthread_join(thread, &code), 0);
    assert_int_equal(*(int *)code, LOOP_ETHREAD);
    assert_int_equal(loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_whole_life_in_order),
        TEST(a_protocol_without_callbacks),
        TEST(nothing_is_called_from_within),
        TEST(closed_before_it_is_made),
        TEST(closed_in_connection_made),
        TEST(without_a_transport),
        TEST(a_peer_that_does_not_read),
        TEST(the_limits),
        TEST(the_write_limit),
        TEST(lines_of_several_parts),
        TEST(more_than_there_can_be),
        TEST(writing_while_it_drains),
        TEST(a_peer_that_goes_while_something_waits),
        TEST(ten_mebibytes_there_and_back),
        TEST(abort_drops_what_waits),
        TEST(half_closed_and_kept_open),
        TEST(a_peer_that_resets),
        TEST(pause_reading_holds_the_peer_up),
        TEST(paused_in_connection_made),
        TEST(buffers_of_one_byte),
        TEST(no_buffer),
        TEST(closed_when_a_buffer_is_asked_for),
        TEST(a_protocol_is_switched_in),
        TEST(a_protocol_has_one_transport),
        TEST(connections_that_fail),
        TEST(factories_that_give_nothing),
        TEST(a_cancelled_connect),
        TEST(a_connect_cancelled_late),
        TEST(connected_from_callbacks),
        TEST(given_up_by_the_factory),
        TEST(cancelled_before),
        TEST(wait_closed_with_open_clients),
        TEST(clients_are_closed_or_aborted),
        TEST(serve_forever_ends_cancelled),
        TEST(serve_forever_is_cancelled),
        TEST(a_factory_that_closes_its_server),
        TEST(two_hundred_connections),
        TEST(a_port_is_shared),
        TEST(every_address),
        TEST(names),
        TEST(a_unix_path),
        TEST(a_unix_socket_without_a_file),
        TEST(out_of_descriptors),
        TEST(the_loop_closes),
        TEST(a_closed_loop),
        TEST(another_thread),
    };
    fill();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
