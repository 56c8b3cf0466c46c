/* Delegation after delegation in a loop, which an error of one child does not end. */
#include "trace.h"

gen_declare(child, int, int);
struct child {
    FRAME;
    int n, i;
};
gen_define(child)
{
    gen_begin();
    for (; self->i < self->n; self->i++)
        gen_yield(10 * self->n + self->i);
    if (self->n == 2)
        gen_raise(EFIRST);
    gen_return(self->n);
    gen_end();
}

gen_declare(parent, int, int);
struct parent {
    FRAME;
    int n, sum;
    struct gen_unwind unwind[1];
};
gen_define(parent)
{
    gen_begin();
    for (; self->n < 9; self->n++) {
        gen_try_finally {
            gen_try {
                delegate(child, .n = self->n);
                self->sum += returned(child);
                if (self->n == 4)
                    break;
            }
            gen_except (EFIRST) {
                show_caught();
                continue;
            }
            gen_end_try
        }
        gen_finally {
            trace("sum %d", self->sum);
        }
        gen_end_finally
    }
    gen_return(self->sum);
    gen_end();
}

int main(void)
{
    struct generator g = start(parent);
    show_rest(g);
    return 0;
}
