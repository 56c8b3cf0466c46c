/* Thrown while it is suspended in a clause: the clauses beside it do not see it. */
#include "trace.h"

gen_declare(handler, int, int);
struct handler {
    FRAME;
};
gen_define(handler)
{
    gen_begin();
    gen_try {
        gen_try {
            gen_raise(EFIRST);
        }
        gen_except (EFIRST) {
            gen_yield(1);
        }
        gen_except_all {
            trace("not reached");
        }
        gen_end_try
        trace("after");
    }
    gen_except (ESECOND) {
        show_caught();
        gen_yield(2);
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, ESECOND, GEN_EXIT, GEN_STOP};
    struct generator g = start(handler);
    show_rest(g);
    for (int i = 0; i < 4; i++) {
        g = start(handler);
        show_next(g);
        show_throw(g, codes[i]);
        show_state(g);
        show_next(g);
    }
    return 0;
}
