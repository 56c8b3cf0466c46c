/* gen.h's side of bench/peers.sh. Like each of these programs it sums a range of argv[1] items, and
 * prints how many nanoseconds an item took. */
#include "bench/bench.h"
#include "gen.h"

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

BENCH_SIDE sum_of(long stop, long step)
{
    uint64_t sum = 0;
    gen_for (x, range, .stop = stop, .step = step)
        BENCH_USE(sum, x);
    return sum;
}

int main(int argc, char **argv)
{
    volatile long stop = argc > 1 ? atol(argv[1]) : 1000000, step = 1;
    uint64_t sum, warm = sum_of(stop, step);
    double start = bench_clock();
    sum = sum_of(stop, step);
    printf("%.3f\n", (bench_clock() - start) * 1e9 / (double)stop);
    return sum != warm;
}
