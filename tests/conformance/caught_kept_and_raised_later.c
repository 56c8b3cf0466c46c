/* Kept over a yield in the frame, and raised again with its text. */
#include "trace.h"

gen_declare(keeper, int, int);
struct keeper {
    FRAME;
    struct gen_exc kept;
};
gen_define(keeper)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except_any {
        self->kept = gen_caught;
        gen_yield(2);
        gen_try {
            gen_raise(ESECOND);
        }
        gen_except_any {
            gen_yield(3);
        }
        gen_end_try
    }
    gen_end_try
    gen_yield(4);
    gen_raise(self->kept.code, self->kept.text);
    gen_end();
}

int main(void)
{
    struct generator g = start(keeper);
    show_next(g);
    show_throw_text(g, EFIRST, "thrown");
    show_next(g);
    show_next(g);
    show_next_text(g);
    return 0;
}
