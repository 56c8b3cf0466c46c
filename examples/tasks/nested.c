/* A coroutine object that nobody awaits does not run; gen_await runs one as part of this task, and
 * task_start, or task_spawn, as a task of its own, which can be awaited too. In Python:
 *
 *     async def nested(): return 42
 *     nested()                                nothing happens
 *     print(await nested())
 *     task = asyncio.create_task(nested())
 *     await task
 *     for x in waiting(): ...                 TypeError: 'coroutine' object is not iterable
 */
#include <stdio.h>
#include "examples/status.h"
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

gen_declare(waiting, void);
struct waiting {
    struct gen gen;
};
gen_define(waiting)
{
    gen_begin();
    task_sleep(0);
    gen_end();
}

gen_declare(main_coroutine, void);
struct main_coroutine {
    struct gen gen;
    struct nested not_run, awaited, in_task;
    struct task task, *spawned;
    struct waiting iterated;
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

    if (!waiting_next(&self->iterated, NULL)) /* it waits, and no task is there to wait */
        printf("iterated: %s\n", gen_error_name(gen_error(&self->iterated)));
    gen_end();
}

int main(void)
{
    struct main_coroutine m = {.gen = {0, 0}};
    return exit_status("nested", loop_run(main_coroutine_any(&m)));
}
