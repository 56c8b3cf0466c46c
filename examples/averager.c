/* A generator that is sent values: it yields the average of what it was sent so far, and what it
 * returns is in its frame. gen_sent is NULL where Python's value is None. In Python:
 *
 *     term = yield average; if term is None: return Result(count, average)
 *     next(avg); print(avg.send(10)) ...
 *     try: avg.send(None)
 *     except StopIteration as exc: print(exc.value)
 */
#include <stdio.h>
#include "gen.h"

struct result {
    int count;
    double average;
};

gen_declare(averager, double, double);
struct averager {
    struct gen gen;
    int count;
    double total, average;
    struct result result;
};
gen_define(averager)
{
    gen_begin();
    for (;;) {
        gen_yield(self->average);
        if (gen_sent == NULL)
            gen_return((struct result){self->count, self->average});
        self->total += *gen_sent;
        self->count++;
        self->average = self->total / self->count;
    }
    gen_end();
}

int main(void)
{
    static const double terms[] = {10, 30, 5};
    struct averager avg = {0};
    double average = 0;

    averager_next(&avg, &average); /* up to the first yield: nothing can be sent before it */
    for (int i = 0; i < 3; i++)
        if (averager_send(&avg, terms[i], &average) == GEN_YIELDED)
            printf("%.1f\n", average);

    if (!averager_next(&avg, &average) && gen_error(&avg) == 0)
        printf("Result(count=%d, average=%.1f)\n", avg.result.count, avg.result.average);
    return 0;
}
