/* A spinner turns while a slow function runs, and is cancelled when that is done: it catches the
 * cancellation, wipes the line and ends. (The seconds are virtual.) In Python:
 *
 *     async def spin(msg):
 *         for char in itertools.cycle('|/-\\'):
 *             ...
 *             try: await asyncio.sleep(.1)
 *             except asyncio.CancelledError: break
 *         write(' ' * len(status) + '\x08' * len(status))
 *
 *     spinner = asyncio.ensure_future(spin('thinking!'))
 *     result = await slow_function()
 *     spinner.cancel()
 */
#include <string.h>
#include "examples/virtual.h"

static void write_times(size_t times, char c)
{
    while (times-- > 0)
        putchar(c);
}

gen_declare(spin, void);
struct spin {
    struct gen gen;
    const char *msg;
    int i;
    bool cancelled;
};
gen_define(spin)
{
    gen_begin();
    for (self->i = 0; !self->cancelled; self->i++) {
        printf("%c %s", "|/-\\"[self->i % 4], self -> msg);
        fflush(stdout);
        write_times(strlen(self->msg) + 2, '\b');
        gen_try {
            task_sleep(.1);
        }
        gen_except (GEN_CANCELLED) {
            self->cancelled = true;
        }
        gen_end_try
    }
    write_times(strlen(self->msg) + 2, ' ');
    write_times(strlen(self->msg) + 2, '\b');
    gen_end();
}

gen_declare(slow_function, void);
struct slow_function {
    struct gen gen;
    int result;
};
gen_define(slow_function)
{
    gen_begin();
    task_sleep(3); /* pretends to wait a long time for I/O */
    gen_return(42);
    gen_end();
}

gen_declare(supervisor, void);
struct supervisor {
    struct gen gen;
    struct spin spin;
    struct task spinner;
    struct slow_function slow;
    int result;
};
gen_define(supervisor)
{
    gen_begin();
    self->spin.msg = "thinking!";
    task_start(&virtual_loop.scheduler, &self->spinner, spin_any(&self->spin), NULL);
    printf("spinner object: <Task %s coro=<%s()>>\n",
           task_done(&self->spinner.future) ? "finished" : "pending", task_name(&self->spinner));
    gen_await(slow_function, &self->slow);
    task_cancel(&self->spinner);
    task_await(
        &self->spinner.future); /* its memory is in this frame, and it has to wipe the line */
    gen_return(self->slow.result);
    gen_end();
}

int main(void)
{
    struct supervisor supervisor = {.result = 0};
    const int code = virtual_run(supervisor_any(&supervisor));
    printf("Answer: %d\n", supervisor.result);
    return code != 0;
}
