#include "primes.h"
#include "range.h"

static bool is_prime(int n)
{
    bool prime = n > 1;
    gen_for (divisor, range, .from = 2, .to = n)
        if (n % divisor == 0) {
            prime = false;
            break;
        }
    return prime;
}

gen_define(primes)
{
    gen_begin();
    if (self->to < 0)
        gen_raise(PRIMES_NEGATIVE, "primes below a negative number");
    gen_try_finally {
        for (; self->from < self->to; self->from++)
            if (is_prime(self->from)) {
                self->result++;
                gen_yield(self->from);
                if (gen_sent)
                    self->from = *gen_sent - 1;
            }
        gen_return(self->result);
    }
    gen_finally {
        if (self->ended)
            ++*self->ended;
    }
    gen_end_finally
    gen_end();
}
