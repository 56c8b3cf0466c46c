/* A buffer that is not aligned, at every offset: a few of its bytes are not used.
 *
 * expect run: 64 buffers, 64 yielded 7
 */
#include "misuse.h"

gen_declare(wide, int);
struct wide {
    struct gen gen;
    long double x;
};
gen_define(wide)
{
    gen_begin();
    self->x = 7;
    gen_yield((int)self->x);
    gen_end();
}

int main(void)
{
    char buffer[64 + 256];
    int offset, x, good = 0;
    for (offset = 0; offset < 64; offset++) {
        struct gen_stack s;
        gen_stack_init(&s, buffer + offset, 256);
        good += gen_any_next(gen_start(&s, wide), &x) && x == 7;
    }
    printf("%d buffers, %d yielded 7\n", offset, good);
    return 0;
}
