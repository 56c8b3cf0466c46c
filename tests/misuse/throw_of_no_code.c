/* throw() of 0 and of codes beyond 16 bits: refused, and the generator is as it was.
 *
 * expect run: 0: -1 GEN_EBADSTATE: not possible in this state
 * expect run: 32768: -1 GEN_EBADSTATE: not possible in this state
 * expect run: 65536: -1 GEN_EBADSTATE: not possible in this state
 * expect run: yielded 1
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
    for (;; self->n++)
        gen_yield(self->n);
    gen_end();
}

int main(void)
{
    const int codes[] = {0, INT16_MAX + 1, UINT16_MAX + 1};
    struct numbers g = {{0, 0}, 0};
    size_t i;
    numbers_next(&g, NULL);
    for (i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        int status = numbers_throw(&g, codes[i], NULL);
        printf("%d: %d %s\n", codes[i], status, gen_error_name(gen_error(&g)));
    }
    resume(numbers_any(&g));
    return 0;
}
