/* Two trees of different shape, walked side by side, have the same leaves. */
#include "trace.h"

gen_declare(leaves, int, int);
struct leaves {
    FRAME;
    int low, high, left; /* left: how many go to the left of a fork; 0: half of them */
};
gen_define(leaves)
{
    gen_begin();
    if (self->high - self->low == 1)
        gen_return(self->low);
    delegate(leaves, .low = self->low,
             .high = self->low + (self->left ? self->left : (self->high - self->low) / 2),
             .left = self->left);
    gen_yield(returned(leaves));
    delegate(leaves, .low = self->low + (self->left ? self->left : (self->high - self->low) / 2),
             .high = self->high, .left = self->left);
    gen_yield(returned(leaves));
    gen_return(-1);
    gen_end();
}

int main(void)
{
    struct generator a = start(leaves, .low = 0, .high = 6, .left = 1);
    struct generator b = start(leaves, .low = 0, .high = 6);
    for (int i = 0; i < 11; i++) {
        show_next(a);
        show_next(b);
    }
    return 0;
}
