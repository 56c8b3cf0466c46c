/* An error raised on the way out of another brings its own text, or none. */
#include "trace.h"

gen_declare(replacer, int, int);
struct replacer {
    FRAME;
    int with_text;
    struct gen_unwind unwind[1];
};
gen_define(replacer)
{
    gen_begin();
    gen_try_finally {
        gen_yield(1);
    }
    gen_finally {
        if (self->with_text)
            gen_raise(ESECOND, "its own");
        gen_raise(ESECOND);
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    for (int with_text = 0; with_text < 2; with_text++) {
        struct generator g = start(replacer, .with_text = with_text);
        show_next(g);
        show_throw_text(g, EFIRST, "thrown");
        g = start(replacer, .with_text = with_text);
        show_next(g);
        show_next_text(g);
    }
    return 0;
}
