/* No misuse: loops without braces, as the body of an if with and without an else, and two on one line.
 *
 * expect gcc clang g++ clang++ -Wall -Wextra -Wshadow -Wno-missing-field-initializers: no warning
 * expect run: 2 1 2 1 9 3 2 1 error 2000
 * expect run: 12 error 0
 * expect run: 2 1 20
 * expect run: 10
 * expect run: 22 21 11 13 12 11 11
 */
#include "misuse.h"

#include "itertools.h"

gen_declare(down, int);
struct down {
    struct gen gen;
    int n;
};
gen_define(down)
{
    gen_begin();
    for (; self->n > 0; self->n--)
        gen_yield(self->n);
    gen_end();
}

gen_declare(one, int);
struct one {
    struct gen gen;
    int n;
};
gen_define(one)
{
    gen_begin();
    gen_yield(self->n);
    gen_end();
}

gen_declare(loops, int);
struct loops {
    struct gen gen;
    bool other;
    int x;
    struct down first, second, third;
};
gen_define(loops)
{
    gen_begin();
    if (!self->other)
        gen_for_in (self->x, down, &self->first)
            gen_yield(self->x);
    if (self->other)
        gen_for_in (self->x, down, &self->second)
            gen_yield(self->x);
    else
        gen_for_in (self->x, down, &self->second)
            if (self->x > 0)
                gen_yield(self->x);
    if (self->other)
        gen_yield(12);
    else
        gen_yield(9);
    if (!self->other)
        iter_for_in (self->x, down_any(&self->third))
            gen_yield(self->x);
    if (self->other)
        iter_for_in (self->x, down_any(&self->third))
            gen_yield(self->x);
    else
        gen_raise(GEN_EUSER);
    gen_end();
}

int main(void)
{
    struct loops g = {.first = {.n = 2}, .second = {.n = 2}, .third = {.n = 3}},
                 other = {.other = true};
    struct down a = {.n = 1}, b = {.n = 3}, d = {.n = 2}, e = {.n = 1};
    struct one c = {.n = 1};
    int x, y;
    if (d.n == 2)
        gen_each (x, loops, &g)
            printf("%d ", x);
    else
        puts("no");
    printf("error %d\n", gen_error(&g));
    if (d.n != 2)
        puts("no");
    else
        gen_each (x, loops, &other)
            printf("%d ", x);
    printf("error %d\n", gen_error(&other));
    if (d.n == 2)
        gen_for (i, down, .n = 2)
            if (i > 0)
                printf("%d ", i);
    if (d.n == 2)
        iter_for (int, i, down_any(&d))
            printf("%d\n", 10 * i);
    else
        puts("no");
    /* clang-format off */
    gen_for (i, down, .n = 2) gen_for (j, down, .n = i) printf("%d%d ", i, j);
    iter_for (int, i, down_any(&a)) iter_for (int, j, down_any(&b)) printf("%d%d ", i, j);
    gen_each (x, one, &c) gen_each (y, down, &e) printf("%d%d\n", x, y);
    /* clang-format on */
    return 0;
}
