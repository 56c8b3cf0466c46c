/* The two tasks of schedulers/print_matches.c on a real loop: `yield from` has become gen_await,
 * async_sleep task_sleep, and the scheduler is task.h's. (The seconds are virtual.) In Python:
 *
 *     async def is_prime(x): ...; await asyncio.sleep(0); return True
 *     async def repetitive_msg(msg, interval):
 *         while True: print(msg); await asyncio.sleep(interval)
 *     loop.create_task(repetitive_msg("Interval message", 2))
 *     loop.create_task(print_matches(fibonacci(), is_prime))
 *     loop.run_forever()
 */
#include "examples/virtual.h"

gen_declare(fibonacci, long long);
struct fibonacci {
    struct gen gen;
    int n;
    long long a, b;
};
gen_define(fibonacci)
{
    long long next;

    gen_begin();
    for (self->a = 2, self->b = 1; self->n > 0; self->n--) {
        gen_yield(self->a);
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
        if (self->i % 128 == 0)
            task_sleep(0); /* to yield control without needing a result */
    }
    gen_return(self->x >= 2);
    gen_end();
}

gen_declare(print_matches, void);
struct print_matches {
    struct gen gen;
    struct fibonacci iterable;
    struct is_prime matches;
    long long item;
};
gen_define(print_matches)
{
    gen_begin();
    gen_for_in (self->item, fibonacci, &self->iterable) {
        self->matches = (struct is_prime){.x = self->item};
        gen_await(is_prime, &self->matches);
        if (self->matches.result)
            printf("Found: %lld\n", self->item);
    }
    gen_end();
}

gen_declare(repetitive_msg, void);
struct repetitive_msg {
    struct gen gen;
    const char *msg;
    double interval;
};
gen_define(repetitive_msg)
{
    gen_begin();
    for (;;) {
        printf("%s\n", self->msg);
        task_sleep(self->interval);
    }
    gen_end();
}

gen_declare(both, void);
struct both {
    struct gen gen;
};
gen_define(both)
{
    gen_begin();
    if (task_spawn(repetitive_msg, .msg = "Interval message", .interval = 2) == NULL ||
        task_spawn(print_matches, .iterable.n = 48) == NULL)
        gen_raise(GEN_ENOMEM);
    task_sleep(5); /* for ever, as far as this program is concerned */
    gen_end();
}

int main(void)
{
    struct both both = {.gen = {0, 0}};
    return virtual_run(both_any(&both)) != 0;
}
