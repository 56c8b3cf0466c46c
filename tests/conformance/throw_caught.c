/* The body catches what is thrown: it yields, returns, or raises something else. */
#include "trace.h"

gen_declare(catcher, int, int);
struct catcher {
    FRAME;
};
gen_define(catcher)
{
    gen_begin();
    for (;;) {
        gen_try {
            gen_yield(1);
            show_sent();
        }
        gen_except (EFIRST) {
            gen_yield(2);
        }
        gen_except (ESECOND) {
            gen_return(7);
        }
        gen_except (ETHIRD) {
            gen_raise(EFOURTH);
        }
        gen_end_try
    }
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, ESECOND, ETHIRD, EFOURTH};
    for (int i = 0; i < 4; i++) {
        struct generator g = start(catcher);
        show_next(g);
        show_throw(g, codes[i]);
        show_state(g);
        show_next(g);
        show_next(g);
    }
    return 0;
}
