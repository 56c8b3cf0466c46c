/* An exception that the caller handles is not raised into what it resumes. */
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
        for (; self->i < 3; self->i++)
            gen_yield(self->i);
    }
    gen_except_all {
        trace("not reached");
    }
    gen_end_try
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
    self->g = start(counter);
    show_next(self->g);
    gen_try {
        gen_raise(EFIRST);
    }
    gen_except_any {
        show_next(self->g);
        gen_yield(1);
        show_next(self->g);
    }
    gen_end_try
    show_next(self->g);
    gen_end();
}

int main(void)
{
    struct generator g = start(caller);
    show_next(g);
    show_next(g);
    return 0;
}
