/* gen_sent after next() is NULL, as nothing was sent.
 *
 * expect run: 5 0
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
        gen_yield(gen_sent != NULL ? *gen_sent : 0);
    gen_end();
}

int main(void)
{
    struct echo g = {{0, 0}};
    int x = 0, y = 0;
    echo_next(&g, NULL);
    echo_send(&g, 5, &x);
    echo_next(&g, &y);
    printf("%d %d\n", x, y);
    return 0;
}
