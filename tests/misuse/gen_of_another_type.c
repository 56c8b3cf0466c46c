/* A frame whose first member has the right name only.
 *
 * expect gcc clang: error: not a structure or union
 */
#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    int gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    gen_yield(self->n);
    gen_end();
}
