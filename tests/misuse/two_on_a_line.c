/* Two suspensions on one line, which would have one label.
 *
 * expect gcc clang g++ clang++: error: 'two_suspensions_on_line_
 */
#include "gen.h"

/* clang-format off */
gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    gen_yield(1); gen_yield(2);
    gen_end();
}
