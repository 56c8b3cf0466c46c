/* The smallest scheduler: a generator need not yield a value, it can yield control. Three tasks
 * stand in a queue; the first runs up to its next yield and goes to the end, until it returns. In
 * Python:
 *
 *     tasks = deque([countdown_task(5), countdown_task(7), countdown_task(9)])
 *     def scheduler(tasks):
 *         while tasks:
 *             task = tasks.popleft()
 *             try: next(task); tasks.append(task)
 *             except StopIteration: pass
 */
#include <stdio.h>
#include "gen.h"

gen_declare(countdown_task, int);
struct countdown_task {
    struct gen gen;
    int n;
    struct countdown_task *next; /* in the queue */
};
gen_define(countdown_task)
{
    gen_begin();
    for (; self->n > 0; self->n--) {
        printf("%d\n", self->n);
        gen_yield(self->n);
    }
    gen_end();
}

struct deque {
    struct countdown_task *first, *last;
};

static void append(struct deque *d, struct countdown_task *task)
{
    task->next = NULL;
    if (d->first == NULL)
        d->first = task;
    else
        d->last->next = task;
    d->last = task;
}

static void scheduler(struct deque *tasks)
{
    while (tasks->first != NULL) {
        struct countdown_task *task = tasks->first;
        tasks->first = task->next;
        if (countdown_task_next(task, NULL))
            append(tasks, task);
    }
}

int main(void)
{
    struct countdown_task five = {.n = 5}, seven = {.n = 7}, nine = {.n = 9};
    struct deque tasks = {NULL, NULL};

    append(&tasks, &five);
    append(&tasks, &seven);
    append(&tasks, &nine);
    scheduler(&tasks);
    return 0;
}
