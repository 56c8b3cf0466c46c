/* What is no exception cannot be thrown or raised: refused, and nothing has happened. */
#include "trace.h"

gen_declare(counter, int, int);
struct counter {
    FRAME;
};
gen_define(counter)
{
    gen_begin();
    gen_try {
        gen_yield(1);
        gen_yield(2);
    }
    gen_except_all {
        trace("not reached");
    }
    gen_end_try
    gen_try {
        gen_raise(0);
    }
    gen_except (GEN_EBADSTATE) {
        trace("nothing raised");
    }
    gen_end_try
    gen_end();
}

static void throw_nothing(struct generator g)
{
    if (gen_any_throw(g.any, 0, NULL) == GEN_RAISED && gen_any_error(g.any) == GEN_EBADSTATE)
        trace("refused");
}

int main(void)
{
    struct generator g = start(counter);
    throw_nothing(g);
    show_state(g);
    show_next(g);
    throw_nothing(g);
    show_state(g);
    show_next(g);
    show_next(g);
    throw_nothing(g);
    show_state(g);
    return 0;
}
