/* A child that raises GEN_STOP when it is told to leave: GEN_ESTOP in the parent. */
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
    gen_except (GEN_EXIT) {
        gen_raise(GEN_STOP);
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
    gen_try {
        delegate(child);
    }
    gen_except_all {
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_next(g);
    show_close(g);
    show_state(g);
    return 0;
}
