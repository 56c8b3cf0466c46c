/* loop.threadsafe: round trips per second of a call between two threads. Ours: two loops that
 * loop_call_soon_threadsafe each other. The reference: two threads that wait with epoll for a pipe,
 * and have a queue under a mutex. Each thread is on a core of its own, where there are two;
 * loop.threadsafe1: both are on one, and what counts is CPU time. ratio is a cost, reference/ours. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench.h"
#include "loop/loop.h"

enum { ROUNDS = 11 };

static size_t cores[2];
static int trips, warm;
static double (*seconds)(void);
static double began, ended;

static void must(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(1);
}

static void stay_on(size_t core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    (void)sched_setaffinity(0, sizeof set, &set); /* what cannot be pinned is measured as it is */
}

/* Counts the trips that have come back. False: that was the last. */
static bool on_trip(int *done)
{
    if (++*done == warm)
        began = seconds();
    if (*done < trips)
        return true;
    ended = seconds();
    return false;
}

/* -- Ours -------------------------------------------------------------------------------------- */

gen_declare(side, void);
struct side {
    struct gen gen;
    int core, done;
    struct side *other;
    pthread_barrier_t *both;
    struct loop *loop;
    struct loop_threadsafe call;
    struct task_future over;
};

static void over(void *arg)
{
    struct side *at = arg;
    (void)task_future_set(&at->over);
}

/* On the thread of `at`: back to the other one. */
static void bounce(void *arg)
{
    struct side *at = arg, *to = at->other;
    void (*fn)(void *) = bounce;
    if (at->core == 0 && !on_trip(&at->done)) {
        fn = over;
        over(at);
    }
    must(loop_call_soon_threadsafe(to->loop, &to->call, fn, to) == 0, "loop_call_soon_threadsafe");
}

gen_define(side)
{
    gen_begin();
    self->loop = loop_running();
    (void)pthread_barrier_wait(self->both); /* both loops run */
    if (self->core == 0)
        bounce(self);
    task_await(&self->over);
    (void)pthread_barrier_wait(self->both); /* the other thread has come back from its last call */
    gen_end();
}

static void *run_side(void *arg)
{
    struct side *at = arg;
    stay_on(cores[at->core]);
    must(loop_run(side_any(at)) == 0, "loop_run");
    return NULL;
}

/* -- By hand ----------------------------------------------------------------------------------- */

struct message {
    struct message *next;
    void (*fn)(void *arg);
    void *arg;
};

struct hand {
    int core, done;
    struct hand *other;
    pthread_mutex_t lock;
    struct message *first, **last; /* under the lock */
    int poll, pipe[2];
    bool over;
    struct message message;
};

static void post(struct hand *to, void (*fn)(void *))
{
    struct message *m = &to->message;
    bool wake;
    m->next = NULL;
    m->fn = fn;
    m->arg = to;
    (void)pthread_mutex_lock(&to->lock);
    wake = to->first == NULL;
    *to->last = m;
    to->last = &m->next;
    (void)pthread_mutex_unlock(&to->lock);
    if (wake)
        must(write(to->pipe[1], "", 1) == 1, "write");
}

static void hand_over(void *arg)
{
    struct hand *at = arg;
    at->over = true;
}

static void hand_bounce(void *arg)
{
    struct hand *at = arg;
    if (at->core == 0 && !on_trip(&at->done)) {
        at->over = true;
        post(at->other, hand_over);
    } else
        post(at->other, hand_bounce);
}

static void *run_hand(void *arg)
{
    struct hand *at = arg;
    stay_on(cores[at->core]);
    if (at->core == 0)
        hand_bounce(at);
    while (!at->over) {
        struct epoll_event event;
        struct message *m;
        char bytes[64];
        int n = epoll_wait(at->poll, &event, 1, -1);
        if (n < 0 && errno == EINTR)
            continue;
        must(n == 1 && read(at->pipe[0], bytes, sizeof bytes) > 0, "epoll_wait");
        (void)pthread_mutex_lock(&at->lock);
        m = at->first;
        at->first = NULL;
        at->last = &at->first;
        (void)pthread_mutex_unlock(&at->lock);
        while (m != NULL) {
            struct message *next = m->next;
            m->fn(m->arg);
            m = next;
        }
    }
    return NULL;
}

/* ---------------------------------------------------------------------------------------------- */

static double trips_per_second(void *(*run)(void *), void *first, void *second)
{
    pthread_t thread;
    must(pthread_create(&thread, NULL, run, second) == 0, "pthread_create");
    (void)run(first);
    (void)pthread_join(thread, NULL);
    return (trips - warm) / (ended - began);
}

static double ours(void)
{
    struct side sides[2] = {{.core = 0}, {.core = 1}};
    pthread_barrier_t both;
    double rate;
    must(pthread_barrier_init(&both, NULL, 2) == 0, "pthread_barrier_init");
    for (int i = 0; i < 2; i++) {
        sides[i].other = &sides[1 - i];
        sides[i].both = &both;
    }
    rate = trips_per_second(run_side, &sides[0], &sides[1]);
    (void)pthread_barrier_destroy(&both);
    return rate;
}

static double by_hand(void)
{
    struct hand hands[2] = {{.core = 0}, {.core = 1}};
    double rate;
    for (int i = 0; i < 2; i++) {
        struct epoll_event event = {.events = EPOLLIN};
        struct hand *h = &hands[i];
        h->other = &hands[1 - i];
        h->last = &h->first;
        h->poll = epoll_create1(EPOLL_CLOEXEC);
        must(pthread_mutex_init(&h->lock, NULL) == 0 && h->poll >= 0 && pipe(h->pipe) == 0 &&
                 epoll_ctl(h->poll, EPOLL_CTL_ADD, h->pipe[0], &event) == 0,
             "pipe");
    }
    rate = trips_per_second(run_hand, &hands[0], &hands[1]);
    for (int i = 0; i < 2; i++) {
        (void)close(hands[i].poll);
        (void)close(hands[i].pipe[0]);
        (void)close(hands[i].pipe[1]);
        (void)pthread_mutex_destroy(&hands[i].lock);
    }
    return rate;
}

static void measure(const char *name, int n, double (*clock)(void))
{
    double a[ROUNDS], b[ROUNDS], ratio[ROUNDS];
    if (!bench_wanted(name))
        return;
    trips = n;
    warm = n / 10;
    seconds = clock;
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 2 == 0)
            a[i] = ours();
        b[i] = by_hand();
        if (i % 2 != 0)
            a[i] = ours();
        ratio[i] = b[i] / a[i];
    }
    printf("%s\t%s\t%.0f\t%.0f\ttrips/s\t%.3f\t1.11\n", name, BENCH_COMPILER,
           bench_median(a, ROUNDS), bench_median(b, ROUNDS), bench_median(ratio, ROUNDS));
    fflush(stdout);
}

int main(void)
{
    cpu_set_t set;
    int found = 0;
    for (size_t core = 0; core < CPU_SETSIZE && found < 2; core++) {
        stay_on(core);
        if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) == 1 &&
            CPU_ISSET(core, &set))
            cores[found++] = core;
    }
    if (found == 2)
        measure("loop.threadsafe", 1500, bench_clock);
    cores[1] = cores[0];
    measure("loop.threadsafe1", 10000, bench_cpu);
    return 0;
}
