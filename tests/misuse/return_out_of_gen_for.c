/* `return` and `goto` out of a gen_for leave its generator unclosed, and its finally does not run.
 * `break` closes it.
 *
 * expect run: return
 * expect run: goto
 * expect run: break, finally
 */
#include "misuse.h"

gen_declare(guarded, int);
struct guarded {
    struct gen gen;
    struct gen_unwind unwind[1];
};
gen_define(guarded)
{
    gen_begin();
    gen_try_finally {
        for (;;)
            gen_yield(1);
    }
    gen_finally {
        printf(", finally");
    }
    gen_end_finally
    gen_end();
}

static void by_return(void)
{
    gen_for (x, guarded) {
        printf("return");
        if (x == 1)
            return;
    }
}

static void by_goto(void)
{
    gen_for (x, guarded) {
        printf("goto");
        if (x == 1)
            goto out;
    }
out:
    return;
}

static void by_break(void)
{
    gen_for (x, guarded) {
        printf("break");
        if (x == 1)
            break;
    }
}

int main(void)
{
    by_return();
    puts("");
    by_goto();
    puts("");
    by_break();
    puts("");
    return 0;
}
