/* A static child of a frame on a gen_stack, closed: in its finally it pushes a cleaner, which ends,
 * raises, or yields and so makes the child ignore the exit. */
#include "trace.h"

enum { ENDS, RAISES, YIELDS, ANSWERS };

gen_declare(cleaner, int, int);
struct cleaner {
    FRAME;
    int answer;
};
gen_define(cleaner)
{
    gen_begin();
    trace("cleaner");
    if (self->answer == RAISES)
        gen_raise(EFIRST);
    if (self->answer == YIELDS)
        gen_yield(2);
    gen_return(7);
    gen_end();
}

gen_declare(child, int, int);
struct child {
    FRAME;
    int answer;
    struct gen_unwind unwind[1];
};
gen_define(child)
{
    gen_begin();
    gen_try_finally {
        gen_yield(1);
    }
    gen_finally {
        gen_yield_from_new(cleaner, .answer = self->answer);
        trace("cleaned %d", gen_returned(cleaner)->result);
    }
    gen_end_finally
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int answer;
    struct child child;
};
gen_define(parent)
{
    gen_begin();
    self->child.answer = self->answer;
    gen_try {
        gen_yield_from(child, &self->child);
        trace("parent goes on");
    }
    gen_except_all {
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    for (int answer = 0; answer < ANSWERS; answer++) {
        struct generator g = start_on_stack(parent, .answer = answer);
        show_next(g);
        show_close(g);
        show_state(g);
        g = start_on_stack(parent, .answer = answer);
        show_next(g);
        show_throw(g, EFOURTH);
        show_rest(g);
    }
    return 0;
}
