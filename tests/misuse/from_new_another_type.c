/* Delegation to a pushed child that yields another type: its item would be written over the end of
 * what the consumer has room for.
 *
 * expect gcc clang g++ clang++: error: gen_yield_from_a_generator_that_yields_another_type
 */
#include "gen.h"

gen_declare(digits, long);
struct digits {
    struct gen gen;
};
gen_define(digits)
{
    gen_begin();
    gen_yield(0);
    gen_end();
}

gen_declare(outer, int);
struct outer {
    struct gen gen;
};
gen_define(outer)
{
    gen_begin();
    gen_yield_from_new(digits);
    gen_end();
}
