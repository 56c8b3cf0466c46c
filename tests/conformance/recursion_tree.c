/* A binary tree, in order. */
#include "trace.h"

gen_declare(tree, int, int);
struct tree {
    FRAME;
    int low, high;
};
gen_define(tree)
{
    gen_begin();
    if (self->low < self->high) {
        delegate(tree, .low = self->low, .high = (self->low + self->high) / 2);
        gen_yield((self->low + self->high) / 2);
        delegate(tree, .low = (self->low + self->high) / 2 + 1, .high = self->high);
    }
    gen_return(self->high - self->low);
    gen_end();
}

int main(void)
{
    struct generator g = start(tree, .low = 0, .high = 25);
    show_rest(g);
    g = start(tree, .low = 0, .high = 3);
    show_next(g);
    show_next(g);
    show_next(g);
    show_next(g);
    return 0;
}
