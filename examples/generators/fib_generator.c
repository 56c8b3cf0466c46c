/* What keeps a generator between two items: its frame, which in C is a struct by name, and the
 * place to go on at. It runs on its caller's thread, and a loop that borrows it leaves it
 * suspended, not closed. In Python:
 *
 *     print("(generator) fib_gen.gi_frame.f_locals:", fib_gen.gi_frame.f_locals)
 *     yield b
 *     a, b = b, a + b
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include "gen.h"

static pthread_t caller;

gen_declare(fib_generator, int);
struct fib_generator {
    struct gen gen;
    int a, b;
};
gen_define(fib_generator)
{
    int next; /* does not survive the yield, and need not */

    gen_begin();
    self->a = 0;
    self->b = 1;
    printf("(generator) on the caller's operating system thread: %s\n",
           pthread_equal(caller, pthread_self()) ? "True" : "False");
    for (;;) {
        printf("(generator) fib_gen.gi_frame.f_locals: {'a': %d, 'b': %d}\n", self->a, self->b);
        gen_yield(self->b);
        next = self->a + self->b;
        self->a = self->b;
        self->b = next;
    }
    gen_end();
}

int main(void)
{
    struct fib_generator fib_gen = {.gen = {0, 0}};
    struct gen_where where;
    int num = 0;

    caller = pthread_self();
    printf("inspect.getgeneratorstate(fib_gen): %s\n",
           gen_state(&fib_gen) == GEN_CREATED ? "GEN_CREATED" : "?");
    gen_each (num, fib_generator, &fib_gen) {
        if (num > 100)
            break;
        printf("fibonacci number: %d\n", num);
    }
    printf("inspect.getgeneratorstate(fib_ben): %s\n",
           gen_state(&fib_gen) == GEN_SUSPENDED ? "GEN_SUSPENDED" : "?");

    where = fib_generator_where(&fib_gen); /* gi_frame.f_lineno */
    printf("%s waits in %s at line %ld\n", where.name, where.file, (long)where.line);
    return 0;
}
