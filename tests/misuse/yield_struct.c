/* A struct is yielded where int is declared.
 *
 * expect gcc: error: incompatible types when assigning to type 'numbers_gen__item'
 * expect clang: error: assigning to 'numbers_gen__item'
 * expect g++: error: cannot convert 'pair' to 'numbers_gen__item'
 * expect clang++: error: assigning to 'numbers_gen__item'
 */
#include "gen.h"

struct pair {
    int a, b;
};
gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    struct pair pair = {1, 2};
    gen_begin();
    gen_yield(pair);
    gen_end();
}
