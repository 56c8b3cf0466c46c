/* Delegation to a child that yields another type.
 *
 * expect gcc clang g++ clang++: error: gen_yield_from_a_generator_that_yields_another_type
 */
#include "gen.h"

gen_declare(digits, char);
struct digits {
    struct gen gen;
};
gen_define(digits)
{
    gen_begin();
    gen_yield('0');
    gen_end();
}

gen_declare(outer, int);
struct outer {
    struct gen gen;
    struct digits child;
};
gen_define(outer)
{
    gen_begin();
    gen_yield_from(digits, &self->child);
    gen_end();
}
