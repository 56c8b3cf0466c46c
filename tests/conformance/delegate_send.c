/* What is sent goes to the child; what is sent to end it is the child's alone. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    trace("child");
    gen_yield(1);
    show_sent();
    gen_yield(2);
    show_sent();
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
};
gen_define(parent)
{
    gen_begin();
    gen_yield(0);
    trace("parent");
    show_sent();
    delegate(child);
    trace("parent");
    gen_yield(3);
    show_sent();
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_send(g, 41);
    show_next(g);
    show_send(g, 42);
    show_send(g, 43);
    show_send(g, 44);
    show_send(g, 45);
    show_send(g, 46);
    return 0;
}
