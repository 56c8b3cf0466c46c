/* Primes: a chain of filters that grows by one generator for each prime. */
#include "trace.h"

gen_declare(count, int, int);
struct count {
    FRAME;
    int from;
};
gen_define(count)
{
    gen_begin();
    for (;; self->from++)
        gen_yield(self->from);
    gen_end();
}

gen_declare(without, int, int);
struct without {
    FRAME;
    int factor, x;
    struct generator source;
};
gen_define(without)
{
    gen_begin();
    while (gen_any_next(self->source.any, &self->x))
        if (self->x % self->factor != 0)
            gen_yield(self->x);
    gen_end();
}

gen_declare(primes, int, int);
struct primes {
    FRAME;
    int p;
    struct generator source;
};
gen_define(primes)
{
    gen_begin();
    self->source = start(count, .from = 2);
    while (gen_any_next(self->source.any, &self->p)) {
        gen_yield(self->p);
        self->source = start(without, .factor = self->p, .source = self->source);
    }
    gen_end();
}

int main(void)
{
    gen_for (p, primes) {
        trace("prime %d", p);
        if (p > 40)
            break;
    }
    return 0;
}
