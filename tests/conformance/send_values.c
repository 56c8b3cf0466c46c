/* What is sent is the value of the yield; next() sends None. */
#include "trace.h"

gen_declare(adder, int, int);
struct adder {
    FRAME;
    int sum;
};
gen_define(adder)
{
    gen_begin();
    for (;;) {
        gen_yield(self->sum);
        show_sent();
        if (gen_sent == NULL)
            gen_return(self->sum);
        self->sum += *gen_sent;
    }
    gen_end();
}

int main(void)
{
    struct generator g = start(adder);
    show_next(g);
    show_send(g, 5);
    show_send(g, -2);
    show_send(g, 0);
    show_next(g);
    return 0;
}
