/* A frame that is zeroed while its body runs: the body goes on, with zeroed members, and where it
 * suspends is known again.
 *
 * expect run: yielded 0
 * expect run: yielded 1
 * expect run: returned
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
    *self = (struct numbers){{0, 0}, 0};
    gen_yield(self->n);
    gen_yield(self->n + 1);
    gen_end();
}

int main(void)
{
    struct numbers g = {{0, 0}, 5};
    resume(numbers_any(&g));
    resume(numbers_any(&g));
    resume(numbers_any(&g));
    return 0;
}
