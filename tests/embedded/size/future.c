/* The same, with a future that another task awaits, and task_run. */
#include "host.h"

static struct task_future future;

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
};
gen_define(sleeper)
{
    gen_begin();
    work();
    task_sleep(0.5);
    (void)task_future_set(&future);
    gen_end();
}
static struct sleeper sleeper;

gen_declare(awaiter, void);
struct awaiter {
    struct gen gen;
};
gen_define(awaiter)
{
    gen_begin();
    task_await(&future);
    work();
    gen_end();
}
static struct awaiter awaiter;
static struct task t2;

int main(void)
{
    task_scheduler_init(&s, &hooks, NULL);
    (void)task_start(&s, &t, sleeper_any(&sleeper), NULL);
    (void)task_start(&s, &t2, awaiter_any(&awaiter), NULL);
    task_run(&s, &t2.future);
    return 0;
}
