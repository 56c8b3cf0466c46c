/* gen.pipeline: range -> filter -> square, three generators, against one loop. An item is one of
 * the range's. */
#include "gen.h"
#include "bench.h"

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

gen_declare(even, long);
struct even {
    struct gen gen;
    struct range from;
    long x;
};
gen_define(even)
{
    gen_begin();
    gen_for_in (self->x, range, &self->from)
        if ((self->x & 1) == 0)
            gen_yield(self->x);
    gen_end();
}

gen_declare(square, long);
struct square {
    struct gen gen;
    struct even from;
    long x;
};
gen_define(square)
{
    gen_begin();
    gen_for_in (self->x, even, &self->from)
        gen_yield(self->x * self->x);
    gen_end();
}

BENCH_SIDE ours(void)
{
    long stop = the_stop, step = the_step;
    uint64_t sum = 0;
    gen_for (x, square, .from.from = {.stop = stop, .step = step})
        BENCH_USE(sum, x);
    return sum;
}

BENCH_SIDE reference(void)
{
    long stop = the_stop, step = the_step;
    uint64_t sum = 0;
    for (long x = 0; x < stop; x += step)
        if ((x & 1) == 0)
            BENCH_USE(sum, x * x);
    return sum;
}

int main(void)
{
    return !bench_measure("gen.pipeline", ours, reference, (double)the_stop, 1.5);
}
