/* The exit is caught and the loop left: the body ends by itself, and that is fine. */
#include "trace.h"

gen_declare(counter, int, int);
struct counter {
    FRAME;
    int n;
};
gen_define(counter)
{
    gen_begin();
    for (;;) {
        gen_try {
            gen_yield(self->n);
            self->n++;
        }
        gen_except (GEN_EXIT) {
            trace("leaves at %d", self->n);
            break;
        }
        gen_end_try
    }
    trace("after the loop");
    gen_end();
}

int main(void)
{
    struct generator g = start(counter);
    show_next(g);
    show_next(g);
    show_close(g);
    show_state(g);
    return 0;
}
