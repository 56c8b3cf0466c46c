/* An error on its way out through three levels whose finally yield: one item for each resume. */
#include "trace.h"

gen_declare(level, int, int);
struct level {
    FRAME;
    int n;
    struct gen_unwind unwind[1];
};
gen_define(level)
{
    gen_begin();
    gen_try_finally {
        if (self->n > 0)
            delegate(level, .n = self->n - 1);
        else
            gen_yield(0);
        trace("not reached");
    }
    gen_finally {
        gen_yield(10 + self->n);
        show_sent();
        gen_yield(20 + self->n);
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, GEN_CANCELLED, GEN_STOP};
    for (int i = 0; i < 3; i++) {
        struct generator g = start(level, .n = 2);
        show_next(g);
        show_throw(g, codes[i]);
        show_send(g, 5);
        show_next(g);
        show_send(g, 6);
        show_throw(g, ESECOND);
        show_next(g);
        show_next(g);
        show_next(g);
    }
    return 0;
}
