/* Errors of a try, of its clauses and of the clause that takes none: finally runs after each. */
#include "trace.h"

gen_declare(guarded, int, int);
struct guarded {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(guarded)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            gen_yield(1);
            trace("end of try");
        }
        gen_except (EFIRST) {
            trace("except");
            gen_yield(2);
        }
        gen_except (ESECOND) {
            gen_raise(ETHIRD);
        }
        gen_end_try
        trace("end of guarded");
    }
    gen_finally {
        trace("finally");
    }
    gen_end_finally
    trace("after");
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, ESECOND, EFOURTH, GEN_EXIT};
    struct generator g = start(guarded);
    show_rest(g);
    for (int i = 0; i < 4; i++) {
        g = start(guarded);
        show_next(g);
        show_throw(g, codes[i]);
        show_next(g);
    }
    return 0;
}
