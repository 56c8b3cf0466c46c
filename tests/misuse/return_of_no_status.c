/* C's `return`, of a number that is meant as an item: refused by C++, and by a warning of clang's.
 *
 * expect clang -Wassign-enum: warning -Wassign-enum
 * expect g++ clang++: error: gen_status
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
    return 17;
    gen_end();
}
