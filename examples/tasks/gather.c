/* Waiting for several: gather, whose results are in the order of its arguments; wait, which tells
 * those that are done from those that are pending; as_completed, one by one as they are done. (The
 * seconds are virtual.) In Python:
 *
 *     await asyncio.gather(*tasks)
 *     done, pending = await asyncio.wait(tasks, timeout=2.5)
 *     for future in asyncio.as_completed(tasks): res = await future
 */
#include "examples/virtual.h"
#include "task/wait.h"

enum { VALUE_ERROR = GEN_EUSER };

/* Returns how long it slept; negative: fails after that time. */
gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    int seconds, result;
};
gen_define(sleeper)
{
    gen_begin();
    task_sleep(self->seconds < 0 ? -self->seconds : self->seconds);
    if (self->seconds < 0)
        gen_raise(VALUE_ERROR, "a negative number of seconds");
    gen_return(self->seconds);
    gen_end();
}

enum { N = 3 };
gen_declare(example, void);
struct example {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct sleeper sleepers[N];
    struct task tasks[N];
    struct task_slot slots[N], *slot;
    struct task_wait wait;
    struct task_completed completed;
    struct task_scope scope;
};

/* create_task() for each. */
static void create_tasks(struct example *self, int a, int b, int c)
{
    const int seconds[N] = {a, b, c};
    for (int i = 0; i < N; i++) {
        self->sleepers[i] = (struct sleeper){.seconds = seconds[i]};
        self->tasks[i] = (struct task){.name = NULL};
        task_start(&virtual_loop.scheduler, &self->tasks[i], sleeper_any(&self->sleepers[i]), NULL);
        self->slots[i].future = &self->tasks[i].future;
    }
}

gen_define(example)
{
    gen_begin();
    create_tasks(self, 3, 1, 2);
    task_gather(&self->wait, self->slots, N);
    printf("%d s: gather: [%d, %d, %d]\n", virtual_seconds(), self->sleepers[0].result,
           self->sleepers[1].result, self->sleepers[2].result);

    create_tasks(self, 3, 1, 2);
    task_move_on (&self->scope, 2.5) {
        task_wait(&self->wait, self->slots, N, TASK_ALL_COMPLETED);
    }
    task_end_scope
    for (int i = 0; i < N; i++)
        printf("%d s: wait: the one of %d s is %s\n", virtual_seconds(), self->sleepers[i].seconds,
               task_done(self->slots[i].future) ? "done" : "pending");
    task_wait(&self->wait, self->slots, N, TASK_ALL_COMPLETED);

    create_tasks(self, 3, 1, 2);
    task_as_completed(&self->completed, self->slots, N);
    gen_for_await (self->slot, task_completed, &self->completed) {
        printf("%d s: as_completed: %d\n", virtual_seconds(),
               self->sleepers[self->slot - self->slots].result);
    }
    gen_end_for

    /* The first failure is raised at once, and the others go on. */
    create_tasks(self, 3, -1, 2);
    gen_try {
        task_gather(&self->wait, self->slots, N);
    }
    gen_except (VALUE_ERROR) {
        printf("%d s: gather: ValueError: %s\n", virtual_seconds(), gen_caught.text);
    }
    gen_end_try
    task_gather_all(&self->wait, self->slots, N); /* return_exceptions=True */
    for (int i = 0; i < N; i++)
        printf("%d s: %s\n", virtual_seconds(),
               task_error(self->slots[i].future).code != 0 ? "an exception" : "a result");
    gen_end();
}

int main(void)
{
    struct example example = {.slot = NULL};
    return virtual_run(example_any(&example)) != 0;
}
