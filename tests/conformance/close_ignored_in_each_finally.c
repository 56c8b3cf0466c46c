/* Three finally that yield: each close gets one further, and the exit goes on in between. */
#include "trace.h"

gen_declare(onion, int, int);
struct onion {
    FRAME;
    struct gen_unwind unwind[3];
};
gen_define(onion)
{
    gen_begin();
    gen_try_finally {
        gen_try_finally {
            gen_try_finally {
                gen_yield(1);
            }
            gen_finally {
                gen_yield(2);
                trace("first");
            }
            gen_end_finally
        }
        gen_finally {
            gen_yield(3);
            trace("second");
        }
        gen_end_finally
    }
    gen_finally {
        gen_yield(4);
        trace("third");
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g = start(onion);
    show_next(g);
    show_close(g);
    show_close(g);
    show_close(g);
    show_close(g);
    show_state(g);
    g = start(onion);
    show_next(g);
    show_close(g);
    show_next(g);
    show_next(g);
    show_next(g);
    show_state(g);
    return 0;
}
