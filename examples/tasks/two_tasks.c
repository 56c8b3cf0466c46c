/* Two tasks that run at the same time, and gather, which waits for both. Their frames, and their
 * struct task, are members of the frame of the one that starts them. In Python:
 *
 *     a = asyncio.create_task(square(3))
 *     b = asyncio.create_task(square(4))
 *     print(await asyncio.gather(a, b))
 */
#include <stdio.h>

#include "examples/status.h"
#include "loop/loop.h"
#include "task/wait.h"

gen_declare(square, void);
struct square {
    struct gen gen;
    int x, result;
};
gen_define(square)
{
    gen_begin();
    printf("%d begins\n", self->x);
    task_sleep(0.01);
    printf("%d ends\n", self->x);
    gen_return(self->x * self->x);
    gen_end();
}

gen_declare(both, void);
struct both {
    struct gen gen;
    struct square a, b;
    struct task task_a, task_b;
    struct task_slot slots[2];
    struct task_wait wait;
};
gen_define(both)
{
    struct task_scheduler *s = &loop_running()->scheduler;

    gen_begin();
    self->a.x = 3;
    self->b.x = 4;
    task_start(s, &self->task_a, square_any(&self->a), "a");
    task_start(s, &self->task_b, square_any(&self->b), "b");
    self->slots[0].future = &self->task_a.future;
    self->slots[1].future = &self->task_b.future;
    task_gather(&self->wait, self->slots, 2);
    printf("[%d, %d]\n", self->a.result, self->b.result);
    gen_end();
}

int main(void)
{
    struct both both = {.gen = {0, 0}};
    return exit_status("two_tasks", loop_run(both_any(&both)));
}
