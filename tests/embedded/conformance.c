/* Runs the programs of tests/conformance one after the other, each from a reset, so that its memory is
 * as at its own start. Before and after each comes a line for run.sh: "=== NAME", "=== status N". */
#include <stddef.h>
#include <stdlib.h>
#include "board.h"

typedef int (*program)(void);
struct named {
    const char *name;
    program main;
};
extern const struct named programs[]; /* made by run.sh; the last one has no name */

static BOARD_NOINIT unsigned next, next_check;
enum { CHECK = 0x5a17 }; /* of memory that nobody has set yet, very likely not so */

static void put(const char *text)
{
    while (*text)
        board_put(*text++);
}

static void ended(int status)
{
    put("=== status ");
    board_put((char)('0' + status % 10));
    board_put('\n');
    board_restart();
}

/* What the programs call. */
void exit(int status)
{
    ended(status);
    __builtin_unreachable();
}

int main(void)
{
    const struct named *p;
    if (next_check != (next ^ CHECK))
        next = 0;
    p = &programs[next];
    next++;
    next_check = next ^ CHECK;
    if (p->name == NULL)
        board_exit(0);
    put("=== ");
    put(p->name);
    board_put('\n');
    ended(p->main());
    return 0;
}
