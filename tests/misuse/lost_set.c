/* A local that is set after gen_begin and used after a suspension. gcc warns unless it optimizes,
 * when it takes the value that was set for the only one there is; clang always does.
 * -Wjump-misses-init sees every local whose declaration has a value.
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
    int n = self->n;
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
