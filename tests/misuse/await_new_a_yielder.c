/* gen_await_new of a generator that yields values, which nobody would take.
 *
 * expect gcc clang g++ clang++: error: gen_await_of_a_generator_that_yields
 */
#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    gen_yield(self->n);
    gen_end();
}

gen_declare(outer, void);
struct outer {
    struct gen gen;
};
gen_define(outer)
{
    gen_begin();
    gen_await_new(numbers);
    gen_end();
}
