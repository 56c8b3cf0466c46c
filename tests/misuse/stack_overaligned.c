/* The root of a gen_stack wants an alignment that the stack does not give it. By itself it may.
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

int main(void)
{
    char buffer[4096];
    struct gen_stack s;
    int x, sum = 0;
    gen_for (y, vectors, .v = {1})
        sum += y;
    gen_stack_init(&s, buffer, sizeof buffer);
    return gen_any_next(gen_start(&s, vectors), &x) ? x - sum : 0;
}
