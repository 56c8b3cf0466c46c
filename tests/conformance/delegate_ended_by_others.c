/* A delegate that somebody else ends while it is delegated to. */
#include "trace.h"

enum { NEXT, SEND, THROW, CLOSE, OPERATIONS };

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    gen_yield(1);
    gen_yield(2);
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
        trace("parent goes on");
    }
    gen_except_all {
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_yield(3);
    gen_end();
}

int main(void)
{
    for (int fails = 0; fails < 2; fails++)
        for (int operation = 0; operation < OPERATIONS; operation++) {
            struct generator c = start(child);
            struct generator p = start(parent, .g = c);
            show_next(p);
            if (fails)
                show_throw(c, EFIRST);
            else
                show_rest(c);
            if (operation == NEXT)
                show_next(p);
            if (operation == SEND)
                show_send(p, 5);
            if (operation == THROW)
                show_throw(p, ESECOND);
            if (operation == CLOSE)
                show_close(p);
            show_state(p);
        }
    return 0;
}
