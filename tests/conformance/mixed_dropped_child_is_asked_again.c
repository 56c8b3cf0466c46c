/* A pushed child that ignored the exit belongs to nobody: it is told to leave once more and dropped,
 * after which its parent goes on. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(child)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except (GEN_EXIT) {
        gen_try_finally {
            gen_yield(2);
        }
        gen_finally {
            trace("child leaves");
        }
        gen_end_finally
    }
    gen_end_try
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
        gen_yield_from_new(child);
    }
    gen_except (GEN_EIGNORED) {
        trace("parent");
    }
    gen_end_try
    trace("parent goes on");
    gen_end();
}

int main(void)
{
    struct generator g = start_on_stack(parent);
    show_next(g);
    show_close(g);
    show_state(g);
    return 0;
}
