/* A future is the bridge from code with callbacks to code that awaits: a function starts something,
 * returns the future, and a callback sets it later. Own sleep and own timers are made in this way.
 * In Python:
 *
 *     def asleep(seconds):
 *         future = loop.create_future()
 *         loop.call_later(seconds, future.set_result, None)
 *         return future
 *     await function_that_returns_a_future_object()
 *     await asyncio.gather(function_that_returns_a_future_object(), some_python_coroutine())
 */
#include <stdio.h>
#include <string.h>

#include "examples/status.h"
#include "loop/loop.h"
#include "task/wait.h"

/* An operation that calls back: the length of a text, after a while. */
struct measuring {
    struct task_future future;
    const char *text;
    size_t length;
    struct task_call call;
};

static void measured(void *arg)
{
    struct measuring *m = (struct measuring *)arg;
    m->length = strlen(m->text);
    printf("callback\n");
    task_future_set(&m->future);
}

static struct task_future *measure(struct loop *loop, struct measuring *m, const char *text)
{
    *m = (struct measuring){.text = text};
    const int code = loop_call_later(loop, &m->call, 0.01, measured, m);
    if (code != 0)
        task_future_fail(&m->future, code, "loop_call_later");
    return &m->future;
}

static void print_text(void *arg)
{
    printf("%s\n", (const char *)arg);
}

gen_declare(some_coroutine, void);
struct some_coroutine {
    struct gen gen;
    int result;
};
gen_define(some_coroutine)
{
    gen_begin();
    task_sleep(0);
    gen_return(10);
    gen_end();
}

gen_declare(main_coroutine, void);
struct main_coroutine {
    struct gen gen;
    struct measuring measuring;
    struct some_coroutine coroutine;
    struct task task;
    struct task_call call;
    struct task_slot slots[2];
    struct task_wait wait;
};
gen_define(main_coroutine)
{
    gen_begin();
    loop_call_soon(loop_running(), &self->call, print_text, "soon");
    printf("before it\n");
    task_sleep(0);

    /* task_await looks at its argument once, so the call may stand in it. */
    task_await(measure(loop_running(), &self->measuring, "hello"));
    printf("length %zu\n", self->measuring.length);

    task_start(&loop_running()->scheduler, &self->task, some_coroutine_any(&self->coroutine), NULL);
    self->slots[0].future = measure(loop_running(), &self->measuring, "hello, world");
    self->slots[1].future = &self->task.future;
    task_gather(&self->wait, self->slots, 2);
    printf("[%zu, %d]\n", self->measuring.length, self->coroutine.result);
    gen_end();
}

int main(void)
{
    struct main_coroutine m = {.gen = {0, 0}};
    return exit_status("bridge", loop_run(main_coroutine_any(&m)));
}
