/* scene.h - what scenarios of a server and its client share. SERVING is in ../serving.h. */
#ifndef SCENE_H
#define SCENE_H

#include "../serving.h"
#include "faults.h"

#define SCENE                                                                                      \
    struct gen gen;                                                                                \
    struct gen_unwind unwind[1];                                                                   \
    struct task_scope time;                                                                        \
    struct stream_server server;                                                                   \
    struct serving serving;                                                                        \
    struct task task; /* serves */                                                                 \
    struct stream stream

/* None of it need have begun. */
#define END_SERVER()                                                                               \
    do {                                                                                           \
        if (self->serving.server != NULL) {                                                        \
            (void)task_cancel(&self->task);                                                        \
            JOIN(&self->task);                                                                     \
        }                                                                                          \
        stream_server_close(&self->server); /* it may have been cancelled before it began */       \
    } while (0)

/* Sends `size` bytes, in two pieces, and that they are all. */
gen_declare(writer, void);
struct writer {
    struct gen gen;
    struct stream *stream;
    size_t size;
    struct stream_bytes pieces[2];
};
gen_define(writer)
{
    int code;
    gen_begin();
    gen_try {
        self->pieces[0].size = 10;
        self->pieces[1].size = self->size - 10;
        self->pieces[0].data = sent;
        self->pieces[1].data = sent + 10;
        stream_writelines(self->stream, self->pieces, 2);
        code = stream_write_eof(self->stream);
        if (code != 0)
            gen_raise(code);
    }
    gen_except_any {
        note(gen_caught.code);
        stream_close(self->stream); /* nobody shall wait for an answer */
    }
    gen_end_try
    gen_end();
}

/* Has self->write run self->writer, a NAME, until END_WRITER, which closes the stream. */
#define WRITE(NAME)                                                                                \
    do {                                                                                           \
        self->writer.stream = &self->stream;                                                       \
        (void)task_start(&loop_running()->scheduler, &self->write, NAME##_any(&self->writer),      \
                         "write");                                                                 \
    } while (0)

#define END_WRITER()                                                                               \
    do {                                                                                           \
        stream_close(&self->stream);                                                               \
        if (self->writer.stream != NULL)                                                           \
            JOIN(&self->write);                                                                    \
    } while (0)

#endif
