/* A double is yielded where int is declared: an assignment, and converted as one.
 *
 * expect gcc -Wconversion: warning -Wfloat-conversion
 * expect clang -Wconversion: warning -Wfloat-conversion
 */
#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    double half = 0.5;
    gen_begin();
    gen_yield(half);
    gen_end();
}
