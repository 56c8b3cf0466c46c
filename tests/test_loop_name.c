/* Names: literal addresses, files, servers, errors, time-outs, cancels, the loop's end.
 *
 * With c-ares a name server on the loopback is asked; without (test_loop_name_pool.c), a function in
 * place of the C library's. Both know the same names. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/datagram.h"
#include "loop/name.h"
#include "loop_scene.h"

#ifndef NAMES_POOL

/* -- A name server ----------------------------------------------------------------------------- */

static const struct record {
    const char *name;
    int type; /* 1 A, 5 CNAME, 12 PTR, 28 AAAA */
    unsigned char data[16];
    const char *text;
} records[] = {
    {"two.test", 1, {10, 0, 0, 1}, NULL},           {"two.test", 1, {10, 0, 0, 2}, NULL},
    {"two.test", 28, {0xfd, [15] = 1}, NULL},       {"v4.test", 1, {10, 0, 0, 4}, NULL},
    {"slow.test", 1, {10, 0, 0, 5}, NULL},          {"alias.test", 5, {0}, "v4.test"},
    {"1.0.0.10.in-addr.arpa", 12, {0}, "two.test"},
};
enum { RECORDS = sizeof records / sizeof *records };

static struct dns {
    struct datagram socket;
    unsigned char question[1024], held[1024];
    size_t held_size;
    struct loop_sockaddr held_from;
    bool hold; /* keeps a question for slow.test, and answers it later */
} dns;

/* "\3two\4test\0" of a name; its size. */
static size_t put_name(unsigned char *to, const char *name)
{
    size_t at = 0;
    while (*name != 0) {
        size_t n = strcspn(name, ".");
        to[at++] = (unsigned char)n;
        memcpy(to + at, name, n);
        at += n;
        name += n + (name[n] != 0);
    }
    to[at] = 0;
    return at + 1;
}

static size_t take_name(char *to, const unsigned char *from)
{
    size_t at = 0;
    while (from[at] != 0) {
        memcpy(to + at, from + at + 1, from[at]);
        to[at + from[at]] = '.';
        at += from[at] + 1U;
    }
    to[at > 0 ? at - 1 : 0] = 0;
    return at + 1;
}

static size_t put_record(unsigned char *to, const struct record *r)
{
    size_t at = put_name(to, r->name);
    size_t size = r->type == 1 ? 4 : 16;
    const unsigned char head[] = {0, (unsigned char)r->type, 0, 1, 0, 0, 0, 60, 0};
    memcpy(to + at, head, sizeof head);
    at += sizeof head + 1;
    if (r->text != NULL)
        size = put_name(to + at, r->text);
    else
        memcpy(to + at, r->data, size);
    to[at - 1] = (unsigned char)size;
    return at + size;
}

/* Returns where the message ends. */
static size_t put_answers(unsigned char *message, size_t at, const char *name, int type, int *code)
{
    for (const struct record *r = records; r < records + RECORDS; r++) {
        if (strcmp(r->name, name) != 0)
            continue;
        *code = 0;
        if (r->type == type || r->type == 5) {
            at += put_record(message + at, r);
            message[7]++;
        }
        if (r->type == 5 && type != 5)
            at = put_answers(message, at, r->text, type, code);
    }
    return at;
}

static void reply(unsigned char *message, const struct loop_sockaddr *to)
{
    char name[256];
    size_t at = 12 + take_name(name, message + 12) + 4;
    int code = strcmp(name, "fail.test") == 0 ? 2 : 3;
    at = put_answers(message, at, name, message[at - 3], &code);
    message[2] = 0x81;
    message[3] = (unsigned char)(0x80 | code);
    message[11] = 0;
    assert_int_equal(sendto(dns.socket.fd, message, at, 0, &to->address.any, to->size), at);
}

static void asked(struct datagram *d, int code, size_t n, const struct loop_sockaddr *from,
                  void *arg)
{
    char name[256];
    (void)d, (void)arg;
    assert_int_equal(code, 0);
    (void)take_name(name, dns.question + 12);
    if (strcmp(name, "silent.test") == 0)
        return;
    if (strcmp(name, "slow.test") == 0 && dns.hold) {
        memcpy(dns.held, dns.question, n);
        dns.held_size = n;
        dns.held_from = *from;
        return;
    }
    reply(dns.question, from);
}

static void open_names(struct loop *loop, double timeout)
{
    struct loop_sockaddr any;
    char server[LOOP_NAME];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memset(&dns, 0, sizeof dns);
    assert_int_equal(loop_sockaddr(&any, "127.0.0.1", 0), 0);
    assert_int_equal(bind(fd, &any.address.any, any.size), 0);
    assert_int_equal(datagram_open_socket(loop, &dns.socket, fd), 0);
    assert_int_equal(
        datagram_on_receive(&dns.socket, dns.question, sizeof dns.question, asked, NULL), 0);
    assert_int_equal(datagram_local_name(&dns.socket, server, sizeof server), 0);
    assert_int_equal(loop_set_dns(loop, server, timeout, 2), 0);
}

static void close_names_server(void)
{
    datagram_close(&dns.socket);
}

static void hold(void)
{
    dns.hold = true;
}

static bool is_held(void)
{
    return dns.held_size > 0;
}

static void release(void)
{
    dns.hold = false;
    if (dns.held_size > 0)
        reply(dns.held, &dns.held_from);
}

#endif

/* -- Bodies ------------------------------------------------------------------------------------ */

/* Asks, and keeps the answer as a text: "[::1]:80 127.0.0.1:80 ". */
gen_declare(question, void);
struct question {
    struct gen gen;
    const char *host, *service;
    int family, socktype, flags;
    struct addrinfo *list;
    int code, count;
    char text[512], canonical[64];
};

static void put_text(struct question *q)
{
    size_t at = 0;
    if (q->list->ai_canonname != NULL)
        (void)snprintf(q->canonical, sizeof q->canonical, "%s", q->list->ai_canonname);
    for (const struct addrinfo *a = q->list; a != NULL; a = a->ai_next) {
        struct loop_sockaddr address = {.size = a->ai_addrlen};
        memcpy(&address.address, a->ai_addr, a->ai_addrlen);
        assert_int_equal(a->ai_family, address.address.any.sa_family);
        assert_int_equal(a->ai_socktype, q->socktype);
        assert_int_equal(loop_sockaddr_name(&address, q->text + at, sizeof q->text - at), 0);
        at += strlen(q->text + at);
        q->text[at++] = ' ';
        q->text[at] = 0;
        q->count++;
    }
}

gen_define(question)
{
    gen_begin();
    gen_try {
        loop_getaddrinfo(self->list, self->host, self->service, self->family, self->socktype,
                         self->flags);
        put_text(self);
        loop_freeaddrinfo(self->list);
    }
    gen_except_all {
        self->code = gen_caught.code;
    }
    gen_end_try
    gen_end();
}

/* Runs one question to its end. */
static const struct question *answer(struct loop *loop, const char *host, const char *service,
                                     int family, int flags)
{
    static struct question q;
    q = (struct question){.host = host,
                          .service = service,
                          .family = family,
                          .socktype = SOCK_STREAM,
                          .flags = flags};
    assert_int_equal(loop_run_until_complete(loop, question_any(&q)), 0);
    return &q;
}

static bool has_ipv6(void)
{
    const struct addrinfo hints = {.ai_family = AF_INET6, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *list = NULL;
    int code = getaddrinfo(NULL, "0", &hints, &list);
    if (code == 0)
        freeaddrinfo(list);
    return code == 0;
}

/* -- What needs nobody ------------------------------------------------------------------------- */

static void literal_addresses_and_none(void **state)
{
    struct loop loop;
    struct question any_type;
    const struct question *q;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_string_equal(answer(&loop, "127.0.0.1", "80", AF_UNSPEC, 0)->text, "127.0.0.1:80 ");
    assert_string_equal(answer(&loop, "::1", "65535", AF_UNSPEC, 0)->text, "[::1]:65535 ");
    assert_string_equal(answer(&loop, "fe80::1%1234", NULL, AF_UNSPEC, 0)->text,
                        "[fe80::1%1234]:0 ");
    any_type = (struct question){.host = "10.0.0.1"}; /* each address once */
    assert_int_equal(loop_run_until_complete(&loop, question_any(&any_type)), 0);
    assert_string_equal(any_type.text, "10.0.0.1:0 ");
    assert_string_equal(answer(&loop, "10.0.0.1", "1", AF_INET, AI_NUMERICHOST)->text,
                        "10.0.0.1:1 ");
    assert_string_equal(answer(&loop, NULL, "1", AF_INET, 0)->text, "127.0.0.1:1 ");
    assert_string_equal(answer(&loop, NULL, "1", AF_INET, AI_PASSIVE)->text, "0.0.0.0:1 ");
    if (has_ipv6()) {
        assert_string_equal(answer(&loop, NULL, "1", AF_INET6, 0)->text, "[::1]:1 ");
        q = answer(&loop, NULL, "1", AF_UNSPEC, 0);
        assert_int_equal(q->count, 2);
    }
    if (getservbyname("http", "tcp") != NULL)
        assert_string_equal(answer(&loop, "::1", "http", AF_UNSPEC, 0)->text, "[::1]:80 ");

    assert_int_equal(answer(&loop, "127.0.0.1", NULL, AF_INET6, 0)->code, NAME_ENONAME);
    assert_int_equal(answer(&loop, "two.test", NULL, AF_UNSPEC, AI_NUMERICHOST)->code,
                     NAME_ENONAME);
    assert_int_equal(answer(&loop, "::1", "nosuchservice", AF_UNSPEC, 0)->code, NAME_ENONAME);
    assert_int_equal(answer(&loop, "::1", "http", AF_UNSPEC, AI_NUMERICSERV)->code, NAME_ENONAME);
    assert_int_equal(answer(&loop, "", NULL, AF_UNSPEC, 0)->code, NAME_ENONAME);
    assert_int_equal(answer(&loop, "::1", "65536", AF_UNSPEC, 0)->code, EINVAL);
    assert_int_equal(answer(&loop, "::1", NULL, AF_UNIX, 0)->code, EINVAL);
    assert_int_equal(answer(&loop, "::1", NULL, AF_UNSPEC, 1 << 30)->code, EINVAL);
    assert_int_equal(loop_close(&loop), 0);
}

static void a_name_of_this_machine(void **state)
{
    struct loop loop;
    const struct question *q;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    open_names(&loop, 1);
    assert_string_equal(answer(&loop, "localhost", "1", AF_INET, 0)->text, "127.0.0.1:1 ");
    q = answer(&loop, "localhost", "1", AF_UNSPEC, 0);
    assert_non_null(strstr("127.0.0.1:1 [::1]:1 127.0.0.1:1 ", q->text));
    close_names_server();
    assert_int_equal(loop_close(&loop), 0);
}

/* -- Servers ----------------------------------------------------------------------------------- */

static void what_servers_say(void **state)
{
    struct loop loop;
    const struct question *q;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    open_names(&loop, 1);
    q = answer(&loop, "two.test", "25", AF_UNSPEC, 0);
    assert_non_null(strstr(q->text, "10.0.0.1:25 "));
#ifndef NAMES_POOL
    assert_int_equal(q->count, 3);
    assert_non_null(strstr(q->text, "10.0.0.2:25 "));
    assert_non_null(strstr(q->text, "[fd00::1]:25 "));
    assert_int_equal(answer(&loop, "two.test", "25", AF_INET, 0)->count, 2);
    assert_int_equal(answer(&loop, "two.test", "25", AF_INET6, 0)->count, 1);
#endif
    q = answer(&loop, "v4.test", NULL, AF_UNSPEC, 0);
    assert_string_equal(q->text, "10.0.0.4:0 ");
    assert_string_equal(q->canonical, "");
    q = answer(&loop, "alias.test", "1", AF_UNSPEC, AI_CANONNAME);
    assert_string_equal(q->text, "10.0.0.4:1 ");
    assert_string_equal(q->canonical, "v4.test");
    assert_int_equal(answer(&loop, "v4.test", NULL, AF_INET6, 0)->code, NAME_ENONAME);
    assert_int_equal(answer(&loop, "none.test", NULL, AF_UNSPEC, 0)->code, NAME_ENONAME);
    assert_int_equal(answer(&loop, "fail.test", NULL, AF_UNSPEC, 0)->code, NAME_EAGAIN);
    close_names_server();
    assert_int_equal(loop_close(&loop), 0);
}

gen_declare(name_question, void);
struct name_question {
    struct gen gen;
    const char *address;
    int port, flags, code;
    struct loop_sockaddr of;
    size_t room;
    char host[64], service[32];
};
gen_define(name_question)
{
    gen_begin();
    assert_int_equal(loop_sockaddr(&self->of, self->address, self->port), 0);
    gen_try {
        loop_getnameinfo(&self->of.address.any, self->of.size, self->host,
                         self->room ? self->room : sizeof self->host, self->service,
                         sizeof self->service, self->flags);
    }
    gen_except_any {
        self->code = gen_caught.code;
    }
    gen_end_try
    gen_end();
}

static const struct name_question *name_of(struct loop *loop, const char *address, int port,
                                           int flags, size_t room)
{
    static struct name_question q;
    q = (struct name_question){.address = address, .port = port, .flags = flags, .room = room};
    assert_int_equal(loop_run_until_complete(loop, name_question_any(&q)), 0);
    return &q;
}

static void addresses_have_names(void **state)
{
    struct loop loop;
    const struct name_question *q;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    open_names(&loop, 1);
    q = name_of(&loop, "10.0.0.1", 1234, 0, 0);
    assert_int_equal(q->code, 0);
    assert_string_equal(q->host, "two.test");
    assert_string_equal(q->service, "1234");
    q = name_of(&loop, "10.0.0.1", 80, NI_NUMERICHOST | NI_NUMERICSERV, 0);
    assert_string_equal(q->host, "10.0.0.1");
    assert_string_equal(q->service, "80");
    if (getservbyport(htons(80), "tcp") != NULL)
        assert_string_equal(name_of(&loop, "::1", 80, NI_NUMERICHOST, 0)->service, "http");
    q = name_of(&loop, "10.0.0.9", 1, 0, 0);
    assert_int_equal(q->code, 0);
    assert_string_equal(q->host, "10.0.0.9");
    assert_int_equal(name_of(&loop, "10.0.0.9", 1, NI_NAMEREQD, 0)->code, NAME_ENONAME);
    assert_int_equal(name_of(&loop, "10.0.0.1", 1, 0, 8)->code, ENOSPC);
    assert_int_equal(name_of(&loop, "10.0.0.1", 1, 0, 9)->code, 0);
    assert_int_equal(name_of(&loop, "10.0.0.1", 1, 1 << 30, 0)->code, EINVAL);
    close_names_server();
    assert_int_equal(loop_close(&loop), 0);
}

#ifndef NAMES_POOL
static void a_silent_server_times_out(void **state)
{
    struct loop loop;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    open_names(&loop, 0.01);
    assert_int_equal(answer(&loop, "silent.test", NULL, AF_UNSPEC, 0)->code, NAME_EAGAIN);
    close_names_server(); /* and one that is not there, refuses */
    assert_int_equal(answer(&loop, "v4.test", NULL, AF_UNSPEC, 0)->code, NAME_EAGAIN);
    assert_int_equal(loop_set_dns(&loop, "not an address", 0, 0), EINVAL);
    assert_int_equal(loop_set_dns(&loop, "127.0.0.1", -1, 0), EINVAL);
    assert_int_equal(loop_set_dns(&loop, "127.0.0.1", 0, -1), EINVAL);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(loop_set_dns(&loop, "127.0.0.1", 0, 0), LOOP_ECLOSED);
}
#else
static void a_silent_server_times_out(void **state)
{
    struct loop loop;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(loop_set_dns(&loop, "127.0.0.1", 0, 0), ENOTSUP);
    assert_int_equal(loop_close(&loop), 0);
}
#endif

/* -- Many, and cancels ------------------------------------------------------------------------- */

enum { MANY = 100 };

gen_declare(crowd, void);
struct crowd {
    struct gen gen;
    struct question questions[MANY], slow;
    struct task tasks[MANY], wait;
    int i;
};
gen_define(crowd)
{
    gen_begin();
    for (self->i = 0; self->i < MANY; self->i++) {
        self->questions[self->i].host = self->i % 2 ? "v4.test" : "none.test";
        start(loop_running(), &self->tasks[self->i], question_any(&self->questions[self->i]));
    }
    for (self->i = 0; self->i < MANY; self->i++) {
        task_await(&self->tasks[self->i].future);
        if (self->i % 2)
            assert_string_equal(self->questions[self->i].text, "10.0.0.4:0 ");
        else
            assert_int_equal(self->questions[self->i].code, NAME_ENONAME);
    }

    /* cancelled at once; and while the server thinks; which then answers nobody */
    self->slow = (struct question){.host = "v4.test"};
    start(loop_running(), &self->wait, question_any(&self->slow));
    task_sleep(0);
    assert_true(task_cancel(&self->wait));
    task_await(&self->wait.future);
    assert_int_equal(self->slow.code, GEN_CANCELLED);
    hold();
    self->slow = (struct question){.host = "slow.test", .family = AF_INET};
    start(loop_running(), &self->wait, question_any(&self->slow));
    while (!is_held())
        task_sleep(0);
    assert_false(task_done(&self->wait.future));
#ifndef NAMES_POOL
    assert_int_equal(loop_set_dns(loop_running(), "127.0.0.1", 0, 0), GEN_EBADSTATE);
#endif
    assert_true(task_cancel(&self->wait));
    task_await(&self->wait.future);
    assert_int_equal(self->slow.code, GEN_CANCELLED);
    memset(&self->slow, 0xee, sizeof self->slow); /* its frame has gone */
    release();
    self->slow = (struct question){.host = "slow.test", .family = AF_INET};
    start(loop_running(), &self->wait, question_any(&self->slow));
    task_await(&self->wait.future);
    assert_string_equal(self->slow.text, "10.0.0.5:0 ");
    gen_end();
}

static void a_hundred_at_once_and_cancels(void **state)
{
    struct crowd *c = calloc(1, sizeof *c);
    struct loop loop;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    open_names(&loop, 5);
    assert_int_equal(loop_run_until_complete(&loop, crowd_any(c)), 0);
    close_names_server();
    assert_int_equal(loop_close(&loop), 0);
    free(c);
}

/* -- Callbacks --------------------------------------------------------------------------------- */

struct answer {
    struct loop_lookup lookup;
    struct loop *loop;
    int calls, code;
    struct answer *next; /* which is cancelled by this one's answer */
};

static void on_answer_come(struct loop_lookup *lookup, int code, struct addrinfo *list)
{
    struct answer *a = TASK__OF(struct answer, lookup, lookup);
    a->calls++;
    a->code = code;
    loop_freeaddrinfo(list);
    if (a->next != NULL)
        loop__lookup_cancel(&a->next->lookup);
    loop_stop(a->loop);
}

static void look_up(struct loop *loop, struct answer *a, const char *host)
{
    a->loop = loop;
    a->lookup.done = on_answer_come;
    loop__lookup(loop, &a->lookup, host, 80, AF_INET, SOCK_STREAM, 0);
}

static void callbacks_come_later_and_once(void **state)
{
    struct loop loop;
    struct answer a = {.calls = 0}, b = {.calls = 0};
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    open_names(&loop, 5);
    look_up(&loop, &a, "127.0.0.1");
    assert_int_equal(a.calls, 0);
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_int_equal(a.calls, 1);
    assert_int_equal(a.code, 0);
    loop__lookup_cancel(&a.lookup); /* harmless */

    look_up(&loop, &a, "localhost");
    assert_int_equal(a.calls, 1);
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_int_equal(a.calls, 2);

    look_up(&loop, &a, "127.0.0.1"); /* answered, and cancelled before it is told */
    loop__lookup_cancel(&a.lookup);
    look_up(&loop, &b, "v4.test");
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_int_equal(b.calls, 1);
    assert_int_equal(b.code, 0);
    assert_int_equal(a.calls, 2);

    b.next = &a;
    look_up(&loop, &b, "127.0.0.1");
    look_up(&loop, &a, "127.0.0.2");
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_int_equal(b.calls, 2);
    assert_int_equal(a.calls, 2); /* was cancelled by b's answer */
    close_names_server();
    assert_int_equal(loop_close(&loop), 0);
}

static void the_loop_ends_with_questions_under_way(void **state)
{
    struct loop loop;
    struct answer literal = {.calls = 0}, slow = {.calls = 0}, dropped = {.calls = 0};
    struct question task_question = {.host = "slow.test", .family = AF_INET};
    struct task task = {.name = NULL};
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    open_names(&loop, 5);
    hold();
    start(&loop, &task, question_any(&task_question));
    while (!is_held()) {
        loop_stop(&loop);
        assert_int_equal(loop_run_forever(&loop), 0);
    }
    look_up(&loop, &dropped, "slow.test");
    look_up(&loop, &slow, "slow.test");
    look_up(&loop, &literal, "127.0.0.1");
    slow.next = &dropped;
    close_names_server();
#ifdef NAMES_POOL
    release(); /* a thread is waited for, so it may still come to an answer */
    assert_int_equal(loop_close(&loop), 0);
#else
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(slow.code, LOOP_ECLOSED);
    assert_int_equal(dropped.calls, 0);
#endif
    assert_int_equal(task_question.code, GEN_CANCELLED);
    assert_int_equal(slow.calls, 1);
    assert_int_equal(literal.calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(literal_addresses_and_none),
        TEST(a_name_of_this_machine),
        TEST(what_servers_say),
        TEST(addresses_have_names),
        TEST(a_silent_server_times_out),
        TEST(a_hundred_at_once_and_cancels),
        TEST(callbacks_come_later_and_once),
        TEST(the_loop_ends_with_questions_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
