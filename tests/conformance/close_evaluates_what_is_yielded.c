/* What is yielded to a close, or to a delegator that closes, is evaluated, and then dropped. */
#include "trace.h"

static int shown(int item)
{
    trace("evaluated %d", item);
    return item;
}

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        gen_yield(shown(1));
    }
    gen_except (GEN_EXIT) {
        gen_yield(shown(2));
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
        delegate(child);
    }
    gen_except_all {
        show_caught();
        gen_yield(shown(3));
    }
    gen_end_try
    gen_yield(shown(4));
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_next(g);
    show_close(g);
    show_next(g);
    show_next(g);
    g = start(parent);
    show_next(g);
    show_throw(g, GEN_EXIT);
    show_next(g);
    show_close(g);
    return 0;
}
