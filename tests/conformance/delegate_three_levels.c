/* Items, sent values, thrown errors and returned values through three levels. */
#include "trace.h"

gen_declare(inner, int, int);
struct inner {
    FRAME;
};
gen_define(inner)
{
    gen_begin();
    gen_try {
        gen_yield(1);
        show_sent();
        gen_yield(2);
    }
    gen_except (EFIRST) {
        show_caught();
        gen_yield(3);
        show_sent();
    }
    gen_end_try
    gen_return(4);
    gen_end();
}

gen_declare(middle, int, int);
struct middle {
    FRAME;
};
gen_define(middle)
{
    gen_begin();
    trace("middle begins");
    delegate(inner);
    gen_return(10 * returned(inner));
    gen_end();
}

gen_declare(outer, int, int);
struct outer {
    FRAME;
};
gen_define(outer)
{
    gen_begin();
    trace("outer begins");
    delegate(middle);
    gen_return(10 * returned(middle));
    gen_end();
}

int main(void)
{
    struct generator g = start(outer);
    show_next(g);
    show_send(g, 5);
    show_throw(g, EFIRST);
    show_send(g, 6);
    show_next(g);
    return 0;
}
