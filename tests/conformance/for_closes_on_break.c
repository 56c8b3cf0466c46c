/* A loop owns its generator: finally runs when the loop ends, is left by break, or goes on. */
#include "trace.h"

gen_declare(counter, int, int);
struct counter {
    FRAME;
    int i, n;
    struct gen_unwind unwind[1];
};
gen_define(counter)
{
    gen_begin();
    gen_try_finally {
        for (; self->i < self->n; self->i++)
            gen_yield(self->i);
    }
    gen_finally {
        trace("finally at %d", self->i);
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    gen_for (x, counter, .n = 3) {
        if (x == 1)
            continue;
        trace("item %d", x);
    }
    gen_for (x, counter, .n = 9) {
        trace("item %d", x);
        if (x == 2)
            break;
    }
    gen_for (x, counter, .n = 0)
        trace("not reached %d", x);
    gen_for (x, counter, .n = 2)
        gen_for (y, counter, .n = 9) {
            trace("item %d %d", x, y);
            if (y == x)
                break;
        }
    return 0;
}
