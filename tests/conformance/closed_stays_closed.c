/* However it ended: next, send and close have nothing more to say. */
#include "trace.h"

enum { FALLS, RETURNS, RAISES, CLOSES, WAYS };

gen_declare(ender, int, int);
struct ender {
    FRAME;
    int way;
};
gen_define(ender)
{
    gen_begin();
    gen_yield(1);
    if (self->way == RETURNS)
        gen_return(7);
    if (self->way == RAISES)
        gen_raise(EFIRST);
    gen_end();
}

int main(void)
{
    for (int way = 0; way < WAYS; way++) {
        struct generator g = start(ender, .way = way);
        show_next(g);
        if (way == CLOSES)
            show_close(g);
        else
            show_next(g);
        show_state(g);
        show_next(g);
        show_send(g, 5);
        show_close(g);
        show_next(g);
        show_state(g);
    }
    return 0;
}
