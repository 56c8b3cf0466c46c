/* One waiter, three customers, who take their time to decide: if he stands at each table until its
 * customer has chosen, the others wait; if he goes to whoever has chosen, nobody does. That is
 * concurrency, with one pair of hands; parallelism would be three waiters. (Minutes are virtual.)
 */
#include "examples/virtual.h"
#include "task/wait.h"

enum { CUSTOMERS = 3 };
static const char *const names[CUSTOMERS] = {"Ann", "Bob", "Cy"};
static const int minutes[CUSTOMERS] = {5, 1, 3};

gen_declare(decide, void);
struct decide {
    struct gen gen;
    int minutes;
};
gen_define(decide)
{
    gen_begin();
    task_sleep(self->minutes * 60);
    gen_end();
}

static void serve(int customer)
{
    printf("%s has chosen after %d minutes, and is served after %d\n", names[customer],
           minutes[customer], virtual_seconds() / 60);
}

gen_declare(one_by_one, void);
struct one_by_one {
    struct gen gen;
    struct decide decides[CUSTOMERS];
    struct task tasks[CUSTOMERS];
    int i;
};
gen_define(one_by_one)
{
    gen_begin();
    for (self->i = 0; self->i < CUSTOMERS; self->i++) {
        self->decides[self->i].minutes = minutes[self->i];
        task_start(&virtual_loop.scheduler, &self->tasks[self->i],
                   decide_any(&self->decides[self->i]), names[self->i]);
    }
    for (self->i = 0; self->i < CUSTOMERS; self->i++) {
        task_await(&self->tasks[self->i].future);
        serve(self->i);
    }
    gen_end();
}

gen_declare(as_they_decide, void);
struct as_they_decide {
    struct gen gen;
    struct decide decides[CUSTOMERS];
    struct task tasks[CUSTOMERS];
    struct task_slot slots[CUSTOMERS], *slot;
    struct task_completed completed;
    struct gen_unwind unwind[1];
};
gen_define(as_they_decide)
{
    gen_begin();
    for (int i = 0; i < CUSTOMERS; i++) {
        self->decides[i].minutes = minutes[i];
        task_start(&virtual_loop.scheduler, &self->tasks[i], decide_any(&self->decides[i]),
                   names[i]);
        self->slots[i].future = &self->tasks[i].future;
    }
    task_as_completed(&self->completed, self->slots, CUSTOMERS);
    gen_for_await (self->slot, task_completed, &self->completed) {
        serve((int)(self->slot - self->slots));
    }
    gen_end_for
    gen_end();
}

int main(void)
{
    struct one_by_one first = {.i = 0};
    struct as_they_decide second = {.slot = NULL};
    int code = virtual_run(one_by_one_any(&first));

    printf("\n");
    if (code == 0)
        code = virtual_run(as_they_decide_any(&second));
    return code != 0;
}
