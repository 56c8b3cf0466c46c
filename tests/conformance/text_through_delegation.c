/* A text travels with its code: up through delegates, down with throw, through clause and finally. */
#include "trace.h"

gen_declare(inner, int, int);
struct inner {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(inner)
{
    gen_begin();
    gen_try_finally {
        gen_yield(1);
        gen_raise(EFIRST, "raised inside");
    }
    gen_finally {
        gen_yield(2);
        show_sent();
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
    gen_try {
        delegate(inner);
    }
    gen_except_all {
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(outer, int, int);
struct outer {
    FRAME;
};
gen_define(outer)
{
    gen_begin();
    delegate(middle);
    gen_end();
}

int main(void)
{
    struct generator g = start(outer);
    show_next_text(g);
    show_next_text(g);
    show_next_text(g);
    g = start(outer);
    show_next_text(g);
    show_throw_text(g, ESECOND, "thrown");
    show_next_text(g);
    g = start(outer);
    show_next_text(g);
    show_throw_text(g, GEN_CANCELLED, "an order");
    show_throw_text(g, ETHIRD, "another");
    return 0;
}
