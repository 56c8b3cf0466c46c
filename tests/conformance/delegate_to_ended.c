/* A delegate that ended before, by return, error or close, ends at once; its error is history. */
#include "trace.h"

enum { RETURNED, RAISED, THROWN, CLOSED, WAYS };

gen_declare(child, int, int);
struct child {
    FRAME;
    int way;
};
gen_define(child)
{
    gen_begin();
    gen_yield(1);
    if (self->way == RAISED)
        gen_raise(EFIRST);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    struct generator g;
};
gen_define(parent)
{
    gen_begin();
    gen_try {
        delegate_to(child, self->g);
        trace("ended at once");
    }
    gen_except_all {
        trace("not reached");
    }
    gen_end_try
    gen_yield(2);
    gen_end();
}

int main(void)
{
    for (int way = 0; way < WAYS; way++) {
        struct generator c = start(child, .way = way);
        struct generator p = start(parent, .g = c);
        show_next(c);
        if (way == THROWN)
            show_throw(c, EFIRST);
        else if (way == CLOSED)
            show_close(c);
        else
            show_next(c);
        show_next(p);
        show_next(p);
    }
    return 0;
}
