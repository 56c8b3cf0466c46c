/* A generator without an end, of which the caller takes as much as he wants: the first ten items
 * with fibonacci_next, which is next(fib); then those up to 100 with gen_for, whose `break` closes
 * the generator. In Python, class FibIterable with __next__, or
 *
 *     def fibonacci():
 *         a, b = 0, 1
 *         while True: yield b; a, b = b, a + b
 */
#include <stdio.h>
#include "gen.h"

gen_declare(fibonacci, unsigned long);
struct fibonacci {
    struct gen gen;
    unsigned long a, b;
};
gen_define(fibonacci)
{
    unsigned long next; /* does not survive the yield, and need not */

    gen_begin();
    for (self->a = 0, self->b = 1;;) {
        gen_yield(self->b);
        next = self->a + self->b;
        self->a = self->b;
        self->b = next;
    }
    gen_end();
}

int main(void)
{
    struct fibonacci fib = {0};
    unsigned long item = 0;

    for (int i = 0; i < 10 && fibonacci_next(&fib, &item); i++)
        printf("%lu\n", item);
    fibonacci_close(&fib);

    gen_for (num, fibonacci) {
        if (num > 100)
            break;
        printf("fibonacci number: %lu\n", num);
    }
    return 0;
}
