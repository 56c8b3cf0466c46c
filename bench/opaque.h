/* Generators of another translation unit, and state machines written by hand in yet another, which
 * do the same: the optimiser sees neither. */
#ifndef OPAQUE_H
#define OPAQUE_H

#include "gen.h"

gen_declare_extern(range, long);
struct range {
    struct gen gen;
    long i, stop, step;
};

/* Yields the sum of what it was sent. */
gen_declare_extern(total, long, long);
struct total {
    struct gen gen;
    long sum;
};

/* Catches OPAQUE_TICK where it yields, and yields how often it did. */
enum { OPAQUE_TICK = GEN_EUSER };
gen_declare_extern(ticks, long);
struct ticks {
    struct gen gen;
    long n;
};

enum machine_state { MACHINE_CREATED, MACHINE_SUSPENDED, MACHINE_CLOSED };

struct range_machine {
    enum machine_state state;
    long i, stop, step;
};
bool range_machine_next(struct range_machine *m, long *out);

struct total_machine {
    enum machine_state state;
    long sum;
};
bool total_machine_send(struct total_machine *m, long value, long *out);

struct ticks_machine {
    enum machine_state state;
    long n;
};
bool ticks_machine_throw(struct ticks_machine *m, int code, long *out);

#endif
