/* A return in a finally drops the exception, orders too; under close the close succeeds. */
#include "trace.h"

gen_declare(swallower, int, int);
struct swallower {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(swallower)
{
    gen_begin();
    gen_try_finally {
        gen_yield(1);
    }
    gen_finally {
        show_caught();
        gen_return(7);
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, GEN_STOP, GEN_EXIT, GEN_CANCELLED};
    struct generator g;
    for (int i = 0; i < 4; i++) {
        g = start(swallower);
        show_next(g);
        show_throw(g, codes[i]);
        show_state(g);
    }
    g = start(swallower);
    show_next(g);
    show_close(g);
    show_state(g);
    return 0;
}
