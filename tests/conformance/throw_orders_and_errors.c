/* gen_except_any takes errors only; gen_except_all takes orders too. */
#include "trace.h"

gen_declare(catcher, int, int);
struct catcher {
    FRAME;
};
gen_define(catcher)
{
    gen_begin();
    gen_try {
        gen_try {
            gen_yield(1);
        }
        gen_except_any {
            trace("an error");
            show_caught();
        }
        gen_end_try
    }
    gen_except_all {
        trace("an order");
        show_caught();
    }
    gen_end_try
    gen_yield(2);
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, GEN_STOP, GEN_EXIT, GEN_CANCELLED};
    for (int i = 0; i < 4; i++) {
        struct generator g = start(catcher);
        show_next(g);
        show_throw(g, codes[i]);
        show_next(g);
    }
    return 0;
}
