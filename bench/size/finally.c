/* A try/finally around one yield. */
#include "gen.h"

void finish(void);

gen_declare_extern(finally, int);
struct finally {
    struct gen gen;
    struct gen_unwind unwind[1];
    int i;
};
gen_define(finally)
{
    gen_begin();
    gen_try_finally {
        gen_yield(self->i);
    }
    gen_finally {
        finish();
    }
    gen_end_finally
    gen_end();
}
