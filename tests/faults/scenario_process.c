/* A program that gets 70 KB and gives them back, and one with an exit status. */
#include "faults.h"
#include "loop/process.h"

enum { SIZE = 70000 };

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope time;
    struct process cat, shell;
    struct process_communicate io;
    int code;
    char got[SIZE];
    bool complete;
};
gen_define(client)
{
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            process_exec(&self->cat, (char *[]){"cat", NULL}, .in = PROCESS_PIPE,
                         .out = PROCESS_PIPE, .err = PROCESS_NULL, .cwd = "/");
            self->io.input = sent;
            self->io.input_size = SIZE;
            self->io.out.data = self->got;
            self->io.out.room = SIZE;
            process_communicate(&self->io, &self->cat);
            process_shell(&self->shell, "exit 3", .err = PROCESS_STDOUT);
            process_wait(self->code, &self->shell);
            self->complete = self->io.out.size == SIZE && self->code == 3;
        }
        gen_except_any {
            note(gen_caught.code);
        }
        gen_end_try
        process_close(&self->cat);
        process_close(&self->shell);
        expect_bytes(self->got, 0, self->io.out.size < SIZE ? self->io.out.size : SIZE);
    }
    task_end_scope
    gen_end();
}

SCENARIO(process_scenario, .name = "process",
         .silent = EPIPE); /* who does not read his input to the end has got enough of it */
