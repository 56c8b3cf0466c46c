/* A local of a loop's body, with a suspension on one way through it only.
 *
 * expect gcc -O0 -Wall -Wextra: no warning
 * expect gcc -O2 -Wall: warning -Wmaybe-uninitialized
 * expect gcc -O2 -Wjump-misses-init: warning -Wjump-misses-init
 * expect clang -O0 -Wall: warning -Wsometimes-uninitialized
 * expect clang -O2 -Wall: warning -Wsometimes-uninitialized
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
    for (; self->n < 30; self->n++) {
        int tenfold = self->n * 10;
        if (self->n % 2)
            gen_yield(self->n);
        self->n += tenfold;
    }
    gen_end();
}

int main(void)
{
    gen_for (x, numbers, .n = 2)
        printf("%d\n", x);
    return 0;
}
