/* An error that leaves the body closes it; who resumes it again finds an end. */
#include "trace.h"

gen_declare(divider, int, int);
struct divider {
    FRAME;
    int n;
    struct gen_unwind unwind[1];
};
gen_define(divider)
{
    gen_begin();
    for (self->n = 2; self->n >= -2; self->n--) {
        gen_try_finally {
            if (self->n == 0)
                gen_raise(EFIRST);
            gen_yield(10 / self->n);
        }
        gen_finally {
            trace("finally %d", self->n);
        }
        gen_end_finally
    }
    gen_end();
}

int main(void)
{
    struct generator g = start(divider);
    show_next(g);
    show_next(g);
    show_next(g);
    show_state(g);
    show_next(g);
    show_close(g);
    show_next(g);
    return 0;
}
