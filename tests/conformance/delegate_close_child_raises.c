/* A child that raises when it is told to leave: that error is raised in the parent, not GEN_EXIT. */
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
        gen_raise(EFIRST, "child");
    }
    gen_end_finally
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int catches;
};
gen_define(parent)
{
    gen_begin();
    gen_try {
        delegate(child);
        trace("not reached");
    }
    gen_except_all {
        show_caught();
        if (!self->catches)
            gen_reraise();
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    for (int catches = 0; catches < 2; catches++) {
        struct generator g = start(parent, .catches = catches);
        show_next(g);
        show_close(g);
        show_state(g);
        g = start(parent, .catches = catches);
        show_next(g);
        show_throw(g, GEN_EXIT);
        show_state(g);
    }
    return 0;
}
