/* gen_start on the gen_stack that the caller itself runs on: refused, and that goes on unharmed.
 *
 * expect run: inside: raised GEN_ERUNNING
 * expect run: yielded 1
 * expect run: yielded 2
 * expect run: returned
 */
#include "misuse.h"

static struct gen_stack stack;

gen_declare(leaf, int);
struct leaf {
    struct gen gen;
    int n;
};
gen_define(leaf)
{
    gen_begin();
    printf("inside: ");
    resume(gen_start(&stack, leaf, .n = 5));
    gen_yield(self->n);
    gen_end();
}

gen_declare(root, int);
struct root {
    struct gen gen;
    int n;
};
gen_define(root)
{
    gen_begin();
    gen_yield_from_new(leaf, .n = self->n);
    gen_yield(self->n + 1);
    gen_end();
}

int main(void)
{
    char buffer[512];
    struct gen_any it;
    gen_stack_init(&stack, buffer, sizeof buffer);
    it = gen_start(&stack, root, .n = 1);
    resume(it);
    resume(it);
    resume(it);
    return 0;
}
