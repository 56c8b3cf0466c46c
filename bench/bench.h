/* What the benchmarks share: the clock, the median, and a row of the table.
 *
 * A measure is "ours" against a "reference" that does the same. Both are timed in turns, and what
 * counts is the median of the ratios, as a machine that speeds up or slows down does so for both.
 * Needs POSIX' clock_gettime. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__clang__)
#define BENCH_COMPILER "clang"
#else
#define BENCH_COMPILER "gcc"
#endif

/* Seconds since some time in the past. */
static inline double bench_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
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

/* One row; the columns are in run.sh. */
static inline void bench_row(const char *measure, double ours, double reference, const char *unit,
                             double ratio, double bound)
{
    printf("%s\t%s\t%.3f\t%.3f\t%s\t%.3f\t%.2f\n", measure, BENCH_COMPILER, ours, reference, unit,
           ratio, bound);
}

#endif
