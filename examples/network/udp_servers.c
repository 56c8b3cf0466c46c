/* A UDP server that tells the time and one that echoes, each a task: what examples/network/
 * udp_event_handlers.c does with callbacks. The answer is sent where the message is received, and a
 * wait for the socket is a wait of that task alone.
 *
 * Usage: udp_servers [time_port [echo_port]]. Port 0, the default, is any free one. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "examples/status.h"
#include "loop/datagram.h"

/* An answer that cannot be sent is lost, as datagrams may be; the server goes on. */
gen_declare(answer, void);
struct answer {
    struct gen gen;
    struct datagram *socket;
    const char *data;
    size_t size;
    const struct loop_sockaddr *to;
};
gen_define(answer)
{
    gen_begin();
    gen_try {
        datagram_send(self->socket, self->data, self->size, self->to);
    }
    gen_except_any {
        fprintf(stderr, "udp_servers: %s\n", loop_error_name(gen_caught.code));
    }
    gen_end_try
    gen_end();
}

gen_declare(time_server, void);
struct time_server {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct datagram socket;
    struct loop_sockaddr from;
    struct answer answer;
    size_t n;
    char data[64];
};
gen_define(time_server)
{
    time_t now;

    gen_begin();
    for (;;) {
        gen_try {
            datagram_receive(self->n, &self->socket, self->data, 1, &self->from);
        }
        gen_except (EMSGSIZE) {
            /* it was longer, and matters as little */
        }
        gen_end_try
        now = time(NULL);
        self->n = strftime(self->data, sizeof self->data, "%a %b %e %H:%M:%S %Y", localtime(&now));
        self->answer = (struct answer){
            .socket = &self->socket, .data = self->data, .size = self->n, .to = &self->from};
        gen_await(answer, &self->answer);
    }
    gen_end();
}

gen_declare(echo_server, void);
struct echo_server {
    struct gen gen;
    struct datagram socket;
    struct loop_sockaddr from;
    struct answer answer;
    size_t n;
    char data[8192];
};
gen_define(echo_server)
{
    gen_begin();
    for (;;) {
        self->n = sizeof self->data;
        gen_try {
            datagram_receive(self->n, &self->socket, self->data, sizeof self->data, &self->from);
        }
        gen_except (EMSGSIZE) {
            /* its beginning fills the buffer, and is what comes back */
        }
        gen_end_try
        self->answer = (struct answer){
            .socket = &self->socket, .data = self->data, .size = self->n, .to = &self->from};
        gen_await(answer, &self->answer);
    }
    gen_end();
}

gen_declare(both, void);
struct both {
    struct gen gen;
    struct gen_unwind unwind[2];
    int time_port, echo_port;
    struct time_server time_server;
    struct echo_server echo_server;
    struct task_group group;
    struct task tasks[2];
};
gen_define(both)
{
    gen_begin();
    gen_try_finally {
        datagram_open(&self->time_server.socket, "127.0.0.1", self->time_port, NULL, 0, 0);
        datagram_open(&self->echo_server.socket, "127.0.0.1", self->echo_port, NULL, 0, 0);
        printf("time on 127.0.0.1:%d\necho on 127.0.0.1:%d\n", self->time_server.socket.port,
               self->echo_server.socket.port);
        fflush(stdout);
        task_group (&self->group) {
            task_group_start(&self->group, &self->tasks[0], time_server_any(&self->time_server),
                             NULL);
            task_group_start(&self->group, &self->tasks[1], echo_server_any(&self->echo_server),
                             NULL);
        }
        task_end_group
    }
    gen_finally {
        datagram_close(&self->time_server.socket);
        datagram_close(&self->echo_server.socket);
    }
    gen_end_finally
    gen_end();
}

static int take_port(int argc, char **argv, int i)
{
    char *end = "";
    const long port = argc > i ? strtol(argv[i], &end, 10) : 0;
    return *end == '\0' && port >= 0 && port <= 65535 ? (int)port : -1;
}

int main(int argc, char **argv)
{
    static struct both both;
    int code;
    both.time_port = take_port(argc, argv, 1);
    both.echo_port = take_port(argc, argv, 2);
    if (argc > 3 || both.time_port < 0 || both.echo_port < 0) {
        fprintf(stderr, "usage: %s [time_port [echo_port]]\n", argv[0]);
        return 2;
    }
    code = loop_run(both_any(&both));
    if (code == GEN_CANCELLED) {
        printf("closed\n");
        return 0;
    }
    return exit_status("udp_servers", code);
}
