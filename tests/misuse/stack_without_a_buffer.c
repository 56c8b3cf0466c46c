/* A gen_stack of no bytes, somewhere and nowhere.
 *
 * expect run: raised GEN_ENOMEM
 * expect run: raised GEN_ENOMEM
 * expect run: raised GEN_ENOMEM
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
    gen_yield(self->n);
    gen_end();
}

int main(void)
{
    char buffer[64];
    struct gen_stack s;
    gen_stack_init(&s, buffer, 0);
    resume(gen_start(&s, numbers));
    gen_stack_init(&s, buffer + 1, 0);
    resume(gen_start(&s, numbers));
    gen_stack_init(&s, NULL, 0);
    resume(gen_start(&s, numbers));
    return 0;
}
