/* task_wake from the scheduler's own thread, from signal handlers and from other threads. A wake that
 * was lost shows as a program that never ends. */
#define _XOPEN_SOURCE 700
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include "virtual_time.h"

/* -- By itself --------------------------------------------------------------------------------- */

struct noter {
    struct task_wakeup wakeup;
    int id, again; /* wakes itself so many times */
    struct task_wakeup *stops;
};

static void note_it(void *arg)
{
    struct noter *n = (struct noter *)arg;
    note(n->id);
    if (n->stops != NULL)
        task_wakeup_stop(n->stops);
    if (n->again > 0) {
        n->again--;
        task_wake(&n->wakeup);
        task_wake(&n->wakeup);
    }
}

/* Nobody but the test wakes: there is nothing to wait for. */
static void own_idle(void *host, task_time until)
{
    (void)host, (void)until;
}

static const struct task_hooks own_hooks = {.now = virtual_now, .idle = own_idle};

static int own_setup(void **state)
{
    (void)virtual_setup(state);
    task_scheduler_init(&sched, &own_hooks, NULL);
    return 0;
}

static int own_teardown(void **state)
{
    return virtual_teardown(state);
}

/* Waits so many times, and notes id, id + 1, ... after each. */
gen_declare(waiter, void);
struct waiter {
    struct gen gen;
    struct task_wakeup *wakeup;
    int id, times;
};
gen_define(waiter)
{
    gen_begin();
    for (; self->times > 0; self->times--) {
        task_wait_wakeup(self->wakeup);
        note(self->id++);
    }
    gen_end();
}

static void calls_come_in_the_order_of_the_wakes(void **state)
{
    struct noter n[3] = {{.id = 1}, {.id = 2}, {.id = 3}};
    size_t i;
    (void)state;
    for (i = 0; i < 3; i++)
        task_wakeup_init(&n[i].wakeup, &sched, note_it, &n[i]);
    assert_false(task_woken(&sched));
    task_wake(&n[2].wakeup);
    task_wake(&n[0].wakeup);
    assert_true(task_woken(&sched));
    task_wake(&n[2].wakeup); /* counts with the first */
    task_wake(&n[1].wakeup);
    assert_int_equal(notes_count, 0); /* never from within */
    task_run_once(&sched);
    assert_false(task_woken(&sched));
    assert_notes(3, 1, 2);
    task_wake(&n[1].wakeup);
    task_run_once(&sched);
    assert_notes(3, 1, 2, 2);
}

static void a_wake_within_the_call_is_one_more_call(void **state)
{
    struct noter n = {.id = 1, .again = 2};
    (void)state;
    task_wakeup_init(&n.wakeup, &sched, note_it, &n);
    task_wake(&n.wakeup);
    task_run_once(&sched);
    assert_notes(1); /* not in the same turn */
    task_run_once(&sched);
    assert_notes(1, 1);
    task_run_once(&sched);
    assert_notes(1, 1, 1);
    assert_false(task_woken(&sched));
}

static void a_wake_before_the_wait_is_kept(void **state)
{
    struct task_wakeup w;
    struct task t = {.name = NULL};
    struct waiter f = {.wakeup = &w, .id = 1, .times = 2};
    (void)state;
    task_wakeup_init(&w, &sched, NULL, NULL);
    task_wake(&w);
    task_run_once(&sched);
    task_wake(&w);
    task_run_once(&sched); /* two turns, two wakes, nobody: kept as one */
    task_start(&sched, &t, waiter_any(&f), NULL);
    task_run_once(&sched);
    assert_notes(1);
    assert_false(task_done(&t.future));
    task_wake(&w);
    task_run_once(&sched);
    assert_notes(1, 2);
    assert_true(task_done(&t.future));
}

/* Before the turn that would see it, and within that. What others have woken comes nevertheless. */
static void a_wake_is_taken_back(void **state)
{
    struct noter n[3] = {{.id = 1}, {.id = 2}, {.id = 3}};
    size_t i;
    (void)state;
    for (i = 0; i < 3; i++)
        task_wakeup_init(&n[i].wakeup, &sched, note_it, &n[i]);
    for (i = 0; i < 3; i++)
        task_wake(&n[i].wakeup);
    task_wakeup_stop(&n[1].wakeup);
    assert_false(task_woken(&sched));
    task_run_once(&sched);
    assert_notes(1, 3);
    n[0].stops = &n[1].wakeup;
    for (i = 0; i < 3; i++)
        task_wake(&n[i].wakeup);
    task_run_once(&sched);
    assert_notes(1, 3, 1, 3);
    memset(&n[1], 0xff, sizeof n[1]); /* it may be gone */
    task_run_once(&sched);
    assert_notes(1, 3, 1, 3);
}

static void a_wake_that_was_kept_is_taken_back(void **state)
{
    struct task_wakeup w;
    struct task t = {.name = NULL};
    struct waiter f = {.wakeup = &w, .id = 1, .times = 1};
    (void)state;
    task_wakeup_init(&w, &sched, NULL, NULL);
    task_wake(&w);
    task_run_once(&sched);
    task_wakeup_stop(&w);
    task_start(&sched, &t, waiter_any(&f), NULL);
    task_run_once(&sched);
    assert_int_equal(notes_count, 0);
    task_wake(&w);
    task_run_once(&sched);
    assert_notes(1);
}

/* Wakes within its step. */
gen_declare(waker, void);
struct waker {
    struct gen gen;
    struct task_wakeup *wakeup;
    int times;
};
gen_define(waker)
{
    gen_begin();
    for (; self->times > 0; self->times--) {
        task_wake(self->wakeup);
        note(0);
        task_sleep(0);
    }
    gen_end();
}

static void who_waits_is_woken_first_in_first_out(void **state)
{
    struct task_wakeup w;
    struct task t[3] = {{.name = NULL}};
    struct waiter a = {.wakeup = &w, .id = 10, .times = 2};
    struct waiter b = {.wakeup = &w, .id = 20, .times = 2};
    struct waker waker = {.wakeup = &w, .times = 4};
    (void)state;
    task_wakeup_init(&w, &sched, NULL, NULL);
    task_start(&sched, &t[0], waiter_any(&a), NULL);
    task_start(&sched, &t[1], waiter_any(&b), NULL);
    task_start(&sched, &t[2], waker_any(&waker), NULL);
    run_all();
    assert_notes(0, 0, 10, 0, 20, 0, 11, 21);
}

static void a_cancel_loses_no_wake(void **state)
{
    struct task_wakeup w;
    struct task t = {.name = NULL};
    struct waiter f = {.wakeup = &w, .id = 1, .times = 2};
    (void)state;
    task_wakeup_init(&w, &sched, NULL, NULL);
    task_start(&sched, &t, waiter_any(&f), NULL);
    task_run_once(&sched);
    task_wake(&w);
    assert_true(task_cancel(&t)); /* before anybody has seen the wake */
    task_run_once(&sched);
    assert_int_equal(task_state(&t.future), TASK_CANCELLED);
    assert_int_equal(notes_count, 0);
    f = (struct waiter){.wakeup = &w, .id = 5, .times = 1};
    task_start(&sched, &t, waiter_any(&f), NULL);
    task_run_once(&sched);
    assert_notes(5);
    assert_int_equal(task_state(&t.future), TASK_DONE);
}

/* -- From signal handlers ---------------------------------------------------------------------- */

enum { SIGNALS = 2000 };
static struct task_wakeup by_signal;
static volatile sig_atomic_t signals_made, storm_over;
static int signals_seen;
static sigset_t only_alarm;

static void on_signal(int number)
{
    (void)number;
    if (!storm_over)
        signals_made++;
    task_wake(&by_signal);
}

/* As it would be done with wfi. What was made and is not seen has left something ready. */
static void signal_idle(void *host, task_time until)
{
    sigset_t before;
    (void)host;
    if (until < clock_now)
        return;
    pthread_sigmask(SIG_BLOCK, &only_alarm, &before);
    if (!task_woken(&sched)) {
        assert_int_equal(signals_seen, signals_made);
        sigsuspend(&before);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static const struct task_hooks signal_hooks = {.now = virtual_now, .idle = signal_idle};

gen_declare(signal_counter, void);
struct signal_counter {
    struct gen gen;
    int turns;
};
gen_define(signal_counter)
{
    gen_begin();
    while (signals_seen < SIGNALS) {
        task_wait_wakeup(&by_signal);
        signals_seen = signals_made;
        self->turns++;
    }
    gen_end();
}

/* Raises one in each step, so that the handler runs within a turn. */
gen_declare(raiser, void);
struct raiser {
    struct gen gen;
    int times;
};
gen_define(raiser)
{
    gen_begin();
    for (; self->times > 0; self->times--) {
        assert_int_equal(raise(SIGALRM), 0);
        task_sleep(0);
    }
    gen_end();
}

static int signal_setup(void **state)
{
    struct sigaction action = {.sa_handler = on_signal};
    (void)virtual_setup(state);
    signals_made = storm_over = 0;
    signals_seen = 0;
    sigemptyset(&only_alarm);
    sigaddset(&only_alarm, SIGALRM);
    task_scheduler_init(&sched, &signal_hooks, NULL);
    task_wakeup_init(&by_signal, &sched, NULL, NULL);
    return sigaction(SIGALRM, &action, NULL);
}

static int signal_teardown(void **state)
{
    return signal(SIGALRM, SIG_DFL) == SIG_ERR || virtual_teardown(state);
}

static void signals_within_the_turn(void **state)
{
    struct task t[2] = {{.name = NULL}};
    struct signal_counter counter = {.turns = 0};
    struct raiser raiser = {.times = SIGNALS};
    (void)state;
    task_start(&sched, &t[0], signal_counter_any(&counter), NULL);
    task_start(&sched, &t[1], raiser_any(&raiser), NULL);
    run_all();
    assert_int_equal(signals_seen, SIGNALS);
    assert_int_equal(counter.turns, SIGNALS - 1); /* behind the raiser: it sees the next one too */
}

static void a_storm_of_signals(void **state)
{
    const struct itimerval often = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};
    struct task t = {.name = NULL};
    struct signal_counter counter = {.turns = 0};
    (void)state;
    task_start(&sched, &t, signal_counter_any(&counter), NULL);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    task_run(&sched, &t.future);
    storm_over = 1;
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_in_range(counter.turns, 1, SIGNALS);
    assert_in_range(signals_seen, SIGNALS, signals_made);
}

/* -- From threads ------------------------------------------------------------------------------ */

enum { THREADS = 4, ROUNDS = 5000, WAKES = 100000 };

/* The host sleeps until it is woken. */
static sem_t host_woken;

static void thread_wake(void *host)
{
    (void)host;
    assert_int_equal(sem_post(&host_woken), 0);
}

static void thread_idle(void *host, task_time until)
{
    (void)host;
    if (until == TASK_NEVER)
        while (sem_wait(&host_woken) != 0)
            ;
}

static const struct task_hooks thread_hooks = {
    .now = virtual_now, .idle = thread_idle, .wake = thread_wake};

static struct task_future all_over;
static int senders_left;

struct sender {
    pthread_t thread;
    struct task_wakeup own, *shared;
    sem_t answered;
    int asked, answers; /* not atomic: task_wake and its call order them */
    int made, seen;     /* atomic */
    bool over;
};

static void answer(void *arg)
{
    struct sender *s = (struct sender *)arg;
    s->answers = s->asked;
    assert_int_equal(sem_post(&s->answered), 0);
}

/* Each wake is answered before the next: after each came a turn. */
static void *ask(void *arg)
{
    struct sender *s = (struct sender *)arg;
    int i;
    for (i = 1; i <= ROUNDS; i++) {
        s->asked = i;
        task_wake(&s->own);
        while (sem_wait(&s->answered) != 0)
            ;
        if (s->answers != i)
            break;
    }
    return arg;
}

static int thread_setup(void **state)
{
    const struct task_future pending = {NULL, NULL, 0, TASK_PENDING, 0};
    (void)virtual_setup(state);
    all_over = pending;
    senders_left = THREADS;
    task_scheduler_init(&sched, &thread_hooks, NULL);
    return sem_init(&host_woken, 0, 0);
}

static int thread_teardown(void **state)
{
    return sem_destroy(&host_woken) || virtual_teardown(state);
}

static void see(void *arg)
{
    struct sender *s = (struct sender *)arg;
    s->seen = __atomic_load_n(&s->made, __ATOMIC_RELAXED);
    if (s->seen == WAKES && !s->over) {
        s->over = true;
        if (--senders_left == 0)
            (void)task_future_set(&all_over);
    }
}

static void answer_and_end(void *arg)
{
    struct sender *s = (struct sender *)arg;
    answer(s);
    if (s->answers == ROUNDS && --senders_left == 0)
        (void)task_future_set(&all_over);
}

static void start_threads(struct sender *senders, void (*fn)(void *), void *(*main)(void *))
{
    size_t i;
    for (i = 0; i < THREADS; i++) {
        task_wakeup_init(&senders[i].own, &sched, fn, &senders[i]);
        assert_int_equal(sem_init(&senders[i].answered, 0, 0), 0);
        assert_int_equal(pthread_create(&senders[i].thread, NULL, main, &senders[i]), 0);
    }
}

static void join_threads(struct sender *senders)
{
    size_t i;
    for (i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(senders[i].thread, NULL), 0);
        assert_int_equal(sem_destroy(&senders[i].answered), 0);
    }
}

static void a_turn_after_each_wake(void **state)
{
    static struct sender senders[THREADS];
    size_t i;
    (void)state;
    start_threads(senders, answer_and_end, ask);
    task_run(&sched, &all_over);
    join_threads(senders);
    for (i = 0; i < THREADS; i++)
        assert_int_equal(senders[i].answers, ROUNDS);
}

/* Wakes as fast as it can: many count as one, and after the last of them came a call. */
static void *wake_often(void *arg)
{
    struct sender *s = (struct sender *)arg;
    int i;
    for (i = 0; i < WAKES; i++) {
        __atomic_fetch_add(&s->made, 1, __ATOMIC_RELAXED);
        task_wake(&s->own);
    }
    return arg;
}

static void many_wakes_of_its_own_each(void **state)
{
    static struct sender senders[THREADS];
    (void)state;
    start_threads(senders, see, wake_often);
    task_run(&sched, &all_over);
    join_threads(senders);
    assert_int_equal(senders_left, 0);
}

/* All threads wake one task. */
static int shared_made;
static struct task_wakeup shared;

static void *wake_shared(void *arg)
{
    int i;
    for (i = 0; i < WAKES; i++) {
        __atomic_fetch_add(&shared_made, 1, __ATOMIC_RELAXED);
        task_wake(&shared);
    }
    return arg;
}

gen_declare(shared_counter, void);
struct shared_counter {
    struct gen gen;
    int seen, turns;
};
gen_define(shared_counter)
{
    gen_begin();
    while (self->seen < THREADS * WAKES) {
        task_wait_wakeup(&shared);
        self->seen = __atomic_load_n(&shared_made, __ATOMIC_RELAXED);
        self->turns++;
    }
    gen_end();
}

static void many_wakes_of_one_task(void **state)
{
    static struct sender senders[THREADS];
    struct task t = {.name = NULL};
    struct shared_counter f = {.seen = 0};
    (void)state;
    shared_made = 0;
    task_wakeup_init(&shared, &sched, NULL, NULL);
    start_threads(senders, see, wake_shared);
    task_start(&sched, &t, shared_counter_any(&f), NULL);
    task_run(&sched, &t.future);
    join_threads(senders);
    assert_in_range(f.turns, 1, THREADS * WAKES);
    if (task_woken(&sched))
        task_run_once(&sched); /* a last one, which found nothing new */
}

/* What a thread wrote before its wake is there in the call, also when somebody else had woken. The
 * flag orders nothing: -fsanitize=thread sees that task_wake does. */
static int written, is_written, read_back;

static void *write_and_wake(void *arg)
{
    written = 1;
    task_wake((struct task_wakeup *)arg);
    __atomic_store_n(&is_written, 1, __ATOMIC_RELAXED);
    return arg;
}

static void read_it(void *arg)
{
    (void)arg;
    read_back = written;
}

static void a_wake_that_counts_with_another_is_ordered_too(void **state)
{
    struct task_wakeup w;
    pthread_t thread;
    (void)state;
    task_wakeup_init(&w, &sched, read_it, NULL);
    task_wake(&w);
    assert_int_equal(pthread_create(&thread, NULL, write_and_wake, &w), 0);
    while (!__atomic_load_n(&is_written, __ATOMIC_RELAXED))
        ;
    task_run_once(&sched);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(read_back, 1);
}

#define with(f, how) cmocka_unit_test_setup_teardown(f, how##_setup, how##_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with(calls_come_in_the_order_of_the_wakes, own),
        with(a_wake_within_the_call_is_one_more_call, own),
        with(a_wake_before_the_wait_is_kept, own),
        with(a_wake_is_taken_back, own),
        with(a_wake_that_was_kept_is_taken_back, own),
        with(who_waits_is_woken_first_in_first_out, own),
        with(a_cancel_loses_no_wake, own),
        with(signals_within_the_turn, signal),
        with(a_storm_of_signals, signal),
        with(a_turn_after_each_wake, thread),
        with(many_wakes_of_its_own_each, thread),
        with(many_wakes_of_one_task, thread),
        with(a_wake_that_counts_with_another_is_ordered_too, thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
