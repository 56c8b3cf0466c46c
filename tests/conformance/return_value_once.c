/* The value comes with the end, once. */
#include "trace.h"

gen_declare(seven, int, int);
struct seven {
    FRAME;
    int early;
};
gen_define(seven)
{
    gen_begin();
    if (self->early)
        gen_return(7);
    gen_yield(1);
    gen_return(8);
    gen_end();
}

int main(void)
{
    struct generator g = start(seven);
    show_next(g);
    show_next(g);
    show_next(g);
    show_send(g, 5);
    g = start(seven, .early = 1);
    show_next(g);
    show_next(g);
    show_state(g);
    return 0;
}
