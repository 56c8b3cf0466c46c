/* A suspension inside the user's switch.
 *
 * expect run: yielded 1
 * expect run: raised GEN_EBADSTATE (a suspension or gen_try inside a switch)
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
    switch (self->n) {
    case 0:
        gen_yield(1);
        break;
    default:
        gen_yield(2);
    }
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
