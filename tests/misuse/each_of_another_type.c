/* gen_each into a variable of another type.
 *
 * expect gcc clang: warning -Wincompatible-pointer-types
 * expect g++: error: cannot convert
 * expect clang++: error: no matching function
 */
#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    gen_yield(self->n);
    gen_end();
}

int main(void)
{
    struct numbers g = {{0, 0}, 1};
    char c;
    gen_each (c, numbers, &g)
        return c;
    return 0;
}
