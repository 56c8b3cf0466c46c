/* TLS: both roles, who is trusted, names, protocols, upgrades, ends; and `openssl` as the peer. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/tls.h"
#include "certificates.h"
#include "loop_scene.h"
#include "serving.h"

enum { BIG = 1 << 20 };
static char sent[BIG], got[BIG];

static int prepare(void **state)
{
    (void)state;
    for (size_t i = 0; i < BIG; i++)
        sent[i] = (char)(i * 2654435761U >> 13);
    return make_certificates() || make_certificate("other.test", "DNS:other.test");
}

/* -- A client and a server in one loop --------------------------------------------------------- */

struct scene {
    const char *server_name; /* that the client asks for */
    bool starttls;           /* a line in the clear before */
    bool rude;               /* the server closes without a goodbye */
    bool aborts;             /* or resets the connection after the first answer */
    bool once;               /* or says it then */
    bool halves;             /* the client writes two pieces */
    size_t size;             /* echoed */
    /* what came of it */
    int client_code, server_code;
    char text[96], server_text[96], alpn[16], server_alpn[16];
};
static struct scene scene;
static struct tls_context client_context, server_context, other_context;

gen_declare(handler, void);
struct handler {
    struct gen gen;
    struct stream *stream;
    struct stream_bytes line;
    size_t n;
    char memory[64], data[16384];
};
gen_define(handler)
{
    gen_begin();
    gen_try {
        if (scene.starttls) {
            (void)stream_set_read_buffer(self->stream, self->memory, sizeof self->memory);
            stream_readline(self->line, self->stream);
            stream_write(self->stream, "go\n", 3);
        }
        tls_start(self->stream, &server_context, NULL);
        assert_int_equal(tls_alpn(self->stream, scene.server_alpn, sizeof scene.server_alpn), 0);
        for (;;) {
            stream_read(self->n, self->stream, self->data, sizeof self->data);
            if (self->n == 0)
                break;
            stream_write(self->stream, self->data, self->n);
            if (scene.once)
                break;
            if (scene.aborts) {
                stream_abort(self->stream);
                gen_stop();
            }
            if (scene.rude) {
                (void)shutdown(self->stream->fd, SHUT_RDWR);
                gen_stop();
            }
        }
        tls_shutdown(self->stream);
    }
    gen_except_any {
        scene.server_code = gen_caught.code;
        (void)snprintf(scene.server_text, sizeof scene.server_text, "%s",
                       gen_caught.text ? gen_caught.text : "");
    }
    gen_end_try
    gen_end();
}

SERVING(handler)

gen_declare(writer, void);
struct writer {
    struct gen gen;
    struct stream *stream;
    size_t size;
    struct stream_bytes halves[2];
};
gen_define(writer)
{
    gen_begin();
    self->halves[0].data = sent;
    self->halves[0].size = self->size / 2;
    self->halves[1].data = sent + self->size / 2;
    self->halves[1].size = self->size - self->size / 2;
    if (scene.halves)
        stream_writelines(self->stream, self->halves, 2);
    else
        stream_write(self->stream, sent, self->size);
    assert_int_equal(stream_write_eof(self->stream), 0);
    gen_end();
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope net;
    struct stream_server server;
    struct serving serving;
    struct writer writer;
    struct task task, write;
    struct stream stream;
    size_t n;
    char line[4];
};
gen_define(client)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        stream_listen(&self->server, "127.0.0.1", 0);
        SERVE();
        stream_connect(&self->stream, "127.0.0.1", self->server.port);
        gen_try {
            if (scene.starttls) {
                stream_write(&self->stream, "starttls\n", 9);
                stream_readexactly(self->n, &self->stream, self->line, 3);
            }
            tls_start(&self->stream, &client_context, scene.server_name);
            assert_int_equal(tls_alpn(&self->stream, scene.alpn, sizeof scene.alpn), 0);
            self->writer.stream = &self->stream;
            self->writer.size = scene.size;
            start(loop_running(), &self->write, writer_any(&self->writer));
            stream_readexactly(self->n, &self->stream, got, scene.size);
            task_await(&self->write.future);
            stream_readall(self->n, &self->stream, self->line, sizeof self->line);
            assert_int_equal(self->n, 0);
        }
        gen_except_any {
            scene.client_code = gen_caught.code;
            (void)snprintf(scene.text, sizeof scene.text, "%s",
                           gen_caught.text ? gen_caught.text : "");
        }
        gen_end_try
        stream_close(&self->stream);
        while (self->server.connections > 0)
            task_sleep(0);
        (void)task_cancel(&self->task);
        gen_try {
            task_await(&self->task.future);
        }
        gen_except (TASK_ECANCELLED) {
        }
        gen_end_try
    }
    task_end_scope
    gen_end();
}

/* Runs the scene with these contexts, and closes them. */
static void play(const struct tls_options *of_client, const struct tls_options *of_server)
{
    static struct client c;
    assert_int_equal(tls_context_open(&client_context, TLS_CLIENT, of_client), 0);
    assert_int_equal(tls_context_open(&server_context, TLS_SERVER, of_server), 0);
    memset(&c, 0, sizeof c);
    memset(got, 0, sizeof got);
    assert_int_equal(loop_run(client_any(&c)), 0);
    tls_context_close(&client_context);
    tls_context_close(&server_context);
}

static struct tls_options trusting(void)
{
    const struct tls_options o = {.authorities = in_folder("localhost.pem")};
    return o;
}

static struct tls_options certified(const char *name)
{
    struct tls_options o = {.authorities = NULL};
    char file[32];
    (void)snprintf(file, sizeof file, "%s.pem", name);
    o.certificate = in_folder(file);
    (void)snprintf(file, sizeof file, "%s.key", name);
    o.key = in_folder(file);
    return o;
}

static void a_mebibyte_comes_back(void **state)
{
    struct tls_options of_client = trusting(), of_server = certified("localhost");
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.server_name = "localhost";
    scene.size = BIG;
    scene.halves = true;
    of_client.alpn = "h2,http/1.1";
    of_server.alpn = "spdy/3,http/1.1,h2";
    play(&of_client, &of_server);
    assert_int_equal(scene.client_code, 0);
    assert_int_equal(scene.server_code, 0);
    assert_memory_equal(got, sent, BIG);
    assert_string_equal(scene.alpn, "http/1.1");
    assert_string_equal(scene.server_alpn, "http/1.1");
}

static void an_address_is_a_name(void **state)
{
    const struct tls_options of_client = trusting(), of_server = certified("localhost");
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.server_name = "127.0.0.1";
    scene.size = 10;
    play(&of_client, &of_server);
    assert_int_equal(scene.client_code, 0);
    assert_string_equal(scene.alpn, "");
}

static void a_plain_stream_is_upgraded(void **state)
{
    const struct tls_options of_client = trusting(), of_server = certified("localhost");
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.server_name = "localhost";
    scene.starttls = true;
    scene.size = 100000;
    play(&of_client, &of_server);
    assert_int_equal(scene.client_code, 0);
    assert_memory_equal(got, sent, 100000);
}

static void nobody_is_trusted_without_reason(void **state)
{
    const struct tls_options of_client = {.authorities = in_folder("other.test.pem")};
    const struct tls_options of_server = certified("localhost");
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.server_name = "localhost";
    play(&of_client, &of_server);
    assert_int_equal(scene.client_code, TLS_EVERIFY);
    assert_string_equal(scene.text, "self-signed certificate");
    assert_int_equal(scene.server_code, TLS_EPROTOCOL);
    assert_non_null(strstr(scene.server_text, "alert unknown ca"));
}

static void a_name_has_to_fit(void **state)
{
    const struct tls_options of_client = trusting(), of_server = certified("localhost");
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.server_name = "example.org";
    play(&of_client, &of_server);
    assert_int_equal(scene.client_code, TLS_EVERIFY);
    assert_string_equal(scene.text, "hostname mismatch");
}

static void unless_nobody_asks(void **state)
{
    const struct tls_options of_client = {.insecure = true}, of_server = certified("localhost");
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.server_name = "example.org";
    scene.size = 3;
    play(&of_client, &of_server);
    assert_int_equal(scene.client_code, 0);
}

static void the_name_chooses_the_certificate(void **state)
{
    const struct tls_options of_client = {.authorities = in_folder("other.test.pem")};
    const struct tls_options of_server = certified("localhost"), of_other = certified("other.test");
    static struct client c;
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.server_name = "other.test";
    scene.size = 1000;
    assert_int_equal(tls_context_open(&client_context, TLS_CLIENT, &of_client), 0);
    assert_int_equal(tls_context_open(&server_context, TLS_SERVER, &of_server), 0);
    assert_int_equal(tls_context_open(&other_context, TLS_SERVER, &of_other), 0);
    tls_context_add(&server_context, &other_context, "other.test");
    memset(&c, 0, sizeof c);
    assert_int_equal(loop_run(client_any(&c)), 0);
    assert_int_equal(scene.client_code, 0);
    tls_context_close(&client_context);
    tls_context_close(&server_context);
    tls_context_close(&other_context);
}

static void a_server_may_ask_too(void **state)
{
    struct tls_options of_client = trusting(), of_server = certified("localhost");
    (void)state;
    of_server.ask = true;
    of_server.authorities = in_folder("other.test.pem");
    memset(&scene, 0, sizeof scene);
    scene.server_name = "localhost";
    scene.size = 5;
    play(&of_client, &of_server);
    assert_int_equal(scene.server_code, TLS_EVERIFY);
    assert_int_not_equal(scene.client_code, 0);

    memset(&scene, 0, sizeof scene);
    scene.server_name = "localhost";
    scene.size = 5;
    of_client.certificate = in_folder("other.test.pem");
    of_client.key = in_folder("other.test.key");
    play(&of_client, &of_server);
    assert_int_equal(scene.server_code, 0);
    assert_int_equal(scene.client_code, 0);
}

static void an_end_without_goodbye_is_told(void **state)
{
    const struct tls_options of_client = trusting(), of_server = certified("localhost");
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.server_name = "localhost";
    scene.size = 5;
    scene.rude = true;
    play(&of_client, &of_server);
    assert_int_equal(scene.client_code, TLS_ETRUNCATED);
}

/* A goodbye before the reset would be an end like any other. */
static void an_abort_is_no_end(void **state)
{
    const struct tls_options of_client = trusting(), of_server = certified("localhost");
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.server_name = "localhost";
    scene.size = 5;
    scene.aborts = true;
    play(&of_client, &of_server);
    assert_int_equal(scene.client_code, ECONNRESET);
}

static void contexts_that_are_of_no_use(void **state)
{
    struct tls_context c;
    const struct tls_options missing = {.authorities = "/nonexistent"};
    const struct tls_options mixed = {.certificate = in_folder("localhost.pem"),
                                      .key = in_folder("other.test.key")};
    const struct tls_options empty = {.alpn = "h2,,h3"};
    (void)state;
    assert_int_equal(tls_context_open(&c, TLS_CLIENT, &missing), TLS_ECONTEXT);
    assert_int_equal(tls_context_open(&c, TLS_SERVER, &mixed), TLS_ECONTEXT);
    assert_int_equal(tls_context_open(&c, TLS_CLIENT, &empty), TLS_ECONTEXT);
}

/* -- One end alone ----------------------------------------------------------------------------- */

gen_declare(lonely, void);
struct lonely {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope net, short_scope;
    struct stream stream;
    const char *says; /* what the peer sends; NULL: nothing, and the handshake is given up */
    int pair[2], code;
    size_t n;
    char memory[64];
};
gen_define(lonely)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, self->pair), 0);
        stream_open(&self->stream, self->pair[0]);
        if (self->says != NULL)
            assert_int_equal(write(self->pair[1], self->says, strlen(self->says)),
                             strlen(self->says));
        gen_try {
            task_move_on (&self->short_scope, 0.02) {
                tls_start(&self->stream, &client_context, "localhost");
            }
            task_end_scope
        }
        gen_except_any {
            self->code = gen_caught.code;
        }
        gen_end_try
        assert_null(self->stream.stream__loop);
        (void)close(self->pair[1]);
    }
    task_end_scope
    gen_end();
}

static void a_peer_that_does_not_speak_it(void **state)
{
    struct lonely l = {.says = "HTTP/1.0 400 Bad Request\r\n\r\n"};
    (void)state;
    assert_int_equal(tls_context_open(&client_context, TLS_CLIENT, NULL), 0);
    assert_int_equal(loop_run(lonely_any(&l)), 0);
    assert_int_equal(l.code, TLS_EPROTOCOL);
    tls_context_close(&client_context);
}

static void a_handshake_is_given_up(void **state)
{
    struct lonely l = {.says = NULL};
    (void)state;
    assert_int_equal(tls_context_open(&client_context, TLS_CLIENT, NULL), 0);
    assert_int_equal(loop_run(lonely_any(&l)), 0);
    assert_true(task_scope_expired(&l.short_scope));
    tls_context_close(&client_context);
}

/* -- openssl as the peer ----------------------------------------------------------------------- */

/* Starts a shell's command; *out is its output, non-blocking. */
static pid_t start_shell(const char *command, int *out)
{
    int ends[2];
    pid_t pid;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        (void)dup2(ends[1], 1);
        (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *out = ends[0];
    return pid;
}

gen_declare(s_client, void);
struct s_client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope net;
    struct stream_server server;
    struct serving serving;
    struct task task;
    struct stream output;
    size_t n;
    pid_t pid;
    char text[64];
};
gen_define(s_client)
{
    char command[256];
    int fd;
    gen_begin();
    task_timeout (&self->net, 30) {
        stream_listen(&self->server, "127.0.0.1", 0);
        SERVE();
        (void)snprintf(command, sizeof command,
                       "echo hello | timeout 20 openssl s_client -quiet -verify_return_error "
                       "-CAfile %s -verify_hostname localhost -connect 127.0.0.1:%d 2>/dev/null",
                       in_folder("localhost.pem"), self->server.port);
        self->pid = start_shell(command, &fd);
        stream_open_pipe(&self->output, fd);
        stream_readall(self->n, &self->output, self->text, sizeof self->text);
        stream_close(&self->output);
        (void)waitpid(self->pid, NULL, 0);
    }
    task_end_scope
    gen_end();
}

static void s_client_is_served(void **state)
{
    const struct tls_options of_server = certified("localhost");
    static struct s_client c;
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.once = true;
    assert_int_equal(tls_context_open(&server_context, TLS_SERVER, &of_server), 0);
    assert_int_equal(loop_run(s_client_any(&c)), 0);
    assert_int_equal(c.n, 6);
    assert_memory_equal(c.text, "hello\n", 6);
    tls_context_close(&server_context);
}

/* s_server -rev sends each line back, turned round. */
gen_declare(s_server, void);
struct s_server {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope net;
    struct stream output, stream;
    struct stream_bytes line;
    pid_t pid;
    int port;
    char memory[256], text[64];
};
gen_define(s_server)
{
    char command[256];
    int fd;
    gen_begin();
    task_timeout (&self->net, 30) {
        (void)snprintf(
            command, sizeof command,
            "exec timeout 20 openssl s_server -rev -accept 127.0.0.1:0 -cert %s -key %s 2>&1",
            in_folder("localhost.pem"), in_folder("localhost.key"));
        self->pid = start_shell(command, &fd);
        stream_open_pipe(&self->output, fd);
        (void)stream_set_read_buffer(&self->output, self->memory, 128);
        while (self->port == 0) { /* ACCEPT 127.0.0.1:PORT */
            stream_readline(self->line, &self->output);
            assert_true(self->line.size > 0);
            if (strncmp(self->line.data, "ACCEPT 127.0.0.1:", 17) == 0)
                self->port = atoi(self->line.data + 17);
        }
        stream_connect(&self->stream, "127.0.0.1", self->port);
        tls_start(&self->stream, &client_context, "localhost");
        (void)stream_set_read_buffer(&self->stream, self->memory + 128, 128);
        stream_write(&self->stream, "hello\n", 6);
        stream_readline(self->line, &self->stream);
        memcpy(self->text, self->line.data, self->line.size);
        stream_close(&self->stream);
        stream_close(&self->output);
        (void)kill(self->pid, SIGTERM);
        (void)waitpid(self->pid, NULL, 0);
    }
    task_end_scope
    gen_end();
}

static void s_server_answers(void **state)
{
    const struct tls_options of_client = trusting();
    static struct s_server s;
    (void)state;
    assert_int_equal(tls_context_open(&client_context, TLS_CLIENT, &of_client), 0);
    assert_int_equal(loop_run(s_server_any(&s)), 0);
    assert_string_equal(s.text, "olleh\n");
    tls_context_close(&client_context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mebibyte_comes_back),
        TEST(an_address_is_a_name),
        TEST(a_plain_stream_is_upgraded),
        TEST(nobody_is_trusted_without_reason),
        TEST(a_name_has_to_fit),
        TEST(unless_nobody_asks),
        TEST(the_name_chooses_the_certificate),
        TEST(a_server_may_ask_too),
        TEST(an_end_without_goodbye_is_told),
        TEST(an_abort_is_no_end),
        TEST(contexts_that_are_of_no_use),
        TEST(a_peer_that_does_not_speak_it),
        TEST(a_handshake_is_given_up),
        TEST(s_client_is_served),
        TEST(s_server_answers),
    };
    return cmocka_run_group_tests(tests, prepare, remove_certificates);
}
