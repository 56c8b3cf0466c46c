/* gen_define before the struct of the frame.
 *
 * expect gcc: error: invalid use of undefined type 'struct numbers'
 * expect clang: error: incomplete
 */
#include "gen.h"

gen_declare(numbers, int);
gen_define(numbers)
{
    gen_begin();
    gen_yield(self->n);
    gen_end();
}
struct numbers {
    struct gen gen;
    int n;
};
