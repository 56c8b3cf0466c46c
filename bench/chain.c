/* gen.chain4: four ranges, chained by gen_yield_from on two levels, against four loops. */
#include "gen.h"
#include "bench.h"

static volatile long the_stop = 8000000, the_step = 1;

gen_declare_inline(range, long);
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

gen_declare_inline(two, long);
struct two {
    struct gen gen;
    struct range a, b;
};
gen_define(two)
{
    gen_begin();
    gen_yield_from(range, &self->a);
    gen_yield_from(range, &self->b);
    gen_end();
}

gen_declare_inline(four, long);
struct four {
    struct gen gen;
    struct two a, b;
};
gen_define(four)
{
    gen_begin();
    gen_yield_from(two, &self->a);
    gen_yield_from(two, &self->b);
    gen_end();
}

BENCH_SIDE ours(void)
{
    long stop = the_stop, step = the_step;
    uint64_t sum = 0;
    gen_for (x, four, .a = {.a = {.stop = stop, .step = step}, .b = {.stop = stop, .step = step}},
             .b = {.a = {.stop = stop, .step = step}, .b = {.stop = stop, .step = step}})
        BENCH_USE(sum, x);
    return sum;
}

BENCH_SIDE reference(void)
{
    long stop = the_stop, step = the_step;
    uint64_t sum = 0;
    for (long x = 0; x < stop; x += step)
        BENCH_USE(sum, x);
    for (long x = 0; x < stop; x += step)
        BENCH_USE(sum, x);
    for (long x = 0; x < stop; x += step)
        BENCH_USE(sum, x);
    for (long x = 0; x < stop; x += step)
        BENCH_USE(sum, x);
    return sum;
}

int main(void)
{
    return !bench_measure("gen.chain4", ours, reference, 4.0 * (double)the_stop, 2.5);
}
