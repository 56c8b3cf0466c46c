/* A parent that answers each close with another delegation: each child is closed, one by one. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
    int i;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        gen_yield(self->i);
        gen_yield(10 * self->i);
    }
    gen_except (GEN_EXIT) {
        trace("child %d leaves", self->i);
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int i;
};
gen_define(parent)
{
    gen_begin();
    for (self->i = 1; self->i < 4; self->i++) {
        gen_try {
            delegate(child, .i = self->i);
        }
        gen_except (GEN_EXIT) {
            trace("parent stays");
        }
        gen_end_try
    }
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_next(g);
    show_close(g);
    show_next(g);
    show_close(g);
    show_state(g);
    show_close(g);
    show_state(g);
    return 0;
}
