/* close goes from the innermost outward; one level may turn it into an error, or back. */
#include "trace.h"

enum { OBEYS, RETURNS, RAISES, ANSWERS };

gen_declare(inner, int, int);
struct inner {
    FRAME;
    int answer;
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
        if (self->answer == OBEYS)
            gen_reraise();
        if (self->answer == RAISES)
            gen_raise(EFIRST);
    }
    gen_end_try
    gen_end();
}

gen_declare(middle, int, int);
struct middle {
    FRAME;
    int answer, inner_answer;
};
gen_define(middle)
{
    gen_begin();
    gen_try {
        delegate(inner, .answer = self->inner_answer);
        trace("not reached");
    }
    gen_except_all {
        trace("middle");
        show_caught();
        if (self->answer == OBEYS)
            gen_reraise();
        if (self->answer == RAISES)
            gen_raise(ESECOND);
    }
    gen_end_try
    gen_end();
}

gen_declare(outer, int, int);
struct outer {
    FRAME;
    int middle_answer, inner_answer;
};
gen_define(outer)
{
    gen_begin();
    gen_try {
        delegate(middle, .answer = self->middle_answer, .inner_answer = self->inner_answer);
        trace("outer goes on");
        gen_yield(2);
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
    for (int m = 0; m < ANSWERS; m++)
        for (int i = 0; i < ANSWERS; i++) {
            struct generator g = start(outer, .middle_answer = m, .inner_answer = i);
            show_next(g);
            show_close(g);
            show_state(g);
        }
    return 0;
}
