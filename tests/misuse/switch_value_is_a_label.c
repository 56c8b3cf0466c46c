/* A suspension inside the user's switch, whose value happens to be the label of the suspension (4
 * for each line from gen_define on, and 4).
 *
 * expect run: raised GEN_EBADSTATE (a suspension or gen_try inside a switch)
 * expect run: returned
 * expect run: returned
 */
#include "misuse.h"

enum { YIELD_LABEL = 4 + 4 * 5 };
gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    switch (self->n + YIELD_LABEL) {
    case 0:
        gen_yield(1);
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
