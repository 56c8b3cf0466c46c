/* Clauses are tried in order, one takes it, and the body goes on below. */
#include "trace.h"

gen_declare(chooser, int, int);
struct chooser {
    FRAME;
    int code;
};
gen_define(chooser)
{
    gen_begin();
    gen_try {
        if (self->code)
            gen_raise(self->code);
        trace("end of try");
    }
    gen_except (EFIRST) {
        trace("first");
    }
    gen_except (ESECOND) {
        trace("second");
        gen_yield(2);
    }
    gen_except_any {
        trace("any");
    }
    gen_except (GEN_EXIT) {
        trace("exit");
    }
    gen_except_all {
        trace("all");
    }
    gen_end_try
    gen_yield(1);
    gen_end();
}

int main(void)
{
    static const int codes[] = {0, EFIRST, ESECOND, ETHIRD, GEN_STOP, GEN_EXIT, GEN_CANCELLED};
    for (int i = 0; i < 7; i++) {
        struct generator g = start(chooser, .code = codes[i]);
        show_rest(g);
    }
    return 0;
}
