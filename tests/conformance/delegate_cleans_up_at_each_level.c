/* While a chain of three is closed, each level delegates in its finally to a cleaner, which itself
 * delegates, and which may raise. */
#include "trace.h"

gen_declare(wiper, int, int);
struct wiper {
    FRAME;
    int n;
};
gen_define(wiper)
{
    gen_begin();
    trace("wipes %d", self->n);
    if (self->n < 0)
        gen_yield(0);
    gen_return(self->n);
    gen_end();
}

gen_declare(cleaner, int, int);
struct cleaner {
    FRAME;
    int n, fails;
};
gen_define(cleaner)
{
    gen_begin();
    delegate(wiper, .n = self->n);
    if (self->fails)
        gen_raise(EFIRST, "cleaner");
    gen_return(10 * returned(wiper));
    gen_end();
}

gen_declare(level, int, int);
struct level {
    FRAME;
    int n, fails_at;
    struct gen_unwind unwind[1];
};
gen_define(level)
{
    gen_begin();
    gen_try_finally {
        if (self->n < 3)
            delegate(level, .n = self->n + 1, .fails_at = self->fails_at);
        else
            gen_yield(1);
    }
    gen_finally {
        show_caught();
        delegate(cleaner, .n = self->n, .fails = self->n == self->fails_at);
        trace("cleaned %d", returned(cleaner));
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    for (int fails_at = 0; fails_at < 4; fails_at++) {
        struct generator g = start(level, .n = 1, .fails_at = fails_at);
        show_next(g);
        show_close(g);
        show_state(g);
        g = start(level, .n = 1, .fails_at = fails_at);
        show_next(g);
        show_throw_text(g, ESECOND, "thrown");
    }
    return 0;
}
