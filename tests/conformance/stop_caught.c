/* In a body GEN_STOP is an error like others, for those who catch it. */
#include "trace.h"

gen_declare(catcher, int, int);
struct catcher {
    FRAME;
};
gen_define(catcher)
{
    gen_begin();
    gen_try {
        gen_raise(GEN_STOP);
    }
    gen_except (GEN_STOP) {
        show_caught();
    }
    gen_end_try
    gen_try {
        gen_yield(1);
    }
    gen_except_any {
        show_caught();
    }
    gen_end_try
    gen_yield(2);
    gen_end();
}

int main(void)
{
    struct generator g = start(catcher);
    show_next(g);
    show_throw(g, GEN_STOP);
    show_next(g);
    return 0;
}
