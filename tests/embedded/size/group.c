/* sleep.c, and a group around the wait, with a task. */
#include "host.h"

gen_declare(other, void);
struct other {
    struct gen gen;
};
gen_define(other)
{
    gen_begin();
    gen_end();
}
static struct other other;

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_group group;
    struct task child;
};
gen_define(sleeper)
{
    gen_begin();
    for (;;) {
        work();
        task_group (&self->group) {
            (void)task_group_start(&self->group, &self->child, other_any(&other), NULL);
            task_sleep(0.5);
        }
        task_end_group
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
