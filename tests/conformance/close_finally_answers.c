/* A finally that close came to may itself return, raise, break, continue or yield. */
#include "trace.h"

enum { LEAVES, RETURNS, RAISES, BREAKS, CONTINUES, YIELDS, ANSWERS };

gen_declare(guarded, int, int);
struct guarded {
    FRAME;
    int answer, i;
    struct gen_unwind unwind[1];
};
gen_define(guarded)
{
    gen_begin();
    for (self->i = 0; self->i < 2; self->i++) {
        gen_try_finally {
            if (self->i == 0)
                gen_yield(1);
            trace("round %d", self->i);
        }
        gen_finally {
            trace("finally");
            if (self->answer == RETURNS)
                gen_return(7);
            if (self->answer == RAISES)
                gen_raise(EFIRST);
            if (self->answer == BREAKS)
                break;
            if (self->answer == CONTINUES)
                continue;
            if (self->answer == YIELDS)
                gen_yield(2);
        }
        gen_end_finally
        trace("not reached");
    }
    trace("after");
    gen_end();
}

int main(void)
{
    for (int answer = 0; answer < ANSWERS; answer++) {
        struct generator g = start(guarded, .answer = answer);
        show_next(g);
        show_close(g);
        show_state(g);
        show_next(g);
    }
    return 0;
}
