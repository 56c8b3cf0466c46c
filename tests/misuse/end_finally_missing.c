/* gen_try_finally without gen_end_finally.
 *
 * expect gcc clang: error: gen_end_try_or_gen_end_finally_is_missing
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
    gen_finally {
        self->n++;
    }
    gen_end();
}
