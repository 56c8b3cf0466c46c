/* While its child runs a delegator is running: the child cannot resume, throw into or close it. */
#include "trace.h"

static struct generator root;

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    show_state(root);
    show_next(root);
    gen_yield(1);
    show_send(root, 5);
    show_throw(root, EFIRST);
    gen_yield(2);
    show_throw(root, GEN_EXIT);
    show_close(root);
    show_state(root);
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
    delegate(child);
    trace("returned %d", returned(child));
    show_close(root);
    gen_yield(3);
    gen_end();
}

int main(void)
{
    root = start(parent);
    show_state(root);
    show_rest(root);
    show_state(root);
    return 0;
}
