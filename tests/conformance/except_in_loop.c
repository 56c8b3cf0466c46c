/* A loop goes on after an error, and break and continue leave a clause. */
#include "trace.h"

gen_declare(looper, int, int);
struct looper {
    FRAME;
    int i;
};
gen_define(looper)
{
    gen_begin();
    for (self->i = 0; self->i < 9; self->i++) {
        gen_try {
            gen_yield(self->i);
            if (self->i % 2)
                gen_raise(EFIRST);
        }
        gen_except (EFIRST) {
            if (self->i == 3)
                continue;
            if (self->i == 5)
                break;
            trace("odd %d", self->i);
        }
        gen_end_try
        trace("end of round");
    }
    trace("after");
    gen_end();
}

int main(void)
{
    struct generator g = start(looper);
    show_rest(g);
    return 0;
}
