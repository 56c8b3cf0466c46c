/* A loop left by break, and a generator that raises, or yields, when it is dropped. */
#include "trace.h"

enum { LEAVES, RETURNS, RAISES, YIELDS, ANSWERS };

gen_declare(guarded, int, int);
struct guarded {
    FRAME;
    int answer;
    struct gen_unwind unwind[1];
};
gen_define(guarded)
{
    gen_begin();
    gen_try_finally {
        gen_yield(1);
    }
    gen_finally {
        trace("finally");
        if (self->answer == RETURNS)
            gen_return(7);
        if (self->answer == RAISES)
            gen_raise(EFIRST, "dropped");
        if (self->answer == YIELDS)
            gen_yield(2);
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    for (int answer = 0; answer < ANSWERS; answer++) {
        gen_for (x, guarded, .answer = answer) {
            trace("item %d", x);
            break;
        }
        trace("after the loop");
    }
    return 0;
}
