/* chain(*iterables), by a loop that yields what it gets, and by yield from, whose right side may be
 * any iterator. In Python:
 *
 *     def chain(*iterables):
 *         for it in iterables:
 *             yield from it                   or: for e in it: yield e
 *     list(chain('ABC', tuple(range(3))))
 */
#include <stdio.h>
#include "itertools.h"

/* What is chained yields one type. */
struct item {
    const char *letter; /* NULL: a number */
    int number;
};

gen_declare(letters, struct item);
struct letters {
    struct gen gen;
    const char *s;
};
gen_define(letters)
{
    gen_begin();
    for (; *self->s != '\0'; self->s++)
        gen_yield((struct item){.letter = self->s});
    gen_end();
}

gen_declare(numbers, struct item);
struct numbers {
    struct gen gen;
    int n, stop;
};
gen_define(numbers)
{
    gen_begin();
    for (; self->n < self->stop; self->n++)
        gen_yield((struct item){.number = self->n});
    gen_end();
}

gen_declare(chain_by_for, struct item);
struct chain_by_for {
    struct gen gen;
    const struct gen_any *iterables;
    size_t count;
    struct item e;
};
gen_define(chain_by_for)
{
    gen_begin();
    for (; self->count > 0; self->iterables++, self->count--)
        iter_for_in (self->e, *self->iterables)
            gen_yield(self->e);
    gen_end();
}

gen_declare(chain, struct item);
struct chain {
    struct gen gen;
    const struct gen_any *iterables;
    size_t count;
};
gen_define(chain)
{
    gen_begin();
    for (; self->count > 0; self->iterables++, self->count--)
        gen_yield_from_any(*self->iterables);
    gen_end();
}

static void print_list(struct gen_any it)
{
    const char *comma = "";
    printf("[");
    iter_for (struct item, item, it) {
        if (item.letter != NULL)
            printf("%s'%c'", comma, *item.letter);
        else
            printf("%s%d", comma, item.number);
        comma = ", ";
    }
    printf("]\n");
}

int main(void)
{
    const struct gen_any a[] = {iter_of(letters, .s = "ABC"), iter_of(numbers, .stop = 3)};
    const struct gen_any b[] = {iter_of(letters, .s = "ABC"), iter_of(numbers, .stop = 3)};

    print_list(iter_of(chain_by_for, .iterables = a, .count = 2));
    print_list(iter_of(chain, .iterables = b, .count = 2));
    return 0;
}
