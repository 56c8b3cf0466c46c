/* A child whose finally returns swallows the error, under close too, but not the parent's exit. */
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
        gen_raise(ESECOND);
    }
    gen_finally {
        show_caught();
        gen_return(7);
    }
    gen_end_finally
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(parent)
{
    gen_begin();
    gen_try_finally {
        delegate(child);
        trace("returned %d", returned(child));
        gen_yield(2);
    }
    gen_finally {
        trace("parent leaves");
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_rest(g);
    g = start(parent);
    show_next(g);
    show_throw(g, EFIRST);
    show_next(g);
    g = start(parent);
    show_next(g);
    show_close(g);
    show_state(g);
    g = start(parent);
    show_next(g);
    show_throw(g, GEN_EXIT);
    return 0;
}
