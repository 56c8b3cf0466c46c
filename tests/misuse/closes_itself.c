/* A body that closes its own generator: refused; gen_stop() is what ends it.
 *
 * expect run: GEN_ERUNNING: generator already executing
 * expect run: yielded 1
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
    puts(gen_error_name(numbers_close(self)));
    gen_yield(1);
    gen_end();
}

int main(void)
{
    struct numbers g = {{0, 0}, 0};
    resume(numbers_any(&g));
    return 0;
}
