/* In a finally the pending exception is the current one, and is so again after a nested try. */
#include "trace.h"

gen_declare(guarded, int, int);
struct guarded {
    FRAME;
    struct gen_unwind unwind[2];
};
gen_define(guarded)
{
    gen_begin();
    gen_try {
        gen_raise(EFIRST, "1");
    }
    gen_except_any {
        gen_try_finally {
            show_caught();
            gen_raise(ESECOND, "2");
        }
        gen_finally {
            show_caught();
            gen_try {
                gen_raise(ETHIRD, "3");
            }
            gen_except (ETHIRD) {
                show_caught();
            }
            gen_end_try
            show_caught();
            gen_try_finally {
                trace("nothing raised here");
            }
            gen_finally {
                show_caught();
            }
            gen_end_finally
        }
        gen_end_finally
    }
    gen_end_try
    gen_yield(1);
    gen_end();
}

int main(void)
{
    struct generator g = start(guarded);
    show_next_text(g);
    return 0;
}
