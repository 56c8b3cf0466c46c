// The same macros in C++: every kind of statement in a body, compiled and run.
#include <cstdlib>

#include "task.h"

gen_declare(countdown, int);
struct countdown {
    struct gen gen;
    int n;
};
gen_define(countdown)
{
    gen_begin();
    for (; self->n > 0; self->n--)
        gen_yield(self->n);
    gen_end();
}

gen_declare(every, int, int);
struct every {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct countdown child;
    int x, caught, left, result;
};
gen_define(every)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            gen_yield(100);
            gen_raise(GEN_EUSER, "text");
        }
        gen_except (GEN_EUSER) {
            self->caught = gen_caught.code;
        }
        gen_end_try
        self->child.n = 2;
        gen_yield_from(countdown, &self->child);
        self->child = countdown();
        self->child.n = 1;
        gen_for_in (self->x, countdown, &self->child)
            gen_yield(self->x * 10);
        gen_return(7);
    }
    gen_finally {
        self->left++;
    }
    gen_end_finally
    gen_end();
}

static void require(bool condition)
{
    if (!condition)
        std::exit(1);
}

int main()
{
    struct every e = every();
    const int expected[] = {100, 2, 1, 10};
    int x = 0;
    unsigned i = 0;
    gen_each (x, every, &e)
        require(i < 4 && x == expected[i++]);
    require(i == 4 && e.result == 7 && e.caught == GEN_EUSER && e.left == 1);
    gen_for (n, countdown, .n = 3)
        x += n;
    require(x == 10 + 6 && sizeof(struct gen) == 4 && sizeof(struct task) <= 128);
    return 0;
}
