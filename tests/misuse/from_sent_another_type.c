/* Delegation to a child that is sent another type, which would read what was sent as that.
 *
 * expect gcc clang g++ clang++: error: delegation_to_a_generator_that_is_sent_another_type
 */
#include "gen.h"

gen_declare(averager, double, double);
struct averager {
    struct gen gen;
    double sum, count;
};
gen_define(averager)
{
    gen_begin();
    for (;;) {
        gen_yield(self->count > 0 ? self->sum / self->count : 0);
        self->sum += gen_sent ? *gen_sent : 0;
        self->count++;
    }
    gen_end();
}

gen_declare(outer, double, char);
struct outer {
    struct gen gen;
    struct averager child;
};
gen_define(outer)
{
    gen_begin();
    gen_yield_from(averager, &self->child);
    gen_end();
}
