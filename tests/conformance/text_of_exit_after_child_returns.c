/* The delegator is told the very exit that was thrown, with its text, even if the child returned. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
    int raises;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except (GEN_EXIT) {
        if (self->raises)
            gen_raise(GEN_EXIT, "the child's own");
    }
    gen_end_try
    gen_return(7);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int raises;
    struct gen_unwind unwind[1];
};
gen_define(parent)
{
    gen_begin();
    gen_try_finally {
        delegate(child, .raises = self->raises);
    }
    gen_finally {
        show_caught();
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    for (int raises = 0; raises < 2; raises++) {
        struct generator g = start(parent, .raises = raises);
        show_next(g);
        show_throw_text(g, GEN_EXIT, "thrown");
        g = start(parent, .raises = raises);
        show_next(g);
        show_close(g);
    }
    return 0;
}
