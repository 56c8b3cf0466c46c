/* gen_try_finally inside the user's switch.
 *
 * expect run: raised GEN_EBADSTATE (a suspension or gen_try inside a switch)
 * expect run: returned
 * expect run: returned
 */
#include "misuse.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    struct gen_unwind unwind[1];
    int n;
};
gen_define(numbers)
{
    gen_begin();
    switch (self->n) {
    case 0:
        gen_try_finally {
            gen_raise(GEN_EUSER);
        }
        gen_finally {
            self->n = 7;
        }
        gen_end_finally
    }
    gen_yield(1);
    gen_end();
}

int main(void)
{
    struct numbers g = {.n = 0};
    resume(numbers_any(&g));
    resume(numbers_any(&g));
    resume(numbers_any(&g));
    return 0;
}
