/* Connecting: one address after the other, some that stall; names that are not found; cancels. Names
 * are looked up by this file, in place of loop/name.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/address.h"
#include "loop/name.h"
#include "loop/protocol.h"
#include "loop/stream.h"
#include "loop_scene.h"

enum { MOST = 20 };

/* -- The look-up ------------------------------------------------------------------------------- */

static struct addrinfo answer[MOST];
static struct loop_sockaddr addresses[MOST];
static int answer_code, answers_freed, lookups_cancelled;
static bool answer_never;

static void answer_now(void *arg)
{
    struct loop_lookup *lookup = arg;
    lookup->done(lookup, answer_code, answer_code ? NULL : answer);
}

void loop__lookup(struct loop *loop, struct loop_lookup *lookup, const char *host, int port,
                  int family, int socktype, int flags)
{
    (void)host, (void)port, (void)family, (void)socktype, (void)flags;
    if (!answer_never)
        (void)loop_call_soon(loop, &lookup->loop__call, answer_now, lookup);
}

void loop__lookup_cancel(struct loop_lookup *lookup)
{
    (void)lookup;
    lookups_cancelled++;
}

void loop_freeaddrinfo(struct addrinfo *list)
{
    assert_ptr_equal(list, answer);
    answers_freed++;
}

/* The host's next address. */
static void add_address(const char *host, int port)
{
    size_t i = 0;
    while (answer[i].ai_addr != NULL)
        i++;
    assert_true(i < MOST);
    assert_int_equal(loop_sockaddr(&addresses[i], host, port), 0);
    answer[i].ai_family = addresses[i].address.any.sa_family;
    answer[i].ai_addr = &addresses[i].address.any;
    answer[i].ai_addrlen = addresses[i].size;
    if (i > 0)
        answer[i - 1].ai_next = &answer[i];
}

/* -- Peers ------------------------------------------------------------------------------------- */

static int peers[MOST], peer_count;

static int listen_at(const char *host, int backlog)
{
    struct loop_sockaddr a;
    int fd;
    assert_int_equal(loop_sockaddr(&a, host, 0), 0);
    fd = socket(a.address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, &a.address.any, a.size), 0);
    assert_int_equal(listen(fd, backlog), 0);
    assert_int_equal(getsockname(fd, &a.address.any, &a.size), 0);
    peers[peer_count++] = fd;
    add_address(host, loop_address_port(&a.address));
    return peer_count - 1;
}

static void add_listening(const char *host)
{
    (void)listen_at(host, 8);
}

/* One that refuses. */
static void add_closed(const char *host)
{
    (void)listen_at(host, 1);
    (void)close(peers[--peer_count]);
}

/* One that does not answer, as its queue is full. */
static void add_stalled(const char *host)
{
    struct loop_sockaddr a;
    const int fd = peers[listen_at(host, 0)];
    a.size = sizeof a.address;
    assert_int_equal(getsockname(fd, &a.address.any, &a.size), 0);
    for (int i = 0; i < 3; i++) {
        peers[peer_count] =
            socket(a.address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(peers[peer_count++], &a.address.any, a.size);
    }
}

static void reset(void)
{
    memset(answer, 0, sizeof answer);
    answer_code = answers_freed = lookups_cancelled = peer_count = 0;
    answer_never = false;
}

static void close_peers(void)
{
    while (peer_count > 0)
        (void)close(peers[--peer_count]);
}

/* -- A client ---------------------------------------------------------------------------------- */

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope net;
    struct stream stream;
    char name[LOOP_NAME];
};
gen_define(client)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        stream_connect(&self->stream, "a.name", 1);
        assert_int_equal(stream_peer_name(&self->stream, self->name, sizeof self->name), 0);
        stream_close(&self->stream);
    }
    task_end_scope
    gen_end();
}

static int connect_once(struct client *c)
{
    int code;
    memset(c, 0, sizeof *c);
    code = loop_run(client_any(c));
    assert_int_equal(answers_freed, answer_code ? 0 : 1);
    close_peers();
    return code;
}

/* The address that was the i-th of the answer has it. */
static void assert_peer(const struct client *c, size_t i)
{
    char name[LOOP_NAME];
    assert_int_equal(loop_sockaddr_name(&addresses[i], name, sizeof name), 0);
    assert_string_equal(c->name, name);
}

static void the_first_has_it(void **state)
{
    struct client c;
    (void)state;
    reset();
    add_listening("127.0.0.1");
    add_listening("127.0.0.2");
    assert_int_equal(connect_once(&c), 0);
    assert_peer(&c, 0);
}

static void one_that_refuses_is_passed_over(void **state)
{
    struct client c;
    (void)state;
    reset();
    add_closed("127.0.0.1");
    add_closed("::1");
    add_listening("127.0.0.2");
    assert_int_equal(connect_once(&c), 0);
    assert_peer(&c, 2);
}

static void one_that_stalls_is_overtaken(void **state)
{
    struct client c;
    (void)state;
    reset();
    add_stalled("127.0.0.1");
    add_listening("127.0.0.2");
    assert_int_equal(connect_once(&c), 0);
    assert_peer(&c, 1);
}

static void families_take_turns(void **state)
{
    struct client c;
    (void)state;
    reset();
    add_stalled("127.0.0.1");
    add_listening("127.0.0.2");
    add_listening("::1");
    assert_int_equal(connect_once(&c), 0);
    assert_peer(&c, 2);
}

static void all_refuse(void **state)
{
    struct client c;
    (void)state;
    reset();
    for (int i = 0; i < MOST; i++) /* more than are tried */
        add_closed(i % 2 ? "127.0.0.1" : "::1");
    assert_int_equal(connect_once(&c), ECONNREFUSED);
}

static void a_name_that_is_not_known(void **state)
{
    struct client c;
    (void)state;
    reset();
    answer_code = NAME_ENONAME;
    assert_int_equal(connect_once(&c), NAME_ENONAME);
}

/* -- Protocols have the same ------------------------------------------------------------------- */

static void on_lost(struct protocol *p, int code)
{
    (void)p;
    assert_int_equal(code, 0);
}

static const struct protocol_ops ops = {.connection_lost = on_lost};
static struct protocol protocol;

static struct protocol *give(void *arg)
{
    return arg;
}

gen_declare(protocol_client, void);
struct protocol_client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope net;
    struct loop_connecting connecting;
    char name[LOOP_NAME];
};
gen_define(protocol_client)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        loop_create_connection(&self->connecting, give, &protocol, "a.name", 1);
        assert_int_equal(transport_peer_name(protocol.transport, self->name, sizeof self->name), 0);
        transport_close(protocol.transport);
        gen_wait_until(protocol.transport == NULL);
    }
    task_end_scope
    gen_end();
}

static void a_protocol_has_a_name_raced(void **state)
{
    struct protocol_client p = {.name = ""};
    char name[LOOP_NAME];
    (void)state;
    reset();
    protocol.ops = &ops;
    add_closed("127.0.0.1");
    add_stalled("127.0.0.1");
    add_listening("127.0.0.2");
    assert_int_equal(loop_run(protocol_client_any(&p)), 0);
    assert_int_equal(loop_sockaddr_name(&addresses[2], name, sizeof name), 0);
    assert_string_equal(p.name, name);
    assert_int_equal(answers_freed, 1);
    close_peers();
    reset();
    answer_code = NAME_ENONAME;
    memset(&p, 0, sizeof p);
    assert_int_equal(loop_run(protocol_client_any(&p)), NAME_ENONAME);
    assert_null(protocol.transport);
}

/* -- Giving up --------------------------------------------------------------------------------- */

gen_declare(hasty, void);
struct hasty {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope net;
    struct client client;
    struct task task;
    int i, code;
    bool close;
};
gen_define(hasty)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        start(loop_running(), &self->task, client_any(&self->client));
        for (self->i = 0; self->i < 5; self->i++)
            task_sleep(0);
        assert_false(task_done(&self->task.future));
        RAISES(EISCONN, stream_connect(&self->client.stream, "a.name", 1));
        if (self->close)
            stream_close(&self->client.stream);
        else
            (void)task_cancel(&self->task);
        RAISES(self->close ? EBADF : TASK_ECANCELLED, task_await(&self->task.future));
    }
    task_end_scope
    gen_end();
}

static void give_up(bool looked_up)
{
    for (int closed = 0; closed < 2; closed++) {
        struct hasty h = {.close = closed};
        reset();
        answer_never = !looked_up;
        add_stalled("127.0.0.1");
        assert_int_equal(loop_run(hasty_any(&h)), 0);
        assert_int_equal(answers_freed, looked_up);
        assert_int_equal(lookups_cancelled, !looked_up);
        close_peers();
    }
}

static void given_up_while_looking_up(void **state)
{
    (void)state;
    give_up(false);
}

static void given_up_while_connecting(void **state)
{
    (void)state;
    give_up(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_has_it),
        TEST(one_that_refuses_is_passed_over),
        TEST(one_that_stalls_is_overtaken),
        TEST(families_take_turns),
        TEST(all_refuse),
        TEST(a_name_that_is_not_known),
        TEST(a_protocol_has_a_name_raced),
        TEST(given_up_while_looking_up),
        TEST(given_up_while_connecting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
