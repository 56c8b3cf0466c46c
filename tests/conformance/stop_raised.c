/* PEP 479: GEN_STOP does not leave a body, whether raised there or thrown in. */
#include "trace.h"

gen_declare(stopper, int, int);
struct stopper {
    FRAME;
    int raises;
};
gen_define(stopper)
{
    gen_begin();
    gen_yield(1);
    if (self->raises)
        gen_raise(GEN_STOP);
    gen_yield(2);
    gen_end();
}

int main(void)
{
    struct generator g = start(stopper, .raises = 1);
    show_next(g);
    show_next(g);
    show_next(g);
    g = start(stopper, .raises = 0);
    show_next(g);
    show_throw(g, GEN_STOP);
    show_state(g);
    show_next(g);
    return 0;
}
