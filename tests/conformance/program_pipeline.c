/* Values pushed through a chain of receivers; closing the first closes the rest in its finally. */
#include "trace.h"

gen_declare(sink, int, int);
struct sink {
    FRAME;
    int sum;
};
gen_define(sink)
{
    gen_begin();
    gen_try {
        for (;;) {
            gen_yield(self->sum);
            self->sum += *gen_sent;
        }
    }
    gen_except (GEN_EXIT) {
        trace("sum %d", self->sum);
    }
    gen_end_try
    gen_end();
}

gen_declare(only_even, int, int);
struct only_even {
    FRAME;
    struct generator target;
    struct gen_unwind unwind[1];
};
gen_define(only_even)
{
    gen_begin();
    gen_try_finally {
        for (;;) {
            gen_yield(0);
            if (*gen_sent % 2 == 0)
                show_send(self->target, *gen_sent);
            else
                trace("odd %d", *gen_sent);
        }
    }
    gen_finally {
        show_close(self->target);
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator s = start(sink);
    struct generator g = start(only_even, .target = s);
    show_next(s);
    show_next(g);
    for (int i = 0; i < 7; i++)
        show_send(g, i);
    show_close(g);
    show_state(s);
    return 0;
}
