/* Closed while it is suspended in a finally that an error came to: the exit replaces the error. */
#include "trace.h"

gen_declare(guarded, int, int);
struct guarded {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(guarded)
{
    gen_begin();
    gen_try {
        gen_try_finally {
            gen_raise(EFIRST);
        }
        gen_finally {
            gen_yield(1);
            trace("finally goes on");
        }
        gen_end_finally
    }
    gen_except_all {
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct generator g = start(guarded);
    show_next(g);
    show_close(g);
    show_state(g);
    g = start(guarded);
    show_next(g);
    show_next(g);
    show_state(g);
    return 0;
}
