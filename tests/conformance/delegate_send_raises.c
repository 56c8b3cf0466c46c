/* A child that raises because of what it is sent. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    for (;;) {
        gen_yield(1);
        show_sent();
        if (gen_sent != NULL && *gen_sent == 9)
            gen_raise(EFIRST, "nine");
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
    gen_except (EFIRST) {
        show_caught();
    }
    gen_end_try
    gen_yield(2);
    show_sent();
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_next(g);
    show_send(g, 5);
    show_next(g);
    show_send(g, 9);
    show_send(g, 6);
    return 0;
}
