/* A function that computes for long, in another thread, and awaited: the loop goes on meanwhile. What
 * it needs and what it finds is in a struct of the task's. In Python:
 *
 *     print(await asyncio.to_thread(count_primes, 10000), 'primes')
 */
#include <stdio.h>
#include "examples/status.h"
#include "loop/executor.h"

struct count_primes {
    int below, result;
};

static int count_primes(void *arg)
{
    struct count_primes *c = (struct count_primes *)arg;
    for (int n = 2; n < c->below; n++) {
        int i = 2;
        while (i <= n / i && n % i != 0)
            i++;
        c->result += i > n / i;
    }
    return 0; /* another code is raised where it is awaited */
}

gen_declare(asker, void);
struct asker {
    struct gen gen;
    struct loop_work work;
    struct count_primes primes;
};
gen_define(asker)
{
    gen_begin();
    self->primes.below = 10000;
    loop_to_thread(&self->work, count_primes, &self->primes);
    printf("%d primes\n", self->primes.result);
    gen_end();
}

int main(void)
{
    struct asker asker = {.gen = {0, 0}};
    return exit_status("to_thread", loop_run(asker_any(&asker)));
}
