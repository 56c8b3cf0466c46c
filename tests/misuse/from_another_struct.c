/* The frame that is delegated to is not the named generator's.
 *
 * expect gcc clang: warning -Wincompatible-pointer-types
 * expect g++: error: cannot convert
 * expect clang++: error: no matching function
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

gen_declare(outer, int);
struct outer {
    struct gen gen;
    struct gen child;
};
gen_define(outer)
{
    gen_begin();
    gen_yield_from(numbers, &self->child);
    gen_end();
}
