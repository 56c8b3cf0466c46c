/* A name's addresses are raced: "localhost" is asked for, where only one of them answers. What is told
 * when none does is the first's error, which may be that of an address where nobody listens. */
#include <stdio.h>
#include <string.h>

#include "loop/name.h"
#include "scene.h"

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

SERVING(handler)

gen_declare(client, void);
struct client {
    SCENE;
    struct addrinfo *list;
    size_t n;
    char data[64], host[64], service[16];
    bool complete;
};
gen_define(client)
{
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            stream_listen(&self->server, "127.0.0.1", 0);
            SERVE();
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
        END_SERVER();
    }
    task_end_scope
    gen_end();
}

SCENARIO(names_scenario, .name = "names", .instead = {ECONNREFUSED});
