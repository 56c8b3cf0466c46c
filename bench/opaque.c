/* gen.opaque, gen.send, gen.throw: next(), send(), and throw() that is caught in the body, on a
 * generator that the optimiser cannot see, against a state machine that it cannot see either. */
#include "bench.h"
#include "opaque.h"

static volatile long the_items = 10000000;

BENCH_SIDE next_ours(void)
{
    struct range g = {.stop = the_items, .step = 1};
    uint64_t sum = 0;
    long x;
    while (range_next(&g, &x))
        BENCH_USE(sum, x);
    return sum;
}

BENCH_SIDE next_reference(void)
{
    struct range_machine m = {.stop = the_items, .step = 1};
    uint64_t sum = 0;
    long x;
    while (range_machine_next(&m, &x))
        BENCH_USE(sum, x);
    return sum;
}

BENCH_SIDE send_ours(void)
{
    long items = the_items, x;
    struct total g = {.sum = 0};
    uint64_t sum = 0;
    if (!total_next(&g, &x))
        return 0;
    for (long i = 0; i < items && total_send(&g, i, &x) == GEN_YIELDED; i++)
        BENCH_USE(sum, x);
    return sum;
}

BENCH_SIDE send_reference(void)
{
    long items = the_items, x;
    struct total_machine m = {.sum = 0};
    uint64_t sum = 0;
    if (!total_machine_send(&m, 0, &x))
        return 0;
    for (long i = 0; i < items && total_machine_send(&m, i, &x); i++)
        BENCH_USE(sum, x);
    return sum;
}

BENCH_SIDE throw_ours(void)
{
    long items = the_items, x;
    struct ticks g = {.n = 0};
    uint64_t sum = 0;
    if (!ticks_next(&g, &x))
        return 0;
    for (long i = 0; i < items && ticks_throw(&g, OPAQUE_TICK, &x) == GEN_YIELDED; i++)
        BENCH_USE(sum, x);
    return sum;
}

BENCH_SIDE throw_reference(void)
{
    long items = the_items, x;
    struct ticks_machine m = {.n = 0};
    uint64_t sum = 0;
    if (!ticks_machine_throw(&m, 0, &x))
        return 0;
    for (long i = 0; i < items && ticks_machine_throw(&m, OPAQUE_TICK, &x); i++)
        BENCH_USE(sum, x);
    return sum;
}

int main(void)
{
    double items = (double)the_items;
    bool same = bench_measure("gen.opaque", next_ours, next_reference, items, 1.15);
    same &= bench_measure("gen.send", send_ours, send_reference, items, 1.3);
    same &= bench_measure("gen.throw", throw_ours, throw_reference, items, 1.3);
    return !same;
}
