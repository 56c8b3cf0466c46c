/* 200 KB through a pipe, whose ends are streams, one of them as stdio's is. */
#include <fcntl.h>
#include <unistd.h>

#include "faults.h"
#include "loop/stream.h"

enum { SIZE = 200000 };

gen_declare(writer, void);
struct writer {
    struct gen gen;
    struct stream stream;
    char out[512];
};
gen_define(writer)
{
    gen_begin();
    gen_try {
        (void)stream_set_write_buffer(&self->stream, self->out, sizeof self->out);
        stream_write(&self->stream, sent, SIZE / 2);
        stream_write(&self->stream, sent + SIZE / 2, SIZE / 2);
        stream_flush(&self->stream);
    }
    gen_except_any {
        note(gen_caught.code);
    }
    gen_end_try
    stream_close(&self->stream);
    gen_end();
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope time;
    struct stream stream;
    struct writer writer;
    struct task write;
    size_t n;
    int ends[2];
    char got[SIZE + 1];
    bool complete;
};
gen_define(client)
{
    int code;
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        (void)pipe2(self->ends, O_CLOEXEC);
        (void)fcntl(self->ends[1], F_SETFL, O_NONBLOCK);
        gen_try {
            stream_open_pipe(&self->writer.stream, self->ends[1]);
            (void)task_start(&loop_running()->scheduler, &self->write, writer_any(&self->writer),
                             "write");
            code = stream_open_stdio(&self->stream, self->ends[0]);
            if (code != 0)
                gen_raise(code);
            stream_readall(self->n, &self->stream, self->got, sizeof self->got);
            self->complete = self->n == SIZE;
        }
        gen_except_any {
            note(gen_caught.code);
        }
        gen_end_try
        stream_close(&self->stream);
        (void)close(self->ends[0]);
        JOIN(&self->write);
        stream_close(&self->writer.stream);
        expect_bytes(self->got, 0, self->n < SIZE ? self->n : SIZE);
    }
    task_end_scope
    gen_end();
}

SCENARIO(pipes_scenario, .name = "pipes");
