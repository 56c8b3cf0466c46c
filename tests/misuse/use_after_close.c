/* Every call of a generator that was closed: next, send and close find the end, throw raises what
 * is thrown.
 *
 * expect run: next 0, send 0, close 0, gen_error 0
 * expect run: throw -1, gen_error 2000
 * expect run: next 0, state closed, line 0
 */
#include "misuse.h"

gen_declare(echo, int, int);
struct echo {
    struct gen gen;
};
gen_define(echo)
{
    gen_begin();
    for (;;)
        gen_yield(gen_sent ? *gen_sent : 0);
    gen_end();
}

int main(void)
{
    struct echo g = {{0, 0}};
    int x, next, send, status;
    echo_next(&g, &x);
    echo_close(&g);
    next = echo_next(&g, &x);
    send = echo_send(&g, 5, &x);
    status = echo_close(&g);
    printf("next %d, send %d, close %d, gen_error %d\n", next, send, status, gen_error(&g));
    status = echo_throw(&g, GEN_EUSER, &x);
    printf("throw %d, gen_error %d\n", status, gen_error(&g));
    next = echo_next(&g, &x);
    printf("next %d, state %s, line %d\n", next, gen_state(&g) == GEN_CLOSED ? "closed" : "?",
           (int)echo_where(&g).line);
    return 0;
}
