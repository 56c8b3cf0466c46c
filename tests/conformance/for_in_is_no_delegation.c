/* What is sent, thrown or closed in a loop's body is the body's; the source is untouched. */
#include "trace.h"

gen_declare(counter, int, int);
struct counter {
    FRAME;
    int i;
};
gen_define(counter)
{
    gen_begin();
    gen_try {
        for (; self->i < 5; self->i++)
            gen_yield(self->i);
    }
    gen_except_any {
        trace("not reached");
    }
    gen_end_try
    gen_end();
}

gen_declare(looper, int, int);
struct looper {
    FRAME;
    struct counter *source;
    int x;
};
gen_define(looper)
{
    gen_begin();
    gen_try {
        gen_for_in (self->x, counter, self->source)
            gen_yield(self->x);
    }
    gen_except_all {
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct generator source = start_on_frame(counter);
    for (int i = 0; i < 2; i++) {
        struct generator g = start(looper, .source = frame_of(counter, source));
        show_next(g);
        if (i == 0)
            show_throw(g, EFIRST);
        else
            show_close(g);
        show_state(source);
        show_next(source);
    }
    return 0;
}
