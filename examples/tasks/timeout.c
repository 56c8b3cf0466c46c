/* A deadline belongs to a block. What waits in the block when it passes is cancelled, may clean up,
 * and the block ends with TASK_ETIMEOUT. In Python:
 *
 *     try:
 *         async with asyncio.timeout(0.01):
 *             await slow()
 *     except TimeoutError: ...
 */
#include <stdio.h>
#include "examples/status.h"
#include "loop/loop.h"

gen_declare(slow, void);
struct slow {
    struct gen gen;
    struct gen_unwind unwind[1];
};
gen_define(slow)
{
    gen_begin();
    gen_try_finally {
        task_sleep(3600);
        printf("not reached\n");
    }
    gen_finally {
        printf("slow: cleanup\n");
    }
    gen_end_finally
    gen_end();
}

gen_declare(impatient, void);
struct impatient {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct slow slow;
};
gen_define(impatient)
{
    gen_begin();
    gen_try {
        task_timeout (&self->scope, 0.01) {
            gen_await(slow, &self->slow);
        }
        task_end_scope
    }
    gen_except (TASK_ETIMEOUT) {
        printf("too slow\n");
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct impatient impatient = {.gen = {0, 0}};
    return exit_status("timeout", loop_run(impatient_any(&impatient)));
}
