/* The text of what is thrown, into a created, a suspended and an ended generator. */
#include "trace.h"

gen_declare(guarded, int, int);
struct guarded {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(guarded)
{
    gen_begin();
    gen_try_finally {
        gen_yield(1);
    }
    gen_finally {
        show_caught();
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g = start(guarded);
    show_throw_text(g, EFIRST, "created");
    show_throw_text(g, ESECOND, "ended");
    g = start(guarded);
    show_next_text(g);
    show_throw_text(g, GEN_EXIT, "suspended");
    show_throw_text(g, GEN_EXIT, "ended");
    show_next_text(g);
    return 0;
}
