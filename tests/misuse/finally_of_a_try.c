/* gen_finally of a gen_try: Python has one statement for both, here they are nested.
 *
 * expect gcc clang: error: 'gen__try_finally'
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
    gen_try {
        gen_yield(1);
    }
    gen_finally {
        self->n++;
    }
    gen_end_finally
    gen_end();
}
