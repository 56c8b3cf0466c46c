/* GEN_STOP that leaves a body while it is being closed is GEN_ESTOP as at any time. */
#include "trace.h"

gen_declare(stopper, int, int);
struct stopper {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(stopper)
{
    gen_begin();
    gen_try_finally {
        gen_yield(1);
    }
    gen_finally {
        trace("finally");
        gen_raise(GEN_STOP);
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g = start(stopper);
    show_next(g);
    show_close(g);
    show_state(g);
    g = start(stopper);
    show_next(g);
    show_next(g);
    show_next(g);
    return 0;
}
