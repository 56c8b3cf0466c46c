/* gen_sent used after next() without a look whether it is NULL: the sanitizer names it.
 *
 * expect sanitizer: null pointer
 */
#include "misuse.h"

gen_declare(echo, int, int);
struct echo {
    struct gen gen;
};
gen_define(echo)
{
    gen_begin();
    gen_yield(0);
    for (;;)
        gen_yield(*gen_sent);
    gen_end();
}

int main(void)
{
    struct echo g = {{0, 0}};
    int x;
    echo_next(&g, &x);
    echo_next(&g, &x);
    return x;
}
