/* A delegate that has begun goes on; its first step is next(), whatever its delegator was sent. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    gen_yield(1);
    show_sent();
    gen_yield(2);
    show_sent();
    gen_yield(3);
    show_sent();
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    struct generator g;
};
gen_define(parent)
{
    gen_begin();
    gen_yield(0);
    trace("parent");
    show_sent();
    delegate_to(child, self->g);
    trace("parent goes on");
    gen_end();
}

int main(void)
{
    struct generator c = start(child);
    struct generator p = start(parent, .g = c);
    show_next(c);
    show_next(p);
    show_send(p, 5);
    show_send(p, 6);
    show_send(p, 7);
    show_state(c);
    return 0;
}
