/* gen_try inside the user's switch: what it should catch is caught by nobody.
 *
 * expect run: raised GEN_EBADSTATE (a suspension or gen_try inside a switch)
 * expect run: returned
 * expect run: returned
 */
#include "misuse.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    switch (self->n) {
    case 0:
        gen_try {
            gen_raise(GEN_EUSER);
        }
        gen_except_any {
            self->n = 7;
        }
        gen_end_try
    }
    gen_yield(1);
    gen_end();
}

int main(void)
{
    struct numbers g = {{0, 0}, 0};
    resume(numbers_any(&g));
    resume(numbers_any(&g));
    resume(numbers_any(&g));
    return 0;
}
