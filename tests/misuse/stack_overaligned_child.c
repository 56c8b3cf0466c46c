/* A pushed child wants an alignment that the gen_stack does not give it. As a member it may have it.
 *
 * expect gcc clang g++ clang++: error: a_frame_on_a_gen_stack_is_aligned_beyond_long_double
 */
#include "gen.h"

gen_declare(vectors, int);
struct vectors {
    struct gen gen;
    float v[16] __attribute__((aligned(64)));
};
gen_define(vectors)
{
    gen_begin();
    gen_yield((int)self->v[0]);
    gen_end();
}

gen_declare(outer, int);
struct outer {
    struct gen gen;
    struct vectors child;
};
gen_define(outer)
{
    gen_begin();
    gen_yield_from(vectors, &self->child);
    gen_yield_from_new(vectors);
    gen_end();
}
