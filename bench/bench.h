/* What the benchmarks share: the clocks, the median, a measure, and a row of the table.
 *
 * A measure is "ours" against a "reference" that does the same. Both are timed in turns, and what
 * counts is the median of the ratios, as a machine that speeds up or slows down does so for both.
 * Needs POSIX' clock_gettime. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__clang__)
#define BENCH_COMPILER "clang"
#else
#define BENCH_COMPILER "gcc"
#endif

enum { BENCH_ROUNDS = 15 };

/* What is done with an item. Next to nothing, but the compiler cannot fold rounds into a formula. */
#define BENCH_USE(sum, x)                                                                          \
    do {                                                                                           \
        (sum) = (sum)*3 + (uint64_t)(x);                                                           \
        __asm__ volatile("" : "+r"(sum));                                                          \
    } while (0)

static inline double bench_seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds since some time in the past. */
static inline double bench_clock(void)
{
    return bench_seconds(CLOCK_MONOTONIC);
}

/* Seconds that this process has had of a core. Where others want it too, the side that takes longer
 * is interrupted more often than the other. */
static inline double bench_cpu(void)
{
    return bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static inline int bench_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts the values. */
static inline double bench_median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, bench_compare);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Does the environment's BENCH, a prefix, ask for this measure? Without BENCH every one is. */
static inline bool bench_wanted(const char *measure)
{
    const char *prefix = getenv("BENCH");
    return prefix == NULL || strncmp(measure, prefix, strlen(prefix)) == 0;
}

/* One row; the columns are in run.sh. A bound of 0 is none. */
static inline void bench_row(const char *measure, double ours, double reference, const char *unit,
                             double ratio, double bound)
{
    printf("%s\t%s\t%.3f\t%.3f\t%s\t%.3f\t", measure, BENCH_COMPILER, ours, reference, unit, ratio);
    if (bound > 0)
        printf("%.2f\n", bound);
    else
        printf("-\n");
}

/* One side of a measure: goes over the items, and answers a checksum of what it saw. A function of
 * its own, so that what is around it makes no difference. */
typedef uint64_t bench_side(void);
#define BENCH_SIDE __attribute__((noinline)) static uint64_t

/* Nanoseconds per item. */
static inline double bench_time(bench_side *side, double items, uint64_t *sum)
{
    double start = bench_cpu();
    *sum = side();
    return (bench_cpu() - start) * 1e9 / items;
}

/* Measures, if it is wanted, and prints the row. False: the two sides differ. */
static inline bool bench_measure(const char *measure, bench_side *ours, bench_side *reference,
                                 double items, double bound)
{
    double ns_ours[BENCH_ROUNDS], ns_reference[BENCH_ROUNDS], ratio[BENCH_ROUNDS];

    if (!bench_wanted(measure))
        return true;
    for (int i = -1; i < BENCH_ROUNDS; i++) { /* round -1 warms up */
        int at = i < 0 ? 0 : i;
        uint64_t sum[2];
        if (i % 2 == 0) {
            ns_ours[at] = bench_time(ours, items, &sum[0]);
            ns_reference[at] = bench_time(reference, items, &sum[1]);
        } else {
            ns_reference[at] = bench_time(reference, items, &sum[1]);
            ns_ours[at] = bench_time(ours, items, &sum[0]);
        }
        if (sum[0] != sum[1]) {
            fprintf(stderr, "%s: the two sides differ\n", measure);
            return false;
        }
        ratio[at] = ns_ours[at] / ns_reference[at];
    }
    bench_row(measure, bench_median(ns_ours, BENCH_ROUNDS),
              bench_median(ns_reference, BENCH_ROUNDS), "ns/item",
              bench_median(ratio, BENCH_ROUNDS), bound);
    return true;
}

#endif
