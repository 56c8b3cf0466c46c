/* `goto` out of a body, to what stands after gen_end: the function ends without an answer.
 *
 * expect gcc -Wall: warning -Wreturn-type
 * expect clang: warning -Wreturn-type
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
    gen_yield(1);
    if (self->n > 0)
        goto out;
    gen_end();
out:
    self->n = 0;
}

int main(void)
{
    gen_for (x, numbers, .n = 2)
        printf("%d\n", x);
    return 0;
}
