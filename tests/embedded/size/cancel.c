/* sleep.c, and somebody who may cancel the task. */
#include "host.h"

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
};
gen_define(sleeper)
{
    gen_begin();
    for (;;) {
        work();
        task_sleep(0.5);
        (void)task_cancel(&t);
    }
    gen_end();
}
static struct sleeper sleeper;

int main(void)
{
    task_scheduler_init(&s, &hooks, NULL);
    (void)task_start(&s, &t, sleeper_any(&sleeper), NULL);
    for (;;)
        task_run_once(&s);
}
