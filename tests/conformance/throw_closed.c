/* What is thrown into an ended generator leaves it again, every time; orders and GEN_STOP too. */
#include "trace.h"

gen_declare(once, int, int);
struct once {
    FRAME;
};
gen_define(once)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except_all {
        trace("except");
    }
    gen_end_try
    gen_return(7);
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, GEN_EXIT, GEN_CANCELLED, GEN_STOP, EFIRST};
    struct generator g = start(once);
    show_next(g);
    show_next(g);
    for (int i = 0; i < 5; i++) {
        show_throw(g, codes[i]);
        show_next(g);
        show_close(g);
        show_state(g);
    }
    return 0;
}
