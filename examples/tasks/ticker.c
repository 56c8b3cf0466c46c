/* An asynchronous generator: its body waits, and yields. The loop over it waits when it does. In
 * Python:
 *
 *     async def ticker(n):
 *         for i in range(n):
 *             await asyncio.sleep(0.01)
 *             yield i
 *     async for i in ticker(3): print('tick', i)
 */
#include <stdio.h>
#include "examples/status.h"
#include "loop/loop.h"

gen_declare(ticker, int);
struct ticker {
    struct gen gen;
    int n, i;
};
gen_define(ticker)
{
    gen_begin();
    for (; self->i < self->n; self->i++) {
        task_sleep(0.01);
        gen_yield(self->i);
    }
    gen_end();
}

gen_declare(listener, void);
struct listener {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct ticker ticker;
    int i;
};
gen_define(listener)
{
    gen_begin();
    self->ticker.n = 3;
    gen_for_await (self->i, ticker, &self->ticker) {
        printf("tick %d\n", self->i);
    }
    gen_end_for
    gen_end();
}

int main(void)
{
    struct listener listener = {.gen = {0, 0}};
    return exit_status("ticker", loop_run(listener_any(&listener)));
}
