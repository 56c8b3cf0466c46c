/* A parser that is fed its tokens one by one, and waits for the next wherever it is, be it deep
 * within elements: two generators that delegate to each other. None says that the text is over.
 * Usage: tag_parser [text]. In Python:
 *
 *     def parse_elem(opening_tag):
 *         name = opening_tag[1:-1]
 *         items = yield from parse_items("</%s>" % name)
 *         return (name, items)
 *
 *     def parse_items(closing_tag=None):
 *         elems = []
 *         while 1:
 *             token = yield
 *             if not token: break
 *             if is_opening_tag(token): elems.append((yield from parse_elem(token)))
 *             elif token == closing_tag: break
 *             else: elems.append(token)
 *         return elems
 */
#include <stdio.h>
#include <string.h>
#include "gen.h"

struct token {
    const char *text;
    int length;
};

/* A word; or an element, with its name and what is in it. */
struct node {
    struct token word;
    bool is_elem;
    struct node *items, *next;
};

enum { NODES = 256 };
static struct node nodes[NODES];
static int used;

static struct node *new_node(struct token word, bool is_elem, struct node *items)
{
    struct node *n = used < NODES ? &nodes[used++] : NULL;
    if (n != NULL)
        *n = (struct node){.word = word, .is_elem = is_elem, .items = items};
    return n;
}

static bool is_opening_tag(struct token t)
{
    return t.text[0] == '<' && !(t.length > 1 && t.text[1] == '/');
}

static bool is_closing_tag(struct token t, struct token name)
{
    return t.length == name.length + 3 && memcmp(t.text, "</", 2) == 0 &&
           memcmp(t.text + 2, name.text, (size_t)name.length) == 0 && t.text[t.length - 1] == '>';
}

gen_declare(parse_elem, void, struct token);
struct parse_elem {
    struct gen gen;
    struct token name;
    struct node *result;
};
gen_declare(parse_items, void, struct token);
struct parse_items {
    struct gen gen;
    struct token name; /* of the element whose end it waits for; text NULL: of none */
    struct node **end, *elem, *result;
};

gen_define(parse_elem)
{
    gen_begin();
    gen_yield_from_new(parse_items, .name = self->name);
    self->result = new_node(self->name, true, gen_returned(parse_items)->result);
    gen_end();
}

gen_define(parse_items)
{
    gen_begin();
    self->end = &self->result;
    for (;;) {
        gen_yield();
        if (gen_sent == NULL)
            break;
        if (is_opening_tag(*gen_sent)) {
            const int length = gen_sent->length - 2;
            gen_yield_from_new(parse_elem, .name = {gen_sent->text + 1, length > 0 ? length : 0});
            self->elem = gen_returned(parse_elem)->result;
        } else if (self->name.text != NULL && is_closing_tag(*gen_sent, self->name))
            break;
        else
            self->elem = new_node(*gen_sent, false, NULL);
        if (self->elem == NULL)
            gen_raise(GEN_ENOMEM);
        *self->end = self->elem;
        self->end = &self->elem->next;
    }
    gen_end();
}

static void print_repr(struct token t)
{
    const char quote = memchr(t.text, '\'', (size_t)t.length) != NULL ? '"' : '\'';
    printf("%c%.*s%c", quote, t.length, t.text, quote);
}

static void print_tree(const struct node *n)
{
    printf("[");
    for (; n != NULL; n = n->next) {
        if (n->is_elem) {
            printf("(");
            print_repr(n->word);
            printf(", ");
            print_tree(n->items);
            printf(")");
        } else
            print_repr(n->word);
        printf(n->next != NULL ? ", " : "");
    }
    printf("]");
}

static int run(const char *text)
{
    static const char spaces[] = " \t\r\n\f\v";
    char memory[16384];
    struct gen_stack stack;
    struct gen_any parser;
    enum gen_status status = GEN_YIELDED;

    gen_stack_init(&stack, memory, sizeof memory);
    parser = gen_start(&stack, parse_items);
    gen_any_next(parser, NULL);
    for (text += strspn(text, spaces); *text != '\0' && status == GEN_YIELDED;) {
        const struct token token = {text, (int)strcspn(text, spaces)};
        printf("Feeding: ");
        print_repr(token);
        printf("\n");
        status = gen_any_send(parser, &token, NULL);
        text += token.length;
        text += strspn(text, spaces);
    }
    if (status == GEN_YIELDED)
        status = gen_any_send(parser, NULL, NULL); /* to signal EOF */
    if (status == GEN_RETURNED) {
        print_tree(gen_stack_root(&stack, parse_items)->result);
        printf("\n");
        return 0;
    }
    fprintf(stderr, "tag_parser: %s\n",
            status == GEN_YIELDED ? "the text ends within an element"
                                  : gen_error_name(gen_any_error(parser)));
    gen_any_close(parser);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        fprintf(stderr, "usage: tag_parser [text]\n");
        return 2;
    }
    return run(argc == 2 ? argv[1] : "<foo> This is a <b> foo file </b> you know. </foo>");
}
