/* Raised again inside a clause, under another try and a finally. */
#include "trace.h"

gen_declare(again, int, int);
struct again {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(again)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except_all {
        gen_try {
            gen_try_finally {
                gen_reraise();
            }
            gen_finally {
                show_caught();
            }
            gen_end_finally
        }
        gen_except (ESECOND) {
            trace("a second");
            gen_reraise();
        }
        gen_except (EFIRST) {
            show_caught();
        }
        gen_end_try
        show_caught();
    }
    gen_end_try
    gen_yield(2);
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, ESECOND, ETHIRD, GEN_EXIT};
    for (int i = 0; i < 4; i++) {
        struct generator g = start(again);
        show_next(g);
        show_throw_text(g, codes[i], "thrown");
    }
    return 0;
}
