/* A child held by others that ignores the exit of its delegator is still there, and goes on. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except (GEN_EXIT) {
        trace("ignored");
    }
    gen_end_try
    gen_yield(2);
    gen_yield(3);
    gen_return(7);
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
    show_next(p);
    show_close(p);
    show_state(p);
    show_state(c);
    p = start(parent, .g = c);
    show_next(p);
    show_next(p);
    show_state(c);
    return 0;
}
