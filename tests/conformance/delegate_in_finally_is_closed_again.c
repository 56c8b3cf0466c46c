/* Suspended in the delegation of a finally, after a close that it ignored: next, throw and another
 * close reach that delegate. */
#include "trace.h"

enum { NEXT, SEND, THROW, CLOSE, OPERATIONS };

gen_declare(child, int, int);
struct child {
    FRAME;
    int item;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        gen_yield(self->item);
        show_sent();
    }
    gen_except_all {
        trace("child %d", self->item);
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_return(7);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    struct gen_unwind unwind[1];
};
gen_define(parent)
{
    gen_begin();
    gen_try_finally {
        delegate(child, .item = 1);
    }
    gen_finally {
        delegate(child, .item = 2);
        trace("finally ends");
    }
    gen_end_finally
    gen_yield(3);
    gen_end();
}

int main(void)
{
    for (int operation = 0; operation < OPERATIONS; operation++) {
        struct generator g = start(parent);
        show_next(g);
        show_close(g);
        show_state(g);
        if (operation == NEXT)
            show_next(g);
        if (operation == SEND)
            show_send(g, 5);
        if (operation == THROW)
            show_throw(g, EFIRST);
        if (operation == CLOSE)
            show_close(g);
        show_state(g);
    }
    return 0;
}
