/* Protocols over TLS: the handshake before connection_made, bytes, ends, and what goes wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/protocol.h"
#include "loop/tls.h"
#include "certificates.h"
#include "loop_scene.h"

#define HOST "127.0.0.1"
enum { MIB = 1 << 20, LENT = 100 };

static char flood[3 * MIB];

static int prepare(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof flood; i++)
        flood[i] = (char)(i * 2654435761U >> 13);
    return make_certificates();
}

/* -- A protocol that notes what it is told ----------------------------------------------------- */

struct probe {
    struct protocol protocol;
    bool echoes, made, ended, wrong;
    int pauses, lost, code;
    size_t have;
    char buffer[LENT];
};
static struct probe ours, theirs; /* the client's, and the server's */
static int asked;                 /* of the factories */

static void on_made(struct protocol *p, struct transport *t)
{
    ((struct probe *)p)->made = true;
    assert_non_null(tls_transport_ssl(t));
    assert_false(transport_can_write_eof(t));
    assert_int_equal(transport_write_eof(t), ENOTSUP);
}

static void on_data(struct protocol *p, const void *data, size_t size)
{
    struct probe *probe = (struct probe *)p;
    probe->wrong |=
        size > sizeof flood - probe->have || memcmp(data, flood + probe->have, size) != 0;
    probe->have += size;
    if (probe->echoes)
        assert_int_equal(transport_write(p->transport, data, size), 0);
}

static void *get_buffer(struct protocol *p, size_t hint, size_t *size)
{
    (void)hint;
    *size = LENT;
    return ((struct probe *)p)->buffer;
}

static void on_updated(struct protocol *p, size_t n)
{
    on_data(p, ((struct probe *)p)->buffer, n);
}

static bool on_eof(struct protocol *p)
{
    ((struct probe *)p)->ended = true;
    return false;
}

static void on_lost(struct protocol *p, int code)
{
    struct probe *probe = (struct probe *)p;
    probe->lost++;
    probe->code = code;
}

static void on_pause(struct protocol *p)
{
    ((struct probe *)p)->pauses++;
}

static const struct protocol_ops ops = {.connection_made = on_made,
                                        .data_received = on_data,
                                        .eof_received = on_eof,
                                        .connection_lost = on_lost,
                                        .pause_writing = on_pause};
static const struct protocol_ops buffered = {.connection_made = on_made,
                                             .get_buffer = get_buffer,
                                             .buffer_updated = on_updated,
                                             .connection_lost = on_lost};

static const struct protocol_ops plain = {.connection_lost = on_lost};

static struct protocol *give(void *probe)
{
    asked++;
    return &((struct probe *)probe)->protocol;
}

static struct protocol *give_none(void *arg)
{
    (void)arg;
    asked++;
    return NULL;
}

/* -- The frame of every test's main task ------------------------------------------------------- */

static struct tls_context client, server;

#define WORLD                                                                                      \
    struct gen gen;                                                                                \
    struct gen_unwind unwind[4];                                                                   \
    struct task_scope net, inner;                                                                  \
    struct loop_server server;                                                                     \
    struct loop_connecting connecting;                                                             \
    struct stream_server listener;                                                                 \
    struct stream stream;                                                                          \
    int code, fd;                                                                                  \
    size_t n;                                                                                      \
    char data[64]

#define BEGIN() BEGIN_WITH(.insecure = false)
#define BEGIN_WITH(...)                                                                            \
    gen_begin();                                                                                   \
    begin(&(const struct tls_options){__VA_ARGS__});                                               \
    self->connecting.tls = &client;                                                                \
    task_timeout (&self->net, 20)
#define END()                                                                                      \
    task_end_scope                                                                                 \
    end();                                                                                         \
    gen_end()
#define LISTEN() loop_create_server(&self->server, give, &theirs, HOST, 0, .tls = &server)
#define CONNECT() loop_create_connection(&self->connecting, give, &ours, HOST, self->server.port)
#define CLOSE_SERVER()                                                                             \
    do {                                                                                           \
        loop_server_close(&self->server);                                                          \
        loop_server_wait_closed(&self->server);                                                    \
    } while (0)

/* A client that trusts the certificate, and a server that has it; the rest is as `given`. */
static void begin(const struct tls_options *given)
{
    struct tls_options c = *given, s = *given;
    c.authorities = c.authorities ? c.authorities : in_folder("localhost.pem");
    s.certificate = in_folder("localhost.pem");
    s.key = in_folder("localhost.key");
    assert_int_equal(tls_context_open(&client, TLS_CLIENT, &c), 0);
    assert_int_equal(tls_context_open(&server, TLS_SERVER, &s), 0);
    memset(&ours, 0, sizeof ours);
    memset(&theirs, 0, sizeof theirs);
    ours.protocol.ops = theirs.protocol.ops = &ops;
    asked = 0;
}

static void end(void)
{
    tls_context_close(&client);
    tls_context_close(&server);
}

/* So that not all of a flood is sent at once. */
static void small_buffer(int fd)
{
    const int size = 65536;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

/* -- Bytes ------------------------------------------------------------------------------------- */

TEST_BODY(there_and_back)
{
    BEGIN()
    {
        theirs.echoes = true;
        LISTEN();
        CONNECT();
        assert_true(ours.made);
        small_buffer(transport_fd(ours.protocol.transport));
        assert_int_equal(transport_write(ours.protocol.transport, flood, sizeof flood), 0);
        assert_int_equal(ours.pauses, 1);
        gen_wait_until(ours.have == sizeof flood);
        assert_true(theirs.have == sizeof flood && !theirs.wrong && !ours.wrong);
        transport_close(ours.protocol.transport);
        gen_wait_until(ours.lost && theirs.lost);
        assert_true(theirs.ended && !ours.ended); /* who closes reads no more */
        assert_int_equal(ours.code, 0);
        assert_int_equal(theirs.code, 0);
        CLOSE_SERVER();
    }
    END();
}

/* Of a record that is larger than what is lent, the rest is told of by no event. */
TEST_BODY(into_a_small_buffer_with_pauses)
{
    BEGIN()
    {
        ours.protocol.ops = &buffered;
        theirs.echoes = true;
        LISTEN();
        CONNECT();
        assert_int_equal(transport_write(ours.protocol.transport, flood, 10000), 0);
        gen_wait_until(ours.have > 0);
        transport_pause_reading(ours.protocol.transport);
        self->n = ours.have;
        gen_wait_until(theirs.have == 10000);
        task_sleep(0);
        task_sleep(0);
        assert_int_equal(ours.have, self->n);
        transport_resume_reading(ours.protocol.transport);
        gen_wait_until(ours.have == 10000);
        assert_false(ours.wrong);
        transport_close(ours.protocol.transport);
        gen_wait_until(ours.lost && theirs.lost);
        CLOSE_SERVER();
    }
    END();
}

/* What was written before transport_close arrives, and its end with it. */
TEST_BODY(closing_sends_all)
{
    BEGIN()
    {
        LISTEN();
        CONNECT();
        small_buffer(transport_fd(ours.protocol.transport));
        assert_int_equal(transport_write(ours.protocol.transport, flood, sizeof flood), 0);
        transport_close(ours.protocol.transport);
        assert_int_equal(transport_write(ours.protocol.transport, "x", 1), EPIPE);
        gen_wait_until(ours.lost && theirs.lost);
        assert_int_equal(theirs.have, sizeof flood);
        assert_true(theirs.ended && !theirs.wrong);
        assert_int_equal(theirs.code, 0);
        CLOSE_SERVER();
    }
    END();
}

/* The other end is a stream's. */
TEST_BODY(with_a_stream)
{
    BEGIN()
    {
        theirs.echoes = true;
        LISTEN();
        stream_connect(&self->stream, HOST, self->server.port);
        tls_start(&self->stream, &client, "localhost");
        stream_write(&self->stream, flood, 5);
        stream_readexactly(self->n, &self->stream, self->data, 5);
        assert_memory_equal(self->data, flood, 5);
        tls_shutdown(&self->stream);
        stream_close(&self->stream);
        gen_wait_until(theirs.lost);
        assert_int_equal(theirs.code, 0);
        CLOSE_SERVER();
    }
    END();
}

/* -- Ends -------------------------------------------------------------------------------------- */

TEST_BODY(no_end_without_a_goodbye)
{
    BEGIN()
    {
        LISTEN();
        CONNECT();
        gen_wait_until(theirs.made);
        assert_int_equal(shutdown(transport_fd(ours.protocol.transport), SHUT_WR), 0);
        gen_wait_until(theirs.lost);
        assert_int_equal(theirs.code, TLS_ETRUNCATED);
        assert_false(theirs.ended);
        gen_wait_until(ours.lost);
        CLOSE_SERVER();
    }
    END();
}

TEST_BODY(abort_says_no_goodbye)
{
    BEGIN()
    {
        LISTEN();
        CONNECT();
        gen_wait_until(theirs.made);
        transport_abort(ours.protocol.transport);
        gen_wait_until(ours.lost && theirs.lost);
        assert_int_equal(ours.code, 0);
        assert_true(theirs.code == TLS_ETRUNCATED || theirs.code == ECONNRESET);
        CLOSE_SERVER();
    }
    END();
}

/* Who does not answer a goodbye is not waited for any longer. */
TEST_BODY(a_goodbye_without_an_answer)
{
    BEGIN_WITH(.shutdown_timeout = 0.01)
    {
        LISTEN();
        stream_connect(&self->stream, HOST, self->server.port);
        tls_start(&self->stream, &client, NULL);
        gen_wait_until(theirs.made);
        transport_close(theirs.protocol.transport);
        gen_wait_until(theirs.lost);
        assert_int_equal(theirs.code, 0);
        stream_read(self->n, &self->stream, self->data, sizeof self->data);
        assert_int_equal(self->n, 0); /* it has been said */
        stream_close(&self->stream);
        CLOSE_SERVER();
    }
    END();
}

/* The server's end reaches those who have no protocol yet. */
TEST_BODY(clients_are_closed_in_their_handshake)
{
    BEGIN()
    {
        LISTEN();
        stream_connect(&self->stream, HOST, self->server.port);
        gen_wait_until(self->server.connections == 1);
        loop_server_close_clients(&self->server);
        CLOSE_SERVER();
        assert_int_equal(asked, 0);
        stream_read(self->n, &self->stream, self->data, sizeof self->data);
        assert_int_equal(self->n, 0);
        stream_close(&self->stream);
    }
    END();
}

/* So does the loop's, and one of a connection that is being made: to a socket that nobody serves. */
gen_declare(leaver, void);
struct leaver {
    struct gen gen;
    struct loop_server server;
    struct loop_connecting waits;
    struct stream stream;
    int silent; /* its port */
};
gen_define(leaver)
{
    gen_begin();
    LISTEN();
    stream_connect(&self->stream, HOST, self->server.port);
    self->waits.tls = &client;
    assert_int_equal(
        loop_begin_connection(loop_running(), &self->waits, give, &ours, HOST, self->silent), 0);
    gen_wait_until(self->server.connections == 1 && self->waits.loop__transport != NULL);
    stream_close(&self->stream);
    gen_end();
}

static void the_loop_ends_in_a_handshake(void **state)
{
    static struct leaver l;
    struct loop_sockaddr a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)state;
    assert_int_equal(loop_sockaddr(&a, HOST, 0), 0);
    assert_int_equal(bind(fd, &a.address.any, a.size), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, &a.address.any, &a.size), 0);
    l.silent = loop_address_port(&a.address);
    begin(&(const struct tls_options){.insecure = false});
    assert_int_equal(loop_run(leaver_any(&l)), 0);
    assert_int_equal(asked, 0);
    assert_int_equal(task_error(&l.waits.connected.future).code, LOOP_ECLOSED);
    assert_int_equal(l.server.connections, 0);
    assert_int_equal(close(fd), 0);
    end();
}

/* -- What goes wrong --------------------------------------------------------------------------- */

TEST_BODY(names_are_verified)
{
    BEGIN()
    {
        LISTEN();
        self->connecting.server_name = "other.test";
        RAISES(TLS_EVERIFY, CONNECT());
        self->connecting.server_name = "";
        CONNECT();
        transport_close(ours.protocol.transport);
        gen_wait_until(ours.lost && theirs.lost);
        assert_int_equal(asked, 2); /* once each */
        self->connecting.server_name = NULL;
        RAISES(EINVAL, loop_create_connection(&self->connecting, give, &ours, NULL, 1));
        RAISES(EINVAL, loop_create_unix_connection(&self->connecting, give, &ours, "/x"));
        CLOSE_SERVER();
    }
    END();
}

TEST_BODY(nobody_is_trusted)
{
    BEGIN_WITH(.authorities = "/etc/ssl/certs/ca-certificates.crt")
    {
        LISTEN();
        RAISES(TLS_EVERIFY, CONNECT());
        gen_wait_until(self->server.connections == 0);
        assert_int_equal(asked, 0);
        CLOSE_SERVER();
    }
    END();
}

TEST_BODY(peers_who_speak_no_tls)
{
    BEGIN()
    {
        LISTEN();
        stream_connect(&self->stream, HOST, self->server.port);
        stream_write(&self->stream, "GET / HTTP/1.0\r\n\r\n", 18);
        gen_try {
            for (self->n = 1; self->n > 0;)
                stream_read(self->n, &self->stream, self->data, sizeof self->data);
        }
        gen_except (ECONNRESET) {
        }
        gen_end_try
        stream_close(&self->stream);
        gen_wait_until(self->server.connections == 0);
        CLOSE_SERVER();
        loop_create_server(&self->server, give, &theirs, HOST, 0); /* in the clear */
        theirs.protocol.ops = ours.protocol.ops = &plain;
        self->connecting.tls = NULL;
        CONNECT();
        assert_null(tls_transport_ssl(ours.protocol.transport));
        assert_true(transport_can_write_eof(ours.protocol.transport));
        transport_close(ours.protocol.transport);
        gen_wait_until(ours.lost && theirs.lost);
        CLOSE_SERVER();
        stream_listen(&self->listener, HOST, 0);
        self->connecting.tls = &client;
        assert_int_equal(loop_begin_connection(loop_running(), &self->connecting, give, &ours, HOST,
                                               self->listener.port),
                         0);
        stream_accept(self->fd, &self->listener);
        stream_open(&self->stream, self->fd);
        stream_write(&self->stream, "220 who are you?\r\n", 18);
        RAISES(TLS_EPROTOCOL, task_await(&self->connecting.connected.future));
        stream_close(&self->stream);
        stream_server_close(&self->listener);
    }
    END();
}

TEST_BODY(a_handshake_has_a_limit)
{
    BEGIN_WITH(.handshake_timeout = 0.01)
    {
        LISTEN();
        stream_connect(&self->stream, HOST, self->server.port); /* and says nothing */
        stream_read(self->n, &self->stream, self->data, sizeof self->data);
        assert_int_equal(self->n, 0);
        stream_close(&self->stream);
        CLOSE_SERVER();
        stream_listen(&self->listener, HOST, 0);
        RAISES(ETIMEDOUT,
               loop_create_connection(&self->connecting, give, &ours, HOST, self->listener.port));
        stream_server_close(&self->listener);
        assert_int_equal(asked, 0);
    }
    END();
}

TEST_BODY(a_cancel_in_the_handshake)
{
    BEGIN()
    {
        stream_listen(&self->listener, HOST, 0);
        task_move_on (&self->inner, 0.01) {
            loop_create_connection(&self->connecting, give, &ours, HOST, self->listener.port);
        }
        task_end_scope
        assert_int_equal(asked, 0);
        stream_accept(self->fd, &self->listener);
        stream_open(&self->stream, self->fd);
        for (self->n = 1; self->n > 0;) /* the hello, and the end */
            stream_read(self->n, &self->stream, self->data, sizeof self->data);
        stream_close(&self->stream);
        stream_server_close(&self->listener);
    }
    END();
}

TEST_BODY(factories_that_give_none)
{
    BEGIN()
    {
        loop_create_server(&self->server, give_none, NULL, HOST, 0, .tls = &server);
        stream_connect(&self->stream, HOST, self->server.port);
        tls_start(&self->stream, &client, NULL);
        RAISES(TLS_ETRUNCATED,
               { stream_read(self->n, &self->stream, self->data, sizeof self->data); });
        stream_close(&self->stream);
        CLOSE_SERVER();
        LISTEN();
        RAISES(ENOMEM,
               loop_create_connection(&self->connecting, give_none, NULL, HOST, self->server.port));
        gen_wait_until(self->server.connections == 0);
        CLOSE_SERVER();
        RAISES(EINVAL, stream_listen(&self->listener, HOST, 0, .tls = &server));
        RAISES(EINVAL, loop_create_server(&self->server, give, &theirs, HOST, 0, .grace = 1));
    }
    END();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(there_and_back),
        TEST(into_a_small_buffer_with_pauses),
        TEST(closing_sends_all),
        TEST(with_a_stream),
        TEST(no_end_without_a_goodbye),
        TEST(abort_says_no_goodbye),
        TEST(a_goodbye_without_an_answer),
        TEST(clients_are_closed_in_their_handshake),
        TEST(the_loop_ends_in_a_handshake),
        TEST(names_are_verified),
        TEST(nobody_is_trusted),
        TEST(peers_who_speak_no_tls),
        TEST(a_handshake_has_a_limit),
        TEST(a_cancel_in_the_handshake),
        TEST(factories_that_give_none),
    };
    return cmocka_run_group_tests(tests, prepare, remove_certificates);
}
