/* An iterator as an object: a struct, and a function that gives the next item, here without gen.h.
 * That is what a generator's frame and its NAME_next are; only one writes the body as a loop then
 * (see fibonacci.c). And an iterable, which is no iterator but makes one for each loop. In Python:
 *
 *     class FibIterable:
 *         def __next__(self): ...
 *     class LimitedFibRange:
 *         def __iter__(self): return LimitedFibIterable(self.range_size)
 *     for num in LimitedFibRange(10): print("fib number:", num)
 */
#include <stdio.h>
#include "gen.h"

struct fib_iterable {
    int a, b;
};

static int fib_iterable_next(struct fib_iterable *it)
{
    const int ret_val = it->b, next_val = it->a + it->b;
    it->a = it->b;
    it->b = next_val;
    return ret_val;
}

/* An iterator with an end. Where Python's raises StopIteration, a generator just ends. */
gen_declare(limited_fib_iterable, int);
struct limited_fib_iterable {
    struct gen gen;
    struct fib_iterable fib;
    int range_size;
};
gen_define(limited_fib_iterable)
{
    gen_begin();
    for (; self->range_size > 0; self->range_size--)
        gen_yield(fib_iterable_next(&self->fib));
    gen_end();
}

struct limited_fib_range {
    int range_size;
};

/* iter(range): __iter__, a new iterator. */
static struct limited_fib_iterable limited_fib_range_iter(struct limited_fib_range range)
{
    return (struct limited_fib_iterable){.fib = {0, 1}, .range_size = range.range_size};
}

int main(void)
{
    struct fib_iterable fib_iter = {0, 1};
    const struct limited_fib_range range = {10};
    struct limited_fib_iterable it = limited_fib_range_iter(range);
    struct limited_fib_iterable first = limited_fib_range_iter(range);
    struct limited_fib_iterable second = limited_fib_range_iter(range);
    int num = 0;

    for (int i = 1; i < 11; i++)
        printf("%d\n", fib_iterable_next(&fib_iter));

    gen_each (num, limited_fib_iterable, &it)
        printf("fib number: %d\n", num);

    /* Two iterators of one iterable know nothing of each other ... */
    for (int i = 0; i < 5; i++)
        limited_fib_iterable_next(&first, &num);
    printf("first: %d\n", num);
    limited_fib_iterable_next(&second, &num);
    printf("second: %d\n", num);

    /* ... and an iterator in a second loop goes on where the one before left it. */
    gen_each (num, limited_fib_iterable, &first)
        printf("the rest of first: %d\n", num);
    return 0;
}
