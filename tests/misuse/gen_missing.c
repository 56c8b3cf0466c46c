/* A frame without its first member, `struct gen gen`.
 *
 * expect gcc: error: no member named 'gen'
 * expect clang: error: no member named 'gen'
 */
#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    int n;
};
gen_define(numbers)
{
    gen_begin();
    gen_yield(self->n);
    gen_end();
}
