/* A coroutine that averages what it is sent, under one that collects the results. */
#include "trace.h"

gen_declare(averager, int, int);
struct averager {
    FRAME;
    int sum, count;
};
gen_define(averager)
{
    gen_begin();
    for (;;) {
        gen_yield(self->count);
        if (gen_sent == NULL)
            break;
        self->sum += *gen_sent;
        self->count++;
    }
    if (self->count == 0)
        gen_raise(EFIRST, "nothing to average");
    gen_return(self->sum / self->count);
    gen_end();
}

gen_declare(collector, int, int);
struct collector {
    FRAME;
    int i;
};
gen_define(collector)
{
    gen_begin();
    for (; self->i < 3; self->i++) {
        gen_try {
            delegate(averager);
            trace("average %d", returned(averager));
        }
        gen_except (EFIRST) {
            show_caught();
        }
        gen_end_try
    }
    gen_end();
}

int main(void)
{
    struct generator g = start(collector);
    show_next(g);
    show_send(g, 10);
    show_send(g, 20);
    show_next(g);
    show_next(g);
    show_send(g, 7);
    show_next(g);
    show_state(g);
    return 0;
}
