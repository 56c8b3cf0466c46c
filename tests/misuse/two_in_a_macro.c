/* Two suspensions in a macro of the user's: its lines are one line.
 *
 * expect gcc clang g++ clang++: error: 'two_suspensions_on_line_
 */
#include "gen.h"

#define YIELD_TWICE(v)                                                                             \
    do {                                                                                           \
        gen_yield(v);                                                                              \
        gen_yield(v);                                                                              \
    } while (0)

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    YIELD_TWICE(self->n);
    gen_end();
}
