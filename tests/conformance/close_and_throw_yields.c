/* The same over a child whose finally yields. */
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
        gen_yield(2);
    }
    gen_finally {
        gen_yield(3);
    }
    gen_end_finally
    gen_return(7);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
};
gen_define(parent)
{
    gen_begin();
    delegate(child);
    gen_return(returned(child));
    gen_end();
}

int main(void)
{
    static const int codes[] = {GEN_EXIT, GEN_STOP, GEN_CANCELLED, ESECOND};
    struct generator g = start(parent);
    show_next(g);
    show_close(g);
    show_next(g);
    for (int i = 0; i < 4; i++) {
        g = start(parent);
        show_next(g);
        show_throw(g, codes[i]);
        show_next(g);
        show_state(g);
    }
    g = start(parent);
    show_rest(g);
    return 0;
}
