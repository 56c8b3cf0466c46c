/* A body without gen_end.
 *
 * expect gcc clang: error: label 'gen__no_end'
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
}

int next_function(void);
int next_function(void)
{
    return 0;
}
