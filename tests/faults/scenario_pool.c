/* Calls in other processes. What fails in a worker is its end. */
#include "faults.h"
#include "loop/process_pool.h"

enum { ELEMENTS = 6 };

static int twice(const void *in, size_t in_size, void *out, size_t *out_size)
{
    (void)in_size;
    *(int *)out = 2 * *(const int *)in;
    *out_size = sizeof(int);
    return 0;
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope time;
    struct process_pool pool;
    struct process_job job;
    int in[ELEMENTS], out[ELEMENTS];
    bool complete;
};
gen_define(client)
{
    int code;
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        gen_try {
            code = process_pool_open(&self->pool, loop_running(), 2);
            if (code != 0)
                gen_raise(code);
            for (int i = 0; i < ELEMENTS; i++)
                self->in[i] = i;
            process_pool_map(&self->pool, &self->job, twice, self->in, sizeof(int), self->out,
                             sizeof(int), ELEMENTS);
            for (int i = 0; i < ELEMENTS; i++)
                if (self->out[i] != 2 * i)
                    violated("a wrong result");
            process_pool_shutdown(&self->pool);
            self->complete = true;
        }
        gen_except_any {
            note(gen_caught.code);
        }
        gen_end_try
        process_pool_close(&self->pool);
    }
    task_end_scope
    gen_end();
}

SCENARIO(pool_scenario, .name = "pool", .instead = {EXECUTOR_EDIED});
