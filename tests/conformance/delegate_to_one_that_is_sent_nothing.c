/* A delegator that is sent values over a child that takes none: they are dropped. */
#include "trace.h"

gen_declare(child, int);
struct child {
    FRAME;
    int i;
};
gen_define(child)
{
    gen_begin();
    for (; self->i < 3; self->i++)
        gen_yield(self->i);
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
    gen_yield(10);
    show_sent();
    delegate(child);
    gen_yield(returned(child));
    show_sent();
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_next(g);
    show_send(g, 5);
    show_send(g, 6);
    show_next(g);
    show_send(g, 7);
    show_send(g, 8);
    return 0;
}
