/* A generator that delegates to itself: refused where it delegates. */
#include "trace.h"

static struct generator me;

gen_declare(narcissus, int, int);
struct narcissus {
    FRAME;
    int catches;
};
gen_define(narcissus)
{
    gen_begin();
    gen_yield(1);
    gen_try {
        delegate_to(narcissus, me);
        trace("not reached");
    }
    gen_except (GEN_ERUNNING) {
        show_caught();
        if (!self->catches)
            gen_reraise();
    }
    gen_end_try
    gen_yield(2);
    gen_end();
}

int main(void)
{
    for (int catches = 0; catches < 2; catches++) {
        me = start(narcissus, .catches = catches);
        show_rest(me);
        show_state(me);
    }
    return 0;
}
