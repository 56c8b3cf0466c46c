/* `continue` outside every loop of the user's. The compiler takes it, as the body is a switch.
 *
 * expect run: yielded 1
 * expect run: raised GEN_EBADSTATE (a break or continue outside every loop)
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
    gen_yield(1);
    if (self->n == 0)
        continue;
    gen_yield(2);
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
