/* The same chain, thrown into and closed: every level hears of it, the innermost first. */
#include "trace.h"

gen_declare(e, int, int);
struct e {
    FRAME;
};
gen_define(e)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except_all {
        trace("e");
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(d, int, int);
struct d {
    FRAME;
};
gen_define(d)
{
    gen_begin();
    gen_try {
        gen_yield_from_new(e);
    }
    gen_except_all {
        trace("d");
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(c, int, int);
struct c {
    FRAME;
    struct generator d;
};
gen_define(c)
{
    gen_begin();
    self->d = start_on_stack(d);
    gen_try {
        gen_yield_from_any(self->d.any);
    }
    gen_except_all {
        trace("c");
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(b, int, int);
struct b {
    FRAME;
};
gen_define(b)
{
    gen_begin();
    gen_try {
        gen_yield_from_new(c);
    }
    gen_except_all {
        trace("b");
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(a, int, int);
struct a {
    FRAME;
    struct b b;
};
gen_define(a)
{
    gen_begin();
    gen_try {
        gen_yield_from(b, &self->b);
    }
    gen_except_all {
        trace("a");
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct generator g = start_on_stack(a);
    show_next(g);
    show_throw_text(g, EFIRST, "thrown");
    g = start_on_stack(a);
    show_next(g);
    show_throw(g, GEN_EXIT);
    g = start_on_stack(a);
    show_next(g);
    show_close(g);
    show_state(g);
    return 0;
}
