/* gen_end a second time.
 *
 * expect gcc: error: expected
 * expect clang: error: expected
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
    gen_yield(1);
    gen_end();
    gen_end();
}
