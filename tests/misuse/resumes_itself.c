/* A body that resumes its own generator.
 *
 * expect run: inside: raised GEN_ERUNNING
 * expect run: yielded 1
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
    printf("inside: ");
    resume(numbers_any(self));
    gen_yield(1);
    gen_end();
}

int main(void)
{
    struct numbers g = {{0, 0}, 0};
    resume(numbers_any(&g));
    resume(numbers_any(&g));
    return 0;
}
