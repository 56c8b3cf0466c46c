/* finally runs on every way out of what it guards. */
#include "trace.h"

enum { FALLS, BREAKS, CONTINUES, RETURNS, STOPS, RAISES, WAYS };

gen_declare(leaver, int, int);
struct leaver {
    FRAME;
    int way, i;
    struct gen_unwind unwind[1];
};
gen_define(leaver)
{
    gen_begin();
    for (self->i = 0; self->i < 2; self->i++) {
        gen_try_finally {
            gen_yield(self->i);
            if (self->way == BREAKS)
                break;
            if (self->way == CONTINUES)
                continue;
            if (self->way == RETURNS)
                gen_return(7);
            if (self->way == STOPS)
                gen_stop();
            if (self->way == RAISES)
                gen_raise(EFIRST);
            trace("end of try");
        }
        gen_finally {
            trace("finally");
        }
        gen_end_finally
        trace("end of round");
    }
    trace("after");
    gen_end();
}

int main(void)
{
    for (int way = 0; way < WAYS; way++) {
        struct generator g = start(leaver, .way = way);
        show_next(g);
        show_next(g);
        show_next(g);
    }
    return 0;
}
