/* One yield in a loop. */
#include "gen.h"

gen_declare_extern(range, int);
struct range {
    struct gen gen;
    int i, stop;
};
gen_define(range)
{
    gen_begin();
    for (; self->i < self->stop; self->i++)
        gen_yield(self->i);
    gen_end();
}
