/* A search that puts what it finds, or its error, into a future, and a monitor that waits for it to
 * be done; then the same without the future, as a task is one. (The seconds are virtual; the search
 * sleeps a tenth of one at each number.) In Python:
 *
 *     async def monitored_search(iterable, predicate, future):
 *         try: found_item = await search(iterable, predicate)
 *         except ValueError as not_found: future.set_exception(not_found)
 *         else: future.set_result(found_item)
 *
 *     async def monitor_feature(future, interval):
 *         while not future.done():
 *             print("Waiting ..")
 *             await asyncio.sleep(interval)
 *         print("Done!")
 */
#include "examples/virtual.h"

enum { VALUE_ERROR = GEN_EUSER };

gen_declare(fibonacci, long long);
struct fibonacci {
    struct gen gen;
    int n; /* how many; 0: without an end */
    long long a, b;
};
gen_define(fibonacci)
{
    long long next;

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

gen_declare(is_prime, void);
struct is_prime {
    struct gen gen;
    long long x, i;
    bool result;
};
gen_define(is_prime)
{
    gen_begin();
    for (self->i = 2; self->i <= self->x / self->i; self->i++) {
        if (self->x % self->i == 0)
            gen_return(false);
        if (self->i % 1024 == 0)
            task_sleep(0);
    }
    gen_return(self->x >= 2);
    gen_end();
}

/* Twelve digits: a number of twenty would not fit a long long. */
gen_declare(twelve_digit_prime, void);
struct twelve_digit_prime {
    struct gen gen;
    long long x;
    struct is_prime prime;
    bool result;
};
gen_define(twelve_digit_prime)
{
    gen_begin();
    self->prime = (struct is_prime){.x = self->x};
    gen_await(is_prime, &self->prime);
    gen_return(self->prime.result && self->x >= 100000000000 && self->x < 1000000000000);
    gen_end();
}

gen_declare(search, void);
struct search {
    struct gen gen;
    struct fibonacci iterable;
    struct twelve_digit_prime predicate;
    long long item, result;
};
gen_define(search)
{
    gen_begin();
    gen_for_in (self->item, fibonacci, &self->iterable) {
        self->predicate = (struct twelve_digit_prime){.x = self->item};
        gen_await(twelve_digit_prime, &self->predicate);
        if (self->predicate.result)
            gen_return(self->item);
        task_sleep(0.1);
    }
    gen_raise(VALUE_ERROR, "Not found");
    gen_end();
}

/* A future with its value. */
struct found {
    struct task_future future;
    long long item;
};

gen_declare(monitored_search, void);
struct monitored_search {
    struct gen gen;
    struct search search;
    struct found *found;
};
gen_define(monitored_search)
{
    gen_begin();
    gen_try {
        gen_await(search, &self->search);
        self->found->item = self->search.result;
        task_future_set(&self->found->future);
    }
    gen_except (VALUE_ERROR) {
        task_future_fail(&self->found->future, gen_caught.code, gen_caught.text);
    }
    gen_end_try
    gen_end();
}

gen_declare(monitor_feature, void);
struct monitor_feature {
    struct gen gen;
    const struct task_future *future;
    double interval;
};
gen_define(monitor_feature)
{
    gen_begin();
    while (!task_done(self->future)) {
        printf("Waiting ..\n");
        task_sleep(self->interval);
    }
    printf("Done!\n");
    gen_end();
}

gen_declare(with_a_future, void);
struct with_a_future {
    struct gen gen;
    int n;
    struct found found;
    struct monitored_search search;
    struct monitor_feature monitor;
    struct task search_task, monitor_task;
};
gen_define(with_a_future)
{
    struct task_scheduler *const s = &virtual_loop.scheduler;

    gen_begin();
    self->search = (struct monitored_search){.search.iterable.n = self->n, .found = &self->found};
    self->monitor = (struct monitor_feature){.future = &self->found.future, .interval = 1};
    task_start(s, &self->search_task, monitored_search_any(&self->search), NULL);
    task_start(s, &self->monitor_task, monitor_feature_any(&self->monitor), NULL);
    gen_try {
        task_await(&self->found.future);
        printf("%lld\n", self->found.item);
    }
    gen_except (VALUE_ERROR) {
        printf("ValueError: %s\n", gen_caught.text);
    }
    gen_end_try
    task_await(&self->monitor_task.future);
    gen_end();
}

gen_declare(with_a_task, void);
struct with_a_task {
    struct gen gen;
    struct search search;
    struct monitor_feature monitor;
    struct task search_task, monitor_task;
};
gen_define(with_a_task)
{
    struct task_scheduler *const s = &virtual_loop.scheduler;

    gen_begin();
    self->monitor = (struct monitor_feature){.future = &self->search_task.future, .interval = 1};
    task_start(s, &self->search_task, search_any(&self->search), NULL);
    task_start(s, &self->monitor_task, monitor_feature_any(&self->monitor), NULL);
    task_await(&self->search_task.future);
    printf("%lld\n", self->search.result);
    task_await(&self->monitor_task.future);
    gen_end();
}

int main(void)
{
    struct with_a_future finds = {.n = 0}, does_not = {.n = 15};
    struct with_a_task task = {.gen = {0, 0}};

    return virtual_run(with_a_future_any(&finds)) != 0 ||
           virtual_run(with_a_future_any(&does_not)) != 0 ||
           virtual_run(with_a_task_any(&task)) != 0;
}
