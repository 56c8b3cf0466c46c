/* A monitor that prints every second goes on doing so while another task sleeps, and stalls while
 * one blocks: the loop is hogged. The scheduler keeps the longest turn, so that a program can tell.
 * (The seconds are virtual.) In Python:
 *
 *     async def monitor():
 *         while True: print(...); await asyncio.sleep(1)
 *     async def do_something_important():
 *         await asyncio.sleep(3)              the monitor keeps printing
 *         time.sleep(3)                       it does not
 */
#include "examples/virtual.h"

gen_declare(monitor, void);
struct monitor {
    struct gen gen;
};
gen_define(monitor)
{
    gen_begin();
    for (;;) {
        task_sleep(1);
        printf("monitor at %d s\n", virtual_seconds());
    }
    gen_end();
}

gen_declare(do_something_important, void);
struct do_something_important {
    struct gen gen;
};
gen_define(do_something_important)
{
    gen_begin();
    task_sleep(3.5);
    printf("longest turn: %d s\n",
           (int)(virtual_loop.scheduler.longest_turn / TASK_TICKS_PER_SECOND));
    printf("blocking\n");
    virtual_loop.now += 3 * (task_time)TASK_TICKS_PER_SECOND; /* time.sleep(3) */
    task_sleep(2);
    printf("longest turn: %d s\n",
           (int)(virtual_loop.scheduler.longest_turn / TASK_TICKS_PER_SECOND));
    gen_end();
}

gen_declare(both, void);
struct both {
    struct gen gen;
    struct do_something_important important;
};
gen_define(both)
{
    gen_begin();
    if (task_spawn(monitor) == NULL)
        gen_raise(GEN_ENOMEM);
    gen_await(do_something_important, &self->important);
    gen_end();
}

int main(void)
{
    struct both both = {.gen = {0, 0}};
    return virtual_run(both_any(&both)) != 0;
}
