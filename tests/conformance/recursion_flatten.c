/* Lists of lists; a value below zero is an error, from whatever depth. */
#include "trace.h"

struct list {
    int value;
    const struct list *items;
    int n;
};

gen_declare(flatten, int, int);
struct flatten {
    FRAME;
    const struct list *list;
    int i;
};
gen_define(flatten)
{
    gen_begin();
    if (self->list->items == NULL) {
        if (self->list->value < 0)
            gen_raise(EFIRST, "below zero");
        gen_yield(self->list->value);
    }
    for (; self->i < self->list->n; self->i++)
        delegate(flatten, .list = &self->list->items[self->i]);
    gen_end();
}

int main(void)
{
    static const struct list three[] = {{3, NULL, 0}};
    static const struct list deep[] = {{2, NULL, 0}, {0, three, 1}, {0, three, 0}};
    static const struct list all[] = {{1, NULL, 0}, {0, deep, 3}, {4, NULL, 0}};
    static const struct list bad[] = {{5, NULL, 0}, {-1, NULL, 0}, {6, NULL, 0}};
    static const struct list both[] = {{0, all, 3}, {0, bad, 3}, {0, all, 3}};
    static const struct list good = {0, all, 3}, failing = {0, both, 3};
    struct generator g = start(flatten, .list = &good);
    show_rest(g);
    g = start(flatten, .list = &failing);
    show_rest(g);
    return 0;
}
