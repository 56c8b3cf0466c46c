/* The same, with the value assigned after the declaration.
 *
 * expect gcc -O0 -Wall: warning -Wmaybe-uninitialized
 * expect gcc -O2 -Wall -Wextra -Wjump-misses-init: no warning
 * expect clang -O0 -Wall: warning -Wuninitialized
 * expect clang -O2 -Wall: warning -Wuninitialized
 * expect g++ -O0 -Wall: warning -Wmaybe-uninitialized
 * expect clang++ -Wall: warning -Wuninitialized
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
    int n;
    gen_begin();
    n = self->n;
    gen_yield(1);
    gen_yield(n);
    gen_end();
}

int main(void)
{
    gen_for (x, numbers, .n = 2)
        printf("%d\n", x);
    return 0;
}
