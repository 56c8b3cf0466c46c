/* Three finally around two loops, each of which yields; left by every way from the innermost. */
#include "trace.h"

enum { FALLS, BREAKS, CONTINUES, RETURNS, RAISES, WAYS };

gen_declare(nested, int, int);
struct nested {
    FRAME;
    int way, i, j;
    struct gen_unwind unwind[3];
};
gen_define(nested)
{
    gen_begin();
    gen_try_finally {
        for (self->i = 0; self->i < 2; self->i++) {
            gen_try_finally {
                for (self->j = 0; self->j < 2; self->j++) {
                    gen_try_finally {
                        gen_yield(10 * self->i + self->j);
                        if (self->way == BREAKS)
                            break;
                        if (self->way == CONTINUES)
                            continue;
                        if (self->way == RETURNS)
                            gen_return(7);
                        if (self->way == RAISES)
                            gen_raise(EFIRST);
                        trace("end of try");
                    }
                    gen_finally {
                        gen_yield(100);
                    }
                    gen_end_finally
                }
            }
            gen_finally {
                gen_yield(200);
            }
            gen_end_finally
        }
    }
    gen_finally {
        gen_yield(300);
    }
    gen_end_finally
    trace("after");
    gen_end();
}

int main(void)
{
    for (int way = 0; way < WAYS; way++) {
        struct generator g = start(nested, .way = way);
        show_rest(g);
    }
    return 0;
}
