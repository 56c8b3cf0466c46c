/* sleep.c, and a deadline around the wait. */
#include "host.h"

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
};
gen_define(sleeper)
{
    gen_begin();
    for (;;) {
        work();
        task_timeout (&self->scope, 2) {
            task_sleep(0.5);
        }
        task_end_scope
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
