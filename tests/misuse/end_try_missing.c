/* gen_try without gen_end_try.
 *
 * expect gcc clang: error: gen_end_try_or_gen_end_finally_is_missing
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
    gen_try {
        gen_yield(1);
    }
    gen_except_any {
        self->n++;
    }
    gen_end();
}
