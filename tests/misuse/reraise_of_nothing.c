/* gen_reraise where no exception is handled: outside a clause, and in one after a suspension.
 *
 * expect run: raised GEN_EBADSTATE (gen_reraise: nothing is active)
 * expect run: yielded 1
 * expect run: raised GEN_EBADSTATE (gen_reraise: nothing is active)
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
        gen_reraise();
    gen_try {
        gen_raise(GEN_EUSER);
    }
    gen_except_any {
        gen_yield(1);
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct numbers outside = {{0, 0}, 0}, after = {{0, 0}, 1};
    resume(numbers_any(&outside));
    resume(numbers_any(&after));
    resume(numbers_any(&after));
    return 0;
}
