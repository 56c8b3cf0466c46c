/* gen.tree, gen.deep, gen.nest: generators that recurse by gen_yield_from_new.
 *
 * gen.tree walks a balanced tree. gen.deep walks a degenerate one, each node of which yields; the
 * reference does so too, over as many nodes in trees of depth 10. gen.nest takes all items from the
 * innermost of a million generators, the reference from the innermost of ten. */
#include "gen.h"
#include "bench.h"

enum { TREE_LEVELS = 20, TREE_NODES = (1 << TREE_LEVELS) - 1, DEEP = 1000000, SHALLOW = 10 };
#define ITEMS 10000000L

static char *room;
static size_t room_size = (size_t)256 << 20;

struct node {
    struct node *left, *right;
    long value;
};
static struct node *tree, *deep, *shallow;

/* A balanced tree of nodes first..first + n - 1 in order, in memory as recursion allocates them. */
static struct node *plant(struct node **free, long first, long n)
{
    struct node *t = *free;
    if (n == 0)
        return NULL;
    ++*free;
    t->left = plant(free, first, n / 2);
    t->value = first + n / 2;
    t->right = plant(free, t->value + 1, n - n / 2 - 1);
    return t;
}

gen_declare(walk, long);
struct walk {
    struct gen gen;
    const struct node *t;
};
gen_define(walk)
{
    gen_begin();
    if (self->t->left != NULL)
        gen_yield_from_new(walk, .t = self->t->left);
    gen_yield(self->t->value);
    if (self->t->right != NULL)
        gen_yield_from_new(walk, .t = self->t->right);
    gen_end();
}

BENCH_SIDE tree_ours(void)
{
    struct gen_stack s;
    struct gen_any it;
    uint64_t sum = 0;
    long x;
    gen_stack_init(&s, room, room_size);
    it = gen_start(&s, walk, .t = tree);
    while (gen_any_next(it, &x))
        BENCH_USE(sum, x);
    return sum;
}

/* The nodes that are still to be visited, each before its right subtree. */
struct walker {
    int depth;
    const struct node *path[2 * TREE_LEVELS];
};

static void walker_descend(struct walker *w, const struct node *t)
{
    for (; t != NULL; t = t->left)
        w->path[w->depth++] = t;
}

__attribute__((noinline)) static bool walker_next(struct walker *w, long *out)
{
    const struct node *t;
    if (w->depth == 0)
        return false;
    t = w->path[--w->depth];
    *out = t->value;
    walker_descend(w, t->right);
    return true;
}

BENCH_SIDE tree_reference(void)
{
    struct walker w = {.depth = 0};
    uint64_t sum = 0;
    long x;
    walker_descend(&w, tree);
    while (walker_next(&w, &x))
        BENCH_USE(sum, x);
    return sum;
}

/* Delegates `depth` levels down, to one that yields `items` times. */
gen_declare(nest, long);
struct nest {
    struct gen gen;
    long depth, items;
};
gen_define(nest)
{
    gen_begin();
    if (self->depth > 0)
        gen_yield_from_new(nest, .depth = self->depth - 1, .items = self->items);
    else
        for (; self->items > 0; self->items--)
            gen_yield(self->items);
    gen_end();
}

static uint64_t nested(long depth)
{
    struct gen_stack s;
    struct gen_any it;
    uint64_t sum = 0;
    long x;
    gen_stack_init(&s, room, room_size);
    it = gen_start(&s, nest, .depth = depth, .items = ITEMS);
    while (gen_any_next(it, &x))
        BENCH_USE(sum, x);
    return sum;
}
BENCH_SIDE nested_deep(void)
{
    return nested(DEEP);
}
BENCH_SIDE nested_shallow(void)
{
    return nested(SHALLOW);
}

/* Trees without left children, that is lists, of n nodes each. */
static struct node *plant_lists(long n)
{
    struct node *lists = malloc(DEEP * sizeof *lists);
    if (lists != NULL)
        for (long i = 0; i < DEEP; i++)
            lists[i] = (struct node){NULL, (i + 1) % n != 0 ? &lists[i + 1] : NULL, i};
    return lists;
}

static uint64_t walk_lists(const struct node *lists, long n)
{
    uint64_t sum = 0;
    for (long i = 0; i < DEEP; i += n) {
        struct gen_stack s;
        struct gen_any it;
        long x;
        gen_stack_init(&s, room, room_size);
        it = gen_start(&s, walk, .t = &lists[i]);
        while (gen_any_next(it, &x))
            BENCH_USE(sum, x);
    }
    return sum;
}
BENCH_SIDE lists_deep(void)
{
    return walk_lists(deep, DEEP);
}
BENCH_SIDE lists_shallow(void)
{
    return walk_lists(shallow, SHALLOW);
}

int main(void)
{
    struct node *nodes = malloc(TREE_NODES * sizeof *nodes), *free_node = nodes;
    bool same = false;
    room = malloc(room_size);
    deep = plant_lists(DEEP);
    shallow = plant_lists(SHALLOW);
    if (room != NULL && nodes != NULL && deep != NULL && shallow != NULL) {
        tree = plant(&free_node, 0, TREE_NODES);
        same = bench_measure("gen.tree", tree_ours, tree_reference, TREE_NODES, 2);
        same &= bench_measure("gen.deep", lists_deep, lists_shallow, DEEP, 1.3);
        same &= bench_measure("gen.nest", nested_deep, nested_shallow, ITEMS, 1.3);
    }
    free(shallow);
    free(deep);
    free(nodes);
    free(room);
    return !same;
}
