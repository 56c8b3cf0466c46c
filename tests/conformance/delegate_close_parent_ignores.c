/* The child leaves, but the parent yields: it is the parent that ignored the exit. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(child)
{
    gen_begin();
    gen_try_finally {
        gen_yield(1);
    }
    gen_finally {
        trace("child leaves");
    }
    gen_end_finally
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
};
gen_define(parent)
{
    gen_begin();
    gen_try {
        delegate(child);
    }
    gen_except (GEN_EXIT) {
        gen_yield(2);
        trace("parent goes on");
    }
    gen_end_try
    gen_return(7);
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_next(g);
    show_close(g);
    show_state(g);
    show_next(g);
    show_close(g);
    return 0;
}
