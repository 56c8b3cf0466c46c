/* A local with a value before gen_begin has that value again on every resume. This is defined, so
 * nothing warns, and it is never what a counter wants.
 *
 * expect run: yielded 0
 * expect run: yielded 1
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
    int i = 0;
    gen_begin();
    for (; i < 2; i++)
        gen_yield(i + self->n);
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
