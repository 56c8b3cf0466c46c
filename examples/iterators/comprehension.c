/* List comprehensions, generator expressions (PEP 289), enumerate, sorted and list. In Python:
 *
 *     sum([x * x for x in range(10)])         makes a list first
 *     sum(x * x for x in range(10))           makes none
 *     [x for x in odd_till(10) if x % 3]
 *     for i, x in enumerate(odd_till(10)): ...
 *     sorted(steps())
 */
#include <stdio.h>
#include <stdlib.h>
#include "itertools.h"

gen_declare(odd_till, int);
struct odd_till {
    struct gen gen;
    int number, n;
};
gen_define(odd_till)
{
    gen_begin();
    for (self->n = 1; self->n < self->number; self->n += 2)
        gen_yield(self->n);
    gen_end();
}

gen_declare(steps, int);
struct steps {
    struct gen gen;
};
gen_define(steps)
{
    gen_begin();
    gen_yield(3);
    gen_yield(1);
    gen_yield(2);
    gen_end();
}

/* A generator expression has a name in C, and its loop is the one written by hand. */
iter_define_range(range, int);
iter_define_map(squares, range, int, x, x *x);
iter_define_filter(no_threes, odd_till, x, x % 3 != 0);
iter_define_enumerate(numbered, odd_till);

static int ascending(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static void print_list(const int *list, size_t count)
{
    printf("[");
    for (size_t i = 0; i < count; i++)
        printf("%s%d", i > 0 ? ", " : "", list[i]);
    printf("]\n");
}

int main(void)
{
    struct squares of_list = {.source.range = ITER_RANGE(10)};
    struct no_threes some = {.source.number = 10};
    struct steps unsorted = {.gen = {0, 0}};
    int list[10], sum_of_list = 0, sum = 0;
    size_t count = 0;

    if (iter_list(squares_any(&of_list), list, &count) != 0)
        return 1;
    for (size_t i = 0; i < count; i++)
        sum_of_list += list[i];
    gen_for (x, squares, .source.range = ITER_RANGE(10))
        sum += x;
    printf("%d %d\n", sum_of_list, sum);

    if (iter_list(no_threes_any(&some), list, &count) != 0)
        return 1;
    print_list(list, count);

    gen_for (item, numbered, .source.number = 10)
        printf("%zu: %d\n", item.index, item.value);

    if (iter_list(steps_any(&unsorted), list, &count) != 0)
        return 1;
    qsort(list, count, sizeof list[0], ascending);
    print_list(list, count);
    return 0;
}
