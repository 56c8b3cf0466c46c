/* A gen_stack with room for the root and not for what it pushes: the error is raised at the line
 * that pushes, and can be caught there.
 *
 * expect run: yielded -1
 * expect run: returned
 */
#include "misuse.h"

gen_declare(large, int);
struct large {
    struct gen gen;
    char data[1000];
};
gen_define(large)
{
    gen_begin();
    gen_yield(1);
    gen_end();
}

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    gen_try {
        gen_yield_from_new(large);
    }
    gen_except (GEN_ENOMEM) {
        gen_yield(-1);
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    char buffer[512];
    struct gen_stack s;
    struct gen_any it;
    gen_stack_init(&s, buffer, sizeof buffer);
    it = gen_start(&s, numbers);
    resume(it);
    resume(it);
    return 0;
}
