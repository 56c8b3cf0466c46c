/* C's `return` without a value, as out of a void function.
 *
 * expect gcc -Wall: warning -Wreturn-type
 * expect clang: warning -Wreturn-type
 * expect g++: error: return-statement with no value
 * expect clang++: error: should return a value
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
    gen_yield(1);
    if (self->n > 0)
        return;
    gen_end();
}
