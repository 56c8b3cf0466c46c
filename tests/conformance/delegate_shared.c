/* Two delegators of one child take turns; who asks after its end goes on, closing one closes it. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
    int i;
    struct gen_unwind unwind[1];
};
gen_define(child)
{
    gen_begin();
    gen_try_finally {
        for (self->i = 1; self->i < 5; self->i++) {
            gen_yield(self->i);
            show_sent();
        }
    }
    gen_finally {
        trace("child leaves");
    }
    gen_end_finally
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    struct generator g;
    int name;
};
gen_define(parent)
{
    gen_begin();
    delegate_to(child, self->g);
    trace("parent %d goes on", self->name);
    gen_yield(10 * self->name);
    gen_end();
}

int main(void)
{
    for (int closes = 0; closes < 2; closes++) {
        struct generator c = start(child);
        struct generator a = start(parent, .g = c, .name = 1);
        struct generator b = start(parent, .g = c, .name = 2);
        show_next(a);
        show_next(b);
        show_send(a, 5);
        show_next(c);
        if (closes)
            show_close(a);
        show_send(b, 6);
        show_send(a, 7);
        show_next(b);
        show_state(c);
    }
    return 0;
}
