/* gen_return and gen_stop inside try: no clause sees them, every finally runs. */
#include "trace.h"

gen_declare(quiet, int, int);
struct quiet {
    FRAME;
    int stops;
    struct gen_unwind unwind[2];
};
gen_define(quiet)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            gen_try_finally {
                gen_try {
                    if (self->stops)
                        gen_stop();
                    gen_return(7);
                }
                gen_except_all {
                    trace("not reached");
                }
                gen_end_try
            }
            gen_finally {
                trace("inner");
            }
            gen_end_finally
        }
        gen_except_all {
            trace("not reached");
        }
        gen_end_try
    }
    gen_finally {
        trace("outer");
    }
    gen_end_finally
    gen_yield(1);
    gen_end();
}

int main(void)
{
    struct generator g = start(quiet, .stops = 0);
    show_next(g);
    show_next(g);
    g = start(quiet, .stops = 1);
    show_next(g);
    show_next(g);
    return 0;
}
