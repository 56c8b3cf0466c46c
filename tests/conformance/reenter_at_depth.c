/* Three levels, each a generator of its own; the innermost tries to resume each of them. */
#include "trace.h"

static struct generator a, b, c;

static void meddle(struct generator g)
{
    show_state(g);
    show_next(g);
    show_send(g, 5);
    show_throw(g, EFIRST);
    show_close(g);
}

gen_declare(inner, int, int);
struct inner {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(inner)
{
    gen_begin();
    gen_try_finally {
        meddle(a);
        meddle(b);
        meddle(c);
        gen_yield(1);
    }
    gen_finally {
        meddle(a);
        meddle(b);
        meddle(c);
    }
    gen_end_finally
    gen_end();
}

gen_declare(middle, int, int);
struct middle {
    FRAME;
};
gen_define(middle)
{
    gen_begin();
    delegate_to(inner, c);
    gen_yield(2);
    gen_end();
}

gen_declare(outer, int, int);
struct outer {
    FRAME;
};
gen_define(outer)
{
    gen_begin();
    delegate_to(middle, b);
    gen_yield(3);
    gen_end();
}

int main(void)
{
    for (int closes = 0; closes < 2; closes++) {
        a = start(outer);
        b = start(middle);
        c = start(inner);
        show_next(a);
        if (closes)
            show_close(a);
        else
            show_rest(a);
        show_state(a);
        show_state(b);
        show_state(c);
    }
    return 0;
}
