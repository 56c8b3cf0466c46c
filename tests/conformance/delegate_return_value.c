/* What a child returns is the value of the delegation, however the child came to return. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
    int items;
};
gen_define(child)
{
    gen_begin();
    for (; self->items > 0; self->items--) {
        gen_yield(self->items);
        if (gen_sent != NULL)
            gen_return(100 + *gen_sent);
    }
    gen_return(7);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int sum;
};
gen_define(parent)
{
    gen_begin();
    delegate(child, .items = 0);
    self->sum += returned(child);
    trace("sum %d", self->sum);
    delegate(child, .items = 2);
    self->sum += returned(child);
    trace("sum %d", self->sum);
    delegate(child, .items = 9);
    self->sum += returned(child);
    trace("sum %d", self->sum);
    gen_return(self->sum);
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_next(g);
    show_next(g);
    show_next(g);
    show_send(g, 5);
    show_next(g);
    return 0;
}
