/* Two gen_try on one line.
 *
 * expect gcc clang g++ clang++: error: 'two_gen_try_on_line_
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
    gen_try { gen_yield(1); } gen_except_any {} gen_end_try gen_try {} gen_except_any {} gen_end_try
    gen_end();
}
