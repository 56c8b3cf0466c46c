/* A body of more lines than labels have room for. The lines are counted, not written.
 *
 * expect gcc clang g++ clang++: error: a_body_has_at_most_8190_lines
 */
#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
#line 100
{
    gen_begin();
    gen_yield(self->n);
#line 8400
    gen_end();
}
