/* Thrown while it is suspended in a finally: it replaces what the finally would go on with. */
#include "trace.h"

enum { FALLS, RETURNS, RAISES, WAYS };

gen_declare(guarded, int, int);
struct guarded {
    FRAME;
    int way;
    struct gen_unwind unwind[1];
};
gen_define(guarded)
{
    gen_begin();
    gen_try_finally {
        if (self->way == RETURNS)
            gen_return(7);
        if (self->way == RAISES)
            gen_raise(EFIRST);
    }
    gen_finally {
        gen_yield(1);
        trace("finally goes on");
    }
    gen_end_finally
    gen_yield(2);
    gen_end();
}

int main(void)
{
    for (int way = 0; way < WAYS; way++) {
        struct generator g = start(guarded, .way = way);
        show_next(g);
        show_next(g);
        show_next(g);
        g = start(guarded, .way = way);
        show_next(g);
        show_throw(g, ESECOND);
        show_next(g);
        g = start(guarded, .way = way);
        show_next(g);
        show_close(g);
        show_next(g);
    }
    return 0;
}
