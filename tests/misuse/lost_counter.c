/* A counter that the `for` declares.
 *
 * expect gcc -O0 -Wall: warning -Wmaybe-uninitialized
 * expect gcc -O2 -Wall -Wextra: no warning
 * expect gcc -O2 -Wjump-misses-init: warning -Wjump-misses-init
 * expect clang -O0 -Wall: warning -Wuninitialized
 * expect clang -O2 -Wall: warning -Wuninitialized
 * expect g++: error: jump to case label
 * expect clang++: error: cannot jump from switch statement to this case label
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
    for (int i = 0; i < self->n; i++)
        gen_yield(i);
    gen_end();
}

int main(void)
{
    gen_for (x, numbers, .n = 2)
        printf("%d\n", x);
    return 0;
}
