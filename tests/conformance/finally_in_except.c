/* A finally inside a clause, which is left by return, break and raise. */
#include "trace.h"

enum { FALLS, BREAKS, RETURNS, RAISES, WAYS };

gen_declare(handler, int, int);
struct handler {
    FRAME;
    int way;
    struct gen_unwind unwind[1];
};
gen_define(handler)
{
    gen_begin();
    for (;;) {
        gen_try {
            gen_raise(EFIRST);
        }
        gen_except (EFIRST) {
            gen_try_finally {
                show_caught();
                gen_yield(1);
                if (self->way == BREAKS)
                    break;
                if (self->way == RETURNS)
                    gen_return(7);
                if (self->way == RAISES)
                    gen_raise(ESECOND);
            }
            gen_finally {
                trace("finally");
                gen_yield(2);
            }
            gen_end_finally
            trace("end of except");
        }
        gen_end_try
        gen_stop();
    }
    trace("after the loop");
    gen_end();
}

int main(void)
{
    for (int way = 0; way < WAYS; way++) {
        struct generator g = start(handler, .way = way);
        show_next(g);
        show_next(g);
        show_next(g);
    }
    return 0;
}
