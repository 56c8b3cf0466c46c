/* The body never runs, the exception leaves, the generator is closed. GEN_STOP may not leave. */
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
        gen_try {
            trace("begun");
            gen_yield(1);
        }
        gen_except_all {
            trace("except");
        }
        gen_end_try
    }
    gen_finally {
        trace("finally");
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, GEN_EXIT, GEN_CANCELLED, GEN_STOP};
    for (int i = 0; i < 4; i++) {
        struct generator g = start(guarded);
        show_throw(g, codes[i]);
        show_state(g);
        show_next(g);
    }
    return 0;
}
