/* A child's error dropped by what the parent's finally does: return, break, continue. */
#include "trace.h"

enum { RETURNS, BREAKS, CONTINUES, WAYS };

gen_declare(child, int, int);
struct child {
    FRAME;
    int i;
};
gen_define(child)
{
    gen_begin();
    gen_yield(self->i);
    gen_raise(EFIRST);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int way, i;
    struct gen_unwind unwind[1];
};
gen_define(parent)
{
    gen_begin();
    for (self->i = 1; self->i < 3; self->i++) {
        gen_try_finally {
            delegate(child, .i = self->i);
        }
        gen_finally {
            show_caught();
            if (self->way == RETURNS)
                gen_return(7);
            if (self->way == BREAKS)
                break;
            if (self->way == CONTINUES)
                continue;
        }
        gen_end_finally
        trace("not reached");
    }
    gen_yield(10);
    gen_end();
}

int main(void)
{
    for (int way = 0; way < WAYS; way++) {
        struct generator g = start(parent, .way = way);
        show_next(g);
        show_next(g);
        show_next(g);
        g = start(parent, .way = way);
        show_next(g);
        show_throw(g, GEN_CANCELLED);
        show_rest(g);
        g = start(parent, .way = way);
        show_next(g);
        show_close(g);
        show_state(g);
        show_rest(g);
    }
    return 0;
}
