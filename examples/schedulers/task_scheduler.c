/* The smallest scheduler: a queue of generators, of any kinds, each of which runs until its next
 * yield and then stands at the end again, until it returns. task.h has a scheduler with time, waiting
 * and cancellation; this is what it comes from. In Python:
 *
 *     class TaskScheduler:
 *         def __init__(self): self._queue = deque()
 *         def add_task(self, task): self._queue.append(task)
 *         def run(self):
 *             while self._queue:
 *                 task = self._queue.popleft()
 *                 try: next(task); self._queue.append(task)
 *                 except StopIteration: pass
 */
#include <stdio.h>
#include "gen.h"

struct task_scheduler {
    struct gen_any queue[8]; /* a ring */
    size_t first, count;
};

static bool task_scheduler_add_task(struct task_scheduler *s, struct gen_any task)
{
    const size_t room = sizeof s->queue / sizeof s->queue[0];
    if (s->count == room)
        return false;
    s->queue[(s->first + s->count++) % room] = task;
    return true;
}

static struct gen_any popleft(struct task_scheduler *s)
{
    struct gen_any task = s->queue[s->first];
    s->first = (s->first + 1) % (sizeof s->queue / sizeof s->queue[0]);
    s->count--;
    return task;
}

/* Returns 0, or the code of the exception that left a task. */
static int task_scheduler_run(struct task_scheduler *s)
{
    while (s->count > 0) {
        struct gen_any task = popleft(s);
        if (gen_any_next(task, NULL)) /* whatever it yields is dropped */
            task_scheduler_add_task(s, task);
        else if (gen_any_error(task) != 0)
            return gen_any_error(task);
    }
    return 0;
}

gen_declare(odd_till, int);
struct odd_till {
    struct gen gen;
    int number, n;
};
gen_define(odd_till)
{
    gen_begin();
    for (self->n = 1; self->n < self->number; self->n += 2) {
        printf("%d odd_till - %d\n", self->number, self->n);
        gen_yield(self->n);
    }
    gen_end();
}

gen_declare(even_till, int);
struct even_till {
    struct gen gen;
    int number, n;
};
gen_define(even_till)
{
    gen_begin();
    for (self->n = 2; self->n < self->number; self->n += 2) {
        printf("%d even_till - %d\n", self->number, self->n);
        gen_yield(self->n);
    }
    gen_end();
}

int main(void)
{
    struct task_scheduler scheduler = {.count = 0};
    struct odd_till odd5 = {.number = 5}, odd6 = {.number = 6};
    struct even_till even4 = {.number = 4};
    int code;

    if (!task_scheduler_add_task(&scheduler, odd_till_any(&odd5)) ||
        !task_scheduler_add_task(&scheduler, even_till_any(&even4)) ||
        !task_scheduler_add_task(&scheduler, odd_till_any(&odd6))) {
        fprintf(stderr, "task_scheduler: too many tasks\n");
        return 1;
    }
    code = task_scheduler_run(&scheduler);
    if (code != 0)
        fprintf(stderr, "task_scheduler: %s\n", gen_error_name(code));
    return code != 0;
}
