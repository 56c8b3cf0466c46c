/* A body that resumes itself is refused in every way, and goes on unharmed. */
#include "trace.h"

static struct generator me;

gen_declare(meddler, int, int);
struct meddler {
    FRAME;
};
gen_define(meddler)
{
    gen_begin();
    show_state(me);
    show_next(me);
    show_send(me, 5);
    show_throw(me, EFIRST);
    show_throw(me, GEN_EXIT);
    show_close(me);
    show_state(me);
    gen_yield(1);
    show_next(me);
    gen_yield(2);
    gen_end();
}

int main(void)
{
    me = start(meddler);
    show_rest(me);
    show_state(me);
    return 0;
}
