/* An array, whose elements neither compiler follows.
 *
 * expect gcc -O2 -Wall -Wextra: no warning
 * expect gcc -O2 -Wjump-misses-init: warning -Wjump-misses-init
 * expect clang -O2 -Wall -Wextra: no warning
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
    int primes[3] = {2, 3, 5};
    for (; self->n < 3; self->n++)
        gen_yield(primes[self->n]);
    gen_end();
}

int main(void)
{
    gen_for (x, numbers, .n = 2)
        printf("%d\n", x);
    return 0;
}
