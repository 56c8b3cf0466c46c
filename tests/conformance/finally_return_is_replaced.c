/* Each finally on the way out of a return may return something else; the last one counts. */
#include "trace.h"

gen_declare(returner, int, int);
struct returner {
    FRAME;
    struct gen_unwind unwind[3];
};
gen_define(returner)
{
    gen_begin();
    gen_try_finally {
        gen_try_finally {
            gen_try_finally {
                gen_yield(1);
                gen_return(7);
            }
            gen_finally {
                gen_return(8);
            }
            gen_end_finally
        }
        gen_finally {
            trace("between");
            gen_yield(2);
        }
        gen_end_finally
    }
    gen_finally {
        gen_return(9);
    }
    gen_end_finally
    trace("not reached");
    gen_end();
}

int main(void)
{
    struct generator g = start(returner);
    show_next(g);
    show_next(g);
    show_next(g);
    g = start(returner);
    show_next(g);
    show_throw(g, EFIRST);
    show_throw(g, ESECOND);
    g = start(returner);
    show_next(g);
    show_close(g);
    show_close(g);
    show_state(g);
    return 0;
}
