/* gen_begin a second time.
 *
 * expect gcc: error: duplicate label 'gen__again'
 * expect clang: error: redefinition of label 'gen__again'
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
    gen_begin();
    gen_yield(2);
    gen_end();
}
