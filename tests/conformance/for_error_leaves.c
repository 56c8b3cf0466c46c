/* An error that leaves a loop's generator has nobody to go to. */
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
    gen_raise(self->code, "after two");
    gen_end();
}

int main(void)
{
    gen_for (x, counter, .code = EFIRST)
        trace("item %d", x);
    gen_for (x, counter, .code = GEN_CANCELLED)
        trace("item %d", x);
    gen_for (x, counter, .code = GEN_STOP)
        trace("item %d", x);
    return 0;
}
