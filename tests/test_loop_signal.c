/* Signals: called in the loop's turn, in order, waited for, removed, one loop for each. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "descriptors.h"
#include "loop/signal.h"

/* -- Calls ------------------------------------------------------------------------------------- */

enum { CALLS = 16 };

struct called {
    int ids[CALLS], n;
};
struct mark {
    struct called *to;
    int id;
    struct loop_signal_handler *removes; /* NULL: none */
};

static void mark(void *arg)
{
    struct mark *m = arg;
    if (m->to->n < CALLS)
        m->to->ids[m->to->n++] = m->id;
    if (m->removes != NULL)
        loop_remove_signal_handler(m->removes);
}

gen_declare(caller, void);
struct caller {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct loop_signal_handler handlers[4];
    struct mark marks[4];
    struct called called;
    int removing; /* 0: nobody; 1: the first removes itself; 2: the first removes the second */
    int i;
};
gen_define(caller)
{
    static const int signums[4] = {SIGUSR1, SIGUSR1, SIGUSR2, SIGHUP};
    gen_begin();
    for (int i = 0; i < 4; i++) {
        self->marks[i].to = &self->called;
        self->marks[i].id = i;
        assert_int_equal(loop_add_signal_handler(loop_running(), &self->handlers[i], signums[i],
                                                 mark, &self->marks[i]),
                         0);
    }
    if (self->removing != 0)
        self->marks[0].removes = &self->handlers[self->removing - 1];
    assert_int_equal(raise(SIGHUP), 0);
    assert_int_equal(raise(SIGUSR2), 0);
    assert_int_equal(raise(SIGUSR1), 0);
    assert_int_equal(raise(SIGHUP), 0);  /* counts as one with the first */
    assert_int_equal(self->called.n, 0); /* never from within */
    task_timeout (&self->scope, 10) {
        gen_wait_until(self->called.n >= (self->removing == 2 ? 3 : 4));
        task_sleep(0);
        task_sleep(0); /* and no more come */
    }
    task_end_scope
    gen_end();
}

static void calls_come_in_order(void **state)
{
    const int order[3][4] = {{3, 2, 0, 1}, {3, 2, 0, 1}, {3, 2, 0, -1}};
    (void)state;
    for (int removing = 0; removing < 3; removing++) {
        struct caller c = {.removing = removing};
        assert_int_equal(loop_run(caller_any(&c)), 0);
        assert_int_equal(c.called.n, removing == 2 ? 3 : 4);
        for (int i = 0; i < c.called.n; i++)
            assert_int_equal(c.called.ids[i], order[removing][i]);
    }
}

/* -- Waiting ----------------------------------------------------------------------------------- */

static void *kill_process(void *arg)
{
    (void)arg;
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    return NULL;
}

gen_declare(waiter, void);
struct waiter {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope net, scope;
    struct loop_signal_handler handler;
    pthread_t thread;
    int waited, i;
    bool expired;
};
gen_define(waiter)
{
    gen_begin();
    assert_int_equal(loop_add_signal_handler(loop_running(), &self->handler, SIGUSR1, NULL, NULL),
                     0);
    task_timeout (&self->net, 10) {
        for (self->i = 0; self->i < 100; self->i++) {
            assert_int_equal(pthread_create(&self->thread, NULL, kill_process, NULL), 0);
            loop_wait_signal(&self->handler);
            assert_false(self->handler.loop__came); /* it has been waited for */
            assert_int_equal(pthread_join(self->thread, NULL), 0);
            self->waited++;
        }
        /* a cancel loses nothing */
        task_move_on (&self->scope, 0) {
            loop_wait_signal(&self->handler);
        }
        task_end_scope
        self->expired = task_scope_expired(&self->scope);
        assert_int_equal(raise(SIGUSR1), 0);
        loop_wait_signal(&self->handler);
        self->waited++;
        /* what came before is not waited for */
        assert_int_equal(raise(SIGUSR1), 0);
        gen_wait_until(self->handler.loop__came);
        loop_wait_signal(&self->handler);
        self->waited++;
    }
    task_end_scope
    loop_remove_signal_handler(&self->handler);
    gen_end();
}

static void signals_are_waited_for(void **state)
{
    struct waiter w = {.waited = 0};
    (void)state;
    assert_int_equal(loop_run(waiter_any(&w)), 0);
    assert_int_equal(w.waited, 102);
    assert_true(w.expired);
}

gen_declare(one_waiter, void);
struct one_waiter {
    struct gen gen;
    struct loop_signal_handler *handler;
};
gen_define(one_waiter)
{
    gen_begin();
    loop_wait_signal(self->handler);
    gen_end();
}

gen_declare(several, void);
struct several {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope net;
    struct loop_signal_handler handler;
    struct task tasks[3];
    struct one_waiter frames[3];
    bool remove;
    int codes[3], i;
};
gen_define(several)
{
    gen_begin();
    assert_int_equal(loop_add_signal_handler(loop_running(), &self->handler, SIGUSR1, NULL, NULL),
                     0);
    for (int i = 0; i < 3; i++) {
        self->frames[i].handler = &self->handler;
        (void)task_start(&loop_running()->scheduler, &self->tasks[i],
                         one_waiter_any(&self->frames[i]), "waiter");
    }
    task_sleep(0);
    if (self->remove)
        loop_remove_signal_handler(&self->handler);
    else
        assert_int_equal(raise(SIGUSR1), 0);
    task_timeout (&self->net, 10) {
        for (self->i = 0; self->i < 3; self->i++) {
            gen_wait_until(task_done(&self->tasks[self->i].future));
            self->codes[self->i] = task_error(&self->tasks[self->i].future).code;
        }
    }
    task_end_scope
    gen_end();
}

static void all_who_wait_go_on(void **state)
{
    (void)state;
    for (int remove = 0; remove < 2; remove++) {
        struct several s = {.remove = remove};
        assert_int_equal(loop_run(several_any(&s)), 0);
        for (int i = 0; i < 3; i++)
            assert_int_equal(s.codes[i], remove ? ECANCELED : 0);
    }
}

/* -- Adding and removing ----------------------------------------------------------------------- */

static void nothing(int signum)
{
    (void)signum;
}

static void other(int signum)
{
    (void)signum;
}

static void dispositions_are_put_back(void **state)
{
    struct loop loop;
    struct called called = {.n = 0};
    struct mark m = {&called, 7, NULL};
    struct loop_signal_handler h[2] = {{.signum = 0}, {.signum = 0}};
    struct sigaction mine = {.sa_flags = 0}, now;
    (void)state;
    mine.sa_handler = nothing;
    assert_int_equal(sigaction(SIGUSR1, &mine, NULL), 0);
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(loop_add_signal_handler(&loop, &h[0], SIGUSR1, mark, &m), 0);
    assert_int_equal(loop_add_signal_handler(&loop, &h[1], SIGUSR1, NULL, NULL), 0);
    assert_int_equal(loop_add_signal_handler(&loop, &h[1], SIGUSR1, NULL, NULL), GEN_EBADSTATE);
    loop_remove_signal_handler(&h[1]);
    loop_remove_signal_handler(&h[1]);
    assert_int_equal(sigaction(SIGUSR1, NULL, &now), 0);
    assert_true(now.sa_handler != nothing);
    assert_int_equal(raise(SIGUSR1), 0); /* has come, and is taken back */
    loop_remove_signal_handler(&h[0]);
    assert_int_equal(sigaction(SIGUSR1, NULL, &now), 0);
    assert_true(now.sa_handler == nothing);
    assert_int_equal(loop_add_signal_handler(&loop, &h[0], SIGUSR1, mark, &m), 0);
    for (int turn = 0; turn < 3; turn++) {
        loop_stop(&loop);
        assert_int_equal(loop_run_forever(&loop), 0);
    }
    assert_int_equal(called.n, 0);
    mine.sa_handler = other; /* somebody else takes it: that stays */
    assert_int_equal(sigaction(SIGUSR1, &mine, NULL), 0);
    assert_int_equal(loop_close(&loop), 0); /* removes it */
    assert_null(h[0].loop__loop);
    assert_int_equal(sigaction(SIGUSR1, NULL, &now), 0);
    assert_true(now.sa_handler == other);
    assert_true(signal(SIGUSR1, SIG_DFL) == other);
}

static void what_cannot_be_handled_is_refused(void **state)
{
    const int bad[] = {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, 0, -1, 65, 1000000, 32};
    struct loop loop;
    struct loop_signal_handler h = {.signum = 0};
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(loop_add_signal_handler(&loop, &h, bad[i], NULL, NULL), EINVAL);
    assert_int_equal(loop_add_signal_handler(&loop, &h, SIGUSR1, NULL, NULL), 0);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(loop_add_signal_handler(&loop, &h, SIGUSR1, NULL, NULL), LOOP_ECLOSED);
    loop_remove_signal_handler(&h);
}

static void *add_elsewhere(void *arg)
{
    static int codes[3];
    struct loop mine;
    struct loop_signal_handler h = {.signum = 0};
    codes[0] = loop_add_signal_handler(arg, &h, SIGUSR2, NULL, NULL);
    assert_int_equal(loop_open(&mine, NULL), 0);
    codes[1] = loop_add_signal_handler(&mine, &h, SIGUSR1, NULL, NULL);
    codes[2] = loop_add_signal_handler(&mine, &h, SIGUSR2, NULL, NULL);
    assert_int_equal(loop_close(&mine), 0);
    return codes;
}

static void one_loop_has_a_signal(void **state)
{
    struct loop loop;
    struct loop_signal_handler h = {.signum = 0};
    pthread_t thread;
    void *result;
    const int *codes;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    for (int i = 0; i < 2; i++) { /* and it is given back */
        assert_int_equal(loop_add_signal_handler(&loop, &h, SIGUSR1, NULL, NULL), 0);
        assert_int_equal(pthread_create(&thread, NULL, add_elsewhere, &loop), 0);
        assert_int_equal(pthread_join(thread, &result), 0);
        codes = result;
        assert_int_equal(codes[0], LOOP_ETHREAD);
        assert_int_equal(codes[1], EBUSY);
        assert_int_equal(codes[2], 0);
        loop_remove_signal_handler(&h);
    }
    assert_int_equal(loop_close(&loop), 0);
}

/* -- While threads send ------------------------------------------------------------------------ */

static atomic_bool sending;

static void *send_many(void *arg)
{
    (void)arg;
    while (atomic_load(&sending))
        (void)kill(getpid(), SIGUSR1);
    return NULL;
}

/* Handlers come and go, and so do loops. */
static void removed_while_signals_come(void **state)
{
    pthread_t threads[2];
    (void)state;
    assert_true(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
    atomic_store(&sending, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, send_many, NULL), 0);
    for (int i = 0; i < 50; i++) {
        struct loop loop;
        struct called called = {.n = 0};
        struct mark m = {&called, 1, NULL};
        struct loop_signal_handler h = {.signum = 0};
        assert_int_equal(loop_open(&loop, NULL), 0);
        for (int j = 0; j < 5; j++) {
            called.n = 0;
            assert_int_equal(loop_add_signal_handler(&loop, &h, SIGUSR1, mark, &m), 0);
            while (called.n == 0) {
                loop_stop(&loop);
                assert_int_equal(loop_run_forever(&loop), 0);
            }
            if (j < 4)
                loop_remove_signal_handler(&h);
        }
        assert_int_equal(loop_close(&loop), 0);
    }
    atomic_store(&sending, false);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
}

/* -- Under loop_run ---------------------------------------------------------------------------- */

gen_declare(interrupted, void);
struct interrupted {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope net;
    struct loop_signal_handler handler;
    struct task_future never;
};
gen_define(interrupted)
{
    gen_begin();
    assert_int_equal(loop_add_signal_handler(loop_running(), &self->handler, SIGINT, NULL, NULL),
                     0);
    task_timeout (&self->net, 10) {
        assert_int_equal(raise(SIGINT), 0);
        loop_wait_signal(&self->handler); /* it is ours: nobody is cancelled */
        task_sleep(0);
        assert_int_equal(loop_running()->signal, 0);
        loop_remove_signal_handler(&self->handler);
        assert_int_equal(raise(SIGINT), 0); /* and loop_run's again */
        task_await(&self->never);
    }
    task_end_scope
    gen_end();
}

static void sigint_can_be_taken_from_loop_run(void **state)
{
    struct interrupted i = {.never = {.task__code = 0}};
    struct sigaction now;
    (void)state;
    assert_int_equal(loop_run(interrupted_any(&i)), GEN_CANCELLED);
    assert_int_equal(sigaction(SIGINT, NULL, &now), 0);
    assert_true(now.sa_handler == SIG_DFL);
}

/* A wait of what was not added. */
static void no_handler_no_wait(void **state)
{
    struct loop_signal_handler h = {.signum = 0};
    struct one_waiter w = {.handler = &h};
    (void)state;
    assert_int_equal(loop_run(one_waiter_any(&w)), GEN_EBADSTATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(calls_come_in_order),
        TEST(signals_are_waited_for),
        TEST(all_who_wait_go_on),
        TEST(dispositions_are_put_back),
        TEST(what_cannot_be_handled_is_refused),
        TEST(one_loop_has_a_signal),
        TEST(removed_while_signals_come),
        TEST(sigint_can_be_taken_from_loop_run),
        TEST(no_handler_no_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
