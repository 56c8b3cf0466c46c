/* A child that answers throw with another error. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
    int answer;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except_all {
        gen_raise(self->answer);
    }
    gen_end_try
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int answer;
};
gen_define(parent)
{
    gen_begin();
    gen_try {
        delegate(child, .answer = self->answer);
        trace("not reached");
    }
    gen_except_any {
        show_caught();
    }
    gen_end_try
    gen_yield(2);
    gen_end();
}

int main(void)
{
    static const int codes[] = {ESECOND, GEN_EXIT, GEN_CANCELLED, GEN_STOP};
    for (int thrown = 0; thrown < 4; thrown++)
        for (int answer = 0; answer < 4; answer++) {
            struct generator g = start(parent, .answer = codes[answer]);
            show_next(g);
            show_throw(g, codes[thrown]);
            show_state(g);
        }
    return 0;
}
