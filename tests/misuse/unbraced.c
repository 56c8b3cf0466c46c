/* No misuse: statements of a body without braces, as the body of if, else, for, while and do.
 *
 * expect run: 1 2 3 3 4 caught returned 5, result 6
 * expect run: -2 2000
 */
#include "misuse.h"

gen_declare(steps, int);
struct steps {
    struct gen gen;
    bool other;
    int n, result;
    struct numbers *child;
};

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    if (self->n < 0)
        gen_stop();
    else
        gen_yield(self->n);
    gen_end();
}

gen_define(steps)
{
    gen_begin();
    if (self->other)
        gen_yield(-2);
    else
        gen_yield(1);
    if (!self->other)
        gen_yield(2);
    for (self->n = 0; self->n < 2; self->n++)
        gen_yield(3);
    while (self->n++ < 3)
        if (self->n == 3)
            gen_yield(4);
    gen_try
        if (self->n)
            gen_raise(GEN_EUSER);
        else
            gen_reraise();
    gen_except (GEN_EUSER)
        if (self->other)
            gen_reraise();
        else
            printf("caught ");
    gen_end_try
    if (self->child)
        gen_yield_from(numbers, self->child);
    else
        gen_wait_until(true);
    printf("returned ");
    do
        gen_yield(5);
    while (self->n < 0);
    if (self->other)
        gen_stop();
    else
        gen_return(6);
    gen_end();
}

int main(void)
{
    struct numbers child = {.n = -1};
    struct steps g = {.child = &child}, other = {.other = true};
    int x;
    gen_each (x, steps, &g)
        printf("%d%s", x, x == 5 ? ", " : " ");
    printf("result %d\n", g.result);
    gen_each (x, steps, &other)
        if (x < 0)
            printf("%d ", x);
    printf("%d\n", gen_error(&other));
    return 0;
}
