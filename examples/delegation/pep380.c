/* The six rules of PEP 380, each shown by what a generator does that delegates, and by what the one
 * it delegates to sees. In Python:
 *
 *     def delegating():
 *         try: result = yield from sub()
 *         except KeyError: ...
 */
#include <stdio.h>
#include "gen.h"

enum { VALUE_ERROR = GEN_EUSER, KEY_ERROR };

gen_declare(sub, int, int);
struct sub {
    struct gen gen;
    struct gen_unwind unwind[1];
    int i;
    const char *result;
};
gen_define(sub)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            for (self->i = 1; self->i <= 3; self->i++) {
                gen_yield(self->i);
                if (gen_sent == NULL)
                    printf("    sub: next()\n");
                else
                    printf("    sub: send(%d)\n", *gen_sent);
            }
        }
        gen_except (VALUE_ERROR) {
            printf("    sub: ValueError is handled\n");
            gen_return("handled");
        }
        gen_end_try
        gen_return("all");
    }
    gen_finally {
        printf("    sub: cleanup\n");
    }
    gen_end_finally
    gen_end();
}

gen_declare(delegating, int, int);
struct delegating {
    struct gen gen;
    struct sub sub;
};
gen_define(delegating)
{
    gen_begin();
    gen_try {
        gen_yield_from(sub, &self->sub);
        printf("    delegating: the result is '%s'\n", self->sub.result);
    }
    gen_except (KEY_ERROR) {
        printf("    delegating: KeyError\n");
    }
    gen_except (GEN_EXIT) {
        printf("    delegating: GeneratorExit\n");
        gen_reraise();
    }
    gen_end_try
    gen_yield(100);
    gen_end();
}

static void print_answer(const struct delegating *g, enum gen_status status, int value)
{
    if (status == GEN_YIELDED)
        printf("  caller: %d\n", value);
    else if (status == GEN_RETURNED)
        printf("  caller: StopIteration\n");
    else
        printf("  caller: error %d\n", gen_error(g));
}

static void next(struct delegating *g)
{
    int value = 0;
    const enum gen_status status = delegating_step(g, &value);
    print_answer(g, status, value);
}

static void send(struct delegating *g, int sent)
{
    int value = 0;
    const enum gen_status status = delegating_send(g, sent, &value);
    print_answer(g, status, value);
}

static void throw(struct delegating * g, int code)
{
    int value = 0;
    const enum gen_status status = delegating_throw(g, code, &value);
    print_answer(g, status, value);
}

int main(void)
{
    struct delegating g = {.gen = {0, 0}}, handled = g, propagated = g, closed = g;

    printf("1. What the subgenerator yields goes directly to the caller.\n");
    next(&g);

    printf("2. What is sent goes directly to the subgenerator; None is its next().\n");
    next(&g);
    send(&g, 7);

    printf("3. `return expr` is StopIteration(expr): here, the frame's result.\n"
           "4. It is the value of the yield from expression.\n");
    next(&g);
    next(&g);

    printf("5. What is thrown is thrown into the subgenerator. If that ends, the delegating\n"
           "   generator goes on; any other exception is raised in it.\n");
    next(&handled);
    throw(&handled, VALUE_ERROR);
    next(&propagated);
    throw(&propagated, KEY_ERROR);

    printf("6. close() closes the subgenerator first; then GeneratorExit is raised here.\n");
    next(&closed);
    printf("  caller: close() answers %d\n", delegating_close(&closed));
    return 0;
}
