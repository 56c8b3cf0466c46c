/* Refused in a clause and in a finally, while being thrown into and while being closed. */
#include "trace.h"

static struct generator me;

gen_declare(meddler, int, int);
struct meddler {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(meddler)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            gen_yield(1);
        }
        gen_except (EFIRST) {
            show_next(me);
            show_close(me);
            show_caught();
        }
        gen_end_try
        gen_yield(2);
    }
    gen_finally {
        show_caught();
        show_throw(me, ESECOND);
        show_close(me);
        show_caught();
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    me = start(meddler);
    show_next(me);
    show_throw(me, EFIRST);
    show_close(me);
    show_state(me);
    return 0;
}
