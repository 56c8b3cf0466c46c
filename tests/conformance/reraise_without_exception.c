/* A bare raise where nothing is handled, also after a clause has ended: an error of its own. */
#include "trace.h"

gen_declare(raiser, int, int);
struct raiser {
    FRAME;
};
gen_define(raiser)
{
    gen_begin();
    gen_try {
        gen_reraise();
    }
    gen_except (GEN_EBADSTATE) {
        show_caught();
    }
    gen_end_try
    gen_yield(1);
    gen_try {
        gen_raise(EFIRST);
    }
    gen_except (EFIRST) {
        show_caught();
    }
    gen_end_try
    gen_reraise();
    gen_end();
}

int main(void)
{
    struct generator g = start(raiser);
    show_next(g);
    show_next(g);
    show_state(g);
    return 0;
}
