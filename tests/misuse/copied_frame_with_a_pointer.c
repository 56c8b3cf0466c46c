/* A frame that is copied while it delegates through a gen_any that points into it: the copy's still
 * points into the original, so the two take turns with one delegate.
 *
 * expect run: original 0, copy 1
 * expect run: original 2, copy ended
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
    struct gen_any it;
    struct numbers child;
};
gen_define(outer)
{
    gen_begin();
    self->it = numbers_any(&self->child);
    gen_yield(-1);
    gen_yield_from_any(self->it);
    gen_end();
}

int main(void)
{
    struct outer original = {.child = {.n = 0}}, copy;
    int x = 0, y = 0;
    outer_next(&original, &x);
    copy = original;
    outer_next(&original, &x);
    outer_next(&copy, &y);
    printf("original %d, copy %d\n", x, y);
    outer_next(&original, &x);
    printf("original %d, copy %s\n", x, outer_next(&copy, &y) ? "goes on" : "ended");
    return 0;
}
