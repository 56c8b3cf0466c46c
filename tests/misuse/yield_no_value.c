/* No value is yielded by a generator that is declared with int.
 *
 * expect gcc: error: incompatible type for argument 1 of 'gen__no_value'
 * expect clang: error: passing 'numbers_gen__item'
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
    gen_yield();
    gen_end();
}
