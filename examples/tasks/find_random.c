/* Two tasks with names look for a random number each, and give way after each try; a third gathers
 * what they return, in the order in which it asked. In Python:
 *
 *     async def find_random_number_greater_than_min(min_number):
 *         while True:
 *             rand_next = random.randint(0, 2 * min_number)
 *             if rand_next > min_number: return rand_next
 *             await asyncio.sleep(0)          yield to the next task
 *     task1 = asyncio.create_task(find_random_number_greater_than_min(100), name="...")
 *     await asyncio.gather(task1, task2)
 */
#include <stdint.h>
#include <stdio.h>

#include "examples/status.h"
#include "loop/loop.h"
#include "task/wait.h"

/* Not very random, but the same everywhere. */
static int randint(int from, int to)
{
    static uint32_t state = 1190748;
    state = state * 1103515245 + 12345;
    return from + (int)((state >> 8) % (uint32_t)(to - from + 1));
}

gen_declare(find_random_number_greater_than_min, void);
struct find_random_number_greater_than_min {
    struct gen gen;
    int min_number, result;
};
gen_define(find_random_number_greater_than_min)
{
    int rand_next;

    gen_begin();
    for (;;) {
        rand_next = randint(0, 2 * self->min_number);
        if (rand_next > self->min_number) {
            printf("task_name: ' %s ' task returns: %d\n", task_name(task_current()), rand_next);
            gen_return(rand_next);
        }
        printf("task_name: ' %s ' sleep...\n", task_name(task_current()));
        task_sleep(0);
    }
    gen_end();
}

gen_declare(example_coroutine, void);
struct example_coroutine {
    struct gen gen;
    struct find_random_number_greater_than_min find1, find2;
    struct task task1, task2;
    struct task_slot slots[2];
    struct task_wait wait;
};
gen_define(example_coroutine)
{
    struct task_scheduler *const s = &loop_running()->scheduler;

    gen_begin();
    self->find1.min_number = 100;
    self->find2.min_number = 1000;
    task_start(s, &self->task1, find_random_number_greater_than_min_any(&self->find1),
               "find random bigger than 100");
    task_start(s, &self->task2, find_random_number_greater_than_min_any(&self->find2),
               "find random bigger than 1000");
    printf("task_name: ' %s ' tasks created\n", task_name(task_current()));

    self->slots[0].future = &self->task1.future;
    self->slots[1].future = &self->task2.future;
    task_gather(&self->wait, self->slots, 2);
    printf("task_name: ' %s ' asynccio.gather finished return value from cothreads:  [%d, %d]\n",
           task_name(task_current()), self->find1.result, self->find2.result);
    gen_end();
}

int main(void)
{
    struct example_coroutine example = {.gen = {0, 0}};
    return exit_status("find_random", loop_run(example_coroutine_any(&example)));
}
