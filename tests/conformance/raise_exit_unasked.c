/* GEN_EXIT that a body raises by itself is an exception like others, also to who delegates to it. */
#include "trace.h"

gen_declare(quitter, int, int);
struct quitter {
    FRAME;
};
gen_define(quitter)
{
    gen_begin();
    gen_yield(1);
    gen_raise(GEN_EXIT, "unasked");
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
        delegate(quitter);
    }
    gen_except_any {
        trace("not reached");
    }
    gen_except (GEN_EXIT) {
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
    struct generator g = start(quitter);
    show_next_text(g);
    show_next_text(g);
    show_next_text(g);
    for (int catches = 0; catches < 2; catches++) {
        g = start(parent, .catches = catches);
        show_next_text(g);
        show_next_text(g);
        show_next_text(g);
        g = start(parent, .catches = catches);
        show_next(g);
        show_send(g, 5);
        show_close(g);
    }
    return 0;
}
