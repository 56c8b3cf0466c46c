/* A search that gives up control after each item, stepped by hand: between the steps the caller
 * does something useful. In Python:
 *
 *     def async_search(iterable, predicate):
 *         for item in iterable:
 *             if predicate(item): return item
 *             yield
 *         raise ValueError('Not found')
 *     g = async_search(fibonacci(), lambda x: x >= 10)
 *     next(g); next(g); next(g)
 *     print("Do something useful here")
 *     next(g); next(g); next(g)               StopIteration: 11
 */
#include <stdio.h>
#include "gen.h"

enum { VALUE_ERROR = GEN_EUSER };

gen_declare(fibonacci, long);
struct fibonacci {
    struct gen gen;
    long a, b;
};
gen_define(fibonacci)
{
    long next;

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

gen_declare(async_search, void);
struct async_search {
    struct gen gen;
    struct fibonacci iterable;
    bool (*predicate)(long item);
    long item, result;
};
gen_define(async_search)
{
    gen_begin();
    gen_for_in (self->item, fibonacci, &self->iterable) {
        if (self->predicate(self->item))
            gen_return(self->item);
        gen_yield();
    }
    gen_raise(VALUE_ERROR, "Not found");
    gen_end();
}

static bool at_least_10(long x)
{
    return x >= 10;
}

static void next(struct async_search *g)
{
    if (!async_search_next(g, NULL) && gen_error(g) == 0)
        printf("StopIteration: %ld\n", g->result);
}

int main(void)
{
    struct async_search g = {.predicate = at_least_10};

    next(&g);
    next(&g);
    next(&g);
    printf("Do something useful here\n");
    next(&g);
    next(&g);
    next(&g);
    return 0;
}
