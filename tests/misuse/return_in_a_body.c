/* C's `return` in a body: it is told at once, and the generator counts as running for ever.
 *
 * expect run: raised GEN_ERUNNING
 * expect run: raised GEN_ERUNNING
 * expect run: close: GEN_ERUNNING: generator already executing
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
    if (self->n == 0)
        return GEN_RETURNED;
    gen_yield(1);
    gen_end();
}

int main(void)
{
    struct numbers g = {{0, 0}, 0};
    resume(numbers_any(&g));
    resume(numbers_any(&g));
    printf("close: %s\n", gen_error_name(numbers_close(&g)));
    return 0;
}
