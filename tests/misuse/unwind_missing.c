/* try/finally in a body whose frame has no `unwind`.
 *
 * expect gcc: error: 'struct numbers' has no member named 'unwind'
 * expect clang: error: no member named 'unwind' in 'struct numbers'
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
    gen_try_finally {
        gen_yield(1);
    }
    gen_finally {
        self->n++;
    }
    gen_end_finally
    gen_end();
}
