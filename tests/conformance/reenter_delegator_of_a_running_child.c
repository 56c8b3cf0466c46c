/* A child that is resumed directly, and resumes a suspended delegator of its own: the delegator is
 * free to run, but what it delegates to is not. */
#include "trace.h"

static struct generator p, c;

enum { NEXT, SEND, THROW, CLOSE, OPERATIONS };

gen_declare(child, int, int);
struct child {
    FRAME;
    int operation;
};
gen_define(child)
{
    gen_begin();
    gen_yield(1);
    if (self->operation == NEXT)
        show_next(p);
    if (self->operation == SEND)
        show_send(p, 5);
    if (self->operation == THROW)
        show_throw(p, EFIRST);
    if (self->operation == CLOSE)
        show_close(p);
    show_state(p);
    gen_yield(2);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
};
gen_define(parent)
{
    gen_begin();
    gen_try {
        delegate_to(child, c);
        trace("not reached");
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
    for (int operation = 0; operation < OPERATIONS; operation++) {
        c = start(child, .operation = operation);
        p = start(parent);
        show_next(p);
        show_next(c);
        show_state(c);
        show_rest(c);
    }
    return 0;
}
