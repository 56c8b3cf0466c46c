/* gen_yield_from_new in a generator that a gen_for or gen_for_in of a frame on a gen_stack resumes:
 * the stack drives what delegates, not what loops.
 *
 * expect run: raised GEN_ENOSTACK
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
    gen_yield_from_new(numbers);
    gen_end();
}

gen_declare(outer, int);
struct outer {
    struct gen gen;
    struct numbers source;
    int x;
};
gen_define(outer)
{
    gen_begin();
    gen_for_in (self->x, numbers, &self->source)
        gen_yield(self->x);
    gen_end();
}

int main(void)
{
    char buffer[512];
    struct gen_stack s;
    gen_stack_init(&s, buffer, sizeof buffer);
    resume(gen_start(&s, outer));
    return 0;
}
