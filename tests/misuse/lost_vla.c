/* A local array of variable length.
 *
 * expect gcc: error: switch jumps into scope of identifier with variably modified type
 * expect clang: error: cannot jump from switch statement to this case label
 */
#include <stdio.h>

#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    int items[self->n];
    items[0] = 1;
    gen_yield(items[0]);
    gen_end();
}

int main(void)
{
    gen_for (x, numbers, .n = 2)
        printf("%d\n", x);
    return 0;
}
