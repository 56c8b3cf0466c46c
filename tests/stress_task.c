/* stress_task [SEED [STEPS]] - thousands of tasks that do at random whatever tasks can do, and are
 * cancelled at random, in virtual time; and what has to hold all the same: mutual exclusion, no item,
 * token or call lost or doubled, nobody outlives his group, everybody ends, nothing is left over.
 *
 * A seed determines all. Exit 1 with the seed and what did not hold. All memory is static. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "task/dump.h"
#include "task/lock.h"
#include "task/queue.h"
#include "task/virtual.h"
#include "task/wait.h"

enum { EFAILED = GEN_EUSER };
enum { ACTORS = 2000, BLOCKS = 4000, BLOCK = 2048, ITEMS = 8192 };
enum { LOCKS = 8, SEMAPHORES = 4, TOKENS = 3, QUEUES = 4, BARRIERS = 4, PARTIES = 3 };
enum { EVENTS = 4, WAKEUPS = 4, CALLS = 32, DEEDS = 20, SPAWNING = 18, DEEPEST = 3 };

static unsigned long seed = 1;
static uint64_t steps, limit = 3000000;
static uint32_t state;
static struct task_virtual v;

static void fail(const char *what)
{
    printf("seed %lu, step %llu: %s\n", seed, (unsigned long long)steps, what);
    exit(1);
}

static void check(bool holds, const char *what)
{
    if (!holds)
        fail(what);
}

/* 0..n-1. (Marsaglia's xorshift, of which the upper half is taken.) */
static uint32_t below(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (uint32_t)(((uint64_t)state * n) >> 32);
}

/* -- Memory for spawned tasks ------------------------------------------------------------------- */

static union block {
    union block *next;
    long double align;
    char bytes[BLOCK];
} pool[BLOCKS], *unused;
static uint32_t blocks, blocks_ever, blocks_free = BLOCKS;

static void *allocate(size_t size)
{
    union block *b = unused;
    check(size <= BLOCK, "a block is too small");
    if (b == NULL && blocks_free == 0)
        return NULL;
    if (b != NULL)
        unused = b->next;
    else
        b = &pool[--blocks_free];
    blocks++;
    blocks_ever++;
    return b;
}

static void release(void *memory)
{
    union block *b = (union block *)memory;
    size_t i;
    for (i = 0; i < BLOCK; i++)
        b->bytes[i] = (char)0xa5; /* for who looks at it later */
    b->next = unused;
    unused = b;
    blocks--;
}

static uint32_t failures;

static void failed(void *host, const struct task *t, struct gen_exc exc)
{
    (void)host, (void)t;
    check(exc.code == EFAILED, "a failure that nobody raised");
    failures++;
}

/* -- Items: where each is ----------------------------------------------------------------------- */

struct item {
    uint32_t slot, serial; /* slot ITEMS: none */
};
enum place { NOWHERE, OFFERED, PUT, TAKEN }; /* TAKEN: before who put it went on */

task_queue_declare(items, struct item);

static struct {
    uint32_t serial;
    enum place place;
} items[ITEMS];
static uint32_t serial, item_slot, items_put, items_got;
static struct items queues[QUEUES];

static enum place *place_of(struct item item)
{
    check(item.slot < ITEMS && items[item.slot].serial == item.serial, "an item nobody made");
    return &items[item.slot].place;
}

static struct item offer(void)
{
    struct item item;
    uint32_t tried = 0;
    while (items[item_slot].place != NOWHERE) {
        item_slot = (item_slot + 1) % ITEMS;
        check(++tried <= ITEMS, "items are never got");
    }
    item.slot = item_slot;
    item.serial = items[item_slot].serial = ++serial;
    items[item_slot].place = OFFERED;
    return item;
}

static void was_put(struct item item)
{
    enum place *p = place_of(item);
    check(*p == OFFERED || *p == TAKEN, "an item was put that was not offered");
    *p = *p == OFFERED ? PUT : NOWHERE;
    items_put++;
}

static void was_not_put(struct item item)
{
    enum place *p = place_of(item);
    check(*p == OFFERED, "an item was got whose put has failed");
    *p = NOWHERE;
}

static void was_got(struct item item)
{
    enum place *p = place_of(item);
    check(*p == OFFERED || *p == PUT, "an item was got twice");
    *p = *p == OFFERED ? TAKEN : NOWHERE;
    items_got++;
}

/* Its priority; in no order with the serials. */
static uint32_t rank(struct item item)
{
    return item.serial * 2654435761u;
}

static bool is_before(const void *a, const void *b)
{
    return rank(*(const struct item *)a) < rank(*(const struct item *)b);
}

/* -- The world ---------------------------------------------------------------------------------- */

static struct task_lock locks[LOCKS], market;
static uint32_t inside[LOCKS];
static struct task_semaphore semaphores[SEMAPHORES];
static uint32_t holders[SEMAPHORES];
static struct task_condition goods;
static uint32_t stock, produced, consumed;
static struct task_barrier barriers[BARRIERS];
static uint32_t arrived[BARRIERS][PARTIES];
static struct task_event events[EVENTS];
static struct task_wakeup wakeups[WAKEUPS];
static struct task_call calls[CALLS];
static int due[CALLS]; /* is this call to come? */
static bool closing;
static uint32_t deeds_done[DEEDS + 3]; /* of each kind, without an exception */

static void called(void *arg)
{
    int *is_due = (int *)arg;
    check(*is_due == 1, "a call that nobody wants");
    *is_due = 0;
}

/* One thing that a task does. */
gen_declare(deed, void);
struct deed {
    struct gen gen;
    struct gen_unwind unwind[2];
    uint32_t depth, what, i, count, alive;
    struct item item;
    struct items *queue;
    struct task_group group;
    struct task *children[3];
    struct task_slot slots[3], *slot;
    struct task_wait wait;
    struct task_completed completed;
};

/* A task: so many deeds, some of them in scopes. */
gen_declare(actor, void);
struct actor {
    struct gen gen;
    struct gen_unwind unwind[4];
    uint32_t depth, deeds, how;
    uint32_t *alive; /* how many there are in a group */
    struct task_scope scope, inner;
    struct deed deed;
};

static struct task tasks[ACTORS];
static struct actor actors[ACTORS];

static double moment(void)
{
    return below(4) == 0 ? 0 : (double)below(100) * 0.0001;
}

gen_define(deed)
{
    steps++;
    gen_begin();
    self->what = below(self->depth < DEEPEST ? DEEDS : SPAWNING);
    self->i = below(1 << 16);
    if (self->what < 3) {
        task_sleep(moment());
    } else if (self->what < 6) {
        self->i %= LOCKS;
        task_with_lock (&locks[self->i]) {
            gen_try_finally {
                check(inside[self->i]++ == 0, "two are in a lock");
                check(locks[self->i].owner == task_current(), "a lock has another owner");
                task_sleep(moment());
            }
            gen_finally {
                inside[self->i]--;
            }
            gen_end_finally
        }
        task_end_lock
    } else if (self->what == 6) {
        self->i %= SEMAPHORES;
        task_with_semaphore (&semaphores[self->i]) {
            gen_try_finally {
                check(holders[self->i]++ < TOKENS, "more holders than tokens");
                task_sleep(moment());
            }
            gen_finally {
                holders[self->i]--;
            }
            gen_end_finally
        }
        task_end_semaphore
    } else if (self->what < 10) {
        self->queue = &queues[self->i % QUEUES];
        self->item = offer();
        gen_try {
            task_queue_put(self->queue, self->item);
        }
        gen_except_all {
            was_not_put(self->item);
            gen_reraise();
        }
        gen_end_try
        was_put(self->item);
    } else if (self->what < 13) {
        self->queue = &queues[self->i % QUEUES];
        self->item.slot = ITEMS;
        gen_try {
            task_queue_get(self->item, self->queue);
        }
        gen_except_all {
            check(self->item.slot == ITEMS, "an item was lost in a get that failed");
            gen_reraise();
        }
        gen_end_try
        was_got(self->item);
        check(task_queue_task_done(self->queue) == 0, "more was got than put");
    } else if (self->what == 13) {
        task_with_lock (&market) {
            gen_try_finally {
                if (self->i % 2) {
                    task_condition_wait_for(&goods, stock > 0);
                    stock--;
                    consumed++;
                } else {
                    stock++;
                    produced++;
                    check(task_condition_notify(&goods, 1 + self->i % 3) == 0, "no lock to notify");
                    task_sleep(moment());
                }
            }
            gen_finally {
                check(market.owner == task_current(), "a wait for a condition lost the lock");
            }
            gen_end_finally
        }
        task_end_lock
    } else if (self->what == 14) {
        self->i %= BARRIERS;
        self->count = PARTIES;
        task_barrier_wait(self->count, &barriers[self->i]);
        check(self->count < PARTIES, "an index beyond the parties");
        arrived[self->i][self->count]++;
    } else if (self->what == 15) {
        if (self->i % 4 == 0)
            task_event_set(&events[self->i / 4 % EVENTS]);
        else if (self->i % 4 == 1)
            task_event_clear(&events[self->i / 4 % EVENTS]);
        else if (self->i % 4 == 2)
            task_wake(&wakeups[self->i / 4 % WAKEUPS]);
        if (self->i % 8 == 3)
            task_event_wait(&events[self->i / 8 % EVENTS]);
        if (self->i % 8 == 7)
            task_wait_wakeup(&wakeups[self->i / 8 % WAKEUPS]);
    } else if (self->what == 16 && self->depth < 2) {
        /* so that no circle goes through two groups, which a cancel may not end */
        struct task *const other = &tasks[self->depth == 0 ? self->i / 2 % ACTORS : 0];
        if (self->i % 2)
            task_await(&other->future);
        else
            task_await_shielded(&other->future);
    } else if (self->what == SPAWNING) {
        self->alive = 0;
        self->count = 1 + self->i % 4;
        gen_try_finally {
            task_group (&self->group) {
                while (self->count-- > 0)
                    (void)task_group_spawn(&self->group, actor, .depth = self->depth + 1,
                                           .deeds = below(4), .alive = &self->alive);
                task_sleep(moment());
                if (self->i % 16 == 0)
                    gen_raise(EFAILED, "the block of a group");
            }
            task_end_group
        }
        gen_finally {
            check(self->alive == 0, "a task outlives its group");
        }
        gen_end_finally
    } else if (self->what == SPAWNING + 1) {
        for (self->count = 0; self->count < 3; self->count++) {
            struct task *t = task_spawn(actor, .depth = self->depth + 1, .deeds = below(4));
            if (t == NULL)
                break;
            self->children[self->count] = task_keep(t);
            self->slots[self->count].future = &t->future;
        }
        if (self->count == 0)
            gen_stop(); /* no memory */
        gen_try_finally {
            if (self->i % 4 == 0)
                task_gather(&self->wait, self->slots, self->count);
            else if (self->i % 4 == 1)
                task_gather_all(&self->wait, self->slots, self->count);
            else if (self->i % 4 == 2)
                task_wait(&self->wait, self->slots, self->count,
                          (enum task_wait_what)(self->i / 4 % 3));
            else {
                task_as_completed(&self->completed, self->slots, self->count);
                self->alive = 0;
                gen_for_await (self->slot, task_completed, &self->completed) {
                    check(task_done(self->slot->future), "completed, but not done");
                    self->alive++;
                    if (self->i % 64 == 3)
                        break;
                }
                gen_end_for
                check(self->i % 64 == 3 || self->alive == self->count, "not all are completed");
            }
        }
        gen_finally {
            while (self->count-- > 0)
                task_drop(self->children[self->count]);
        }
        gen_end_finally
    } else if (self->what == 17) {
        struct task_call *const call = &calls[self->i % CALLS];
        int *const is_due = &due[self->i % CALLS];
        struct task_scheduler *const s = &v.scheduler;
        if (*is_due) {
            if (below(2)) {
                check(task_call_cancel(call), "a call is gone");
                *is_due = 0;
            } else
                check(task_call_soon(s, call, called, is_due) == GEN_EBADSTATE, "queued twice");
        } else {
            *is_due = 1;
            check(below(2) ? task_call_at(s, call, v.now + (task_time)below(1000000), called,
                                          is_due) == 0
                           : task_call_when_done(s, call, &tasks[below(ACTORS)].future, called,
                                                 is_due) == 0,
                  "a call is not taken");
        }
        if (self->i % 32 == 0)
            gen_raise(EFAILED, "a deed");
    }
    deeds_done[self->what + (self->what == DEEDS - 1 ? self->i % 4 : 0)]++;
    gen_end();
}

gen_define(actor)
{
    gen_begin();
    if (self->alive != NULL)
        ++*self->alive;
    gen_try_finally {
        while (self->deeds-- > 0 && !closing) {
            gen_try {
                self->deed = (struct deed){.depth = self->depth};
                self->how = below(8);
                if (self->how == 0) {
                    task_move_on (&self->scope, moment())
                        gen_await(deed, &self->deed);
                    task_end_scope
                } else if (self->how == 1) {
                    task_timeout (&self->scope, moment())
                        gen_await(deed, &self->deed);
                    task_end_scope
                } else if (self->how == 2) {
                    task_shield (&self->scope) {
                        task_move_on (&self->inner, moment())
                            gen_await(deed, &self->deed);
                        task_end_scope
                    }
                    task_end_scope
                } else if (self->how < 5) {
                    task_scope (&self->scope)
                        gen_await(deed, &self->deed);
                    task_end_scope
                } else
                    gen_await(deed, &self->deed);
            }
            gen_except (GEN_CANCELLED) {
                if (below(2)) /* who stays is cancelled again */
                    gen_reraise();
            }
            gen_except_any {
                check(gen_caught.code == EFAILED || gen_caught.code == TASK_ETIMEOUT ||
                          gen_caught.code == TASK_ECANCELLED || gen_caught.code == TASK_EBROKEN ||
                          gen_caught.code == TASK_ESHUTDOWN || gen_caught.code == GEN_EBADSTATE,
                      "an error that nobody raised");
                if (below(16) == 0)
                    gen_raise(EFAILED, "an actor");
            }
            gen_end_try
        }
    }
    gen_finally {
        if (self->alive != NULL)
            --*self->alive;
    }
    gen_end_finally
    gen_end();
}

static void start(uint32_t i, bool eagerly)
{
    actors[i] = (struct actor){.deeds = 1 + below(20)};
    check((eagerly ? task_start_eager : task_start)(&v.scheduler, &tasks[i], actor_any(&actors[i]),
                                                    NULL) == 0,
          "a task that is done cannot be started");
}

/* Starts again who is done, cancels, and changes what others wait for. */
gen_declare(fate, void);
struct fate {
    struct gen gen;
    int times, quiet;
    uint64_t seen;
};
gen_define(fate)
{
    gen_begin();
    while (steps < limit) {
        for (self->times = 0; self->times < 100; self->times++) {
            const uint32_t i = below(ACTORS), what = below(16);
            if (task_done(&tasks[i].future))
                start(i, below(4) == 0);
            else if (what == 0)
                check(task_cancel(&tasks[i], "fate"), "a task that runs is not cancelled");
            else if (what == 1)
                task_scope_cancel(&actors[i].scope, "fate");
            else if (what == 2)
                (void)task_scope_reschedule(&actors[i].scope, moment());
        }
        if (below(8) == 0)
            task_barrier_reset(&barriers[below(BARRIERS)]);
        if (below(8) == 0)
            task_barrier_abort(&barriers[below(BARRIERS)]);
        if (below(64) == 0)
            task_shuffle(&v.scheduler, below(2) ? 0 : state);
        self->quiet = steps == self->seen ? self->quiet + 1 : 0;
        self->seen = steps;
        check(self->quiet < 1000, "all wait for ever, though they are cancelled");
        task_sleep(0.0005);
    }
    gen_end();
}

/* -- The beginning and the end ------------------------------------------------------------------- */

static void set_up(void)
{
    static struct item rooms[QUEUES][8];
    const struct task_hooks more = {.allocate = allocate, .release = release, .failed = failed};
    uint32_t i;
    task_virtual_init(&v, &more);
    for (i = 0; i < SEMAPHORES; i++)
        task_semaphore_init(&semaphores[i], TOKENS, TOKENS);
    for (i = 0; i < BARRIERS; i++)
        task_barrier_init(&barriers[i], PARTIES);
    for (i = 0; i < WAKEUPS; i++)
        task_wakeup_init(&wakeups[i], &v.scheduler, NULL, NULL);
    task_condition_init(&goods, &market);
    task_queue_init(&queues[0], rooms[0], 8);
    task_queue_init(&queues[1], (struct item *)NULL, 0);
    task_queue_init_priority(&queues[2], rooms[2], 8, is_before);
    task_queue_init_lifo(&queues[3], rooms[3], 8);
}

static void show(void *arg, const char *text)
{
    (void)arg;
    fputs(text, stdout);
}

/* Everybody is cancelled, until they are gone. */
static void close_down(void)
{
    uint32_t i;
    closing = true;
    for (i = 0; i < CALLS; i++)
        check(task_call_cancel(&calls[i]) == (due[i] == 1), "a call is gone, or is too much");
    task_queue_shutdown(&queues[0], false);
    task_queue_shutdown(&queues[1], false);
    while (task_any_alive(&v.scheduler)) {
        task_cancel_all(&v.scheduler, NULL);
        task_run_once(&v.scheduler);
        if (v.stuck && task_any_alive(&v.scheduler)) {
            task_dump(&v.scheduler, show, NULL);
            fail("these tasks never end");
        }
    }
    task_report_all(&v.scheduler);
    task_run_once(&v.scheduler);
    check(v.stuck, "something is still due");
}

static void check_the_rest(void)
{
    struct item item = {ITEMS, 0};
    uint32_t i, j;
    check(blocks == 0, "memory was not released");
    check(task_first(&v.scheduler) == NULL, "a task is left");
    for (i = 0; i < ACTORS; i++)
        check(task_done(&tasks[i].future), "a task has not ended");
    for (i = 0; i < LOCKS; i++)
        check(inside[i] == 0 && locks[i].owner == NULL, "a lock is still held");
    for (i = 0; i < SEMAPHORES; i++)
        check(holders[i] == 0 && semaphores[i].value == TOKENS, "tokens are lost");
    check(market.owner == NULL && produced == consumed + stock, "goods are lost");
    for (i = 0; i < BARRIERS; i++) {
        check(barriers[i].waiting == 0, "somebody is at a barrier");
        for (j = 1; j < PARTIES; j++)
            check(arrived[i][j] == arrived[i][0], "not all parties passed a barrier");
    }
    for (i = 0; i < QUEUES; i++) {
        check(queues[i].queue.unfinished == queues[i].queue.count, "unfinished is miscounted");
        for (j = 0; task_queue_try_get(item, &queues[i]); j = rank(item)) {
            check(*place_of(item) == PUT, "an item in a queue that was not put");
            check(i != 2 || rank(item) > j, "items by priority are out of order");
            was_got(item);
        }
        check(queues[i].queue.count == 0, "an item cannot be got");
    }
    for (i = 0; i < ITEMS; i++)
        check(items[i].place == NOWHERE, "an item is lost");
    check(items_put == items_got, "items are not conserved");
    for (i = 0; i < DEEDS + 3; i++)
        check(deeds_done[i] > 0, "something was never done");
    check(blocks_ever > 0 && failures > 0, "not much has happened");
}

int main(int argc, char **argv)
{
    static char buffer[BUFSIZ];
    static struct fate fate;
    static struct task fate_task;
    uint32_t i;
    setvbuf(stdout, buffer, _IOLBF, sizeof buffer); /* or it would be allocated */
    if (argc > 1)
        seed = strtoul(argv[1], NULL, 0);
    if (argc > 2)
        limit = strtoul(argv[2], NULL, 0);
    state = (uint32_t)seed * 2654435761u + 1;
    if (state == 0)
        state = 1;
    set_up();
    for (i = 0; i < ACTORS; i++)
        start(i, below(4) == 0);
    task_start(&v.scheduler, &fate_task, fate_any(&fate), "fate");
    if (task_virtual_run(&v, &fate_task.future) != 0)
        fail("nothing happens any more");
    close_down();
    check_the_rest();
    printf("seed %lu: %llu steps, %u tasks spawned, %u failures; %u items, %u goods; %ld s\n", seed,
           (unsigned long long)steps, (unsigned)blocks_ever, (unsigned)failures,
           (unsigned)items_got, (unsigned)consumed, (long)(v.now / TASK_TICKS_PER_SECOND));
    return 0;
}
