/* throw(GEN_EXIT) is no close: what the body answers is the answer. */
#include "trace.h"

enum { OBEYS, RETURNS, YIELDS, RAISES, ANSWERS };

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
        show_caught();
        if (self->answer == OBEYS)
            gen_reraise();
        if (self->answer == RETURNS)
            gen_return(7);
        if (self->answer == YIELDS)
            gen_yield(2);
        if (self->answer == RAISES)
            gen_raise(EFIRST);
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
        show_throw(g, GEN_EXIT);
        show_state(g);
        show_next(g);
    }
    return 0;
}
