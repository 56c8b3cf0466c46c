/* Nested try, except and finally with a yield in every place, and never an error from outside. */
#include "trace.h"

gen_declare(f, int, int);
struct f {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(f)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            gen_yield(1);
            gen_try {
                gen_yield(2);
                gen_raise(EFIRST);
                gen_yield(3);
            }
            gen_except (EFIRST) {
                gen_yield(4);
                gen_yield(5);
                gen_raise(EFIRST);
            }
            gen_except_any {
                gen_yield(6);
            }
            gen_end_try
            gen_yield(7);
        }
        gen_except_any {
            gen_yield(8);
        }
        gen_end_try
        gen_yield(9);
        gen_try {
            gen_yield(10);
        }
        gen_except_any {
            gen_yield(11);
        }
        gen_end_try
    }
    gen_finally {
        gen_yield(12);
    }
    gen_end_finally
    gen_yield(13);
    gen_end();
}

int main(void)
{
    struct generator g = start(f);
    show_rest(g);
    for (int steps = 1; steps <= 10; steps++) {
        g = start(f);
        for (int i = 1; i < steps; i++)
            (void)gen_any_next(g.any, NULL);
        show_next(g);
        show_throw(g, ESECOND);
        show_next(g);
        show_close(g);
    }
    return 0;
}
