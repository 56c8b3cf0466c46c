/* A child that yields when it is told to leave: GEN_EIGNORED is raised in the parent. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except (GEN_EXIT) {
        trace("child ignores it");
        gen_yield(2);
    }
    gen_end_try
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int catches;
};
gen_define(parent)
{
    gen_begin();
    gen_try {
        delegate(child);
        trace("not reached");
    }
    gen_except_any {
        show_caught();
        if (!self->catches)
            gen_reraise();
    }
    gen_end_try
    gen_yield(3);
    gen_end();
}

int main(void)
{
    for (int catches = 0; catches < 2; catches++) {
        struct generator g = start(parent, .catches = catches);
        show_next(g);
        show_close(g);
        show_state(g);
        show_next(g);
        g = start(parent, .catches = catches);
        show_next(g);
        show_throw(g, GEN_EXIT);
        show_state(g);
        show_next(g);
    }
    return 0;
}
