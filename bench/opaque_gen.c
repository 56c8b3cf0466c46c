#include "opaque.h"

gen_define(range)
{
    gen_begin();
    for (; self->i < self->stop; self->i += self->step)
        gen_yield(self->i);
    gen_end();
}

gen_define(total)
{
    gen_begin();
    for (;;) {
        gen_yield(self->sum);
        if (gen_sent != NULL)
            self->sum += *gen_sent;
    }
    gen_end();
}

gen_define(ticks)
{
    gen_begin();
    for (;;) {
        gen_try {
            gen_yield(self->n);
        }
        gen_except (OPAQUE_TICK) {
            self->n++;
        }
        gen_end_try
    }
    gen_end();
}
