/* A body without gen_begin.
 *
 * expect gcc clang: error: 'gen__no_begin'
 */
#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_yield(1);
    gen_end();
}
