/* A queue with room for two items between a producer and a consumer: put waits while it is full,
 * get while it is empty, join until all that was put has been dealt with. In Python:
 *
 *     queue = asyncio.Queue(2)
 *     await queue.put(item)
 *     item = await queue.get()
 *     queue.task_done()
 *     await queue.join()
 */
#include <stdio.h>

#include "examples/status.h"
#include "loop/loop.h"
#include "task/queue.h"

task_queue_declare(numbers, int);

gen_declare(consumer, void);
struct consumer {
    struct gen gen;
    struct numbers *queue;
    int item;
};
gen_define(consumer)
{
    gen_begin();
    for (;;) {
        task_queue_get(self->item, self->queue);
        printf("got %d\n", self->item);
        task_sleep(0.01);
        task_queue_task_done(self->queue);
    }
    gen_end();
}

gen_declare(producer, void);
struct producer {
    struct gen gen;
    struct numbers queue;
    int room[2], i;
};
gen_define(producer)
{
    gen_begin();
    task_queue_init(&self->queue, self->room, 2);
    if (!task_spawn(consumer, .queue = &self->queue))
        gen_raise(GEN_ENOMEM);
    for (self->i = 1; self->i <= 5; self->i++)
        task_queue_put(&self->queue, self->i);
    printf("%zu are waiting\n", self->queue.queue.count);
    task_queue_join(&self->queue);
    printf("done\n");
    gen_end(); /* the loop ends, and cancels the consumer first */
}

int main(void)
{
    struct producer producer = {.gen = {0, 0}};
    return exit_status("queue", loop_run(producer_any(&producer)));
}
