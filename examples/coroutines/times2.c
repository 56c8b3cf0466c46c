/* Send and receive with two yields, where every other call sends nothing (a "noop send"), and with
 * one, which both gives an item and takes a value. In Python:
 *
 *     def times2():
 *         while True:
 *             val = yield
 *             yield val * 2
 *     next(z); print(z.send(1)); next(z); print(z.send(2)) ...
 *
 *     def numbers():
 *         while True:
 *             k = (yield i); print('received', k); i += 1
 *     item = generator.send(55 + i)
 */
#include <stdio.h>
#include "gen.h"

gen_declare(times2, int, int);
struct times2 {
    struct gen gen;
    int val;
};
gen_define(times2)
{
    gen_begin();
    for (;;) {
        gen_yield(0); /* takes a value; nobody looks at what it gives */
        self->val = *gen_sent;
        gen_yield(self->val * 2);
    }
    gen_end();
}

gen_declare(numbers, int, int);
struct numbers {
    struct gen gen;
    int i, k;
};
gen_define(numbers)
{
    gen_begin();
    for (;; self->i++) {
        gen_yield(self->i);
        self->k = *gen_sent; /* assigned only now, when it goes on */
        printf("received %d\n", self->k);
    }
    gen_end();
}

int main(void)
{
    struct times2 z = {.val = 0};
    struct numbers generator = {.i = 0, .k = -1};
    int item = 0;

    for (int val = 1; val <= 3; val++) {
        times2_next(&z, NULL);
        times2_send(&z, val, &item);
        printf("%d\n", item);
    }

    numbers_next(&generator, &item);
    printf("item %d, and k is still %d\n", item, generator.k);
    for (int i = 0; i < 3; i++) {
        numbers_send(&generator, 55 + i, &item);
        printf("item %d\n", item);
    }
    return 0;
}
