/* Inline futures: a generator yields the future it waits for and is sent the result, or the error is
 * thrown into it, so that code with callbacks reads like code that waits. The calls run in threads;
 * what they call back runs on the loop's thread. In Python:
 *
 *     class Task:
 *         def step(self, value=None, exc=None):
 *             try:
 *                 fut = self._gen.throw(exc) if exc else self._gen.send(value)
 *                 fut.add_done_callback(self._wakeup)
 *             except StopIteration: pass
 *         def _wakeup(self, fut):
 *             try: result = fut.result()
 *             except Exception as exc: self.step(None, exc)
 *             else: self.step(result, None)
 *
 * Below it, the same with task.h, where `struct task` is that class and task_await the yield. */
#include <pthread.h>
#include <stdio.h>

#include "examples/status.h"
#include "loop/loop.h"

enum { TYPE_ERROR = GEN_EUSER };

/* An argument: a text, or a number. */
struct object {
    const char *text;
    int number;
};

/* A call in a thread, and the future of its result. */
struct call {
    struct task_future future; /* done on the loop's thread */
    struct object x, y;
    int result;
    struct gen_exc exc;
    struct loop *loop;
    struct loop_threadsafe done;
    pthread_t thread;
};

/* x + y */
static void func(struct call *call)
{
    if (call->x.text == NULL && call->y.text == NULL)
        call->result = call->x.number + call->y.number;
    else
        call->exc =
            (struct gen_exc){TYPE_ERROR, "unsupported operand type(s) for +: 'int' and 'str'"};
}

static void call_done(void *arg)
{
    struct call *call = (struct call *)arg;
    pthread_join(call->thread, NULL);
    if (call->exc.code == 0)
        task_future_set(&call->future);
    else
        task_future_fail(&call->future, call->exc.code, call->exc.text);
}

static void *call_run(void *arg)
{
    struct call *call = (struct call *)arg;
    func(call); /* it may block: this is no thread of a loop's */
    loop_call_soon_threadsafe(call->loop, &call->done, call_done, call);
    return NULL;
}

/* pool.submit(func, x, y), of a pool that has a worker for each. */
static struct call *submit(struct call *call, struct loop *loop, struct object x, struct object y)
{
    int code;
    *call = (struct call){.x = x, .y = y, .loop = loop};
    code = pthread_create(&call->thread, NULL, call_run, call);
    if (code != 0)
        task_future_fail(&call->future, code, "pthread_create");
    return call;
}

static void print_failed(struct gen_exc exc)
{
    if (exc.code == TYPE_ERROR)
        printf("Failed: TypeError(\"%s\",)\n", exc.text);
    else
        printf("Failed: %s\n", loop_error_name(exc.code));
}

/* -- On gen.h: a generator that yields struct call * and is sent int -------------------------- */

struct inline_task {
    struct task_future ended;
    struct gen_any gen;
    struct loop *loop;
    struct call *fut;
    struct task_call wakeup;
};

static void inline_task_wakeup(void *arg);

static void inline_task_step(struct inline_task *t, const int *value, struct gen_exc exc)
{
    struct gen_io io = {.exc = exc, .in = value, .out = &t->fut};
    enum gen_status status = t->gen.resume(t->gen.frame, &io);
    if (status == GEN_YIELDED)
        task_call_when_done(&t->loop->scheduler, &t->wakeup, &t->fut->future, inline_task_wakeup,
                            t);
    else if (status == GEN_RETURNED)
        task_future_set(&t->ended);
    else
        task_future_fail(&t->ended, io.exc.code, io.exc.text);
}

static void inline_task_wakeup(void *arg)
{
    struct inline_task *t = (struct inline_task *)arg;
    struct gen_exc exc = task_error(&t->fut->future);
    inline_task_step(t, exc.code == 0 ? &t->fut->result : NULL, exc);
}

gen_declare(do_func, struct call *, int);
struct do_func {
    struct gen gen;
    struct loop *loop;
    struct object x, y;
    struct call call;
};
gen_define(do_func)
{
    gen_begin();
    gen_try {
        gen_yield(submit(&self->call, self->loop, self->x, self->y));
        printf("Got: %d\n\n", *gen_sent);
    }
    gen_except_any {
        print_failed(gen_caught);
    }
    gen_end_try
    gen_end();
}

/* -- On task.h -------------------------------------------------------------------------------- */

gen_declare(await_func, void);
struct await_func {
    struct gen gen;
    struct object x, y;
    struct call call;
};
gen_define(await_func)
{
    gen_begin();
    gen_try {
        task_await(&submit(&self->call, loop_running(), self->x, self->y)->future);
        printf("Got: %d\n\n", self->call.result);
    }
    gen_except_any {
        print_failed(gen_caught);
    }
    gen_end_try
    gen_end();
}

/* -- Both ------------------------------------------------------------------------------------- */

gen_declare(example, void);
struct example {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct do_func do_numbers, do_text;
    struct inline_task tasks[2];
    struct await_func await_numbers, await_text;
};
gen_define(example)
{
    const struct object two = {.number = 2}, three = {.number = 3}, hello = {.text = "Hello"};
    const struct gen_exc none = {0, NULL};

    gen_begin();
    task_shield (&self->scope) { /* Ctrl-C waits: a thread cannot be cancelled */
        self->do_numbers = (struct do_func){.loop = loop_running(), .x = two, .y = three};
        self->do_text = (struct do_func){.loop = loop_running(), .x = two, .y = hello};
        self->tasks[0].gen = do_func_any(&self->do_numbers);
        self->tasks[1].gen = do_func_any(&self->do_text);
        for (int i = 0; i < 2; i++) {
            self->tasks[i].loop = loop_running();
            inline_task_step(&self->tasks[i], NULL, none);
        }
        task_await(&self->tasks[0].ended);
        task_await(&self->tasks[1].ended);

        self->await_numbers = (struct await_func){.x = two, .y = three};
        gen_await(await_func, &self->await_numbers);
        self->await_text = (struct await_func){.x = two, .y = hello};
        gen_await(await_func, &self->await_text);
    }
    task_end_scope
    gen_end();
}

int main(void)
{
    struct example example = {.gen = {0, 0}};
    return exit_status("inline_future", loop_run(example_any(&example)));
}
