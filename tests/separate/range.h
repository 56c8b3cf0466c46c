/* A generator that a header has whole, body and all: every file that includes it has its own. */
#ifndef RANGE_H
#define RANGE_H

#include "gen.h"

/* Yields from..to - 1. */
gen_declare(range, int);
struct range {
    struct gen gen;
    int from, to;
};
gen_define(range)
{
    gen_begin();
    for (; self->from < self->to; self->from++)
        gen_yield(self->from);
    gen_end();
}

#endif
