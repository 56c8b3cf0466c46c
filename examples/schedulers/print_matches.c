/* Why all that a coroutine calls has to be non-blocking, and all that calls one has to be a
 * coroutine too. One task prints the prime numbers among Lucas' numbers, the other a message every
 * so often. As long as is_prime blocks, the message is late; async_is_prime gives up control at
 * every division. Time is counted in divisions here, so that this prints the same everywhere. In
 * Python:
 *
 *     def async_print_matches(iterable, async_predicate):
 *         for item in iterable:
 *             matches = yield from async_predicate(item)
 *             if matches: print('Found:', item, end=', ')
 *             yield
 *
 *     def async_sleep(interval):
 *         expiry = now() + interval
 *         while True:
 *             yield                           at least once
 *             if now() >= expiry: break
 *
 *     def async_repetitive_msg(msg, interval):
 *         while True: print(msg); yield from async_sleep(interval)
 */
#include <stdio.h>
#include "gen.h"

static long now;         /* the clock */
static long latest;      /* by how much async_sleep has been late at most */
static bool quiet;       /* only the matches */
static int items_to_try; /* of Lucas' numbers */

static bool divides(long i, long x)
{
    now++;
    return x % i == 0;
}

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
    for (self->a = 2, self->b = 1; self->n < items_to_try; self->n++) {
        gen_yield(self->a);
        next = self->a + self->b;
        self->a = self->b;
        self->b = next;
    }
    gen_end();
}

/* -- Blocking --------------------------------------------------------------------------------- */

static bool is_prime(long x)
{
    for (long i = 2; i <= x / i; i++)
        if (divides(i, x))
            return false;
    return x >= 2;
}

gen_declare(print_matches, void);
struct print_matches {
    struct gen gen;
    struct fibonacci iterable;
    long item;
};
gen_define(print_matches)
{
    gen_begin();
    gen_for_in (self->item, fibonacci, &self->iterable) {
        if (is_prime(self->item))
            printf("Found: %ld, ", self->item);
        gen_yield();
    }
    gen_end();
}

/* -- Non-blocking: it is contagious to those it calls, and to those who call it --------------- */

gen_declare(async_is_prime, void);
struct async_is_prime {
    struct gen gen;
    long x, i;
    bool result;
};
gen_define(async_is_prime)
{
    gen_begin();
    for (self->i = 2; self->i <= self->x / self->i; self->i++) {
        if (divides(self->i, self->x))
            gen_return(false);
        gen_yield();
    }
    gen_return(self->x >= 2);
    gen_end();
}

gen_declare(async_print_matches, void);
struct async_print_matches {
    struct gen gen;
    struct fibonacci iterable;
    struct async_is_prime matches;
    long item;
};
gen_define(async_print_matches)
{
    gen_begin();
    gen_for_in (self->item, fibonacci, &self->iterable) {
        self->matches = (struct async_is_prime){.x = self->item};
        gen_yield_from(async_is_prime, &self->matches);
        if (self->matches.result)
            printf("Found: %ld, ", self->item);
        gen_yield();
    }
    gen_end();
}

/* -- The other task --------------------------------------------------------------------------- */

gen_declare(async_sleep, void);
struct async_sleep {
    struct gen gen;
    long interval, expiry;
};
gen_define(async_sleep)
{
    gen_begin();
    self->expiry = now + self->interval;
    do
        gen_yield();
    while (now < self->expiry);
    if (latest < now - self->expiry)
        latest = now - self->expiry;
    gen_end();
}

gen_declare(async_repetitive_msg, void);
struct async_repetitive_msg {
    struct gen gen;
    const char *msg;
    long interval;
    struct async_sleep sleep;
};
gen_define(async_repetitive_msg)
{
    gen_begin();
    for (;;) {
        if (!quiet)
            printf("%s\n", self->msg);
        self->sleep = (struct async_sleep){.interval = self->interval};
        gen_yield_from(async_sleep, &self->sleep);
    }
    gen_end();
}

/* Runs both in turn until the first is completed. (scheduler.c is for any number.) */
static void run(struct gen_any matches)
{
    struct async_repetitive_msg message = {.msg = "Interval message", .interval = 20};
    struct gen_any tasks[2];
    int id = 0;

    tasks[0] = matches;
    tasks[1] = async_repetitive_msg_any(&message);
    now = latest = 0;
    for (;; id = !id) {
        if (!quiet)
            printf("Running task %d ... ", id);
        if (!gen_any_next(tasks[id], NULL))
            break;
        if (!quiet)
            printf("now yielded\n");
    }
    printf("completed\n");
    async_repetitive_msg_close(&message);
}

int main(void)
{
    struct print_matches few = {.item = 0}, many = {.item = 0};
    struct async_print_matches async_many = {.item = 0};

    items_to_try = 16;
    run(print_matches_any(&few));

    quiet = true;
    items_to_try = 42;
    run(print_matches_any(&many));
    printf("blocking: the message was late by up to %ld divisions\n", latest);
    run(async_print_matches_any(&async_many));
    printf("non-blocking: the message was late by up to %ld divisions\n", latest);
    return 0;
}
