/* Coroutines that other threads start and wait for. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "descriptors.h"
#include "loop/executor.h"
#include "loop/thread.h"

enum { EMINE = GEN_EUSER, THREADS = 8, ROUNDS = 200 };

/* What the threads have run for them. */
gen_declare(worker, void);
struct worker {
    struct gen gen;
    struct task_future *until; /* waits for it, if there is one */
    int code;                  /* raised; 0: none */
    int a, b, result;
    bool begun;
};
gen_define(worker)
{
    gen_begin();
    self->begun = true;
    if (self->until != NULL)
        task_await(self->until);
    task_sleep(0);
    if (self->code != 0)
        gen_raise(self->code);
    gen_return(self->a + self->b);
    gen_end();
}

/* A loop that runs a function in a thread of its executor, and waits for it. */
gen_declare(host, void);
struct host {
    struct gen gen;
    struct loop *loop;
    int (*fn)(void *arg);
    struct loop_work work;
    struct task_future gate;
    int code, other, third;
    bool flag;
};
gen_define(host)
{
    gen_begin();
    self->loop = loop_running();
    loop_to_thread(&self->work, self->fn, self);
    gen_end();
}

static int in_host(struct host *h, int (*fn)(void *arg))
{
    memset(h, 0, sizeof *h);
    h->fn = fn;
    return loop_run(host_any(h));
}

/* -- The result -------------------------------------------------------------------------------- */

static int ask(void *arg)
{
    struct host *h = arg;
    struct loop_remote r = {0};
    struct worker good = {.a = 20, .b = 22}, bad = {.code = EMINE},
                  itself = {.code = GEN_CANCELLED};
    if (loop_run_coroutine_threadsafe(h->loop, &r, worker_any(&good)) != 0)
        return EINVAL;
    h->code = loop_remote_wait(&r, INFINITY);
    h->flag = good.result == 42 && loop_remote_done(&r);
    if (loop_run_coroutine_threadsafe(h->loop, &r, worker_any(&bad)) != 0)
        return EINVAL;
    h->other = loop_remote_wait(&r, 10);
    if (loop_run_coroutine_threadsafe(h->loop, &r, worker_any(&itself)) != 0)
        return EINVAL;
    h->third = loop_remote_wait(&r, 10);
    return 0;
}

static void a_thread_gets_the_result(void **state)
{
    struct host h;
    (void)state;
    assert_int_equal(in_host(&h, ask), 0);
    assert_int_equal(h.code, 0);
    assert_true(h.flag);
    assert_int_equal(h.other, EMINE);
    assert_int_equal(h.third, GEN_CANCELLED);
}

/* -- Time and cancels -------------------------------------------------------------------------- */

static int give_up(void *arg)
{
    struct host *h = arg;
    struct loop_remote r = {0};
    struct worker w = {.until = &h->gate};
    if (loop_run_coroutine_threadsafe(h->loop, &r, worker_any(&w)) != 0)
        return EINVAL;
    h->code = loop_remote_wait(&r, 0);
    h->third = loop_run_coroutine_threadsafe(h->loop, &r, worker_any(&w));
    h->flag = !loop_remote_done(&r) && loop_remote_cancel(&r);
    (void)loop_remote_cancel(&r);
    h->other = loop_remote_wait(&r, INFINITY);
    return loop_remote_cancel(&r) ? EINVAL : 0;
}

static void a_thread_may_give_up(void **state)
{
    struct host h;
    (void)state;
    assert_int_equal(in_host(&h, give_up), 0);
    assert_int_equal(h.code, ETIMEDOUT);
    assert_int_equal(h.third, GEN_EBADSTATE);
    assert_true(h.flag);
    assert_int_equal(h.other, GEN_CANCELLED);
}

/* The cancel and the end cross, in any order. */
static int cross(void *arg)
{
    struct host *h = arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct loop_remote r = {0};
        struct worker w = {.a = 1, .b = 1};
        int code;
        bool asked;
        if (loop_run_coroutine_threadsafe(h->loop, &r, worker_any(&w)) != 0)
            return EINVAL;
        for (int spin = 0; spin < i; spin++)
            (void)loop_remote_done(&r);
        asked = loop_remote_cancel(&r);
        code = loop_remote_wait(&r, INFINITY);
        if (code != 0 && !(asked && code == GEN_CANCELLED))
            return EINVAL;
        if (code == 0 && w.result != 2)
            return EINVAL;
    }
    return 0;
}

static void a_cancel_may_come_too_late(void **state)
{
    struct host h;
    (void)state;
    assert_int_equal(in_host(&h, cross), 0);
}

/* -- Many threads ------------------------------------------------------------------------------ */

static int ask_often(void *arg)
{
    struct host *h = arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct loop_remote r = {0};
        struct worker w = {.a = i, .b = 1};
        if (loop_run_coroutine_threadsafe(h->loop, &r, worker_any(&w)) != 0 ||
            loop_remote_wait(&r, INFINITY) != 0 || w.result != i + 1)
            return EINVAL;
    }
    return 0;
}

gen_declare(crowd, void);
struct crowd {
    struct gen gen;
    struct host hosts[THREADS];
    struct loop_executor executor;
    size_t i;
};
gen_define(crowd)
{
    gen_begin();
    assert_int_equal(loop_executor_open(&self->executor, THREADS), 0);
    for (size_t i = 0; i < THREADS; i++) {
        self->hosts[i].loop = loop_running();
        assert_int_equal(loop_submit(&self->executor, loop_running(), &self->hosts[i].work,
                                     ask_often, &self->hosts[i]),
                         0);
    }
    for (self->i = 0; self->i < THREADS; self->i++)
        loop_work_await(&self->hosts[self->i].work);
    assert_int_equal(loop_executor_shutdown(&self->executor, true, false), 0);
    gen_end();
}

static void many_threads_ask_at_once(void **state)
{
    struct crowd c = {.i = 0};
    (void)state;
    assert_int_equal(loop_run(crowd_any(&c)), 0);
}

/* -- The end of the loop ----------------------------------------------------------------------- */

struct outsider {
    struct loop *loop;
    struct worker frame;
    struct task_future never;
    struct loop_threadsafe told;
    struct task_future *started;
    int code;
};

static void tell(void *arg)
{
    (void)task_future_set(arg);
}

static void *ask_for_ever(void *arg)
{
    struct outsider *o = arg;
    struct loop_remote r = {0};
    o->frame.until = &o->never;
    o->code = loop_run_coroutine_threadsafe(o->loop, &r, worker_any(&o->frame));
    if (o->code == 0) {
        (void)loop_call_soon_threadsafe(o->loop, &o->told, tell, o->started);
        o->code = loop_remote_wait(&r, INFINITY);
    }
    return NULL;
}

enum { OUTSIDERS = 3 };

gen_declare(leaver, void);
struct leaver {
    struct gen gen;
    struct outsider outsiders[OUTSIDERS];
    struct task_future started[OUTSIDERS];
    pthread_t threads[OUTSIDERS];
    bool let_them_begin;
    size_t i;
};
gen_define(leaver)
{
    gen_begin();
    for (size_t i = 0; i < OUTSIDERS; i++) {
        self->outsiders[i].loop = loop_running();
        self->outsiders[i].started = &self->started[i];
        assert_int_equal(pthread_create(&self->threads[i], NULL, ask_for_ever, &self->outsiders[i]),
                         0);
    }
    for (self->i = 0; self->i < OUTSIDERS; self->i++)
        task_await(&self->started[self->i]);
    if (self->let_them_begin)
        task_sleep(0);
    gen_end();
}

static void a_closing_loop_leaves_no_thread_waiting(void **state)
{
    (void)state;
    for (int begin = 0; begin < 2; begin++) {
        struct leaver l = {.let_them_begin = begin};
        assert_int_equal(loop_run(leaver_any(&l)), 0);
        for (size_t i = 0; i < OUTSIDERS; i++) {
            assert_int_equal(pthread_join(l.threads[i], NULL), 0);
            assert_int_equal(l.outsiders[i].code, GEN_CANCELLED);
        }
    }
}

/* An executor's thread may use the loop while that is closing, and waits for such threads. */
gen_declare(forgetter, void);
struct forgetter {
    struct gen gen;
    struct host *host;
};
gen_define(forgetter)
{
    gen_begin();
    self->host->loop = loop_running();
    assert_int_equal(loop_submit(NULL, loop_running(), &self->host->work, ask_often, self->host),
                     0);
    gen_end();
}

static void a_closing_loop_serves_its_executor(void **state)
{
    struct host h = {.code = 0};
    struct forgetter f = {.host = &h};
    (void)state;
    assert_int_equal(loop_run(forgetter_any(&f)), 0);
    assert_int_equal(task_state(&h.work.future), TASK_DONE);
}

/* Started while the loop is closing, or just before, and never done by itself. */
static struct loop_remote endless;
static struct worker endless_frame;

static int start_endless(void *arg)
{
    struct host *h = arg;
    endless_frame = (struct worker){.until = &h->gate};
    return loop_run_coroutine_threadsafe(h->loop, &endless, worker_any(&endless_frame));
}

gen_declare(abandoner, void);
struct abandoner {
    struct gen gen;
    struct host *host;
};
gen_define(abandoner)
{
    gen_begin();
    self->host->loop = loop_running();
    assert_int_equal(
        loop_submit(NULL, loop_running(), &self->host->work, start_endless, self->host), 0);
    gen_end();
}

static void what_starts_in_the_end_is_cancelled(void **state)
{
    struct host h = {.code = 0};
    struct abandoner a = {.host = &h};
    (void)state;
    assert_int_equal(loop_run(abandoner_any(&a)), 0);
    assert_int_equal(task_error(&h.work.future).code, 0);
    assert_true(loop_remote_done(&endless));
    assert_int_equal(loop_remote_wait(&endless, INFINITY), GEN_CANCELLED);
}

/* -- Misuse ------------------------------------------------------------------------------------ */

gen_declare(misuser, void);
struct misuser {
    struct gen gen;
    struct loop_remote remote;
    struct worker worker;
    int own_thread, nothing, nan, after;
};
gen_define(misuser)
{
    gen_begin();
    self->nothing = loop_remote_wait(&self->remote, 0);
    assert_true(loop_remote_done(&self->remote));
    assert_false(loop_remote_cancel(&self->remote));
    assert_int_equal(
        loop_run_coroutine_threadsafe(loop_running(), &self->remote, worker_any(&self->worker)), 0);
    self->nan = loop_remote_wait(&self->remote, (double)NAN);
    self->own_thread = loop_remote_wait(&self->remote, INFINITY);
    gen_wait_until(loop_remote_done(&self->remote));
    self->after = loop_remote_wait(&self->remote, INFINITY);
    gen_end();
}

static void misuse_has_codes(void **state)
{
    struct misuser m = {.worker = {.code = EMINE}};
    struct loop loop;
    struct loop_remote r = {0};
    (void)state;
    assert_int_equal(loop_run(misuser_any(&m)), 0);
    assert_int_equal(m.nothing, GEN_EBADSTATE);
    assert_int_equal(m.nan, TASK_ETIME);
    assert_int_equal(m.own_thread, LOOP_ETHREAD);
    assert_int_equal(m.after, EMINE);
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(loop_run_coroutine_threadsafe(&loop, &r, worker_any(&m.worker)), LOOP_ECLOSED);
}

/* -- Asked in the last turn -------------------------------------------------------------------- */

static struct loop *last_loop;
static pthread_barrier_t posted;
static struct loop_remote late;
static struct worker late_worker;

static void *ask_late(void *arg)
{
    int code = loop_run_coroutine_threadsafe(last_loop, &late, worker_any(&late_worker));
    (void)pthread_barrier_wait(&posted);
    *(int *)arg = code == 0 ? loop_remote_wait(&late, 10) : code;
    return NULL;
}

gen_declare(last_one, void);
struct last_one {
    struct gen gen;
    pthread_t thread;
    int code;
};
gen_define(last_one)
{
    gen_begin();
    last_loop = loop_running();
    assert_int_equal(pthread_create(&self->thread, NULL, ask_late, &self->code), 0);
    (void)pthread_barrier_wait(&posted); /* it has asked, and no turn comes after this one */
    gen_end();
}

static void what_is_asked_last_is_answered(void **state)
{
    static struct task_future never;
    struct last_one l = {.code = -1};
    (void)state;
    late_worker.until = &never;
    assert_int_equal(pthread_barrier_init(&posted, NULL, 2), 0);
    assert_int_equal(loop_run(last_one_any(&l)), 0);
    assert_int_equal(pthread_join(l.thread, NULL), 0);
    assert_int_equal(l.code, GEN_CANCELLED);
    (void)pthread_barrier_destroy(&posted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_thread_gets_the_result),
        TEST(a_thread_may_give_up),
        TEST(a_cancel_may_come_too_late),
        TEST(many_threads_ask_at_once),
        TEST(a_closing_loop_leaves_no_thread_waiting),
        TEST(a_closing_loop_serves_its_executor),
        TEST(what_starts_in_the_end_is_cancelled),
        TEST(what_is_asked_last_is_answered),
        TEST(misuse_has_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
