/* Two waits one after the other take 3 seconds; in two tasks, 2. Three sleeps of 1, 2 and 3 seconds
 * that are gathered take 3, and 6 if they block, as time.sleep does. (The seconds are virtual.)
 * In Python:
 *
 *     async def say_after(delay, what):
 *         await asyncio.sleep(delay)
 *         print(what)
 *
 *     await say_after(1, 'hello'); await say_after(2, 'world')
 *
 *     task1 = asyncio.create_task(say_after(1, 'hello'))
 *     task2 = asyncio.create_task(say_after(2, 'world'))
 *     await task1; await task2
 */
#include "examples/virtual.h"
#include "task/wait.h"

gen_declare(say_after, void);
struct say_after {
    struct gen gen;
    double delay;
    const char *what;
};
gen_define(say_after)
{
    gen_begin();
    task_sleep(self->delay);
    printf("%s\n", self->what);
    gen_end();
}

gen_declare(sequential, void);
struct sequential {
    struct gen gen;
    struct say_after say;
};
gen_define(sequential)
{
    gen_begin();
    printf("started at %d s\n", virtual_seconds());
    self->say = (struct say_after){.delay = 1, .what = "hello"};
    gen_await(say_after, &self->say);
    self->say = (struct say_after){.delay = 2, .what = "world"};
    gen_await(say_after, &self->say);
    printf("finished at %d s\n", virtual_seconds());
    gen_end();
}

gen_declare(concurrent, void);
struct concurrent {
    struct gen gen;
    struct say_after say1, say2;
    struct task task1, task2;
};
gen_define(concurrent)
{
    gen_begin();
    self->say1 = (struct say_after){.delay = 1, .what = "hello"};
    self->say2 = (struct say_after){.delay = 2, .what = "world"};
    task_start(&virtual_loop.scheduler, &self->task1, say_after_any(&self->say1), "task1");
    task_start(&virtual_loop.scheduler, &self->task2, say_after_any(&self->say2), "task2");
    printf("started at %d s\n", virtual_seconds());
    task_await(&self->task1.future);
    task_await(&self->task2.future);
    printf("finished at %d s\n", virtual_seconds());
    gen_end();
}

/* await asyncio.gather(say_after(1), say_after(2), say_after(3)) */
gen_declare(gathered, void);
struct gathered {
    struct gen gen;
    struct say_after says[3];
    struct task tasks[3];
    struct task_slot slots[3];
    struct task_wait wait;
};
gen_define(gathered)
{
    static const char *const names[] = {"one", "two", "three"};
    gen_begin();
    for (int i = 0; i < 3; i++) {
        self->says[i] = (struct say_after){.delay = i + 1, .what = names[i]};
        task_start(&virtual_loop.scheduler, &self->tasks[i], say_after_any(&self->says[i]), NULL);
        self->slots[i].future = &self->tasks[i].future;
    }
    task_gather(&self->wait, self->slots, 3);
    printf("gather took %d s\n", virtual_seconds());
    gen_end();
}

/* What blocks, blocks the loop: nobody else runs while this moves the clock. */
static void time_sleep(int seconds)
{
    virtual_loop.now += seconds * (task_time)TASK_TICKS_PER_SECOND;
}

gen_declare(blocks, void);
struct blocks {
    struct gen gen;
    int seconds;
};
gen_define(blocks)
{
    gen_begin();
    time_sleep(self->seconds);
    gen_end();
}

gen_declare(blocking, void);
struct blocking {
    struct gen gen;
    struct blocks blocks[3];
    struct task tasks[3];
    struct task_slot slots[3];
    struct task_wait wait;
};
gen_define(blocking)
{
    gen_begin();
    for (int i = 0; i < 3; i++) {
        self->blocks[i].seconds = i + 1;
        task_start(&virtual_loop.scheduler, &self->tasks[i], blocks_any(&self->blocks[i]), NULL);
        self->slots[i].future = &self->tasks[i].future;
    }
    task_gather(&self->wait, self->slots, 3);
    printf("time.sleep took %d s\n", virtual_seconds());
    gen_end();
}

int main(void)
{
    struct sequential s = {.gen = {0, 0}};
    struct concurrent c = {.gen = {0, 0}};
    struct gathered g = {.gen = {0, 0}};
    struct blocking b = {.gen = {0, 0}};

    return virtual_run(sequential_any(&s)) != 0 || virtual_run(concurrent_any(&c)) != 0 ||
           virtual_run(gathered_any(&g)) != 0 || virtual_run(blocking_any(&b)) != 0;
}
