/* gen_finally without gen_try_finally.
 *
 * expect gcc clang: error: 'gen__try_finally'
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
    gen_finally {
        self->n++;
    }
    gen_end_finally
    gen_end();
}
