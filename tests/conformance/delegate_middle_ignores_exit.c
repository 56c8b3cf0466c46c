/* The innermost leaves, the middle one yields: GEN_EIGNORED is raised in the outer one. */
#include "trace.h"

gen_declare(inner, int, int);
struct inner {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(inner)
{
    gen_begin();
    gen_try_finally {
        gen_yield(1);
    }
    gen_finally {
        trace("inner leaves");
    }
    gen_end_finally
    gen_end();
}

gen_declare(middle, int, int);
struct middle {
    FRAME;
};
gen_define(middle)
{
    gen_begin();
    gen_try {
        delegate(inner);
    }
    gen_except (GEN_EXIT) {
        trace("middle ignores it");
        gen_yield(2);
    }
    gen_end_try
    gen_end();
}

gen_declare(outer, int, int);
struct outer {
    FRAME;
};
gen_define(outer)
{
    gen_begin();
    gen_try {
        delegate(middle);
        trace("not reached");
    }
    gen_except_all {
        show_caught();
    }
    gen_end_try
    gen_yield(3);
    gen_end();
}

int main(void)
{
    struct generator g = start(outer);
    show_next(g);
    show_close(g);
    show_state(g);
    show_next(g);
    g = start(outer);
    show_next(g);
    show_throw(g, GEN_EXIT);
    show_next(g);
    return 0;
}
