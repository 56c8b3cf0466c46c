/* gen_except of a gen_try_finally.
 *
 * expect gcc clang: error: 'gen__try'
 */
#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    struct gen_unwind unwind[1];
    int n;
};
gen_define(numbers)
{
    gen_begin();
    gen_try_finally {
        gen_yield(1);
    }
    gen_except_any {
        self->n++;
    }
    gen_end_try
    gen_end();
}
