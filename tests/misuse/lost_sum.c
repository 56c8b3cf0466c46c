/* A local that is declared before gen_begin, set after it, and changed in a loop that suspends.
 * Only a warning that has to be asked for sees it.
 *
 * expect gcc -O0 -Wall -Wextra -Wjump-misses-init: no warning
 * expect gcc -O2 -Wall -Wextra -Wjump-misses-init: no warning
 * expect clang -Wall -Wextra: no warning
 * expect clang -Wconditional-uninitialized: warning -Wconditional-uninitialized
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
    int sum;
    gen_begin();
    sum = 0;
    for (; self->n < 3; self->n++) {
        sum += self->n;
        gen_yield(sum);
    }
    gen_end();
}

int main(void)
{
    gen_for (x, numbers, .n = 2)
        printf("%d\n", x);
    return 0;
}
