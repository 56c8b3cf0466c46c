/* gen.range: a loop over a generator against the same loop written by hand. */
#include "gen.h"
#include "bench.h"

/* Not known to the compiler, which could otherwise compute either loop. */
static volatile long the_stop = 30000000, the_step = 1;

gen_declare(range, long);
struct range {
    struct gen gen;
    long i, stop, step;
};
gen_define(range)
{
    gen_begin();
    for (; self->i < self->stop; self->i += self->step)
        gen_yield(self->i);
    gen_end();
}

BENCH_SIDE ours(void)
{
    long stop = the_stop, step = the_step;
    uint64_t sum = 0;
    gen_for (x, range, .stop = stop, .step = step)
        BENCH_USE(sum, x);
    return sum;
}

BENCH_SIDE reference(void)
{
    long stop = the_stop, step = the_step;
    uint64_t sum = 0;
    for (long x = 0; x < stop; x += step)
        BENCH_USE(sum, x);
    return sum;
}

int main(void)
{
    return !bench_measure("gen.range", ours, reference, (double)the_stop, 1.05);
}
