/* gen.range: a loop over a generator against the same loop written by hand. */
#include <stdint.h>
#include "gen.h"
#include "bench.h"

enum { ROUNDS = 15 };

/* Not known to the compiler, which could otherwise compute either loop. */
static volatile long the_stop = 30000000, the_step = 1;

/* What is done with an item. Empty, but the compiler cannot fold several rounds into a formula. */
#define USE(sum, x)                                                                                \
    do {                                                                                           \
        (sum) = (sum)*3 + (uint64_t)(x);                                                           \
        __asm__ volatile("" : "+r"(sum));                                                          \
    } while (0)

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

__attribute__((noinline)) static uint64_t ours(long stop, long step)
{
    uint64_t sum = 0;
    gen_for (x, range, .stop = stop, .step = step)
        USE(sum, x);
    return sum;
}

__attribute__((noinline)) static uint64_t reference(long stop, long step)
{
    uint64_t sum = 0;
    for (long x = 0; x < stop; x += step)
        USE(sum, x);
    return sum;
}

static double time_of(uint64_t (*side)(long, long), uint64_t *sum)
{
    double start = bench_clock();
    *sum = side(the_stop, the_step);
    return (bench_clock() - start) * 1e9 / (double)the_stop;
}

int main(void)
{
    double ns_ours[ROUNDS], ns_reference[ROUNDS], ratio[ROUNDS];

    if (!bench_wanted("gen.range"))
        return 0;
    for (int i = -1; i < ROUNDS; i++) { /* round -1 warms up */
        int at = i < 0 ? 0 : i;
        uint64_t sum[2];
        if (i % 2 == 0) {
            ns_ours[at] = time_of(ours, &sum[0]);
            ns_reference[at] = time_of(reference, &sum[1]);
        } else {
            ns_reference[at] = time_of(reference, &sum[1]);
            ns_ours[at] = time_of(ours, &sum[0]);
        }
        if (sum[0] != sum[1]) {
            fprintf(stderr, "gen.range: the two loops differ\n");
            return 1;
        }
        ratio[at] = ns_ours[at] / ns_reference[at];
    }
    bench_row("gen.range", bench_median(ns_ours, ROUNDS), bench_median(ns_reference, ROUNDS),
              "ns/item", bench_median(ratio, ROUNDS), 1.10);
    return 0;
}
