/* A scheduler that keeps what its tasks returned and what they failed with. A task yields control,
 * not values: its Y is void. The scheduler resumes it with a gen_io of its own, which has the
 * exception with its text afterwards. (With task.h: task_start, task_run, the frame's result, and
 * task_error.) In Python:
 *
 *     class Scheduler:
 *         def run_until_complete(self):
 *             while len(self.executable_tasks) != 0:
 *                 task = self.executable_tasks.popleft()
 *                 try: yielded = next(task.routine)
 *                 except StopIteration as stopped:
 *                     self.completed_task_results[task.id] = stopped.value
 *                 except Exception as exc: self.failed_task_error[task.id] = exc
 *                 else: self.executable_tasks.append(task)
 */
#include <stdio.h>
#include "gen.h"

enum { VALUE_ERROR = GEN_EUSER };

/* Aggregates a coroutine and integer id. */
struct task {
    int id;
    struct gen_any routine;
    const long *result; /* where its frame has the result; NULL: None */
    struct gen_exc error;
    struct task *next;
};

struct deque {
    struct task *first, *last;
};

static void append(struct deque *d, struct task *task)
{
    task->next = NULL;
    if (d->first == NULL)
        d->first = task;
    else
        d->last->next = task;
    d->last = task;
}

static struct task *popleft(struct deque *d)
{
    struct task *task = d->first;
    d->first = task->next;
    return task;
}

/* A task is in one of the three, so the memory for them is the tasks' own. */
struct scheduler {
    int next_id;
    struct deque executable_tasks, completed_task_results, failed_task_error;
};

static int scheduler_add(struct scheduler *s, struct task *task, struct gen_any routine,
                         const long *result)
{
    task->id = s->next_id++;
    task->routine = routine;
    task->result = result;
    append(&s->executable_tasks, task);
    return task->id;
}

static void print_result(const struct task *task)
{
    if (task->result != NULL)
        printf("%ld\n", *task->result);
    else
        printf("None\n");
}

static void print_error(const struct task *task)
{
    printf("%s\n", task->error.text ? task->error.text : gen_error_name(task->error.code));
}

static void scheduler_run_until_complete(struct scheduler *s)
{
    while (s->executable_tasks.first != NULL) {
        struct task *task = popleft(&s->executable_tasks);
        struct gen_io io = {.out = NULL};
        enum gen_status status;

        printf("Running task %d ... ", task->id);
        status = task->routine.resume(task->routine.frame, &io);
        if (status == GEN_RETURNED) {
            printf("completed with result: ");
            print_result(task);
            append(&s->completed_task_results, task);
        } else if (status == GEN_RAISED) {
            task->error = io.exc;
            printf("failed with exception: ");
            print_error(task);
            append(&s->failed_task_error, task);
        } else {
            printf("now yielded\n");
            append(&s->executable_tasks, task);
        }
    }
}

/* 2 1 3 4 7 11 18 ...: Lucas' numbers, the first n of them; n = 0: without an end. */
gen_declare(fibonacci, long);
struct fibonacci {
    struct gen gen;
    int n;
    long a, b;
};
gen_define(fibonacci)
{
    long next;

    gen_begin();
    for (self->a = 2, self->b = 1;;) {
        gen_yield(self->a);
        if (self->n > 0 && --self->n == 0)
            break;
        next = self->a + self->b;
        self->a = self->b;
        self->b = next;
    }
    gen_end();
}

/* The first item that satisfies a predicate. */
gen_declare(async_search, void);
struct async_search {
    struct gen gen;
    struct fibonacci iterable;
    bool (*predicate)(long item);
    long item, result;
};
gen_define(async_search)
{
    gen_begin();
    gen_for_in (self->item, fibonacci, &self->iterable) {
        if (self->predicate(self->item))
            gen_return(self->item);
        gen_yield();
    }
    gen_raise(VALUE_ERROR, "Not found");
    gen_end();
}

/* Similar, but prints all matches. */
gen_declare(async_print_matches, void);
struct async_print_matches {
    struct gen gen;
    struct fibonacci iterable;
    bool (*predicate)(long item);
    long item;
};
gen_define(async_print_matches)
{
    gen_begin();
    gen_for_in (self->item, fibonacci, &self->iterable) {
        if (self->predicate(self->item))
            printf("Found: %ld, ", self->item);
        gen_yield();
    }
    gen_end();
}

static bool is_prime(long x)
{
    for (long i = 2; i * i <= x; i++)
        if (x % i == 0)
            return false;
    return x >= 2;
}

static bool at_least_10(long x)
{
    return x >= 10;
}

static bool has_six_digits(long x)
{
    return x >= 100000;
}

int main(void)
{
    struct scheduler one = {.next_id = 0}, two = {.next_id = 0}, three = {.next_id = 0};
    struct task tasks[4];
    struct async_search search = {.predicate = has_six_digits};
    struct async_print_matches matches = {.iterable = {.n = 15}, .predicate = is_prime};
    struct async_search not_found = {.iterable = {.n = 4}, .predicate = has_six_digits};
    struct async_search found = {.predicate = at_least_10};

    scheduler_add(&one, &tasks[0], async_search_any(&search), &search.result);
    scheduler_run_until_complete(&one);

    scheduler_add(&two, &tasks[1], async_print_matches_any(&matches), NULL);
    scheduler_run_until_complete(&two);

    scheduler_add(&three, &tasks[2], async_search_any(&not_found), &not_found.result);
    scheduler_add(&three, &tasks[3], async_search_any(&found), &found.result);
    scheduler_run_until_complete(&three);
    for (const struct task *t = three.completed_task_results.first; t != NULL; t = t->next) {
        printf("completed_task_results[%d]: ", t->id);
        print_result(t);
    }
    for (const struct task *t = three.failed_task_error.first; t != NULL; t = t->next) {
        printf("failed_task_error[%d]: ", t->id);
        print_error(t);
    }
    return 0;
}
