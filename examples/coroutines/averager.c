/* The running average of what is sent, and a coroutine that returns its result at the end. Instead
 * of the decorator that primes, a function makes one that waits for its first value. (yield from
 * primes by itself: what it delegates to is not primed.) In Python:
 *
 *     @coroutine
 *     def averager():
 *         while True:
 *             term = yield average
 *             ...
 *     coro_avg = averager()
 *     print(coro_avg.send(10))
 *
 *     try: coro_avg.send(None)
 *     except StopIteration as exc: result = exc.value
 */
#include <stdio.h>
#include "gen.h"

gen_declare(averager, double, double);
struct averager {
    struct gen gen;
    int count;
    double total, average;
};
gen_define(averager)
{
    gen_begin();
    for (;;) {
        gen_yield(self->average);
        self->total += *gen_sent;
        self->count++;
        self->average = self->total / self->count;
    }
    gen_end();
}

/* averager(), primed. A frame may be moved while nothing points to it. */
static struct averager averager_coroutine(void)
{
    struct averager gen = {.count = 0};
    averager_next(&gen, NULL);
    return gen;
}

struct result {
    int count;
    double average;
};

/* Until None is sent, which is what next() sends, and which gen_sent shows as NULL. */
gen_declare(result_averager, void, double);
struct result_averager {
    struct gen gen;
    int count;
    double total, average;
    struct result result;
};
gen_define(result_averager)
{
    gen_begin();
    for (;;) {
        gen_yield();
        if (gen_sent == NULL)
            break;
        self->total += *gen_sent;
        self->count++;
        self->average = self->total / self->count;
    }
    gen_return((struct result){self->count, self->average});
    gen_end();
}

static struct result_averager result_averager_coroutine(void)
{
    struct result_averager gen = {.count = 0};
    result_averager_next(&gen, NULL);
    return gen;
}

int main(void)
{
    static const double terms[] = {10, 30, 5}, others[] = {10, 30, 6.5};
    struct averager coro_avg = averager_coroutine();
    struct result_averager with_result = result_averager_coroutine();
    double average = 0;

    printf("%s\n", gen_state(&coro_avg) == GEN_SUSPENDED ? "GEN_SUSPENDED" : "?");
    for (int i = 0; i < 3; i++) {
        averager_send(&coro_avg, terms[i], &average);
        printf("%.1f\n", average);
    }

    for (int i = 0; i < 3; i++)
        result_averager_send(&with_result, others[i], NULL);
    if (!result_averager_next(&with_result, NULL) && gen_error(&with_result) == 0)
        printf("Result(count=%d, average=%.1f)\n", with_result.result.count,
               with_result.result.average);
    return 0;
}
