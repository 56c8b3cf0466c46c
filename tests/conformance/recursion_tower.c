/* Ten levels: values return through all, close and throw unwind all, an error may stop half way. */
#include "trace.h"

gen_declare(tower, int, int);
struct tower {
    FRAME;
    int level, stops_at;
    struct gen_unwind unwind[1];
};
gen_define(tower)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            if (self->level == 0) {
                gen_yield(1);
                show_sent();
                gen_stop();
            }
            delegate(tower, .level = self->level - 1, .stops_at = self->stops_at);
            gen_return(returned(tower) + self->level);
        }
        gen_except (EFIRST) {
            if (self->level != self->stops_at)
                gen_reraise();
            trace("stopped at %d", self->level);
            gen_yield(10 * self->level);
        }
        gen_end_try
    }
    gen_finally {
        trace("leaves %d", self->level);
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator g = start(tower, .level = 9);
    show_next(g);
    show_send(g, 5);
    show_next(g);
    g = start(tower, .level = 9);
    show_next(g);
    show_close(g);
    show_state(g);
    g = start(tower, .level = 9, .stops_at = 4);
    show_next(g);
    show_throw(g, EFIRST);
    show_next(g);
    g = start(tower, .level = 9);
    show_next(g);
    show_throw(g, ESECOND);
    return 0;
}
