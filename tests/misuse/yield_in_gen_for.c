/* A suspension inside a gen_for of a body: the loop's generator is a local, and lost. gen_for_in
 * over a member is what a body wants.
 *
 * expect gcc clang: error: a_suspension_or_gen_try_inside_gen_for_or_gen_each
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
    for (; self->n > 0; self->n--)
        gen_yield(self->n);
    gen_end();
}

gen_declare(outer, int);
struct outer {
    struct gen gen;
    int n;
};
gen_define(outer)
{
    gen_begin();
    gen_for (x, numbers, .n = self->n)
        gen_yield(x);
    gen_end();
}

int main(void)
{
    gen_for (x, outer, .n = 2)
        printf("%d\n", x);
    return 0;
}
