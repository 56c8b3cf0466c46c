/* task.switch, task.start, task.timers, task.queue, task.memory: tasks against what one would write
 * by hand, and timers against libev's. The clock that the scheduler is given costs nothing, as on a
 * board; a switch of a hosted loop costs a look at the clock and for events more for each turn. */
#include <ev.h>
#include <unistd.h>

#include "task.h"
#include "task/queue.h"
#include "bench.h"

enum { SWITCHES = 4000000, STARTS = 4000000, TIMERS = 1000000, ITEMS = 4000000, ROOM = 64 };

static task_time the_time;

static task_time now(void *host)
{
    (void)host;
    return the_time;
}

static void idle(void *host, task_time until)
{
    (void)host;
    if (until != TASK_NEVER && until > the_time)
        the_time = until;
}

static const struct task_hooks hooks = {.now = now, .idle = idle};
static struct task_scheduler sched;

static void run_all(void)
{
    while (task_any_alive(&sched))
        task_run_once(&sched);
}

/* The reference: a ring of functions to call, with what they are called with. */
struct job {
    void (*fn)(void *);
    void *arg;
};
static struct job ring[1024];
static size_t ring_first, ring_last;

static void ring_put(void (*fn)(void *), void *arg)
{
    struct job *job = &ring[ring_last++ % (sizeof ring / sizeof ring[0])];
    job->fn = fn;
    job->arg = arg;
}

static void ring_run(void)
{
    while (ring_first != ring_last) {
        struct job job = ring[ring_first++ % (sizeof ring / sizeof ring[0])];
        job.fn(job.arg);
    }
}

/* -- A switch between two ready tasks --------------------------------------------------------- */

gen_declare(spinner, void);
struct spinner {
    struct gen gen;
    long left;
    uint64_t sum;
};
gen_define(spinner)
{
    gen_begin();
    for (; self->left > 0; self->left--) {
        BENCH_USE(self->sum, self->left);
        task_sleep(0);
    }
    gen_end();
}

BENCH_SIDE switch_ours(void)
{
    struct spinner f[2] = {{.left = SWITCHES / 2}, {.left = SWITCHES / 2}};
    struct task t[2] = {{.name = NULL}};
    task_scheduler_init(&sched, &hooks, NULL);
    for (int i = 0; i < 2; i++)
        (void)task_start(&sched, &t[i], spinner_any(&f[i]), NULL);
    run_all();
    return f[0].sum + f[1].sum;
}

struct spin {
    long left;
    uint64_t sum;
};

static void spin(void *arg)
{
    struct spin *s = arg;
    BENCH_USE(s->sum, s->left);
    if (--s->left > 0)
        ring_put(spin, s);
}

BENCH_SIDE switch_reference(void)
{
    struct spin s[2] = {{.left = SWITCHES / 2}, {.left = SWITCHES / 2}};
    for (int i = 0; i < 2; i++)
        ring_put(spin, &s[i]);
    ring_run();
    return s[0].sum + s[1].sum;
}

/* -- Start and end of a task that does nothing ------------------------------------------------- */

gen_declare(nothing, void);
struct nothing {
    struct gen gen;
    uint64_t *sum;
};
gen_define(nothing)
{
    gen_begin();
    ++*self->sum;
    gen_end();
}

enum { AT_ONCE = 64 };

BENCH_SIDE start_ours(void)
{
    static struct nothing f[AT_ONCE];
    static struct task t[AT_ONCE];
    uint64_t sum = 0;
    task_scheduler_init(&sched, &hooks, NULL);
    for (int n = 0; n < STARTS; n += AT_ONCE) {
        for (int i = 0; i < AT_ONCE; i++) {
            f[i] = (struct nothing){.sum = &sum};
            (void)task_start(&sched, &t[i], nothing_any(&f[i]), NULL);
        }
        task_run_once(&sched);
    }
    return sum;
}

static void do_nothing(void *arg)
{
    ++*(uint64_t *)arg;
}

BENCH_SIDE start_reference(void)
{
    uint64_t sum = 0;
    for (int n = 0; n < STARTS; n += AT_ONCE) {
        for (int i = 0; i < AT_ONCE; i++)
            ring_put(do_nothing, &sum);
        ring_run();
    }
    return sum;
}

/* -- A million timers at random: set, and expired ----------------------------------------------- */

static uint32_t seed;

static uint32_t chance(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

static void expired(void *arg)
{
    ++*(uint64_t *)arg;
}

BENCH_SIDE timers_ours(void)
{
    static struct task_call calls[TIMERS];
    uint64_t sum = 0;
    task_scheduler_init(&sched, &hooks, NULL);
    the_time = 0;
    seed = 1;
    for (int i = 0; i < TIMERS; i++)
        (void)task_call_at(&sched, &calls[i], 1 + chance() % 1000000000, expired, &sum);
    while (sum < TIMERS)
        task_run_once(&sched);
    return sum;
}

static uint64_t ev_expired;

static void on_expired(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop, (void)timer, (void)events;
    ev_expired++;
}

/* libev's clock cannot be set, so all are due when the first one is. */
BENCH_SIDE timers_reference(void)
{
    static ev_timer timers[TIMERS];
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    if (loop == NULL)
        return 0;
    ev_expired = 0;
    seed = 1;
    ev_suspend(loop);
    for (int i = 0; i < TIMERS; i++) {
        ev_timer_init(&timers[i], on_expired, (double)(1 + chance() % 1000000000) * 1e-15, 0);
        ev_timer_start(loop, &timers[i]);
    }
    ev_run(loop, 0);
    ev_loop_destroy(loop);
    return ev_expired;
}

/* -- Through a queue of 64 ---------------------------------------------------------------------- */

task_queue_declare(numbers, long);

gen_declare(producer, void);
struct producer {
    struct gen gen;
    struct numbers *to;
    long n;
};
gen_define(producer)
{
    gen_begin();
    for (; self->n > 0; self->n--)
        task_queue_put(self->to, self->n);
    gen_end();
}

gen_declare(consumer, void);
struct consumer {
    struct gen gen;
    struct numbers *from;
    long left, n;
    uint64_t sum;
};
gen_define(consumer)
{
    gen_begin();
    for (; self->left > 0; self->left--) {
        task_queue_get(self->n, self->from);
        BENCH_USE(self->sum, self->n);
    }
    gen_end();
}

static double queue_time(void)
{
    static long room[ROOM];
    struct numbers queue;
    struct producer p = {.to = &queue, .n = ITEMS};
    struct consumer c = {.from = &queue, .left = ITEMS};
    struct task t[2] = {{.name = NULL}};
    double start = bench_cpu();
    task_queue_init(&queue, room, ROOM);
    task_scheduler_init(&sched, &hooks, NULL);
    (void)task_start(&sched, &t[0], producer_any(&p), NULL);
    (void)task_start(&sched, &t[1], consumer_any(&c), NULL);
    run_all();
    return (bench_cpu() - start) * 1e9 / ITEMS;
}

/* -- Memory of a sleeping task ------------------------------------------------------------------ */

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    double seconds;
};
gen_define(sleeper)
{
    gen_begin();
    task_sleep(self->seconds);
    gen_end();
}

static double resident(void)
{
    unsigned long size = 0, pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f == NULL)
        return 0;
    if (fscanf(f, "%lu %lu", &size, &pages) != 2)
        pages = 0;
    fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* Bytes for each of `count` tasks that sleep; each then wakes and ends. */
static double memory_of(size_t count)
{
    struct both {
        struct task task;
        struct sleeper frame;
    } * all;
    double before = resident(), bytes;
    all = calloc(count, sizeof *all);
    if (all == NULL)
        return 0;
    task_scheduler_init(&sched, &hooks, NULL);
    the_time = 0;
    for (size_t i = 0; i < count; i++) {
        all[i].frame.seconds = 1 + (double)i * 1e-9;
        (void)task_start(&sched, &all[i].task, sleeper_any(&all[i].frame), NULL);
    }
    task_run_once(&sched);
    bytes = (resident() - before) / (double)count;
    run_all();
    free(all);
    return bytes;
}

int main(int argc, char **argv)
{
    bool same = true;
    if (argc > 1) { /* for tasks.sh: switch, queue or memory */
        uint64_t sum;
        printf("%.3f\n", argv[1][0] == 'q'   ? queue_time()
                         : argv[1][0] == 'm' ? memory_of(1000000)
                                             : bench_time(switch_ours, SWITCHES, &sum));
        return 0;
    }
    same &= bench_measure("task.switch", switch_ours, switch_reference, SWITCHES, 2.5);
    same &= bench_measure("task.start", start_ours, start_reference, STARTS, 4);
    same &= bench_measure("task.timers", timers_ours, timers_reference, TIMERS, 1);
    if (bench_wanted("task.memory")) {
        double bytes = memory_of(1000000);
        bench_row("task.memory", bytes, 160, "bytes", bytes / 160, 1);
        bytes = memory_of(10000000);
        bench_row("task.memory10M", bytes, 180, "bytes", bytes / 180, 1);
    }
    return same ? 0 : 1;
}
