/* task_wake in a storm of interrupts that come anywhere, between any two instructions: no wake is lost,
 * and none counts twice. */
#include <setjmp.h>
#include <cmocka.h>
#include "board.h"
#include "task.h"

#if defined(__AVR__)
enum { INTERRUPTS = 5000, SHORTEST = 60, SPREAD = 2047 };
#elif defined(__riscv)
enum { INTERRUPTS = 20000, SHORTEST = 2, SPREAD = 63 };
#else
enum { INTERRUPTS = 20000, SHORTEST = 10, SPREAD = 1023 };
#endif
enum { WAKEUPS = 3 };

static struct task_scheduler sched;
static volatile uint16_t interrupts;
static uint32_t seed;

/* What woke and what came of it. `wakes` are those that had not been queued before, which is what a call
 * has to follow. */
struct counter {
    struct task_wakeup wakeup;
    volatile uint16_t made, wakes;
    uint16_t calls, seen;
};
static struct counter counters[WAKEUPS];

static unsigned random_up_to(unsigned mask)
{
    seed = seed * 1664525u + 1013904223u;
    return (unsigned)(seed >> 16) & mask;
}

static void wake(struct counter *c)
{
    c->made++;
    if (!c->wakeup.task__queued)
        c->wakes++;
    task_wake(&c->wakeup);
}

/* One, two, or the same one twice; by turns so often that hardly anything else runs, and with time to
 * see each. */
void board_timer(void)
{
    unsigned which = random_up_to(15);
    wake(&counters[which % WAKEUPS]);
    if (which & 8)
        wake(&counters[(which & 3) % WAKEUPS]);
    if (++interrupts < INTERRUPTS)
        board_timer_set(SHORTEST + random_up_to(interrupts & 256 ? SPREAD : SPREAD / 16));
}

static task_time now(void *host)
{
    (void)host;
    return 0;
}

static void idle(void *host, task_time until)
{
    (void)host;
    if (until == TASK_NEVER && interrupts < INTERRUPTS)
        board_sleep_unless_woken(&sched);
}

static const struct task_hooks hooks = {.now = now, .idle = idle};

static void setup_storm(void (*fn)(void *))
{
    size_t i;
    interrupts = 0;
    seed = 20240229;
    task_scheduler_init(&sched, &hooks, NULL);
    for (i = 0; i < WAKEUPS; i++) {
        struct counter *c = &counters[i];
        c->made = c->wakes = c->calls = c->seen = 0;
        task_wakeup_init(&c->wakeup, &sched, fn, c);
    }
}

static void see(void *arg)
{
    struct counter *c = (struct counter *)arg;
    c->calls++;
    c->seen = c->made;
}

static void a_call_for_each_wake(void **state)
{
    size_t i;
    (void)state;
    setup_storm(see);
    board_timer_set(SHORTEST);
    while (interrupts < INTERRUPTS || task_woken(&sched) || sched.task__first != NULL)
        task_run_once(&sched);
    for (i = 0; i < WAKEUPS; i++) {
        assert_in_range(counters[i].made, INTERRUPTS / 4, UINT16_MAX);
        assert_int_equal(counters[i].calls, counters[i].wakes);
        assert_int_equal(counters[i].seen, counters[i].made);
    }
}

/* A task that waits; each wait that is over has been one wake. Between waits it may take a turn more, so
 * that wakes come before it waits too. */
gen_declare(watcher, void);
struct watcher {
    struct gen gen;
    struct counter *counter;
};
gen_define(watcher)
{
    gen_begin();
    for (;;) {
        task_wait_wakeup(&self->counter->wakeup);
        self->counter->seen = self->counter->made;
        self->counter->calls++;
        if (self->counter->calls & 4)
            task_sleep(0);
    }
    gen_end();
}

static void a_task_sees_the_last_wake(void **state)
{
    static struct task tasks[WAKEUPS];
    static struct watcher watchers[WAKEUPS];
    size_t i;
    (void)state;
    setup_storm(NULL);
    for (i = 0; i < WAKEUPS; i++) {
        watchers[i].counter = &counters[i];
        (void)task_start(&sched, &tasks[i], watcher_any(&watchers[i]), NULL);
    }
    task_run_once(&sched);
    board_timer_set(SHORTEST);
    while (interrupts < INTERRUPTS || task_woken(&sched) || sched.task__first != NULL)
        task_run_once(&sched);
    for (i = 0; i < WAKEUPS; i++) {
        assert_int_equal(counters[i].seen, counters[i].made);
        /* a wake that came while one was kept counts with that */
        assert_in_range(counters[i].calls, 1, counters[i].wakes);
        assert_in_range(counters[i].calls, counters[i].wakes / 2, counters[i].wakes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_for_each_wake),
        cmocka_unit_test(a_task_sees_the_last_wake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
