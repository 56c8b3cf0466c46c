/* A coroutine object that nobody awaits does not run; gen_await runs one as part of this task, and
 * task_start, or task_spawn, as a task of its own, which can be awaited too. In Python:
 *
 *     async def nested(): return 42
 *     nested()                                nothing happens
 *     print(await nested())
 *     task = asyncio.create_task(nested())
 *     await task
 */
#include <stdio.h>
#include "loop/loop.h"

gen_declare(nested, void);
struct nested {
    struct gen gen;
    int result;
};
gen_define(nested)
{
    gen_begin(); /* it waits for nothing: that is a coroutine too */
    gen_return(42);
    gen_end();
}

gen_declare(main_coroutine, void);
struct main_coroutine {
    struct gen gen;
    struct nested not_run, awaited, in_task;
    struct task task, *spawned;
};
gen_define(main_coroutine)
{
    gen_begin();
    printf("not run: %s\n", gen_state(&self->not_run) == GEN_CREATED ? "GEN_CREATED" : "?");

    gen_await(nested, &self->awaited);
    printf("%d\n", self->awaited.result);

    task_start(&loop_running()->scheduler, &self->task, nested_any(&self->in_task), NULL);
    printf("queued: %s\n", gen_state(&self->in_task) == GEN_CREATED ? "GEN_CREATED" : "?");
    task_await(&self->task.future);
    printf("%d, by the task '%s'\n", self->in_task.result, task_name(&self->task));

    self->spawned = task_spawn(nested); /* on the heap, until this task has seen it */
    if (self->spawned == NULL)
        gen_raise(GEN_ENOMEM);
    task_await(&self->spawned->future);
    printf("%d\n", task_frame(nested, self->spawned)->result);
    gen_end();
}

int main(void)
{
    struct main_coroutine m = {.gen = {0, 0}};
    const int code = loop_run(main_coroutine_any(&m));
    if (code != 0)
        fprintf(stderr, "nested: %s\n", loop_error_name(code));
    return code != 0;
}
