/* sleep.c, and a try/finally around the wait. */
#include "host.h"

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    struct gen_unwind unwind[1];
};
gen_define(sleeper)
{
    gen_begin();
    for (;;) {
        work();
        gen_try_finally {
            task_sleep(0.5);
        }
        gen_finally {
            work();
        }
        gen_end_finally
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
