/* An error goes up through three levels, each of which makes another of it. */
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
    }
    gen_except (EFIRST) {
        show_caught();
        gen_raise(ESECOND, "inner");
    }
    gen_end_try
    gen_end();
}

gen_declare(middle, int, int);
struct middle {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(middle)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            delegate(inner);
        }
        gen_except (ESECOND) {
            show_caught();
            gen_raise(ETHIRD, "middle");
        }
        gen_end_try
    }
    gen_finally {
        show_caught();
    }
    gen_end_finally
    gen_end();
}

gen_declare(outer, int, int);
struct outer {
    FRAME;
};
gen_define(outer)
{
    gen_begin();
    gen_try {
        delegate(middle);
    }
    gen_except (ETHIRD) {
        show_caught();
        gen_raise(EFOURTH, "outer");
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct generator g = start(outer);
    show_next(g);
    show_throw_text(g, EFIRST, "thrown");
    show_state(g);
    return 0;
}
