/* What a finally does itself wins over what brought control there: every pair of the two. */
#include "trace.h"

enum { FALLS, BREAKS, CONTINUES, RETURNS, RAISES, WAYS };

gen_declare(leaver, int, int);
struct leaver {
    FRAME;
    int way, again, i;
    struct gen_unwind unwind[1];
};
gen_define(leaver)
{
    gen_begin();
    while (self->i < 2) {
        self->i++;
        gen_try_finally {
            if (self->way == BREAKS)
                break;
            if (self->way == CONTINUES)
                continue;
            if (self->way == RETURNS)
                gen_return(7);
            if (self->way == RAISES)
                gen_raise(EFIRST);
        }
        gen_finally {
            trace("finally %d", self->i);
            if (self->again == BREAKS)
                break;
            if (self->again == CONTINUES)
                continue;
            if (self->again == RETURNS)
                gen_return(8);
            if (self->again == RAISES)
                gen_raise(ESECOND);
        }
        gen_end_finally
        trace("end of round");
    }
    gen_yield(self->i);
    gen_end();
}

int main(void)
{
    for (int way = 0; way < WAYS; way++)
        for (int again = 0; again < WAYS; again++) {
            struct generator g = start(leaver, .way = way, .again = again);
            trace("way %d, then %d", way, again);
            show_next(g);
        }
    return 0;
}
