/* Python's itertools: generators put together without writing one. In Python:
 *
 *     for num in islice(chain(repeat(17, 3), cycle(range(3))), 10): print(num, end=' ')
 *     print(*islice(fibonacci(), 10))
 *     for char in islice(cycle('|/-\\'), 8): ...
 *     for name, price in zip(['tea', 'milk', 'bread'], count(120, 35)): ...
 *     for pair in combinations('ABC', 2): ...
 *     evens, rest = tee(range(6)) ...
 *     print(sum(x * x for x in range(10)))
 *     print(len(range(0, 1000000, 7)), range(0, 1000000, 7)[-1], 49 in range(0, 1000000, 7))
 */
#include <stdio.h>
#include "itertools.h"

gen_declare(fibonacci, int);
struct fibonacci {
    struct gen gen;
    int a, b;
};
gen_define(fibonacci)
{
    int next;

    gen_begin();
    gen_yield(2);
    for (self->a = 2, self->b = 1;;) {
        gen_yield(self->b);
        next = self->a + self->b;
        self->a = self->b;
        self->b = next;
    }
    gen_end();
}

struct item {
    const char *name;
    int price;
};

static bool is_even(const void *item, void *arg)
{
    (void)arg;
    return *(const int *)item % 2 == 0;
}

/* These two are known where they are used: the loop over them is the loop written by hand. */
iter_define_range(ints, int);
iter_define_map(squares, ints, int, x, x *x);

/* The frames of what is made here live until the end of main, as its variables do. */
int main(void)
{
    int room[3], waiting[7], sum = 0, last = 0;
    const char *names[] = {"tea", "milk", "bread"};
    const char abc[] = {'A', 'B', 'C'};
    const struct ints_value sevens = ITER_RANGE(0, 1000000, 7);

    struct gen_any seq = iter_chain(iter_repeat(int, 17, 3), iter_cycle(iter_range(3), room));
    iter_for (int, num, iter_islice(seq, 10))
        printf("%d ", num);
    printf("\n");

    iter_for (int, num, iter_islice(iter_of(fibonacci), 10))
        printf("%d ", num);
    printf("\n");

    iter_for (char, c, iter_islice(iter_cycle(iter_chars("|/-\\"), (char[4]){0}), 8))
        printf("%c thinking! ", c);
    printf("\n");

    iter_for (struct item, i,
              iter_zip(struct item, name, iter_array(names), price, iter_count(120, 35)))
        printf("%s %d\n", i.name, i.price);

    typedef char two_chars[2];
    iter_for (two_chars, pair, iter_combinations(abc, 2))
        printf("%c%c ", pair[0], pair[1]);
    printf("\n");

    struct iter_tees tees = ITER_TEES(iter_range(6), waiting);
    struct gen_any evens = iter_filter(int, is_even, iter_tee(&tees));
    struct gen_any odds = iter_filterfalse(int, is_even, iter_tee(&tees));
    iter_for (int, num, iter_chain(evens, odds))
        printf("%d ", num);
    printf("\n");

    gen_for (x, squares, .source.range = ITER_RANGE(10))
        sum += x;
    printf("%d\n", sum);

    ints_at(sevens, -1, &last);
    printf("%ju %d %s\n", ints_length(sevens), last, ints_contains(sevens, 49) ? "True" : "False");
    return 0;
}
