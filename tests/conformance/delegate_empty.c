/* Children that yield nothing: no suspension, and next, send and throw find the next yield. */
#include "trace.h"

gen_declare(nothing, int, int);
struct nothing {
    FRAME;
};
gen_define(nothing)
{
    gen_begin();
    if (self->result)
        gen_yield(1);
    gen_return(7);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
};
gen_define(parent)
{
    gen_begin();
    delegate(nothing);
    trace("first");
    delegate(nothing);
    gen_yield(returned(nothing));
    show_sent();
    delegate(nothing);
    trace("third");
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_next(g);
    show_send(g, 5);
    show_next(g);
    g = start(nothing);
    show_next(g);
    return 0;
}
