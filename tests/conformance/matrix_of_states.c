/* Every operation in every state. */
#include "trace.h"

enum { CREATED, IN_BODY, IN_TRY, IN_EXCEPT, IN_FINALLY, DELEGATING, ENDED, STATES };
enum { NEXT, SEND, THROW, EXIT, CANCEL, STOP, CLOSE, OPERATIONS };

gen_declare(child, int, int);
struct child {
    FRAME;
};
gen_define(child)
{
    gen_begin();
    gen_try {
        gen_yield(1);
        show_sent();
    }
    gen_except (EFIRST) {
        gen_yield(2);
    }
    gen_end_try
    gen_return(7);
    gen_end();
}

gen_declare(body, int, int);
struct body {
    FRAME;
    int state;
    struct gen_unwind unwind[1];
};
gen_define(body)
{
    gen_begin();
    if (self->state == IN_BODY)
        gen_yield(1);
    if (self->state == DELEGATING)
        delegate(child);
    if (self->state == ENDED)
        gen_return(8);
    gen_try_finally {
        gen_try {
            if (self->state == IN_TRY)
                gen_yield(1);
            if (self->state == IN_EXCEPT)
                gen_raise(ESECOND);
        }
        gen_except (EFIRST) {
            trace("except");
        }
        gen_except (ESECOND) {
            gen_yield(1);
            trace("end of except");
        }
        gen_end_try
        trace("end of try");
    }
    gen_finally {
        if (self->state == IN_FINALLY)
            gen_yield(1);
        trace("end of finally");
    }
    gen_end_finally
    gen_return(9);
    gen_end();
}

int main(void)
{
    for (int state = 0; state < STATES; state++)
        for (int operation = 0; operation < OPERATIONS; operation++) {
            struct generator g = start(body, .state = state);
            if (state != CREATED)
                show_next(g);
            if (operation == NEXT)
                show_next(g);
            if (operation == SEND)
                show_send(g, 5);
            if (operation == THROW)
                show_throw(g, EFIRST);
            if (operation == EXIT)
                show_throw(g, GEN_EXIT);
            if (operation == CANCEL)
                show_throw(g, GEN_CANCELLED);
            if (operation == STOP)
                show_throw(g, GEN_STOP);
            if (operation == CLOSE)
                show_close(g);
            show_state(g);
            show_next(g);
        }
    return 0;
}
