/* A child that raises before its first yield. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    trace("child");
    gen_raise(EFIRST);
    gen_yield(1);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int catches;
    struct gen_unwind unwind[1];
};
gen_define(parent)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            delegate(child);
            trace("not reached");
        }
        gen_except (EFIRST) {
            show_caught();
            if (!self->catches)
                gen_reraise();
        }
        gen_end_try
        gen_yield(2);
    }
    gen_finally {
        trace("finally");
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g = start(parent, .catches = 0);
    show_next(g);
    show_state(g);
    g = start(parent, .catches = 1);
    show_rest(g);
    return 0;
}
