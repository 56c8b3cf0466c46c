/* Coroutines that are chained like commands in a shell, `cat | grep PATTERN | tee >(wc -l)`: each
 * is sent lines and sends on what it keeps. Generators produce, and are asked; coroutines consume,
 * and are sent: one does not do both. Closing the first closes those behind it.
 * Usage: pipeline pattern, which is plain text; lines on stdin. In Python:
 *
 *     def grep(pattern, target):
 *         try:
 *             while True:
 *                 line = (yield)
 *                 if pattern in line: target.send(line)
 *         except GeneratorExit: target.close()
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gen.h"

typedef const char *line;

gen_declare(printer, void, line);
struct printer {
    struct gen gen;
};
gen_define(printer)
{
    gen_begin();
    for (;;) {
        gen_yield();
        printf("%s\n", *gen_sent);
    }
    gen_end();
}

gen_declare(count, void, line);
struct count {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct gen_any target;
    int lines;
};
gen_define(count)
{
    gen_begin();
    gen_try_finally {
        for (;; self->lines++) {
            gen_yield();
            gen_any_send(self->target, gen_sent, NULL);
        }
    }
    gen_finally {
        gen_any_close(self->target);
        printf("%d lines\n", self->lines);
    }
    gen_end_finally
    gen_end();
}

gen_declare(grep, void, line);
struct grep {
    struct gen gen;
    struct gen_unwind unwind[1];
    const char *pattern;
    struct gen_any target;
};
gen_define(grep)
{
    gen_begin();
    gen_try_finally {
        for (;;) {
            gen_yield();
            if (strstr(*gen_sent, self->pattern) != NULL)
                gen_any_send(self->target, gen_sent, NULL);
        }
    }
    gen_finally {
        gen_any_close(self->target);
    }
    gen_end_finally
    gen_end();
}

/* Primes a coroutine, as the decorator does. */
static struct gen_any primed(struct gen_any coroutine)
{
    gen_any_next(coroutine, NULL);
    return coroutine;
}

static volatile sig_atomic_t interrupted;

static void interrupt(int signum)
{
    interrupted = signum;
}

int main(int argc, char **argv)
{
    const struct sigaction on_interrupt = {.sa_handler = interrupt}; /* and getline ends */
    struct printer to_printer = {.gen = {0, 0}};
    struct count to_count = {.lines = 0};
    struct grep to_grep = {.pattern = argv[1]};
    char *text = NULL;
    size_t size = 0;

    if (argc != 2) {
        fprintf(stderr, "usage: pipeline pattern\n");
        return 2;
    }
    to_count.target = primed(printer_any(&to_printer));
    to_grep.target = primed(count_any(&to_count));
    primed(grep_any(&to_grep));

    sigaction(SIGINT, &on_interrupt, NULL);
    while (!interrupted && getline(&text, &size, stdin) >= 0) {
        text[strcspn(text, "\n")] = '\0';
        grep_send(&to_grep, text, NULL);
    }
    free(text);
    if (grep_close(&to_grep) != 0)
        return 1;
    if (interrupted)
        fprintf(stderr, "pipeline: interrupted\n");
    return interrupted ? 128 + interrupted : 0;
}
