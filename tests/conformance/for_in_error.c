/* An error of the source is raised in the body that loops, and can be caught there. */
#include "trace.h"

gen_declare(counter, int, int);
struct counter {
    FRAME;
    int i, code;
};
gen_define(counter)
{
    gen_begin();
    for (; self->i < 2; self->i++)
        gen_yield(self->i);
    gen_raise(self->code, "source");
    gen_end();
}

gen_declare(looper, int, int);
struct looper {
    FRAME;
    struct counter source;
    int x, code;
    struct gen_unwind unwind[1];
};
gen_define(looper)
{
    gen_begin();
    self->source.code = self->code;
    gen_try_finally {
        gen_try {
            gen_for_in (self->x, counter, &self->source)
                gen_yield(self->x);
            trace("not reached");
        }
        gen_except (EFIRST) {
            show_caught();
        }
        gen_end_try
        gen_for_in (self->x, counter, &self->source)
            trace("not reached");
        gen_yield(10);
    }
    gen_finally {
        trace("finally");
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    static const int codes[] = {EFIRST, ESECOND, GEN_STOP, GEN_CANCELLED};
    for (int i = 0; i < 4; i++) {
        struct generator g = start(looper, .code = codes[i]);
        show_next_text(g);
        show_next_text(g);
        show_next_text(g);
        show_next_text(g);
    }
    return 0;
}
