/* Two programs at once: create_subprocess_exec with stdout=PIPE, communicate, gather. */
#include <stdio.h>
#include <string.h>

#include "examples/status.h"
#include "loop/process.h"
#include "task/wait.h"

gen_declare(run_command, void);
struct run_command {
    struct gen gen;
    struct gen_unwind unwind[1];
    const char *name;
    struct process process;
    struct process_communicate io;
    char result[128];
};

gen_define(run_command)
{
    gen_begin();
    process_exec(&self->process, (char *[]){(char *)self->name, NULL}, .out = PROCESS_PIPE);
    gen_try_finally {
        self->io.out.data = self->result;
        self->io.out.room = sizeof self->result - 1;
        process_communicate(&self->io, &self->process);
    }
    gen_finally {
        process_close(&self->process);
    }
    gen_end_finally
    self->result[self->io.out.size] = '\0';
    self->result[strcspn(self->result, "\n")] = '\0';
    gen_end();
}

gen_declare(both, void);
struct both {
    struct gen gen;
    struct run_command uname, date;
    struct task tasks[2];
    struct task_slot slots[2];
    struct task_wait wait;
};

gen_define(both)
{
    struct task_scheduler *scheduler = &loop_running()->scheduler;
    gen_begin();
    self->uname.name = "uname";
    self->date.name = "date";
    task_start(scheduler, &self->tasks[0], run_command_any(&self->uname), "uname");
    task_start(scheduler, &self->tasks[1], run_command_any(&self->date), "date");
    self->slots[0].future = &self->tasks[0].future;
    self->slots[1].future = &self->tasks[1].future;
    task_gather(&self->wait, self->slots, 2);
    printf("uname: %s, date: %s\n", self->uname.result, self->date.result);
    gen_end();
}

int main(void)
{
    static struct both both;
    return exit_status("subprocess", loop_run(both_any(&both)));
}
