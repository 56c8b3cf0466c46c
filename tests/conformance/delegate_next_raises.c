/* A child that raises later: the error is raised where the parent delegates. */
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
        gen_raise(EFIRST);
        gen_yield(2);
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
    struct gen_unwind unwind[1];
};
gen_define(parent)
{
    gen_begin();
    gen_try_finally {
        gen_yield(0);
        delegate(child);
        gen_yield(3);
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
    show_state(g);
    show_next(g);
    return 0;
}
