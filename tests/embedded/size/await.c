/* sleep.c, and the sleep is that of a coroutine which is awaited. */
#include "host.h"

gen_declare(nap, void);
struct nap {
    struct gen gen;
};
gen_define(nap)
{
    gen_begin();
    task_sleep(0.5);
    gen_end();
}
static const struct gen anew;

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    struct nap nap;
};
gen_define(sleeper)
{
    gen_begin();
    for (;;) {
        work();
        self->nap.gen = anew;
        gen_await(nap, &self->nap);
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
