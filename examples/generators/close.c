/* close(): the body is told to leave, at the yield where it stands, and cleans up. It may catch the
 * order, which is GEN_EXIT, but not yield any more. In Python:
 *
 *     try:
 *         while True: yield line ...
 *     except GeneratorExit: ...
 *     finally: file.close()
 */
#include <stdio.h>
#include "gen.h"

gen_declare(lines, int);
struct lines {
    struct gen gen;
    struct gen_unwind unwind[1];
    int line;
};
gen_define(lines)
{
    gen_begin();
    printf("open\n");
    gen_try_finally {
        gen_try {
            for (;;)
                gen_yield(++self->line);
        }
        gen_except (GEN_EXIT) {
            printf("GeneratorExit\n");
            gen_reraise(); /* or just leave: close() takes both for obedience */
        }
        gen_end_try
    }
    gen_finally {
        printf("close\n");
    }
    gen_end_finally
    gen_end();
}

gen_declare(stubborn, int);
struct stubborn {
    struct gen gen;
};
gen_define(stubborn)
{
    gen_begin();
    gen_try {
        gen_yield(1);
    }
    gen_except (GEN_EXIT) {
        gen_yield(2);
    }
    gen_end_try
    gen_end();
}

int main(void)
{
    struct lines by_hand = {.line = 0}, never_begun = {.line = 0};
    struct stubborn s = {.gen = {0, 0}};
    int line = 0;

    lines_next(&by_hand, &line);
    printf("line %d\n", line);
    printf("close() answers %d\n", lines_close(&by_hand));
    printf("unavailable: %s\n", lines_next(&by_hand, &line) ? "?" : "StopIteration");

    /* Nothing is collected in C: gen_for owns its generator and closes it when it is left. */
    gen_for (n, lines) {
        printf("line %d\n", n);
        if (n == 2)
            break;
    }

    /* What never began has nothing to clean up. */
    printf("close() answers %d\n", lines_close(&never_begun));

    stubborn_next(&s, NULL);
    printf("%s\n", gen_error_name(stubborn_close(&s)));
    printf("%s\n", gen_state(&s) == GEN_SUSPENDED ? "GEN_SUSPENDED" : "?");
    printf("close() answers %d\n", stubborn_close(&s)); /* nothing catches it this time */
    return 0;
}
