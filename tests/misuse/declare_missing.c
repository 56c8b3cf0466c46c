/* gen_define without gen_declare.
 *
 * expect gcc: error: unknown type name 'numbers_gen__item'
 * expect clang: error: unknown type name 'numbers_gen__item'
 */
#include "gen.h"

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
