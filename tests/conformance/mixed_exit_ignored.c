/* A pushed frame, its static child and what that pushes: whoever ignores the exit, the error is
 * raised one level up. */
#include "trace.h"

enum { NOBODY, INNER, MIDDLE, OUTER, WHO };

gen_declare(inner, int, int);
struct inner {
    FRAME;
    int who;
};
gen_define(inner)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except_all {
        trace("inner");
        show_caught();
        if (self->who == INNER)
            gen_yield(2);
        else
            gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(middle, int, int);
struct middle {
    FRAME;
    int who;
};
gen_define(middle)
{
    gen_begin();
    gen_try {
        gen_yield_from_new(inner, .who = self->who);
    }
    gen_except_all {
        trace("middle");
        show_caught();
        if (self->who == MIDDLE)
            gen_yield(3);
        else
            gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(outer, int, int);
struct outer {
    FRAME;
    int who;
    struct middle middle;
};
gen_define(outer)
{
    gen_begin();
    self->middle.who = self->who;
    gen_try {
        gen_yield_from(middle, &self->middle);
    }
    gen_except_all {
        trace("outer");
        show_caught();
        if (self->who == OUTER)
            gen_yield(4);
        else
            gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(root, int, int);
struct root {
    FRAME;
    int who;
};
gen_define(root)
{
    gen_begin();
    gen_try {
        gen_yield_from_new(outer, .who = self->who);
    }
    gen_except_all {
        trace("root");
        show_caught();
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    for (int who = 0; who < WHO; who++) {
        struct generator g = start_on_stack(root, .who = who);
        show_next(g);
        show_close(g);
        show_state(g);
        g = start_on_stack(root, .who = who);
        show_next(g);
        show_throw(g, GEN_EXIT);
        show_state(g);
    }
    return 0;
}
