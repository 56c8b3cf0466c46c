/* sleep.c, and a queue that an item goes through. */
#include "host.h"
#include "task/queue.h"

task_queue_declare(numbers, int);
static struct numbers queue;
static int room[4];

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    int item;
};
gen_define(sleeper)
{
    gen_begin();
    for (;;) {
        work();
        task_sleep(0.5);
        task_queue_put(&queue, self->item);
        task_queue_get(self->item, &queue);
    }
    gen_end();
}
static struct sleeper sleeper;

int main(void)
{
    task_scheduler_init(&s, &hooks, NULL);
    task_queue_init(&queue, room, 4);
    (void)task_start(&s, &t, sleeper_any(&sleeper), NULL);
    for (;;)
        task_run_once(&s);
}
