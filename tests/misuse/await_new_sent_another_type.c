/* Waiting for a pushed coroutine that is sent another type.
 *
 * expect gcc clang g++ clang++: error: delegation_to_a_generator_that_is_sent_another_type
 */
#include "gen.h"

gen_declare(printer, void, const char *);
struct printer {
    struct gen gen;
};
gen_define(printer)
{
    gen_begin();
    gen_wait_until(gen_sent && **gen_sent == '.');
    gen_end();
}

gen_declare(outer, void, int);
struct outer {
    struct gen gen;
};
gen_define(outer)
{
    gen_begin();
    gen_await_new(printer);
    gen_end();
}
