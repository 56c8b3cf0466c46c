/* Three tasks take turns until each has ended; one fails, which the others do not notice. */
#include "trace.h"

gen_declare(task, int, int);
struct task {
    FRAME;
    int name, turns, i;
    struct gen_unwind unwind[1];
};
gen_define(task)
{
    gen_begin();
    gen_try_finally {
        for (; self->i < self->turns; self->i++) {
            if (self->name == 2 && self->i == 2)
                gen_raise(EFIRST);
            gen_yield(10 * self->name + self->i);
        }
        gen_return(100 * self->name);
    }
    gen_finally {
        trace("task %d leaves", self->name);
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct generator tasks[] = {
        start(task, .name = 1, .turns = 2),
        start(task, .name = 2, .turns = 9),
        start(task, .name = 3, .turns = 5),
    };
    for (int turn = 0; turn < 7; turn++)
        for (int i = 0; i < 3; i++)
            show_next(tasks[i]);
    return 0;
}
