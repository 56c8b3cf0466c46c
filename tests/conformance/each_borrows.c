/* A loop over a generator that others hold: break leaves it suspended, and it can be gone on with. */
#include "trace.h"

gen_declare(counter, int, int);
struct counter {
    FRAME;
    int i;
    struct gen_unwind unwind[1];
};
gen_define(counter)
{
    gen_begin();
    gen_try_finally {
        for (; self->i < 6; self->i++)
            gen_yield(self->i);
    }
    gen_finally {
        trace("finally");
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g = start_on_frame(counter);
    int x = 0;
    gen_each (x, counter, frame_of(counter, g)) {
        trace("item %d", x);
        if (x == 1)
            break;
    }
    show_state(g);
    gen_each (x, counter, frame_of(counter, g)) {
        if (x == 2)
            continue;
        trace("item %d", x);
        if (x == 3)
            break;
    }
    show_next(g);
    gen_each (x, counter, frame_of(counter, g))
        trace("item %d", x);
    show_state(g);
    gen_each (x, counter, frame_of(counter, g))
        trace("not reached");
    trace("last %d", x);
    return 0;
}
