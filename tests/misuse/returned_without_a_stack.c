/* gen_returned after a delegation that pushed nothing: there is no such frame, and the sanitizer
 * names it. The child of gen_yield_from is self->child.
 *
 * expect sanitizer: null pointer
 */
#include "misuse.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int result;
};
gen_define(numbers)
{
    gen_begin();
    gen_return(1);
    gen_end();
}

gen_declare(outer, int);
struct outer {
    struct gen gen;
    struct numbers child;
};
gen_define(outer)
{
    gen_begin();
    gen_yield_from(numbers, &self->child);
    gen_yield(gen_returned(numbers)->result);
    gen_end();
}

int main(void)
{
    struct outer g = {.child = {.result = 0}};
    resume(outer_any(&g));
    return 0;
}
