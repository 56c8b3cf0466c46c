/* gen_return in a body whose frame has no `result`.
 *
 * expect gcc: error: 'struct numbers' has no member named 'result'
 * expect clang: error: no member named 'result' in 'struct numbers'
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
    gen_return(self->n);
    gen_end();
}
