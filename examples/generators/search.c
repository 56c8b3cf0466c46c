/* Lucas' numbers, and a linear search in them. An exception in C is a number, with a text if you
 * like; it leaves next() and ends the generator. In Python:
 *
 *     list(islice(fibonacci(), 10))
 *     def search(iterable, predicate):
 *         for item in iterable:
 *             if predicate(item): return item
 *         raise ValueError('Not found')
 *     search(fibonacci(), lambda x: len(str(x)) >= 6)
 */
#include <stdio.h>
#include "itertools.h"

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

/* In *found the first item that satisfies a predicate. A function that is no generator says what
 * went wrong by what it returns. */
static struct gen_exc search(struct gen_any iterable, bool (*predicate)(long), long *found)
{
    while (gen_any_next(iterable, found))
        if (predicate(*found))
            return (struct gen_exc){0, NULL};
    return gen_any_error(iterable) != 0 ? (struct gen_exc){gen_any_error(iterable), NULL}
                                        : (struct gen_exc){VALUE_ERROR, "Not found"};
}

/* As a generator: yields the item, or raises. */
gen_declare(search_each, long);
struct search_each {
    struct gen gen;
    struct gen_any iterable;
    bool (*predicate)(long);
    long item;
};
gen_define(search_each)
{
    gen_begin();
    iter_for_in (self->item, self->iterable)
        if (self->predicate(self->item))
            gen_yield(self->item);
    gen_raise(VALUE_ERROR, "Not found");
    gen_end();
}

static bool has_six_digits(long x)
{
    return x >= 100000;
}

static void print_search(struct gen_any iterable)
{
    long found = 0;
    const struct gen_exc exc = search(iterable, has_six_digits, &found);
    if (exc.code == 0)
        printf("%ld\n", found);
    else if (exc.code == VALUE_ERROR)
        printf("ValueError: %s\n", exc.text);
    else
        printf("%s\n", gen_error_name(exc.code));
}

int main(void)
{
    long list[10];
    size_t count = 0;
    struct search_each each = {.predicate = has_six_digits};

    if (iter_list(iter_of(fibonacci), list, &count) != 0)
        return 1;
    printf("[");
    for (size_t i = 0; i < count; i++)
        printf("%s%ld", i > 0 ? ", " : "", list[i]);
    printf("]\n");

    print_search(iter_of(fibonacci));
    print_search(iter_islice(iter_of(fibonacci), 10));

    /* The error leaves next() and ends the generator; after that there is just nothing more. */
    each.iterable = iter_islice(iter_of(fibonacci), 25);
    for (int i = 0; i < 3; i++) {
        long item = 0;
        switch (search_each_step(&each, &item)) {
        case GEN_YIELDED:
            printf("next: %ld\n", item);
            break;
        case GEN_RAISED:
            printf("next: %s\n", gen_error(&each) == VALUE_ERROR ? "ValueError" : "?");
            break;
        default:
            printf("next: StopIteration\n");
        }
    }
    return 0;
}
