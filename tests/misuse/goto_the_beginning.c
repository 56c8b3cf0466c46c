/* `goto` out of a body, to what stands before gen_begin: the generator counts as running for ever.
 *
 * expect run: yielded 1
 * expect run: raised GEN_ERUNNING
 * expect run: raised GEN_ERUNNING
 */
#include "misuse.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
again:
    self->n = 0;
    gen_begin();
    gen_yield(1);
    goto again;
    gen_end();
}

int main(void)
{
    struct numbers g = {{0, 0}, 0};
    resume(numbers_any(&g));
    resume(numbers_any(&g));
    resume(numbers_any(&g));
    return 0;
}
