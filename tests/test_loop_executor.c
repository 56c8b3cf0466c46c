/* Works in threads: their states, order, codes, cancels, and the end of executors. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/executor.h"
#include "loop_scene.h"
#include "task/wait.h"

enum { EMINE = GEN_EUSER };

/* -- What the works do: wait for a gate, count, note their order ------------------------------- */

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int waiting, most;
    bool open;
};

#define GATE                                                                                       \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, false                           \
    }

static int pass(void *arg)
{
    struct gate *g = arg;
    pthread_mutex_lock(&g->mutex);
    g->waiting++;
    if (g->waiting > g->most)
        g->most = g->waiting;
    pthread_cond_broadcast(&g->changed);
    while (!g->open)
        pthread_cond_wait(&g->changed, &g->mutex);
    g->waiting--;
    pthread_mutex_unlock(&g->mutex);
    return 0;
}

/* Blocks the loop's thread until that many works stand at the gate. */
static void await_waiting(struct gate *g, int n)
{
    pthread_mutex_lock(&g->mutex);
    while (g->waiting < n)
        pthread_cond_wait(&g->changed, &g->mutex);
    pthread_mutex_unlock(&g->mutex);
}

static void open_gate(void *arg)
{
    struct gate *g = arg;
    pthread_mutex_lock(&g->mutex);
    g->open = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->mutex);
}

static atomic_int calls;

static int count(void *arg)
{
    (void)arg;
    atomic_fetch_add(&calls, 1);
    return 0;
}

static int return_it(void *arg)
{
    return *(int *)arg;
}

struct sum {
    int a, b, result;
    bool elsewhere;
    pthread_t from;
};

static int add(void *arg)
{
    struct sum *s = arg;
    s->result = s->a + s->b;
    s->elsewhere = !pthread_equal(s->from, pthread_self());
    return 0;
}

/* -- The value, the code ----------------------------------------------------------------------- */

gen_declare(adder, void);
struct adder {
    struct gen gen;
    struct loop_work work;
    struct sum sum;
    enum loop_work_state before, after;
};
gen_define(adder)
{
    gen_begin();
    self->before = loop_work_state(&self->work);
    self->sum.from = pthread_self();
    loop_to_thread(&self->work, add, &self->sum);
    self->after = loop_work_state(&self->work);
    gen_end();
}

static void a_value_comes_back(void **state)
{
    struct adder a = {.sum = {.a = 20, .b = 22}};
    (void)state;
    assert_int_equal(loop_run(adder_any(&a)), 0);
    assert_int_equal(a.sum.result, 42);
    assert_true(a.sum.elsewhere);
    assert_int_equal(a.before, LOOP_WORK_PENDING);
    assert_int_equal(a.after, LOOP_WORK_FINISHED);
}

gen_declare(failer, void);
struct failer {
    struct gen gen;
    struct loop_work work;
    int code, caught;
};
gen_define(failer)
{
    gen_begin();
    gen_try {
        loop_to_thread(&self->work, return_it, &self->code);
    }
    gen_except_any {
        self->caught = gen_caught.code;
    }
    gen_end_try
    gen_end();
}

static void a_code_is_raised(void **state)
{
    const int codes[] = {ENOENT, EMINE, INT16_MAX, GEN_CANCELLED, GEN_EXIT, INT16_MAX + 1};
    const int raised[] = {ENOENT, EMINE, INT16_MAX, GEN_EBADSTATE, GEN_EBADSTATE, GEN_EBADSTATE};
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct failer f = {.code = codes[i]};
        assert_int_equal(loop_run(failer_any(&f)), 0);
        assert_int_equal(f.caught, raised[i]);
    }
}

/* A failure of submit itself, and of a wait for what was never submitted. */
gen_declare(misuser, void);
struct misuser {
    struct gen gen;
    struct loop_executor executor;
    struct loop_work work;
    int code;
};
gen_define(misuser)
{
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, 1), 0);
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    RAISES(EXECUTOR_ESHUTDOWN, loop_run_in_executor(&self->executor, &self->work, count, NULL));
    assert_false(loop_work_cancel(&self->work));
    RAISES(GEN_EBADSTATE, loop_work_await(&self->work));
    loop_to_thread(&self->work, count, NULL);
    gen_end();
}

static void misuse_has_codes(void **state)
{
    struct misuser m = {.code = 0};
    (void)state;
    assert_int_equal(loop_run(misuser_any(&m)), 0);
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(loop_work_state_name(LOOP_WORK_PENDING), "pending");
    assert_string_equal(loop_work_state_name(LOOP_WORK_RUNNING), "running");
    assert_string_equal(loop_work_state_name(LOOP_WORK_CANCELLED), "cancelled");
    assert_string_equal(loop_work_state_name(LOOP_WORK_FINISHED), "finished");
}

/* -- States and order with one thread ---------------------------------------------------------- */

struct noted {
    int order[3], n;
};
struct note {
    struct noted *to;
    int id;
};

static int note(void *arg)
{
    struct note *it = arg;
    it->to->order[it->to->n++] = it->id;
    return 0;
}

gen_declare(queuer, void);
struct queuer {
    struct gen gen;
    struct loop_executor executor;
    struct loop_work gate_work, works[3], late;
    struct gate gate;
    struct noted noted;
    struct note notes[3];
    enum loop_work_state running, queued, cancelled;
    bool taken_back, again, running_taken_back;
    int twice, refused, code;
};
gen_define(queuer)
{
    struct loop *loop = loop_running();
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, 1), 0);
    assert_int_equal(loop_submit(&self->executor, loop, &self->gate_work, pass, &self->gate), 0);
    await_waiting(&self->gate, 1);
    for (int i = 0; i < 3; i++) {
        self->notes[i].to = &self->noted;
        self->notes[i].id = i;
        assert_int_equal(loop_submit(&self->executor, loop, &self->works[i], note, &self->notes[i]),
                         0);
    }
    self->twice = loop_submit(&self->executor, loop, &self->works[0], note, &self->notes[0]);
    self->running = loop_work_state(&self->gate_work);
    self->queued = loop_work_state(&self->works[1]);
    self->running_taken_back = loop_work_cancel(&self->gate_work);
    self->taken_back = loop_work_cancel(&self->works[1]);
    self->again = loop_work_cancel(&self->works[1]);
    self->cancelled = loop_work_state(&self->works[1]);
    open_gate(&self->gate);
    loop_work_await(&self->works[2]);
    loop_work_await(&self->works[0]); /* is done already */
    loop_work_await(&self->gate_work);
    RAISES(TASK_ECANCELLED, loop_work_await(&self->works[1]));
    loop_run_in_executor(&self->executor, &self->works[1], note, &self->notes[1]);
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    assert_int_equal(loop_executor_shutdown(&self->executor, true, true), 0);
    self->refused = loop_submit(&self->executor, loop, &self->late, count, NULL);
    gen_end();
}

static void works_have_states_and_an_order(void **state)
{
    struct queuer q = {.gate = GATE};
    const int order[] = {0, 2, 1};
    (void)state;
    assert_int_equal(loop_run(queuer_any(&q)), 0);
    assert_int_equal(q.running, LOOP_WORK_RUNNING);
    assert_int_equal(q.queued, LOOP_WORK_PENDING);
    assert_int_equal(q.cancelled, LOOP_WORK_CANCELLED);
    assert_true(q.taken_back && !q.again && !q.running_taken_back);
    assert_int_equal(q.twice, GEN_EBADSTATE);
    assert_int_equal(q.refused, EXECUTOR_ESHUTDOWN);
    assert_memory_equal(q.noted.order, order, sizeof order);
}

/* -- Cancels ----------------------------------------------------------------------------------- */

/* Waits for a work in its frame, whose memory ends with the task. */
gen_declare(owner, void);
struct owner {
    struct gen gen;
    struct loop_executor *executor;
    struct loop_work work;
    int (*fn)(void *);
    void *arg;
    int after; /* what the wait after it came to */
    bool got;
};
gen_define(owner)
{
    gen_begin();
    loop_run_in_executor(self->executor, &self->work, self->fn, self->arg);
    self->got = true;
    gen_try {
        task_sleep(0);
    }
    gen_except_all {
        self->after = gen_caught.code;
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(onlooker, void);
struct onlooker {
    struct gen gen;
    struct task_future *future;
};
gen_define(onlooker)
{
    gen_begin();
    task_await(self->future);
    gen_end();
}

gen_declare(canceller, void);
struct canceller {
    struct gen gen;
    struct loop_executor executor;
    struct gate gate;
    struct task running, queued, mere;
    struct owner frame, queued_frame;
    struct onlooker look;
    bool ended_early, mere_ended;
};
gen_define(canceller)
{
    struct task_scheduler *s = &loop_running()->scheduler;
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, 1), 0);
    self->frame = (struct owner){.executor = &self->executor, .fn = pass, .arg = &self->gate};
    self->queued_frame = (struct owner){.executor = &self->executor, .fn = count};
    self->look.future = &self->frame.work.future;
    (void)task_start(s, &self->running, owner_any(&self->frame), "running");
    (void)task_start(s, &self->queued, owner_any(&self->queued_frame), "queued");
    (void)task_start(s, &self->mere, onlooker_any(&self->look), "onlooker");
    task_sleep(0);
    await_waiting(&self->gate, 1);
    (void)task_cancel(&self->running);
    (void)task_cancel(&self->queued);
    (void)task_cancel(&self->mere);
    task_sleep(0);
    self->ended_early = task_done(&self->running.future);
    self->mere_ended = task_done(&self->mere.future);
    assert_int_equal(task_state(&self->queued.future), TASK_CANCELLED);
    open_gate(&self->gate);
    gen_wait_until(task_done(&self->running.future));
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    gen_end();
}

static void a_cancel_takes_back_or_waits(void **state)
{
    struct canceller c = {.gate = GATE};
    (void)state;
    atomic_store(&calls, 0);
    assert_int_equal(loop_run(canceller_any(&c)), 0);
    assert_false(c.ended_early);                    /* a thread was using its frame */
    assert_true(c.mere_ended);                      /* not this one's */
    assert_true(c.frame.got);                       /* its value is not lost, */
    assert_int_equal(c.frame.after, GEN_CANCELLED); /* nor the cancel */
    assert_int_equal(task_state(&c.running.future), TASK_CANCELLED);
    assert_false(c.queued_frame.got);
    assert_int_equal(loop_work_state(&c.queued_frame.work), LOOP_WORK_CANCELLED);
    assert_int_equal(atomic_load(&calls), 0);
}

/* Many works of one frame: what is left of them is joined before it goes. */
gen_declare(joiner, void);
struct joiner {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct loop_executor *executor;
    struct gate *gate;
    struct loop_work works[3];
    size_t i;
};
gen_define(joiner)
{
    gen_begin();
    gen_try_finally {
        for (self->i = 0; self->i < 2; self->i++)
            assert_int_equal(loop_submit(self->executor, loop_running(), &self->works[self->i],
                                         pass, self->gate),
                             0);
        task_await(&self->works[0].future);
    }
    gen_finally {
        for (size_t i = 0; i < 3; i++)
            (void)loop_work_cancel(&self->works[i]);
        for (self->i = 0; self->i < 3; self->i++)
            loop_work_join(&self->works[self->i]);
    }
    gen_end_finally
    gen_end();
}

gen_declare(joining, void);
struct joining {
    struct gen gen;
    struct loop_executor executor;
    struct gate gate;
    struct joiner frame;
    struct task task;
    bool ended_early;
};
gen_define(joining)
{
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, 1), 0);
    self->frame.executor = &self->executor;
    self->frame.gate = &self->gate;
    start(loop_running(), &self->task, joiner_any(&self->frame));
    task_sleep(0);
    await_waiting(&self->gate, 1);
    (void)task_cancel(&self->task);
    task_sleep(0);
    task_sleep(0);
    (void)task_cancel(&self->task);
    task_sleep(0);
    self->ended_early = task_done(&self->task.future);
    open_gate(&self->gate);
    gen_wait_until(task_done(&self->task.future));
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    gen_end();
}

static void a_join_is_not_cancelled(void **state)
{
    struct joining j = {.gate = GATE};
    (void)state;
    assert_int_equal(loop_run(joining_any(&j)), 0);
    assert_false(j.ended_early);
    assert_int_equal(task_state(&j.task.future), TASK_CANCELLED);
    assert_int_equal(loop_work_state(&j.frame.works[0]), LOOP_WORK_FINISHED);
    assert_int_equal(loop_work_state(&j.frame.works[1]), LOOP_WORK_CANCELLED);
    assert_int_equal(loop_work_state(&j.frame.works[2]), LOOP_WORK_PENDING);
}

/* Who is cancelled before it awaits its work waits for it none the less. */
gen_declare(latecomer, void);
struct latecomer {
    struct gen gen;
    struct loop_executor executor;
    struct gate gate;
    struct loop_work running, queued;
    int caught;
    bool got;
};
gen_define(latecomer)
{
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, 1), 0);
    assert_int_equal(
        loop_submit(&self->executor, loop_running(), &self->running, pass, &self->gate), 0);
    await_waiting(&self->gate, 1);
    assert_int_equal(loop_submit(&self->executor, loop_running(), &self->queued, count, NULL), 0);
    (void)task_cancel(task_current());
    gen_try {
        loop_work_await(&self->queued);
    }
    gen_except (GEN_CANCELLED) {
        self->caught++;
    }
    gen_end_try
    open_gate(&self->gate);
    loop_work_await(&self->running);
    self->got = true;
    gen_try {
        loop_run_in_executor(&self->executor, &self->queued, count, NULL);
    }
    gen_except (GEN_CANCELLED) {
        self->caught++;
    }
    gen_end_try
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    gen_end();
}

static void the_cancelled_wait_for_what_runs(void **state)
{
    struct latecomer l = {.gate = GATE};
    (void)state;
    atomic_store(&calls, 0);
    assert_int_equal(loop_run(latecomer_any(&l)), 0);
    assert_true(l.got);
    assert_int_equal(l.caught, 2);
    assert_int_equal(atomic_load(&calls), 0);
}

/* -- Several who wait -------------------------------------------------------------------------- */

enum { TEN = 10 };

gen_declare(ten, void);
struct ten {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct loop_executor executor;
    struct loop_work works[TEN];
    struct gate gate;
    struct task_slot slots[TEN];
    struct task_wait wait;
    struct task tasks[TEN];
    struct onlooker looks[TEN];
    struct task_completed completed;
    struct task_slot *slot;
    int codes[TEN], seen, code;
    size_t i;
};
gen_define(ten)
{
    struct loop *loop = loop_running();
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, 3), 0);

    /* ten tasks for one work */
    assert_int_equal(loop_submit(&self->executor, loop, &self->works[0], pass, &self->gate), 0);
    for (size_t i = 0; i < TEN; i++) {
        self->looks[i].future = &self->works[0].future;
        (void)task_start(&loop->scheduler, &self->tasks[i], onlooker_any(&self->looks[i]), "look");
        self->slots[i].future = &self->tasks[i].future;
    }
    task_sleep(0);
    open_gate(&self->gate);
    task_gather(&self->wait, self->slots, TEN);
    loop_work_await(&self->works[0]);

    /* one for ten works, more than there are threads; the first failure is raised */
    for (size_t i = 0; i < TEN; i++) {
        self->codes[i] = i == 7 ? EMINE : 0;
        assert_int_equal(
            loop_submit(&self->executor, loop, &self->works[i], return_it, &self->codes[i]), 0);
        self->slots[i].future = &self->works[i].future;
    }
    RAISES(EMINE, task_gather(&self->wait, self->slots, TEN));
    for (self->i = 0; self->i < TEN; self->i++)
        loop_work_join(&self->works[self->i]);

    /* in the order they are done */
    for (size_t i = 0; i < TEN; i++)
        assert_int_equal(
            loop_submit(&self->executor, loop, &self->works[i], return_it, &self->codes[0]), 0);
    task_as_completed(&self->completed, self->slots, TEN);
    gen_for_await (self->slot, task_completed, &self->completed) {
        assert_int_equal(task_state(self->slot->future), TASK_DONE);
        self->seen++;
    }
    gen_end_for
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    gen_end();
}

static void many_wait_for_many(void **state)
{
    struct ten t = {.gate = GATE};
    (void)state;
    assert_int_equal(loop_run(ten_any(&t)), 0);
    assert_int_equal(t.seen, TEN);
}

/* -- Threads are started when none is idle ---------------------------------------------------- */

gen_declare(thrifty, void);
struct thrifty {
    struct gen gen;
    struct loop_executor executor;
    struct loop_work works[2];
    struct gate gate;
    int i;
    size_t alone, together;
};
gen_define(thrifty)
{
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, 4), 0);
    for (self->i = 0; self->i < 5; self->i++)
        loop_run_in_executor(&self->executor, &self->works[0], count, NULL);
    self->alone = self->executor.loop__started;
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            loop_submit(&self->executor, loop_running(), &self->works[i], pass, &self->gate), 0);
    await_waiting(&self->gate, 2);
    self->together = self->executor.loop__started;
    open_gate(&self->gate);
    for (self->i = 0; self->i < 2; self->i++)
        loop_work_await(&self->works[self->i]);
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    gen_end();
}

static void threads_are_started_when_none_is_idle(void **state)
{
    struct thrifty t = {.gate = GATE};
    (void)state;
    assert_int_equal(loop_run(thrifty_any(&t)), 0);
    assert_int_equal(t.alone, 1);
    assert_int_equal(t.together, 2);
}

/* -- Many works -------------------------------------------------------------------------------- */

enum { MANY = 10000 };

gen_declare(manifold, void);
struct manifold {
    struct gen gen;
    struct loop_executor executor;
    struct loop_work *works;
    size_t i;
};
gen_define(manifold)
{
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, 4), 0);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(loop_submit(&self->executor, loop_running(), &self->works[i], count, NULL),
                         0);
    for (self->i = 0; self->i < MANY; self->i++)
        loop_work_await(&self->works[self->i]);
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    gen_end();
}

static void ten_thousand_works_are_done(void **state)
{
    struct manifold m = {.works = calloc(MANY, sizeof *m.works)};
    (void)state;
    assert_non_null(m.works);
    atomic_store(&calls, 0);
    assert_int_equal(loop_run(manifold_any(&m)), 0);
    assert_int_equal(atomic_load(&calls), MANY);
    free(m.works);
}

/* -- Maps -------------------------------------------------------------------------------------- */

struct element {
    int in, out, code;
    struct gate *gate;
};

static int square(void *arg)
{
    struct element *e = arg;
    if (e->gate != NULL)
        (void)pass(e->gate);
    e->out = e->in * e->in;
    return e->code;
}

enum { ELEMENTS = 100 };

gen_declare(mapper, void);
struct mapper {
    struct gen gen;
    struct loop_executor executor;
    struct loop_work work;
    struct element elements[ELEMENTS];
    int caught;
    size_t workers;
};
gen_define(mapper)
{
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, 3), 0);
    loop_map(&self->executor, &self->work, square, NULL, 0, sizeof self->elements[0]);
    gen_try {
        loop_map(&self->executor, &self->work, square, self->elements, ELEMENTS,
                 sizeof self->elements[0]);
    }
    gen_except_any {
        self->caught = gen_caught.code;
    }
    gen_end_try
    self->workers = self->executor.loop__started;
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    gen_end();
}

static void a_map_does_all_and_raises_the_first(void **state)
{
    struct mapper m = {.caught = 0};
    (void)state;
    for (int i = 0; i < ELEMENTS; i++)
        m.elements[i].in = i;
    m.elements[90].code = EMINE + 90;
    m.elements[9].code = EMINE + 9;
    assert_int_equal(loop_run(mapper_any(&m)), 0);
    assert_int_equal(m.caught, EMINE + 9);
    assert_int_equal(m.workers, 3);
    for (int i = 0; i < ELEMENTS; i++)
        assert_int_equal(m.elements[i].out, i * i);
}

/* With two threads: 0 stands at the gate until 1 has failed, as the thread of 1 opens it in 2. */
static int fail_late(void *arg)
{
    struct element *e = arg;
    if (e->in == 0)
        (void)pass(e->gate);
    else if (e->in == 2)
        open_gate(e->gate);
    return e->code;
}

gen_declare(late_failer, void);
struct late_failer {
    struct gen gen;
    struct loop_executor executor;
    struct loop_work work;
    struct gate gate;
    struct element elements[3];
    int code;
};
gen_define(late_failer)
{
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, 2), 0);
    for (int i = 0; i < 3; i++)
        self->elements[i] =
            (struct element){.in = i, .code = i < 2 ? EMINE + i : 0, .gate = &self->gate};
    RAISES(EMINE, loop_map(&self->executor, &self->work, fail_late, self->elements, 3,
                           sizeof self->elements[0]));
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    gen_end();
}

static void the_first_of_a_map_is_the_first_element(void **state)
{
    struct late_failer f = {.gate = GATE};
    (void)state;
    assert_int_equal(loop_run(late_failer_any(&f)), 0);
}

gen_declare(map_canceller, void);
struct map_canceller {
    struct gen gen;
    struct gate gate;
    struct mapper frame;
    struct task task;
    bool ended_early;
};
gen_define(map_canceller)
{
    gen_begin();
    start(loop_running(), &self->task, mapper_any(&self->frame));
    gen_wait_until(self->frame.work.loop__executor != NULL && self->frame.work.loop__calls > 0);
    await_waiting(&self->gate, 3);
    (void)task_cancel(&self->task);
    task_sleep(0);
    self->ended_early = task_done(&self->task.future);
    open_gate(&self->gate);
    gen_wait_until(task_done(&self->task.future));
    assert_int_equal(loop_executor_shutdown(&self->frame.executor, true, false), 0);
    gen_end();
}

static void a_cancelled_map_begins_no_more(void **state)
{
    struct map_canceller m = {.gate = GATE};
    (void)state;
    for (int i = 0; i < ELEMENTS; i++) {
        m.frame.elements[i].in = i + 1;
        m.frame.elements[i].gate = &m.gate;
    }
    assert_int_equal(loop_run(map_canceller_any(&m)), 0);
    assert_false(m.ended_early);
    assert_int_equal(task_state(&m.task.future), TASK_CANCELLED);
    assert_int_equal(m.gate.most, 3); /* as many at once as there are threads */
    for (int i = 0; i < ELEMENTS; i++)
        assert_int_equal(m.frame.elements[i].out, i < 3 ? (i + 1) * (i + 1) : 0);
}

/* -- The end ----------------------------------------------------------------------------------- */

gen_declare(shutter, void);
struct shutter {
    struct gen gen;
    struct loop_executor executor;
    struct gate gate;
    struct loop_work running, queued, map;
    struct element elements[2];
    bool cancel;
    int code;
};
gen_define(shutter)
{
    struct loop *loop = loop_running();
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, 1), 0);
    assert_int_equal(loop_submit(&self->executor, loop, &self->running, pass, &self->gate), 0);
    await_waiting(&self->gate, 1);
    assert_int_equal(loop_submit(&self->executor, loop, &self->queued, count, NULL), 0);
    assert_int_equal(loop_submit_map(&self->executor, loop, &self->map, square, self->elements, 2,
                                     sizeof self->elements[0]),
                     0);
    assert_int_equal(loop_executor_shutdown(&self->executor, false, self->cancel), 0);
    open_gate(&self->gate);
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    loop_work_await(&self->running);
    RAISES(self->cancel ? TASK_ECANCELLED : 0, loop_work_await(&self->queued));
    RAISES(self->cancel ? TASK_ECANCELLED : 0, loop_work_await(&self->map));
    gen_end();
}

static void a_shutdown_runs_or_cancels_the_queue(void **state)
{
    (void)state;
    for (int cancel = 0; cancel < 2; cancel++) {
        struct shutter s = {.gate = GATE, .cancel = cancel};
        atomic_store(&calls, 0);
        assert_int_equal(loop_run(shutter_any(&s)), 0);
        assert_int_equal(atomic_load(&calls), cancel ? 0 : 1);
    }
}

static int shut_down(void *arg)
{
    return loop_executor_shutdown(arg, true, false);
}

gen_declare(self_waiter, void);
struct self_waiter {
    struct gen gen;
    struct loop_executor executor;
    struct loop_work work;
    int code;
};
gen_define(self_waiter)
{
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, 2), 0);
    RAISES(EDEADLK, loop_run_in_executor(&self->executor, &self->work, shut_down, &self->executor));
    loop_run_in_executor(&self->executor, &self->work, count, NULL); /* it goes on */
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    gen_end();
}

static void an_executor_does_not_wait_for_itself(void **state)
{
    struct self_waiter s = {.code = 0};
    (void)state;
    assert_int_equal(loop_run(self_waiter_any(&s)), 0);
}

/* Left behind, with nobody to await them: done when the loop has been closed. */
gen_declare(forgetter, void);
struct forgetter {
    struct gen gen;
    struct loop_work *works;
    struct loop_executor *executor;
};
gen_define(forgetter)
{
    gen_begin();
    for (int i = 0; i < TEN; i++)
        assert_int_equal(loop_submit(self->executor, loop_running(), &self->works[i], count, NULL),
                         0);
    gen_end();
}

static void a_loop_stops_its_executor_last(void **state)
{
    struct loop_work works[TEN] = {{.loop__code = 0}};
    struct forgetter f = {.works = works};
    (void)state;
    atomic_store(&calls, 0);
    assert_int_equal(loop_run(forgetter_any(&f)), 0);
    assert_int_equal(atomic_load(&calls), TEN);
    for (int i = 0; i < TEN; i++)
        assert_int_equal(loop_work_state(&works[i]), LOOP_WORK_FINISHED);
}

/* libev's way into the kernel, with EVBACKEND_POLL. The first wait that may last opens the gate, or
 * else, so that there is an end, the hundredth that does not. */
static struct gate *opened_by_poll;
static int polls_at_once;

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    const struct timespec span = {timeout / 1000, timeout % 1000 * 1000000L};
    if (opened_by_poll != NULL && (timeout != 0 || ++polls_at_once == 100))
        open_gate(opened_by_poll);
    return ppoll(fds, n, timeout < 0 ? NULL : &span, NULL);
}

struct stopping {
    struct loop_service service;
    struct loop *loop;
};

static void stop_at_the_end(struct loop_service *service)
{
    loop_stop(TASK__OF(struct stopping, service, service)->loop);
}

/* Though it has been told to stop, it sleeps meanwhile. */
static void a_loop_waits_for_works_asleep(void **state)
{
    struct ev_loop *ev = ev_loop_new(EVBACKEND_POLL);
    struct gate gate = GATE;
    struct loop_work work = {.loop__code = 0};
    struct stopping stopping = {.loop = NULL};
    struct loop loop;
    (void)state;
    assert_int_equal(loop_open(&loop, ev), 0);
    assert_int_equal(loop_submit(NULL, &loop, &work, pass, &gate), 0);
    stopping.loop = &loop;
    stopping.service.close = stop_at_the_end;
    loop_add_service(&loop, &stopping.service);
    polls_at_once = 0;
    opened_by_poll = &gate;
    assert_int_equal(loop_close(&loop), 0);
    opened_by_poll = NULL;
    assert_int_equal(loop_work_state(&work), LOOP_WORK_FINISHED);
    assert_in_range(polls_at_once, 0, 10);
    ev_loop_destroy(ev);
}

static void a_loop_waits_for_works_elsewhere(void **state)
{
    struct loop_work works[TEN] = {{.loop__code = 0}};
    struct loop_executor executor;
    struct forgetter f = {.works = works, .executor = &executor};
    (void)state;
    atomic_store(&calls, 0);
    assert_int_equal(loop_executor_open(&executor, 1), 0);
    assert_int_equal(loop_run(forgetter_any(&f)), 0);
    assert_int_equal(atomic_load(&calls), TEN);
    assert_int_equal(loop_executor_shutdown(&executor, true, false), 0);
}

static void another_default_stays_its_owners(void **state)
{
    struct loop loop;
    struct loop_executor executor;
    struct adder a = {.sum = {.a = 1, .b = 2}}, b = {.sum = {.a = 3, .b = 4}};
    (void)state;
    assert_int_equal(loop_executor_open(&executor, 1), 0);
    assert_int_equal(loop_open(&loop, NULL), 0);
    loop_set_default_executor(&loop, &executor);
    assert_ptr_equal(loop_default_executor(&loop), &executor);
    assert_int_equal(loop_run_until_complete(&loop, adder_any(&a)), 0);
    assert_int_equal(executor.loop__started, 1);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(loop_open(&loop, NULL), 0);
    loop_set_default_executor(&loop, &executor);
    assert_int_equal(loop_run_until_complete(&loop, adder_any(&b)), 0);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(a.sum.result + b.sum.result, 10);
    assert_int_equal(loop_executor_shutdown(&executor, true, false), 0);
}

static void the_default_has_a_bound(void **state)
{
    struct loop loop;
    struct loop_executor *e;
    struct loop_work work = {.loop__code = 0};
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    e = loop_default_executor(&loop);
    assert_non_null(e);
    assert_ptr_equal(e, loop.executor);
    assert_ptr_equal(e, loop_default_executor(&loop));
    assert_true(e->max_workers >= 5 && e->max_workers <= 32);
    assert_int_equal(e->loop__started, 0); /* none before there is work */
    assert_int_equal(loop_close(&loop), 0);
    assert_null(loop.executor);
    assert_int_equal(loop_submit(NULL, &loop, &work, count, NULL), LOOP_ECLOSED);
}

/* -- Threads ----------------------------------------------------------------------------------- */

struct elsewhere {
    struct loop *loop;
    struct loop_work work;
    int code;
};

static int submit_elsewhere(void *arg)
{
    struct elsewhere *e = arg;
    e->code = loop_submit(NULL, e->loop, &e->work, count, NULL);
    return 0;
}

gen_declare(stranger, void);
struct stranger {
    struct gen gen;
    struct loop_work work;
    struct elsewhere there;
};
gen_define(stranger)
{
    gen_begin();
    self->there.loop = loop_running();
    loop_to_thread(&self->work, submit_elsewhere, &self->there);
    gen_end();
}

static void other_threads_are_refused(void **state)
{
    struct stranger s = {.work = {.loop__code = 0}};
    (void)state;
    assert_int_equal(loop_run(stranger_any(&s)), 0);
    assert_int_equal(s.there.code, LOOP_ETHREAD);
}

/* Four loops, one executor. */
static void *run_loop(void *arg)
{
    struct loop_work works[TEN] = {{.loop__code = 0}};
    for (int i = 0; i < 20; i++) {
        struct forgetter f = {.works = works, .executor = arg};
        if (loop_run(forgetter_any(&f)) != 0)
            atomic_fetch_add(&calls, 1000000);
        memset(works, 0, sizeof works);
    }
    return NULL;
}

static void loops_share_an_executor(void **state)
{
    struct loop_executor executor;
    pthread_t threads[4];
    (void)state;
    atomic_store(&calls, 0);
    assert_int_equal(loop_executor_open(&executor, 2), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_loop, &executor), 0);
    for (int i = 0; i < 4; i++)
        (void)pthread_join(threads[i], NULL);
    assert_int_equal(loop_executor_shutdown(&executor, true, false), 0);
    assert_int_equal(atomic_load(&calls), 4 * 20 * TEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_value_comes_back),
        TEST(a_code_is_raised),
        TEST(misuse_has_codes),
        TEST(states_have_names),
        TEST(works_have_states_and_an_order),
        TEST(a_cancel_takes_back_or_waits),
        TEST(a_join_is_not_cancelled),
        TEST(the_cancelled_wait_for_what_runs),
        TEST(many_wait_for_many),
        TEST(threads_are_started_when_none_is_idle),
        TEST(ten_thousand_works_are_done),
        TEST(a_map_does_all_and_raises_the_first),
        TEST(the_first_of_a_map_is_the_first_element),
        TEST(a_cancelled_map_begins_no_more),
        TEST(a_shutdown_runs_or_cancels_the_queue),
        TEST(an_executor_does_not_wait_for_itself),
        TEST(a_loop_stops_its_executor_last),
        TEST(a_loop_waits_for_works_asleep),
        TEST(a_loop_waits_for_works_elsewhere),
        TEST(another_default_stays_its_owners),
        TEST(the_default_has_a_bound),
        TEST(other_threads_are_refused),
        TEST(loops_share_an_executor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
