/* A loop in a body, over a generator it holds; each item is worked on over a yield. */
#include "trace.h"

gen_declare(counter, int, int);
struct counter {
    FRAME;
    int i, n;
};
gen_define(counter)
{
    gen_begin();
    for (; self->i < self->n; self->i++) {
        gen_yield(self->i);
        show_sent();
    }
    gen_end();
}

gen_declare(doubler, int, int);
struct doubler {
    FRAME;
    struct counter source;
    int x;
};
gen_define(doubler)
{
    gen_begin();
    self->source.n = 6;
    gen_for_in (self->x, counter, &self->source) {
        if (self->x == 1)
            continue;
        if (self->x == 4)
            break;
        gen_yield(self->x);
        show_sent();
        gen_yield(2 * self->x);
    }
    trace("after the loop");
    gen_for_in (self->x, counter, &self->source)
        gen_yield(self->x);
    gen_end();
}

int main(void)
{
    struct generator g = start(doubler);
    show_next(g);
    show_send(g, 50);
    show_next(g);
    show_send(g, 60);
    show_next(g);
    show_next(g);
    show_rest(g);
    return 0;
}
