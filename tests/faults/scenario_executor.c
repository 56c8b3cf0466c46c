/* Calls in other threads: one, one for each element of an array, and one that fails. */
#include "faults.h"
#include "loop/executor.h"

enum { ELEMENTS = 12 };

static int twice(void *arg)
{
    *(int *)arg *= 2;
    return 0;
}

static int fails(void *arg)
{
    (void)arg;
    return EDOM;
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope time;
    struct loop_executor executor;
    struct loop_work work, map, failing;
    int one, all[ELEMENTS], code;
    bool own, complete;
};
gen_define(client)
{
    int code;
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            self->one = 21;
            loop_to_thread(&self->work, twice, &self->one);
            if (self->one != 42)
                violated("a call was not made");
            code = loop_executor_open(&self->executor, 3);
            if (code != 0)
                gen_raise(code);
            self->own = true;
            for (int i = 0; i < ELEMENTS; i++)
                self->all[i] = i;
            loop_map(&self->executor, &self->map, twice, self->all, ELEMENTS, sizeof self->all[0]);
            for (int i = 0; i < ELEMENTS; i++)
                if (self->all[i] != 2 * i)
                    violated("a call was not made");
            gen_try {
                loop_run_in_executor(&self->executor, &self->failing, fails, NULL);
            }
            gen_except (EDOM) {
                self->code = EDOM;
            }
            gen_end_try
            self->complete = self->code == EDOM;
        }
        gen_except_any {
            note(gen_caught.code);
        }
        gen_end_try
        if (self->own)
            (void)loop_executor_shutdown(&self->executor, true, false);
    }
    task_end_scope
    gen_end();
}

SCENARIO(executor_scenario, .name = "executor");
