/* The body never runs, not even its finally. */
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
        trace("begun");
        gen_yield(1);
    }
    gen_finally {
        trace("finally");
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g = start(guarded);
    show_close(g);
    show_state(g);
    show_next(g);
    show_send(g, 5);
    show_close(g);
    return 0;
}
