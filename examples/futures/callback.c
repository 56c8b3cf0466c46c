/* A future between code that calls back and code that awaits: who starts the operation awaits the
 * future, and the callback sets it. (bridge.c has more of it.) In Python:
 *
 *     def read_sensor():
 *         future = loop.create_future()
 *         loop.call_later(0.01, future.set_result, 21)
 *         return future
 *     print(await read_sensor())
 */
#include <stdio.h>
#include "examples/status.h"
#include "loop/loop.h"

struct sensor {
    struct task_future future; /* all zero: pending */
    int value;
    struct task_call call;
};

static void arrived(void *arg)
{
    struct sensor *s = (struct sensor *)arg;
    s->value = 21;
    task_future_set(&s->future);
}

gen_declare(reader, void);
struct reader {
    struct gen gen;
    struct sensor sensor;
};
gen_define(reader)
{
    struct sensor *const s = &self->sensor;

    gen_begin();
    loop_call_later(loop_running(), &s->call, 0.01, arrived, s);
    printf("done: %s\n", task_done(&s->future) ? "True" : "False");
    task_await(&s->future);
    printf("%d degrees\n", s->value);
    gen_end();
}

int main(void)
{
    struct reader reader = {.gen = {0, 0}};
    return exit_status("callback", loop_run(reader_any(&reader)));
}
