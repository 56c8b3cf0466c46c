/* A pointer is yielded where int is declared: for C a warning that no flag has to ask for.
 *
 * expect gcc clang: warning -Wint-conversion
 * expect g++: error: invalid conversion from 'const char*'
 * expect clang++: error: assigning to 'numbers_gen__item'
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
    gen_yield("one");
    gen_end();
}
