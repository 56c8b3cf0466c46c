/* Two generators that delegate to one, which resumes the other of the two.
 *
 * expect run: inner resume: raised GEN_ERUNNING
 * expect run: yielded 1
 */
#include "misuse.h"

static struct gen_any other;

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    printf("inner resume: ");
    resume(other);
    gen_yield(1);
    gen_end();
}

gen_declare(outer, int);
struct outer {
    struct gen gen;
    struct numbers *child;
};
gen_define(outer)
{
    gen_begin();
    gen_yield_from(numbers, self->child);
    gen_end();
}

int main(void)
{
    struct numbers child = {{0, 0}, 0};
    struct outer a = {.child = &child}, b = {.child = &child};
    other = outer_any(&b);
    resume(outer_any(&a));
    return 0;
}
