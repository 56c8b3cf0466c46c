/* GEN_EXIT is raised at the yield; finally runs, innermost first; the rest does not. */
#include "trace.h"

gen_declare(guarded, int, int);
struct guarded {
    FRAME;
    struct gen_unwind unwind[2];
};
gen_define(guarded)
{
    gen_begin();
    gen_try_finally {
        gen_try_finally {
            gen_yield(1);
            trace("not reached");
        }
        gen_finally {
            show_caught();
            trace("inner");
        }
        gen_end_finally
        trace("not reached");
    }
    gen_finally {
        trace("outer");
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g = start(guarded);
    show_next(g);
    show_close(g);
    show_state(g);
    show_close(g);
    show_next(g);
    return 0;
}
