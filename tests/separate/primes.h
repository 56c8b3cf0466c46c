/* A library's public header: its generator's body is in primes.c. */
#ifndef PRIMES_H
#define PRIMES_H

#include "gen.h"

/* As around every function of a C library: C++ shall look for it by its name in C. */
#ifdef __cplusplus
extern "C" {
#endif

enum { PRIMES_NEGATIVE = GEN_EUSER };

/* Yields the primes from..to - 1 and returns their number. Goes on with what it is sent. Raises
 * PRIMES_NEGATIVE if `to` is negative. */
gen_declare_extern(primes, int, int);
struct primes {
    struct gen gen;
    struct gen_unwind unwind[1];
    int from, to;
    int result;
    int *ended; /* counts those that have come to an end; NULL: nobody counts */
};

#ifdef __cplusplus
}
#endif

#endif
