/* A future: something that will be done, with a result or an exception, or be cancelled. Put one
 * first in a struct, with the value beside it. What it is to call when it is done, it calls in the
 * next turn, in the order in which it was told; never from within. In Python:
 *
 *     future = loop.create_future()
 *     future.done(); future.result()          InvalidStateError: too early
 *     future.add_done_callback(callback)
 *     future.set_result(42)                   set_exception(exc), cancel()
 */
#include "examples/virtual.h"

enum { VALUE_ERROR = GEN_EUSER };

struct answer {
    struct task_future future;
    int value;
};

static void print_answer(const char *name, struct answer *a)
{
    const struct gen_exc exc = task_error(&a->future);
    if (exc.code == 0)
        printf("%s: result %d\n", name, a->value);
    else if (exc.code == TASK_ENOTDONE)
        printf("%s: InvalidStateError: result is not set\n", name);
    else if (exc.code == TASK_ECANCELLED)
        printf("%s: CancelledError\n", name);
    else
        printf("%s: ValueError: %s\n", name, exc.text);
}

static void first(void *arg)
{
    print_answer("first callback", (struct answer *)arg);
}

static void second(void *arg)
{
    print_answer("second callback", (struct answer *)arg);
}

static void third(void *arg)
{
    print_answer("third callback", (struct answer *)arg);
}

gen_declare(example, void);
struct example {
    struct gen gen;
    struct answer good, bad, gone; /* all zero: pending */
    struct task_call calls[4];
};
gen_define(example)
{
    struct task_scheduler *const s = &virtual_loop.scheduler;

    gen_begin();
    print_answer("good", &self->good);
    task_call_when_done(s, &self->calls[0], &self->good.future, first, &self->good);
    task_call_when_done(s, &self->calls[1], &self->good.future, second, &self->good);
    task_call_when_done(s, &self->calls[2], &self->good.future, third, &self->good);
    task_call_cancel(&self->calls[1]); /* remove_done_callback */

    self->good.value = 42;
    task_future_set(&self->good.future);
    printf("done: %s\n", task_done(&self->good.future) ? "True" : "False");
    if (task_future_set(&self->good.future) == TASK_EDONE)
        printf("set again: InvalidStateError\n");
    task_sleep(0); /* the callbacks' turn */
    print_answer("good", &self->good);

    task_future_fail(&self->bad.future, VALUE_ERROR, "Not found");
    print_answer("bad", &self->bad);
    gen_try {
        task_await(&self->bad.future); /* done already: it does not wait, it raises */
    }
    gen_except (VALUE_ERROR) {
        printf("awaited: ValueError: %s\n", gen_caught.text);
    }
    gen_end_try

    task_call_when_done(s, &self->calls[3], &self->gone.future, third, &self->gone);
    task_future_cancel(&self->gone.future);
    printf("cancelled: %s\n", task_state(&self->gone.future) == TASK_CANCELLED ? "True" : "False");
    task_sleep(0);
    gen_end();
}

int main(void)
{
    struct example example = {.good = {.value = 0}};
    return virtual_run(example_any(&example)) != 0;
}
