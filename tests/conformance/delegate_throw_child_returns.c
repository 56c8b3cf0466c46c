/* A child that answers throw with a return: its value is that of the delegation, nothing is raised. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except_all {
        show_caught();
        gen_return(7);
    }
    gen_end_try
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
};
gen_define(parent)
{
    gen_begin();
    delegate(child);
    trace("returned %d", returned(child));
    gen_yield(2);
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, GEN_CANCELLED, GEN_STOP, GEN_EXIT};
    for (int i = 0; i < 4; i++) {
        struct generator g = start(parent);
        show_next(g);
        show_throw(g, codes[i]);
        show_next(g);
    }
    return 0;
}
