/* A range as a stack of its own, and swapcontext. */
#include <ucontext.h>
#include "bench/bench.h"

static ucontext_t consumer, producer;
static char stack[65536];
static long item, the_stop, the_step;
static bool ended;

static void range(void)
{
    for (long i = 0; i < the_stop; i += the_step) {
        item = i;
        swapcontext(&producer, &consumer);
    }
    ended = true;
}

static void start_range(long stop, long step)
{
    the_stop = stop;
    the_step = step;
    ended = false;
    getcontext(&producer);
    producer.uc_stack.ss_sp = stack;
    producer.uc_stack.ss_size = sizeof stack;
    producer.uc_link = &consumer;
    makecontext(&producer, range, 0);
}

BENCH_SIDE sum_of(long stop, long step)
{
    uint64_t sum = 0;
    start_range(stop, step);
    for (;;) {
        swapcontext(&consumer, &producer);
        if (ended)
            return sum;
        BENCH_USE(sum, item);
    }
}

int main(int argc, char **argv)
{
    volatile long stop = argc > 1 ? atol(argv[1]) : 100000, step = 1;
    uint64_t sum, warm = sum_of(stop, step);
    double start = bench_clock();
    sum = sum_of(stop, step);
    printf("%.3f\n", (bench_clock() - start) * 1e9 / (double)stop);
    return sum != warm;
}
