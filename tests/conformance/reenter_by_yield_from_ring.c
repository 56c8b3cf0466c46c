/* Two generators that delegate to each other. */
#include "trace.h"

static struct generator a, b;

gen_declare(first, int, int);
gen_declare(second, int, int);
struct first {
    FRAME;
};
struct second {
    FRAME;
};
gen_define(first)
{
    gen_begin();
    trace("first");
    gen_yield(1);
    delegate_to(second, b);
    gen_yield(2);
    gen_end();
}
gen_define(second)
{
    gen_begin();
    trace("second");
    gen_yield(3);
    delegate_to(first, a);
    gen_yield(4);
    gen_end();
}

int main(void)
{
    a = start(first);
    b = start(second);
    show_rest(a);
    show_state(a);
    show_state(b);
    show_next(b);
    return 0;
}
