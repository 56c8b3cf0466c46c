/* The towers of Hanoi: each move as from and to. */
#include "trace.h"

gen_declare(hanoi, int, int);
struct hanoi {
    FRAME;
    int n, from, to, over;
};
gen_define(hanoi)
{
    gen_begin();
    if (self->n > 0) {
        delegate(hanoi, .n = self->n - 1, .from = self->from, .to = self->over, .over = self->to);
        gen_yield(10 * self->from + self->to);
        delegate(hanoi, .n = self->n - 1, .from = self->over, .to = self->to, .over = self->from);
    }
    gen_end();
}

int main(void)
{
    struct generator g = start(hanoi, .n = 4, .from = 1, .to = 3, .over = 2);
    show_rest(g);
    return 0;
}
