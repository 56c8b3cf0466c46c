/* For the stack that a step takes: a turn, called, and the body of a task. */
#include "host.h"

void turn(void);

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
    }
    gen_end();
}
static struct sleeper sleeper;

void turn(void)
{
    task_run_once(&s);
}

int main(void)
{
    task_scheduler_init(&s, &hooks, NULL);
    (void)task_start(&s, &t, sleeper_any(&sleeper), NULL);
    for (;;)
        turn();
}
