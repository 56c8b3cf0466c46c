/* A name's addresses are raced: "localhost" is asked for, where only one of them answers. What is told
 * when none does is the first's error, which may be that of an address where nobody listens. */
#include <stdio.h>
#include <string.h>

#include "faults.h"
#include "loop/name.h"
#include "loop/stream.h"

gen_declare(handler, void);
struct handler {
    struct gen gen;
    struct stream *stream;
};
gen_define(handler)
{
    gen_begin();
    gen_try {
        stream_write(self->stream, "welcome", 7);
    }
    gen_except_any {
        note(gen_caught.code);
    }
    gen_end_try
    gen_end();
}

gen_declare(serving, void);
struct serving {
    struct gen gen;
    struct stream_server *server;
};
gen_define(serving)
{
    gen_begin();
    stream_serve(self->server, handler);
    gen_end();
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope time;
    struct stream_server server;
    struct serving serving;
    struct stream stream;
    struct task serve;
    struct addrinfo *list;
    size_t n;
    char data[64], host[64], service[16];
    bool serves, complete;
};
gen_define(client)
{
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            stream_listen(&self->server, "127.0.0.1", 0);
            self->serving.server = &self->server;
            self->serves = true;
            (void)task_start(&loop_running()->scheduler, &self->serve, serving_any(&self->serving),
                             "serve");
            stream_connect(&self->stream, "localhost", self->server.port);
            stream_readall(self->n, &self->stream, self->data, sizeof self->data);
            if (self->n > 7 || memcmp(self->data, "welcome", self->n) != 0)
                violated("a wrong byte");
            self->list = NULL;
            loop_getaddrinfo(self->list, "localhost", "80", AF_INET, SOCK_STREAM, AI_CANONNAME);
            loop_getnameinfo(self->list->ai_addr, self->list->ai_addrlen, self->host,
                             sizeof self->host, self->service, sizeof self->service,
                             NI_NUMERICSERV);
            if (strcmp(self->service, "80") != 0 || *self->host == 0)
                violated("a wrong name");
            self->complete = self->n == 7;
        }
        gen_except_any {
            note(gen_caught.code);
        }
        gen_end_try
        loop_freeaddrinfo(self->list);
        stream_close(&self->stream);
        if (self->serves) {
            (void)task_cancel(&self->serve);
            JOIN(&self->serve);
        }
        stream_server_close(&self->server); /* it may have been cancelled before it began */
    }
    task_end_scope
    gen_end();
}

static struct client scene;

static struct gen_any begin(void)
{
    memset(&scene, 0, sizeof scene);
    return client_any(&scene);
}

static bool complete(void)
{
    return scene.complete;
}

extern const struct scenario names_scenario;
const struct scenario names_scenario = {
    .name = "names", .begin = begin, .complete = complete, .instead = ECONNREFUSED};
