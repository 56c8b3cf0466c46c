/* A frame whose first member is not `struct gen gen`.
 *
 * expect gcc clang g++ clang++: error: the_first_member_is_struct_gen_gen
 */
#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    int n;
    struct gen gen;
};
gen_define(numbers)
{
    gen_begin();
    gen_yield(self->n);
    gen_end();
}
