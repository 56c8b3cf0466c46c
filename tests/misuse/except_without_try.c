/* gen_except without gen_try.
 *
 * expect gcc clang: error: 'gen__try'
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
    gen_except (GEN_EUSER) {
        self->n++;
    }
    gen_end_try
    gen_end();
}
