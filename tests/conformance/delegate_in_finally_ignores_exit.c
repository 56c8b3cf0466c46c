/* A middle generator whose finally delegates to one that yields: it ignores the exit, and the outer
 * one is told so. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
    int item;
};
gen_define(child)
{
    gen_begin();
    gen_yield(self->item);
    trace("child %d goes on", self->item);
    gen_end();
}

gen_declare(middle, int, int);
struct middle {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(middle)
{
    gen_begin();
    gen_try_finally {
        delegate(child, .item = 1);
    }
    gen_finally {
        trace("finally");
        delegate(child, .item = 2);
        trace("finally goes on");
    }
    gen_end_finally
    gen_end();
}

gen_declare(outer, int, int);
struct outer {
    FRAME;
};
gen_define(outer)
{
    gen_begin();
    gen_try {
        delegate(middle);
        trace("outer goes on");
    }
    gen_except_all {
        show_caught();
    }
    gen_end_try
    gen_yield(3);
    gen_end();
}

int main(void)
{
    struct generator g = start(outer);
    show_next(g);
    show_close(g);
    show_state(g);
    show_next(g);
    g = start(outer);
    show_next(g);
    show_throw(g, EFIRST);
    show_close(g);
    show_state(g);
    g = start(outer);
    show_rest(g);
    return 0;
}
