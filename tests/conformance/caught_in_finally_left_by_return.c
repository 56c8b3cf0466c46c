/* A return, break or continue out of a clause, through a finally: there the clause's exception is
 * still the current one. */
#include "trace.h"

gen_declare(leaver, int, int);
struct leaver {
    FRAME;
    int i;
    struct gen_unwind unwind[1];
};
gen_define(leaver)
{
    gen_begin();
    for (; self->i < 4; self->i++) {
        gen_try {
            gen_raise(EFIRST, "of the clause");
        }
        gen_except (EFIRST) {
            gen_try_finally {
                if (self->i == 0)
                    continue;
                if (self->i == 1)
                    break;
                gen_return(7);
            }
            gen_finally {
                show_caught();
            }
            gen_end_finally
        }
        gen_end_try
    }
    gen_yield(1);
    gen_try {
        gen_raise(ESECOND, "of the other");
    }
    gen_except (ESECOND) {
        gen_try_finally {
            gen_return(7);
        }
        gen_finally {
            show_caught();
        }
        gen_end_finally
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct generator g = start(leaver);
    show_next(g);
    show_next(g);
    return 0;
}
