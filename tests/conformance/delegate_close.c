/* close reaches the child first, then GEN_EXIT is raised in the parent. */
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
        trace("child");
        show_caught();
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
        trace("not reached");
    }
    gen_finally {
        trace("parent");
        show_caught();
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_next(g);
    show_close(g);
    show_state(g);
    show_next(g);
    return 0;
}
