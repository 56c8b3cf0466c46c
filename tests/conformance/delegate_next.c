/* next() reaches the innermost generator; when that ends the delegator goes on. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    trace("child begins");
    gen_yield(1);
    gen_yield(2);
    trace("child ends");
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
};
gen_define(parent)
{
    gen_begin();
    trace("parent begins");
    gen_yield(0);
    delegate(child);
    trace("parent goes on");
    gen_yield(3);
    trace("parent ends");
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_rest(g);
    show_next(g);
    return 0;
}
