/* A bare raise in a finally raises what is pending, and then the rest of the finally does not run. */
#include "trace.h"

gen_declare(guarded, int, int);
struct guarded {
    FRAME;
    struct gen_unwind unwind[2];
};
gen_define(guarded)
{
    gen_begin();
    gen_try_finally {
        gen_try_finally {
            gen_yield(1);
        }
        gen_finally {
            show_caught();
            gen_reraise();
            trace("not reached");
        }
        gen_end_finally
    }
    gen_finally {
        gen_try {
            gen_reraise();
        }
        gen_except_all {
            show_caught();
        }
        gen_end_try
        trace("goes on");
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g = start(guarded);
    show_next(g);
    show_throw_text(g, EFIRST, "thrown");
    g = start(guarded);
    show_next(g);
    show_close(g);
    show_state(g);
    return 0;
}
