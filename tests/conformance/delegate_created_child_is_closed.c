/* close and throw of a delegator that has not begun never reach its delegate. */
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
    delegate_to(child, self->g);
    gen_end();
}

int main(void)
{
    struct generator c = start(child);
    struct generator p = start(parent, .g = c);
    show_close(p);
    show_state(c);
    p = start(parent, .g = c);
    show_throw(p, EFIRST);
    show_state(c);
    p = start(parent, .g = c);
    show_send(p, 5);
    show_state(p);
    show_state(c);
    show_rest(p);
    show_state(c);
    return 0;
}
