/* As many prime numbers as are wanted, without knowing before how many: no list of a million
 * primes. In Python:
 *
 *     gen = primes()
 *     print(next(gen)) ...                    it goes on right where it left
 */
#include <stdio.h>
#include "gen.h"

static bool is_prime(int x)
{
    for (int i = 2; i <= x / i; i++)
        if (x % i == 0)
            return false;
    return x >= 2;
}

gen_declare(primes, int);
struct primes {
    struct gen gen;
    int n;
};
gen_define(primes)
{
    gen_begin();
    for (self->n = 2;; self->n++)
        if (is_prime(self->n))
            gen_yield(self->n);
    gen_end();
}

int main(void)
{
    struct primes gen = {.gen = {0, 0}};
    int prime = 0;

    for (int i = 0; i < 5 && primes_next(&gen, &prime); i++)
        printf("%d\n", prime);
    printf("more are needed:\n");
    while (prime < 50 && primes_next(&gen, &prime))
        printf("%d\n", prime);
    return 0;
}
