/* What a body may answer to close: leave, return, raise, yield, raise GEN_STOP, fall off its end. */
#include "trace.h"

enum { OBEYS, RETURNS, RAISES, YIELDS, STOPS, FALLS, CANCELS, ANSWERS };

gen_declare(leaver, int, int);
struct leaver {
    FRAME;
    int answer;
};
gen_define(leaver)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except (GEN_EXIT) {
        trace("told");
        if (self->answer == OBEYS)
            gen_reraise();
        if (self->answer == RETURNS)
            gen_return(7);
        if (self->answer == RAISES)
            gen_raise(EFIRST);
        if (self->answer == YIELDS)
            gen_yield(2);
        if (self->answer == STOPS)
            gen_raise(GEN_STOP);
        if (self->answer == CANCELS)
            gen_raise(GEN_CANCELLED);
    }
    gen_end_try
    trace("after");
    gen_end();
}

int main(void)
{
    for (int answer = 0; answer < ANSWERS; answer++) {
        struct generator g = start(leaver, .answer = answer);
        show_next(g);
        show_close(g);
        show_state(g);
        show_next(g);
        show_close(g);
    }
    return 0;
}
