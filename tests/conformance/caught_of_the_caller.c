/* A generator's exceptions do not disturb the one its caller handles. */
#include "trace.h"

gen_declare(inner, int, int);
struct inner {
    FRAME;
};
gen_define(inner)
{
    gen_begin();
    gen_try {
        gen_raise(ESECOND, "inner");
    }
    gen_except_any {
        show_caught();
        gen_yield(1);
    }
    gen_end_try
    gen_raise(ETHIRD, "left");
    gen_end();
}

gen_declare(caller, int, int);
struct caller {
    FRAME;
    struct generator g;
};
gen_define(caller)
{
    gen_begin();
    gen_try {
        gen_raise(EFIRST, "caller");
    }
    gen_except_any {
        self->g = start(inner);
        show_next(self->g);
        show_caught();
        show_next(self->g);
        show_caught();
        show_throw(self->g, EFOURTH);
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_yield(1);
    gen_end();
}

int main(void)
{
    struct generator g = start(caller);
    show_next_text(g);
    return 0;
}
