/* Tasks change at suspensions only, so most code needs no lock; what must not be disturbed although
 * it waits in between needs one. Without it both would see 100. In Python:
 *
 *     async with account.lock:
 *         if account.balance >= amount:
 *             await asyncio.sleep(0.01)       ask the bank
 *             account.balance -= amount
 */
#include <stdio.h>

#include "examples/status.h"
#include "loop/loop.h"
#include "task/lock.h"

struct account {
    struct task_lock lock;
    int balance;
};

gen_declare(withdraw, void);
struct withdraw {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct account *account;
    int amount;
};
gen_define(withdraw)
{
    gen_begin();
    task_with_lock (&self->account->lock) {
        if (self->account->balance >= self->amount) {
            task_sleep(0.01);
            self->account->balance -= self->amount;
            printf("paid %d\n", self->amount);
        } else {
            printf("there is only %d\n", self->account->balance);
        }
    }
    task_end_lock
    gen_end();
}

gen_declare(couple, void);
struct couple {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct account account;
    struct task_group group;
};
gen_define(couple)
{
    gen_begin();
    self->account.balance = 100;
    task_group (&self->group) {
        for (int i = 0; i < 2; i++)
            if (!task_group_spawn(&self->group, withdraw, .account = &self->account, .amount = 80))
                gen_raise(GEN_ENOMEM);
    }
    task_end_group
    gen_end();
}

int main(void)
{
    struct couple couple = {.gen = {0, 0}};
    return exit_status("lock", loop_run(couple_any(&couple)));
}
