/* A finally within a finally keeps what is pending, also when errors come and go in it. */
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
        gen_raise(EFIRST);
    }
    gen_finally {
        gen_try {
            gen_try_finally {
                gen_yield(1);
                gen_raise(ESECOND);
            }
            gen_finally {
                gen_yield(2);
            }
            gen_end_finally
        }
        gen_except (ESECOND) {
            show_caught();
        }
        gen_end_try
        gen_yield(3);
    }
    gen_end_finally
    trace("not reached");
    gen_end();
}

int main(void)
{
    struct generator g = start(guarded);
    show_rest(g);
    g = start(guarded);
    show_next(g);
    show_throw(g, ESECOND);
    show_next(g);
    show_next(g);
    g = start(guarded);
    show_next(g);
    show_throw(g, ETHIRD);
    show_next(g);
    show_next(g);
    return 0;
}
