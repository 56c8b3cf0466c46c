/* sleep.c, twice: what one more task takes. */
#include "host.h"

void other_work(void);
static struct task t2;

gen_declare(other, void);
struct other {
    struct gen gen;
};
gen_define(other)
{
    gen_begin();
    for (;;) {
        other_work();
        task_sleep(0.25);
    }
    gen_end();
}
static struct other other;

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

int main(void)
{
    task_scheduler_init(&s, &hooks, NULL);
    (void)task_start(&s, &t2, other_any(&other), NULL);
    (void)task_start(&s, &t, sleeper_any(&sleeper), NULL);
    for (;;)
        task_run_once(&s);
}
