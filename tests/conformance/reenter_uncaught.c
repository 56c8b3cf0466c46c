/* The refusal, raised again in the body and caught by nobody, ends the generator like any error. */
#include "trace.h"

static struct generator me;

gen_declare(meddler, int, int);
struct meddler {
    FRAME;
    int item;
    struct gen_unwind unwind[1];
};
gen_define(meddler)
{
    gen_begin();
    gen_yield(1);
    gen_try_finally {
        if (!gen_any_next(me.any, &self->item))
            gen_raise(gen_any_error(me.any));
        trace("not reached");
    }
    gen_finally {
        show_caught();
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    me = start(meddler);
    show_next(me);
    show_next(me);
    show_state(me);
    show_next(me);
    return 0;
}
