/* Yield and return in one generator: the values come one by one, and what is returned comes with
 * the end. In Python it is StopIteration's value, in C the frame's member `result`. In Python:
 *
 *     def odd_till(number):
 *         n = 1
 *         while n < number:
 *             yield n
 *             n += 2
 *     def even_till(number): ...              and: return 'no more'
 */
#include <stdio.h>
#include "gen.h"

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

gen_declare(even_till, int);
struct even_till {
    struct gen gen;
    int number, n;
    const char *result;
};
gen_define(even_till)
{
    gen_begin();
    for (self->n = 2; self->n < self->number; self->n += 2)
        gen_yield(self->n);
    gen_return("no more");
    gen_end();
}

int main(void)
{
    struct even_till even = {.number = 6};
    int num = 0;

    gen_for (odd_num, odd_till, .number = 10)
        printf("%d\n", odd_num);

    while (even_till_next(&even, &num))
        printf("%d\n", num);
    if (gen_error(&even) == 0)
        printf("StopIteration: %s\n", even.result);
    return 0;
}
