/* gen_raise of 0 and of codes beyond 16 bits.
 *
 * expect run: 0: raised GEN_EBADSTATE (an exception's code is not 0 and has 16 bits)
 * expect run: 32768: raised GEN_EBADSTATE (an exception's code is not 0 and has 16 bits)
 * expect run: -32769: raised GEN_EBADSTATE (an exception's code is not 0 and has 16 bits)
 * expect run: 65536: raised GEN_EBADSTATE (an exception's code is not 0 and has 16 bits)
 * expect run: 32767: raised a code of the program's
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
    gen_raise(self->n);
    gen_end();
}

int main(void)
{
    const int codes[] = {0, INT16_MAX + 1, INT16_MIN - 1, UINT16_MAX + 1, INT16_MAX};
    size_t i;
    for (i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct numbers g = {{0, 0}, codes[i]};
        printf("%d: ", codes[i]);
        resume(numbers_any(&g));
    }
    return 0;
}
