/* A task that is cancelled, and whose cleanup has to wait itself. Once cancelled, each of its waits
 * raises, but for those in a shield. Who awaits it gets TASK_ECANCELLED. In Python, where a cancel
 * is raised once, and no shield is needed:
 *
 *     try:
 *         await asyncio.sleep(3600)
 *     finally:
 *         print('goodbye ...')
 *         await asyncio.sleep(0.01)
 *         print('is said')
 */
#include <stdio.h>
#include "examples/status.h"
#include "loop/loop.h"

gen_declare(worker, void);
struct worker {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope shield;
};
gen_define(worker)
{
    gen_begin();
    gen_try_finally {
        task_sleep(3600);
    }
    gen_finally {
        task_shield (&self->shield) {
            printf("goodbye ...\n");
            task_sleep(0.01);
            printf("is said\n");
        }
        task_end_scope
    }
    gen_end_finally
    gen_end();
}

gen_declare(boss, void);
struct boss {
    struct gen gen;
    struct worker worker;
    struct task task;
};
gen_define(boss)
{
    struct task_scheduler *s = &loop_running()->scheduler;

    gen_begin();
    task_start(s, &self->task, worker_any(&self->worker), NULL);
    task_sleep(0);
    task_cancel(&self->task);
    gen_try {
        task_await(&self->task.future);
    }
    gen_except (TASK_ECANCELLED) {
        printf("cancelled\n");
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct boss boss = {.gen = {0, 0}};
    return exit_status("cleanup", loop_run(boss_any(&boss)));
}
