/* A finally under way with a return or an error delegates; what the child raises, or is told to,
 * replaces that. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
    int fails;
};
gen_define(child)
{
    gen_begin();
    gen_yield(1);
    if (self->fails)
        gen_raise(ESECOND);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int raises, fails;
    struct gen_unwind unwind[1];
};
gen_define(parent)
{
    gen_begin();
    gen_try_finally {
        if (self->raises)
            gen_raise(EFIRST);
        gen_return(7);
    }
    gen_finally {
        delegate(child, .fails = self->fails);
        trace("finally ends");
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    for (int raises = 0; raises < 2; raises++)
        for (int fails = 0; fails < 2; fails++) {
            struct generator g = start(parent, .raises = raises, .fails = fails);
            show_next(g);
            show_next(g);
            g = start(parent, .raises = raises, .fails = fails);
            show_next(g);
            show_throw(g, ETHIRD);
            g = start(parent, .raises = raises, .fails = fails);
            show_next(g);
            show_close(g);
        }
    return 0;
}
