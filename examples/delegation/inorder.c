/* A tree in order: a generator that delegates to itself, twice. The frames of the levels between
 * are on a gen_stack, and each item comes straight from the innermost, however deep that is. In
 * Python:
 *
 *     def inorder(tree):
 *         if tree:
 *             yield from inorder(tree.left)
 *             yield tree.value
 *             yield from inorder(tree.right)
 */
#include <stdio.h>
#include "gen.h"

struct node {
    int value;
    const struct node *left, *right;
};

gen_declare(inorder, int);
struct inorder {
    struct gen gen;
    const struct node *tree;
};
gen_define(inorder)
{
    gen_begin();
    if (self->tree != NULL) {
        gen_yield_from_new(inorder, .tree = self->tree->left);
        gen_yield(self->tree->value);
        gen_yield_from_new(inorder, .tree = self->tree->right);
    }
    gen_end();
}

int main(void)
{
    const struct node one = {1, NULL, NULL}, three = {3, NULL, NULL};
    const struct node two = {2, &one, &three}, five = {5, NULL, NULL};
    const struct node four = {4, &two, &five};
    char memory[1024];
    struct gen_stack stack;
    struct gen_any it;
    int value = 0;

    gen_stack_init(&stack, memory, sizeof memory);
    it = gen_start(&stack, inorder, .tree = &four);
    while (gen_any_next(it, &value))
        printf("%d\n", value);
    if (gen_any_error(it) != 0) /* GEN_ENOMEM: deeper than the memory reaches */
        fprintf(stderr, "inorder: %s\n", gen_error_name(gen_any_error(it)));
    return gen_any_error(it) != 0;
}
