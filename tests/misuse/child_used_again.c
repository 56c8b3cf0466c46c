/* Delegation to a child that has ended: there is nothing more in it. Zero it to use it again.
 *
 * expect run: 2 1 / / 2 1 end
 */
#include "misuse.h"

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
    struct numbers child;
};
gen_define(outer)
{
    gen_begin();
    self->child.n = 2;
    gen_yield_from(numbers, &self->child);
    printf("/ ");
    self->child.n = 2;
    gen_yield_from(numbers, &self->child);
    printf("/ ");
    self->child = (struct numbers){.n = 2};
    gen_yield_from(numbers, &self->child);
    gen_end();
}

int main(void)
{
    gen_for (x, outer)
        printf("%d ", x);
    puts("end");
    return 0;
}
