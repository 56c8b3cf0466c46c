/* A delegation inside a clause: everything reaches the child, and the clauses beside it see nothing. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        gen_yield(1);
        show_sent();
        gen_yield(2);
    }
    gen_except (ESECOND) {
        show_caught();
    }
    gen_end_try
    gen_return(7);
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
        gen_raise(EFIRST);
    }
    gen_except (EFIRST) {
        show_caught();
        delegate(child);
        trace("returned %d", returned(child));
    }
    gen_except_all {
        trace("not reached");
    }
    gen_end_try
    gen_yield(3);
    gen_end();
}

int main(void)
{
    static const int codes[] = {ESECOND, ETHIRD, GEN_EXIT};
    struct generator g = start(parent);
    show_next(g);
    show_send(g, 5);
    show_next(g);
    for (int i = 0; i < 3; i++) {
        g = start(parent);
        show_next(g);
        show_throw(g, codes[i]);
        show_state(g);
    }
    g = start(parent);
    show_next(g);
    show_close(g);
    return 0;
}
