/* A frame that was not zeroed, for every label there is. What is no suspension of the body is
 * refused; what is one by chance cannot be told from it. Nothing else happens.
 *
 * expect run: running 32769, closed 1, not a label 32762, a label 4
 */
#include "misuse.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    struct gen_unwind unwind[1];
    int n;
};
gen_define(numbers)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            gen_yield(1);
        }
        gen_except_any {
            self->n++;
        }
        gen_end_try
    }
    gen_finally {
        self->n++;
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    int running = 0, closed = 0, refused = 0, label = 0;
    uint_least32_t i;
    for (i = 0; i <= UINT16_MAX; i++) {
        struct numbers g = {.gen = {(uint16_t)i, 0}};
        switch (numbers_step(&g, NULL)) {
        case GEN_RAISED:
            running += gen_error(&g) == GEN_ERUNNING;
            refused += gen_error(&g) == GEN_EBADSTATE;
            label += gen_error(&g) == 0;
            break;
        case GEN_RETURNED:
            if (i == GEN__CLOSED)
                closed++;
            else
                label++;
            break;
        default:
            label++;
        }
    }
    printf("running %d, closed %d, not a label %d, a label %d\n", running, closed, refused, label);
    return 0;
}
