/* serving.h - a task that serves a server's connections, for the tests of streams. */
#ifndef TESTS_SERVING_H
#define TESTS_SERVING_H

#include "loop/stream.h"

/* Its coroutine, `serving`: each connection is a `handler`'s. */
#define SERVING(handler)                                                                           \
    gen_declare(serving, void);                                                                    \
    struct serving {                                                                               \
        struct gen gen;                                                                            \
        struct stream_server *server;                                                              \
    };                                                                                             \
    gen_define(serving)                                                                            \
    {                                                                                              \
        gen_begin();                                                                               \
        stream_serve(self->server, handler);                                                       \
        gen_end();                                                                                 \
    }

/* Has self->task serve what comes to self->server. */
#define SERVE()                                                                                    \
    do {                                                                                           \
        self->serving.server = &self->server;                                                      \
        (void)task_start(&loop_running()->scheduler, &self->task, serving_any(&self->serving),     \
                         "serving");                                                               \
    } while (0)

#endif
