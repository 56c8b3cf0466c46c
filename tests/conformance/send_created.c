/* A value sent before the first yield is refused, and nothing has happened. */
#include "trace.h"

gen_declare(echo, int, int);
struct echo {
    FRAME;
};
gen_define(echo)
{
    gen_begin();
    trace("begun");
    gen_yield(1);
    show_sent();
    gen_end();
}

int main(void)
{
    struct generator g = start(echo);
    show_state(g);
    show_send(g, 5);
    show_state(g);
    show_send(g, 5);
    show_next(g);
    show_send(g, 6);
    show_send(g, 7);
    return 0;
}
