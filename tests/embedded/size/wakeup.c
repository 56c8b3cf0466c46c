/* sleep.c, and a wait for an interrupt. */
#include "host.h"

void interrupt(void);
static struct task_wakeup woken;

void interrupt(void)
{
    task_wake(&woken);
}

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
        task_wait_wakeup(&woken);
    }
    gen_end();
}
static struct sleeper sleeper;

int main(void)
{
    task_scheduler_init(&s, &hooks, NULL);
    task_wakeup_init(&woken, &s, NULL, NULL);
    (void)task_start(&s, &t, sleeper_any(&sleeper), NULL);
    for (;;)
        task_run_once(&s);
}
