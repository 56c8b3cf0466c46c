/* What a clause raises goes outward, never to itself or to a clause beside it. */
#include "trace.h"

gen_declare(outward, int, int);
struct outward {
    FRAME;
};
gen_define(outward)
{
    gen_begin();
    gen_try {
        gen_try {
            gen_try {
                gen_raise(EFIRST);
            }
            gen_except (EFIRST) {
                trace("first");
                gen_raise(ESECOND);
            }
            gen_except_all {
                trace("not reached");
            }
            gen_end_try
            trace("not reached");
        }
        gen_except (EFIRST) {
            trace("not reached");
        }
        gen_end_try
        trace("not reached");
    }
    gen_except (ESECOND) {
        show_caught();
        gen_yield(1);
        gen_raise(ETHIRD);
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct generator g = start(outward);
    show_next(g);
    show_next(g);
    show_state(g);
    return 0;
}
