/* A gen_stack that the first frame does not fit on: the first resume says so.
 *
 * expect run: raised GEN_ENOMEM
 * expect run: returned
 * expect run: no root, gen_error 1005, closed
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
    struct gen_any it;
    gen_stack_init(&s, buffer, 8);
    it = gen_start(&s, numbers, .n = 1);
    resume(it);
    resume(it);
    printf("%s, gen_error %d, %s\n", gen_stack_root(&s, numbers) ? "a root" : "no root",
           gen_stack_error(&s), gen_stack_state(&s) == GEN_CLOSED ? "closed" : "not closed");
    return 0;
}
