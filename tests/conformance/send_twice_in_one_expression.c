/* Two yields feed one value: the first one's has to be kept. */
#include "trace.h"

gen_declare(pairs, int, int);
struct pairs {
    FRAME;
    int a;
};
gen_define(pairs)
{
    gen_begin();
    for (;;) {
        gen_yield(1);
        self->a = *gen_sent;
        gen_yield(2);
        trace("sum %d", self->a + *gen_sent);
    }
    gen_end();
}

int main(void)
{
    struct generator g = start(pairs);
    show_next(g);
    show_send(g, 10);
    show_send(g, 20);
    show_send(g, 30);
    show_send(g, 40);
    show_close(g);
    return 0;
}
