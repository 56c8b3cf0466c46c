/* The end that is ours, of connections with programs of others: see check_peers.sh.
 *
 *     peer serve           answers each line with itself, until SIGTERM
 *     peer bulk PORT       sends stdin, then the end; what comes goes to stdout
 *     peer after PORT      the same, one after the other: first all comes
 *     peer ask PORT        sends a line of stdin, waits until it has come back, and so on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/stream.h"

#define HOST "127.0.0.1"
enum { LIMIT = 65536, SECONDS = 30 };

/* -- serve ------------------------------------------------------------------------------------- */

gen_declare(handler, void);
struct handler {
    struct gen gen;
    struct stream *stream;
    struct stream_bytes line;
    char memory[LIMIT];
};
gen_define(handler)
{
    gen_begin();
    (void)stream_set_read_buffer(self->stream, self->memory, sizeof self->memory);
    for (;;) {
        stream_readline(self->line, self->stream);
        if (self->line.size == 0)
            gen_stop();
        stream_write(self->stream, self->line.data, self->line.size);
    }
    gen_end();
}

gen_declare(serve, void);
struct serve {
    struct gen gen;
    struct stream_server server;
};
gen_define(serve)
{
    gen_begin();
    stream_listen(&self->server, HOST, 0);
    printf("listening on " HOST ":%d\n", self->server.port);
    (void)fflush(stdout);
    stream_serve(&self->server, handler);
    gen_end();
}

#define END_OF(stream)                                                                             \
    do {                                                                                           \
        int code = stream_write_eof(stream);                                                       \
        if (code != 0)                                                                             \
            gen_raise(code);                                                                       \
    } while (0)

/* -- bulk -------------------------------------------------------------------------------------- */

/* Copies to the end, and passes that on if it goes to the peer. */
gen_declare(copy, void);
struct copy {
    struct gen gen;
    struct stream *from, *to, *peer;
    size_t n;
    char data[16384];
};
gen_define(copy)
{
    gen_begin();
    for (;;) {
        stream_read(self->n, self->from, self->data, sizeof self->data);
        if (self->n == 0)
            break;
        stream_write(self->to, self->data, self->n);
    }
    if (self->to == self->peer)
        END_OF(self->to);
    gen_end();
}

gen_declare(bulk, void);
struct bulk {
    struct gen gen;
    struct gen_unwind unwind[3];
    struct task_scope scope;
    struct task_group group;
    struct stream in, out, net;
    struct copy there, back;
    struct task tasks[2];
    int port;
    bool after;
};
gen_define(bulk)
{
    gen_begin();
    gen_try_finally {
        task_timeout (&self->scope, SECONDS) {
            (void)stream_open_stdio(&self->in, 0);
            (void)stream_open_stdio(&self->out, 1);
            stream_connect(&self->net, HOST, self->port);
            self->there.from = &self->in;
            self->there.to = self->there.peer = self->back.from = &self->net;
            self->back.to = &self->out;
            if (self->after) {
                gen_await(copy, &self->back);
                gen_await(copy, &self->there);
            } else {
                task_group (&self->group) {
                    (void)task_group_start(&self->group, &self->tasks[0], copy_any(&self->there),
                                           "there");
                    (void)task_group_start(&self->group, &self->tasks[1], copy_any(&self->back),
                                           "back");
                }
                task_end_group
            }
        }
        task_end_scope
    }
    gen_finally {
        stream_close(&self->net);
        stream_close(&self->in);
        stream_close(&self->out);
    }
    gen_end_finally
    gen_end();
}

/* -- ask --------------------------------------------------------------------------------------- */

gen_declare(ask, void);
struct ask {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope scope;
    struct stream net;
    struct stream_bytes answer;
    int port;
    char line[256], memory[LIMIT];
};
gen_define(ask)
{
    gen_begin();
    stream_connect(&self->net, HOST, self->port);
    gen_try_finally {
        (void)stream_set_read_buffer(&self->net, self->memory, sizeof self->memory);
        task_timeout (&self->scope, SECONDS) {
            while (fgets(self->line, sizeof self->line, stdin) != NULL) {
                stream_write(&self->net, self->line, strlen(self->line));
                if (strchr(self->line, '\n') == NULL)
                    END_OF(&self->net); /* which ends the line */
                stream_readline(self->answer, &self->net);
                if (self->answer.size == 0)
                    gen_raise(GEN_EUSER, "no answer");
                (void)fwrite(self->answer.data, 1, self->answer.size, stdout);
            }
            if (strchr(self->line, '\n') != NULL)
                END_OF(&self->net);
            stream_readline(self->answer, &self->net);
            if (self->answer.size != 0)
                gen_raise(GEN_EUSER, "an answer that nobody asked for");
        }
        task_end_scope
    }
    gen_finally {
        stream_close(&self->net);
    }
    gen_end_finally
    gen_end();
}

int main(int argc, char **argv)
{
    static struct serve serve;
    static struct bulk bulk;
    static struct ask ask;
    const char *what = argc > 1 ? argv[1] : "";
    int code = GEN_EBADSTATE;
    bulk.after = strcmp(what, "after") == 0;
    bulk.port = ask.port = argc > 2 ? atoi(argv[2]) : 0;
    if (strcmp(what, "serve") == 0)
        code = loop_run(serve_any(&serve)) == GEN_CANCELLED ? 0 : GEN_EBADSTATE;
    else if (strcmp(what, "bulk") == 0 || bulk.after)
        code = loop_run(bulk_any(&bulk));
    else if (strcmp(what, "ask") == 0)
        code = loop_run(ask_any(&ask));
    if (code != 0)
        (void)fprintf(stderr, "peer %s: %s\n", what, loop_error_name(code));
    return code != 0;
}
