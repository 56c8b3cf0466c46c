/* A delegation in a finally that close came to: a child that only returns there is fine. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
    int items;
    struct gen_unwind unwind[1];
};
gen_define(child)
{
    gen_begin();
    gen_try_finally {
        for (; self->items > 0; self->items--)
            gen_yield(self->items);
    }
    gen_finally {
        trace("child leaves");
    }
    gen_end_finally
    gen_return(7);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int items;
    struct gen_unwind unwind[1];
};
gen_define(parent)
{
    gen_begin();
    gen_try_finally {
        delegate(child, .items = 1);
        gen_yield(10);
    }
    gen_finally {
        trace("finally");
        delegate(child, .items = self->items);
        trace("returned %d", returned(child));
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g;
    for (int items = 0; items < 2; items++) {
        g = start(parent, .items = items);
        show_next(g);
        show_close(g);
        show_state(g);
        show_next(g);
        g = start(parent, .items = items);
        show_next(g);
        show_throw(g, EFIRST);
        show_next(g);
        g = start(parent, .items = items);
        show_rest(g);
    }
    return 0;
}
