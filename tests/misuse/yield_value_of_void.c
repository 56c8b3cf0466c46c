/* A value is yielded by a generator that is declared with void.
 *
 * expect gcc: error: incompatible types when assigning to type 'ticks_gen__item'
 * expect clang: error: assigning to 'ticks_gen__item'
 */
#include "gen.h"

gen_declare(ticks, void);
struct ticks {
    struct gen gen;
};
gen_define(ticks)
{
    gen_begin();
    gen_yield(1);
    gen_end();
}
