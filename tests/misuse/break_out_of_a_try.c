/* `break` out of a gen_try and of a gen_try_finally outside every loop of the user's: the finally
 * runs, then it is the same misuse.
 *
 * expect run: finally
 * expect run: raised GEN_EBADSTATE (a break or continue outside every loop)
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
    gen_try_finally {
        gen_try {
            if (self->n == 0)
                break;
            gen_yield(1);
        }
        gen_except_all {
            puts("caught");
        }
        gen_end_try
    }
    gen_finally {
        puts("finally");
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct numbers g = {.n = 0};
    resume(numbers_any(&g));
    resume(numbers_any(&g));
    return 0;
}
