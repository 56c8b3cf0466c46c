/* A nested list, flattened by a generator that delegates to itself. Its frames are pushed on a
 * gen_stack, whose memory is the caller's, so that nesting costs no C stack. A string is iterable
 * in Python and therefore has to be excepted. In Python:
 *
 *     def flatten(items, ignore_types=(str, bytes)):
 *         for x in items:
 *             if isinstance(x, Iterable) and not isinstance(x, ignore_types):
 *                 yield from flatten(x)
 *             else:
 *                 yield x
 */
#include <stdio.h>
#include "gen.h"

struct object {
    enum { INT, STR, LIST } type;
    int number;
    const char *text;
    const struct object *items;
    size_t count;
};

#define INT(n)                                                                                     \
    {                                                                                              \
        .type = INT, .number = (n)                                                                 \
    }
#define STR(s)                                                                                     \
    {                                                                                              \
        .type = STR, .text = (s)                                                                   \
    }
#define LIST(array)                                                                                \
    {                                                                                              \
        .type = LIST, .items = (array), .count = sizeof(array) / sizeof((array)[0])                \
    }

gen_declare(flatten, const struct object *);
struct flatten {
    struct gen gen;
    const struct object *items;
    size_t count;
};
gen_define(flatten)
{
    gen_begin();
    for (; self->count > 0; self->items++, self->count--) {
        if (self->items->type == LIST)
            gen_yield_from_new(flatten, .items = self->items->items, .count = self->items->count);
        else
            gen_yield(self->items);
    }
    gen_end();
}

static int print_flat(struct object list)
{
    char memory[1024];
    struct gen_stack stack;
    struct gen_any it;
    const struct object *x = NULL;

    gen_stack_init(&stack, memory, sizeof memory);
    it = gen_start(&stack, flatten, .items = list.items, .count = list.count);
    while (gen_any_next(it, &x)) {
        if (x->type == INT)
            printf("%d\n", x->number);
        else
            printf("%s\n", x->text);
    }
    if (gen_any_error(it) != 0) /* GEN_ENOMEM: it is nested deeper than the memory reaches */
        fprintf(stderr, "flatten: %s\n", gen_error_name(gen_any_error(it)));
    return gen_any_error(it);
}

int main(void)
{
    const struct object inner[] = {INT(5), INT(6)};
    const struct object middle[] = {INT(3), INT(4), LIST(inner), INT(7)};
    const struct object numbers[] = {INT(1), INT(2), LIST(middle), INT(8)};
    const struct object band[] = {STR("Thomas"), STR("Lewis")};
    const struct object names[] = {STR("Dave"), STR("Paula"), LIST(band)};
    const struct object first = LIST(numbers), second = LIST(names);

    return print_flat(first) != 0 || print_flat(second) != 0;
}
