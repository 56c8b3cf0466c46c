/* A frame that is copied while suspended, with its delegate in it: two generators from there on.
 *
 * expect run: original 0, copy 0
 * expect run: original 1, copy 1
 * expect run: original closed, copy 2
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
    for (; self->n < 3; self->n++)
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
    gen_yield(-1);
    gen_yield_from(numbers, &self->child);
    gen_end();
}

int main(void)
{
    struct outer original = {.child = {.n = 0}}, copy;
    int x = 0, y = 0;
    outer_next(&original, &x);
    copy = original;
    while (x < 1) {
        outer_next(&original, &x);
        outer_next(&copy, &y);
        printf("original %d, copy %d\n", x, y);
    }
    outer_close(&original);
    outer_next(&copy, &y);
    printf("original closed, copy %d\n", y);
    return 0;
}
