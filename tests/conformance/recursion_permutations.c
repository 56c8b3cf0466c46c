/* All orders of four digits, made by exchanging in place. */
#include "trace.h"

static int digits[] = {1, 2, 3, 4};

static void exchange(int i, int j)
{
    int d = digits[i];
    digits[i] = digits[j];
    digits[j] = d;
}

gen_declare(permutations, int, int);
struct permutations {
    FRAME;
    int k, i;
};
gen_define(permutations)
{
    gen_begin();
    if (self->k == 4)
        gen_yield(1000 * digits[0] + 100 * digits[1] + 10 * digits[2] + digits[3]);
    for (self->i = self->k; self->i < 4; self->i++) {
        exchange(self->k, self->i);
        delegate(permutations, .k = self->k + 1);
        exchange(self->k, self->i);
    }
    gen_end();
}

int main(void)
{
    struct generator g = start(permutations, .k = 0);
    show_rest(g);
    return 0;
}
