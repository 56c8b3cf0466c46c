/* Where a generator stops and goes on: at its yields, and nowhere else. In Python:
 *
 *     def x():
 *         print('start')
 *         yield
 *         print('after 1st yield')
 *         yield
 *         print('after 2nd yield')
 *     z = x()
 *     next(z); next(z); next(z)               StopIteration, which `for _ in z` keeps to itself
 */
#include <stdio.h>
#include "gen.h"

/* Infinity, step by step. */
gen_declare(counter, int);
struct counter {
    struct gen gen;
    int a;
};
gen_define(counter)
{
    gen_begin();
    for (;; self->a++)
        gen_yield(self->a);
    gen_end();
}

/* Yields nothing: its type is void, as a bare `yield` gives None. */
gen_declare(flow, void);
struct flow {
    struct gen gen;
};
gen_define(flow)
{
    gen_begin();
    printf("started\n");
    for (;;) {
        printf("before yield\n");
        gen_yield();
        printf("after yield\n");
    }
    gen_end();
}

gen_declare(stops, int);
struct stops {
    struct gen gen;
};
gen_define(stops)
{
    gen_begin();
    printf("start\n");
    gen_yield(1);
    printf("after 1st yield\n");
    gen_yield(2);
    printf("after 2nd yield\n");
    gen_end();
}

int main(void)
{
    struct counter z = {.gen = {0, 0}};
    struct flow two_calls = {.gen = {0, 0}};
    struct stops three_calls = {.gen = {0, 0}};
    int a = 0;

    counter_next(&z, &a);
    printf("%d\n", a);
    counter_next(&z, &a);
    printf("%d\n", a);

    flow_next(&two_calls, NULL);
    printf("-- 2nd call\n");
    flow_next(&two_calls, NULL);

    stops_next(&three_calls, NULL);
    stops_next(&three_calls, NULL);
    if (!stops_next(&three_calls, NULL))
        printf("StopIteration\n");

    gen_for (item, stops)
        printf("%d\n", item);
    return 0;
}
