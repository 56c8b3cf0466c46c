/* task.cancel(): the task's wait raises GEN_CANCELLED, which it may catch to clean up; who awaits
 * it gets TASK_ECANCELLED, which nobody mistakes for his own cancellation; and a run that was
 * cancelled says so. (The seconds are virtual.) In Python:
 *
 *     task.cancel('no longer needed')
 *     try: await task
 *     except asyncio.CancelledError: ...
 *
 *     try: asyncio.run(main())
 *     except asyncio.exceptions.CancelledError: pass
 */
#include "examples/virtual.h"

gen_declare(worker, void);
struct worker {
    struct gen gen;
};
gen_define(worker)
{
    gen_begin();
    gen_try {
        for (;;) {
            printf("working at %d s\n", virtual_seconds());
            task_sleep(1);
        }
    }
    gen_except (GEN_CANCELLED) {
        printf("worker: cancelled at %d s: %s\n", virtual_seconds(), gen_caught.text);
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

/* Ends in spite of it as if nothing had been: then it is done, and has its value. */
gen_declare(finisher, void);
struct finisher {
    struct gen gen;
    int result;
};
gen_define(finisher)
{
    gen_begin();
    gen_try {
        task_sleep(10);
    }
    gen_except (GEN_CANCELLED) {
    }
    gen_end_try
    gen_return(1);
    gen_end();
}

static void print_state(const struct task *t)
{
    static const char *const names[] = {"pending", "done", "failed", "cancelled"};
    printf("%s: %s\n", task_name(t), names[task_state(&t->future)]);
}

gen_declare(main_coroutine, void);
struct main_coroutine {
    struct gen gen;
    struct worker worker, never;
    struct finisher finisher;
    struct task tasks[3];
};
gen_define(main_coroutine)
{
    struct task_scheduler *const s = &virtual_loop.scheduler;

    gen_begin();
    task_start(s, &self->tasks[0], worker_any(&self->worker), "worker");
    task_sleep(2.5);
    task_cancel(&self->tasks[0], "no longer needed");
    print_state(&self->tasks[0]);
    gen_try {
        task_await(&self->tasks[0].future);
    }
    gen_except (TASK_ECANCELLED) {
        print_state(&self->tasks[0]);
    }
    gen_end_try
    printf("cancelled again: %s\n", task_cancel(&self->tasks[0]) ? "True" : "False");

    task_start(s, &self->tasks[1], worker_any(&self->never), "never");
    task_cancel(&self->tasks[1]); /* before its first step: its body never runs */
    task_start(s, &self->tasks[2], finisher_any(&self->finisher), "finisher");
    task_sleep(1);
    task_cancel(&self->tasks[2]);
    task_sleep(1);
    print_state(&self->tasks[1]);
    print_state(&self->tasks[2]);

    task_cancel(task_current()); /* from now on each wait raises, until it ends */
    task_sleep(1);
    printf("not reached\n");
    gen_end();
}

int main(void)
{
    struct main_coroutine m = {.gen = {0, 0}};
    const int code = virtual_run(main_coroutine_any(&m));
    printf("main: %s\n", gen_error_name(code));
    return code != GEN_CANCELLED;
}
