/* A body that yields instead of leaving is still suspended; a later close may succeed. */
#include "trace.h"

gen_declare(stubborn, int, int);
struct stubborn {
    FRAME;
    int n;
};
gen_define(stubborn)
{
    gen_begin();
    while (self->n < 3) {
        gen_try {
            self->n++;
            gen_yield(self->n);
        }
        gen_except (GEN_EXIT) {
            trace("ignored");
        }
        gen_end_try
    }
    trace("gives in");
    gen_yield(4);
    gen_end();
}

int main(void)
{
    struct generator g = start(stubborn);
    show_next(g);
    show_close(g);
    show_state(g);
    show_close(g);
    show_state(g);
    show_next(g);
    show_close(g);
    show_state(g);
    return 0;
}
