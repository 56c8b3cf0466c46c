/* GEN_EXIT that is thrown closes the delegates first: they get an exit of their own, without the
 * text, and the outermost generator the one that was thrown. */
#include "trace.h"

gen_declare(inner, int, int);
struct inner {
    FRAME;
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
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(middle, int, int);
struct middle {
    FRAME;
};
gen_define(middle)
{
    gen_begin();
    gen_try {
        delegate(inner);
    }
    gen_except_all {
        trace("middle");
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(outer, int, int);
struct outer {
    FRAME;
};
gen_define(outer)
{
    gen_begin();
    gen_try {
        delegate(middle);
    }
    gen_except_all {
        trace("outer");
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct generator g = start(outer);
    show_next(g);
    show_throw_text(g, GEN_EXIT, "thrown");
    return 0;
}
