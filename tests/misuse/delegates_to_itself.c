/* A body that delegates to its own generator.
 *
 * expect run: raised GEN_ERUNNING
 * expect run: returned
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
    gen_yield_from(numbers, self);
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
