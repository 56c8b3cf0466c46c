/* A body that asks an ended generator for more, and lets the GEN_STOP of it go. */
#include "trace.h"

gen_declare(range3, int, int);
struct range3 {
    FRAME;
    int i;
};
gen_define(range3)
{
    gen_begin();
    for (; self->i < 3; self->i++)
        gen_yield(self->i);
    gen_end();
}

gen_declare(pairs, int, int);
struct pairs {
    FRAME;
    struct range3 src;
    int a, b;
};
gen_define(pairs)
{
    gen_begin();
    for (;;) {
        if (!range3_next(&self->src, &self->a))
            gen_raise(GEN_STOP);
        if (!range3_next(&self->src, &self->b))
            gen_raise(GEN_STOP);
        gen_yield(10 * self->a + self->b);
    }
    gen_end();
}

int main(void)
{
    struct generator g = start(pairs);
    show_next(g);
    show_next(g);
    show_next(g);
    return 0;
}
