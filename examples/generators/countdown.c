/* The shortest generator: counts down from n. Its frame keeps n across the yields, and gen_for owns
 * the frame. In Python:
 *
 *     def countdown(n):
 *         while n > 0: yield n; n -= 1
 *     for n in countdown(5): print(n)
 */
#include <stdio.h>
#include "gen.h"

gen_declare(countdown, int);
struct countdown {
    struct gen gen;
    int n;
};
gen_define(countdown)
{
    gen_begin();
    for (; self->n > 0; self->n--)
        gen_yield(self->n);
    gen_end();
}

int main(void)
{
    gen_for (n, countdown, .n = 5)
        printf("%d\n", n);
    return 0;
}
