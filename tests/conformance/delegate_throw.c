/* What is thrown goes to the child, which catches some of it; the rest is raised in the parent. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    for (;;) {
        gen_try {
            gen_yield(1);
        }
        gen_except (EFIRST) {
            trace("child");
            show_caught();
        }
        gen_end_try
    }
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
};
gen_define(parent)
{
    gen_begin();
    gen_try {
        delegate(child);
    }
    gen_except (ESECOND) {
        trace("parent");
        show_caught();
    }
    gen_end_try
    gen_yield(2);
    gen_end();
}

int main(void)
{
    static const int codes[] = {ESECOND, ETHIRD, GEN_CANCELLED, GEN_STOP};
    for (int i = 0; i < 4; i++) {
        struct generator g = start(parent);
        show_next(g);
        show_throw(g, EFIRST);
        show_next(g);
        show_throw(g, EFIRST);
        show_throw(g, codes[i]);
        show_next(g);
        show_state(g);
    }
    return 0;
}
