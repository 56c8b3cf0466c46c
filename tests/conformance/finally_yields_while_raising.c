/* A value yielded in finally is delivered; the exception leaves with the next resume. */
#include "trace.h"

gen_declare(guarded, int, int);
struct guarded {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(guarded)
{
    gen_begin();
    gen_try_finally {
        gen_yield(1);
    }
    gen_finally {
        gen_yield(2);
        gen_yield(3);
    }
    gen_end_finally
    trace("not reached");
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, GEN_CANCELLED, GEN_EXIT, GEN_STOP};
    for (int i = 0; i < 4; i++) {
        struct generator g = start(guarded);
        show_next(g);
        show_throw(g, codes[i]);
        show_send(g, 5);
        show_state(g);
        show_next(g);
        show_state(g);
    }
    return 0;
}
