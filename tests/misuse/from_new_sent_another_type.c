/* Delegation of one that is sent nothing to a pushed child that is sent something: to whoever delegates to
 * it in turn, what it is sent may be of any type, and the gen_stack hands that to the innermost.
 *
 * expect gcc clang g++ clang++: error: delegation_to_a_generator_that_is_sent_another_type
 */
#include "gen.h"

gen_declare(echo, int, int);
struct echo {
    struct gen gen;
};
gen_define(echo)
{
    gen_begin();
    for (;;)
        gen_yield(gen_sent ? *gen_sent : 0);
    gen_end();
}

gen_declare(between, int);
struct between {
    struct gen gen;
};
gen_define(between)
{
    gen_begin();
    gen_yield_from_new(echo);
    gen_end();
}
