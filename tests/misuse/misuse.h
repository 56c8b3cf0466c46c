/* What the files here share: a resume that tells in one line what it answers. */
#include <stdio.h>
#include <string.h>

#include "gen.h"

static inline void resume(struct gen_any it)
{
    int x = 0;
    struct gen_io io = {{0, NULL}, NULL, NULL, NULL, NULL, 0};
    const char *name;
    io.out = &x;
    switch (it.resume(it.frame, &io)) {
    case GEN_YIELDED:
        printf("yielded %d\n", x);
        break;
    case GEN_RETURNED:
        puts("returned");
        break;
    case GEN_PENDING:
        puts("pending");
        break;
    case GEN_RAISED:
        name = gen_error_name(io.exc.code);
        printf("raised %.*s", (int)strcspn(name, ":"), name);
        printf(io.exc.text ? " (%s)\n" : "\n", io.exc.text);
    }
}
