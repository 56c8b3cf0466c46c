/* A child that returns when it is told to leave: GEN_EXIT is raised in the parent all the same. */
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
        trace("child returns");
        gen_return(7);
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
        trace("not reached");
    }
    gen_except_all {
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_next(g);
    show_close(g);
    show_state(g);
    g = start(parent);
    show_next(g);
    show_throw_text(g, GEN_EXIT, "the same");
    show_state(g);
    return 0;
}
