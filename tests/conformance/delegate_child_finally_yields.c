/* A child whose finally yields: the value comes through, the error follows with the next resume. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(child)
{
    gen_begin();
    gen_try_finally {
        gen_yield(1);
    }
    gen_finally {
        gen_yield(2);
        show_sent();
    }
    gen_end_finally
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
};
gen_define(parent)
{
    gen_begin();
    gen_try {
        delegate(child);
        trace("not reached");
    }
    gen_except (EFIRST) {
        show_caught();
    }
    gen_end_try
    gen_yield(3);
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, ESECOND, GEN_CANCELLED};
    for (int i = 0; i < 3; i++) {
        struct generator g = start(parent);
        show_next(g);
        show_throw(g, codes[i]);
        show_send(g, 5);
        show_next(g);
    }
    return 0;
}
