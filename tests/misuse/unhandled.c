/* An error that leaves a gen_for, where GEN_UNHANDLED is not defined: the process is killed.
 *
 * expect run: 1
 * expect killed
 */
#include <stdio.h>

#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    gen_yield(1);
    gen_raise(GEN_EUSER, "nobody takes it");
    gen_end();
}

int main(void)
{
    gen_for (x, numbers) {
        printf("%d\n", x);
        fflush(stdout);
    }
    puts("not reached");
    return 0;
}
