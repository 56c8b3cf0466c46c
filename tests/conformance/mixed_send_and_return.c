/* Pushed, static and erased delegates and a second gen_stack in one chain: values up and down. */
#include "trace.h"

gen_declare(e, int, int);
struct e {
    FRAME;
    int last;
};
gen_define(e)
{
    gen_begin();
    for (;;) {
        gen_yield(self->last);
        show_sent();
        self->last = gen_sent ? *gen_sent : -1;
        if (self->last == 100)
            gen_return(5);
    }
    gen_end();
}

gen_declare(d, int, int);
struct d {
    FRAME;
};
gen_define(d)
{
    gen_begin();
    gen_yield_from_new(e);
    gen_yield(gen_returned(e)->result);
    gen_return(4);
    gen_end();
}

gen_declare(c, int, int);
struct c {
    FRAME;
    struct generator d;
};
gen_define(c)
{
    gen_begin();
    self->d = start_on_stack(d);
    gen_yield_from_any(self->d.any);
    gen_yield(frame_of(d, self->d)->result);
    gen_return(3);
    gen_end();
}

gen_declare(b, int, int);
struct b {
    FRAME;
};
gen_define(b)
{
    gen_begin();
    gen_yield_from_new(c);
    gen_yield(gen_returned(c)->result);
    gen_return(2);
    gen_end();
}

gen_declare(a, int, int);
struct a {
    FRAME;
    struct b b;
};
gen_define(a)
{
    gen_begin();
    gen_yield_from(b, &self->b);
    gen_yield(self->b.result);
    gen_return(1);
    gen_end();
}

int main(void)
{
    struct generator g = start_on_stack(a);
    show_next(g);
    show_send(g, 50);
    show_next(g);
    show_send(g, 100);
    show_rest(g);
    return 0;
}
