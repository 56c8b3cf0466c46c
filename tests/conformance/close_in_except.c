/* Closed while it is suspended in a clause. */
#include "trace.h"

gen_declare(handler, int, int);
struct handler {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(handler)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            gen_raise(EFIRST);
        }
        gen_except_all {
            show_caught();
            gen_yield(1);
            trace("not reached");
        }
        gen_end_try
    }
    gen_finally {
        show_caught();
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g = start(handler);
    show_next(g);
    show_close(g);
    show_state(g);
    return 0;
}
