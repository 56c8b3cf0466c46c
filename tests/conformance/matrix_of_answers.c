/* Every answer of a child by every answer of its parent, to what is thrown and to close. */
#include "trace.h"

enum { OBEYS, RETURNS, RAISES, YIELDS, STOPS, EXITS, ANSWERS };

gen_declare(child, int, int);
struct child {
    FRAME;
    int answer;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except_all {
        show_caught();
        if (self->answer == OBEYS)
            gen_reraise();
        if (self->answer == RAISES)
            gen_raise(ESECOND);
        if (self->answer == YIELDS)
            gen_yield(2);
        if (self->answer == STOPS)
            gen_raise(GEN_STOP);
        if (self->answer == EXITS)
            gen_raise(GEN_EXIT);
    }
    gen_end_try
    gen_return(7);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int answer, of_child;
};
gen_define(parent)
{
    gen_begin();
    gen_try {
        delegate(child, .answer = self->of_child);
        trace("returned %d", returned(child));
    }
    gen_except_all {
        trace("parent");
        show_caught();
        if (self->answer == OBEYS)
            gen_reraise();
        if (self->answer == RAISES)
            gen_raise(ETHIRD);
        if (self->answer == YIELDS)
            gen_yield(3);
        if (self->answer == STOPS)
            gen_raise(GEN_STOP);
        if (self->answer == EXITS)
            gen_raise(GEN_EXIT);
    }
    gen_end_try
    gen_return(8);
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, GEN_EXIT, GEN_CANCELLED, GEN_STOP};
    for (int c = 0; c < ANSWERS; c++)
        for (int p = 0; p < ANSWERS; p++) {
            struct generator g = start(parent, .answer = p, .of_child = c);
            trace("child %d, parent %d", c, p);
            show_next(g);
            show_close(g);
            show_next(g);
            for (int i = 0; i < 4; i++) {
                g = start(parent, .answer = p, .of_child = c);
                show_next(g);
                show_throw(g, codes[i]);
                show_next(g);
            }
        }
    return 0;
}
