/* A loop: its result, its calls, its end, signals, threads. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "loop/loop.h"

enum { EMINE = GEN_EUSER };

/* -- The result -------------------------------------------------------------------------------- */

gen_declare(ender, void);
struct ender {
    struct gen gen;
    int code; /* raised, or GEN_CANCELLED: by itself; 0: none */
    int result;
};
gen_define(ender)
{
    gen_begin();
    task_sleep(0);
    if (self->code == GEN_CANCELLED) {
        (void)task_cancel(task_current());
        task_sleep(0);
    }
    if (self->code != 0)
        gen_raise(self->code);
    gen_return(42);
    gen_end();
}

static void run_gives_the_result(void **state)
{
    struct ender e = {.code = 0};
    (void)state;
    assert_int_equal(loop_run(ender_any(&e)), 0);
    assert_int_equal(e.result, 42);
}

static void run_gives_the_error(void **state)
{
    const int codes[] = {EMINE, ECONNRESET, GEN_CANCELLED};
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct ender e = {.code = codes[i]};
        assert_int_equal(loop_run(ender_any(&e)), codes[i]);
        assert_int_equal(e.result, 0);
    }
}

/* To await somebody who was cancelled is not to be cancelled. */
gen_declare(awaiter, void);
struct awaiter {
    struct gen gen;
    struct task child;
    struct ender ender;
};
gen_define(awaiter)
{
    gen_begin();
    self->ender.code = GEN_CANCELLED;
    (void)task_start(&loop_running()->scheduler, &self->child, ender_any(&self->ender), "child");
    task_await(&self->child.future);
    gen_end();
}

static void a_cancelled_child_is_an_error(void **state)
{
    struct awaiter a = {.ender = {.code = 0}};
    (void)state;
    assert_int_equal(loop_run(awaiter_any(&a)), TASK_ECANCELLED);
}

static void errors_have_names(void **state)
{
    (void)state;
    assert_string_equal(loop_error_name(ECONNREFUSED), strerror(ECONNREFUSED));
    assert_memory_equal(loop_error_name(TASK_ETIMEOUT), "TASK_ETIMEOUT", 13);
    assert_memory_equal(loop_error_name(TASK_ECANCELLED), "TASK_ECANCELLED", 15);
    assert_memory_equal(loop_error_name(TASK_ETIME), "TASK_ETIME", 10);
    assert_string_equal(loop_error_name(GEN_EBADSTATE), gen_error_name(GEN_EBADSTATE));
}

/* -- Calls ------------------------------------------------------------------------------------- */

enum { CALLS = 5 };
static const double delays[CALLS] = {0.03, 0.01, 0.02, 0, 0.01};

struct noted {
    int order[CALLS + 1], n;
    struct task_future all;
};
struct note {
    struct noted *to;
    int id;
};

static void note(void *arg)
{
    struct note *it = arg;
    if (it->to->n < CALLS)
        it->to->order[it->to->n++] = it->id;
    if (it->to->n == CALLS)
        (void)task_future_set(&it->to->all);
}

gen_declare(caller, void);
struct caller {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct task_call calls[CALLS + 2];
    struct note notes[CALLS];
    struct noted noted;
    bool later;
    double began, took;
    int again, taken_back, nan;
};
gen_define(caller)
{
    struct loop *loop = loop_running();
    gen_begin();
    self->began = loop_time(loop);
    for (int i = 0; i < CALLS; i++) {
        self->notes[i].to = &self->noted;
        self->notes[i].id = i;
        if (self->later)
            (void)loop_call_later(loop, &self->calls[i], delays[i], note, &self->notes[i]);
        else
            (void)loop_call_soon(loop, &self->calls[i], note, &self->notes[i]);
    }
    self->again = loop_call_soon(loop, &self->calls[0], note, &self->notes[0]);
    self->nan = loop_call_later(loop, &self->calls[CALLS], (double)NAN, note, &self->notes[0]);
    (void)loop_call_later(loop, &self->calls[CALLS + 1], 0.005, note, &self->notes[0]);
    self->taken_back = task_call_cancel(&self->calls[CALLS + 1]);
    assert_int_equal(self->noted.n, 0); /* never from within */
    task_timeout (&self->scope, 10) {
        task_await(&self->noted.all);
    }
    task_end_scope
    self->took = loop_time(loop) - self->began;
    gen_end();
}

static void calls_soon_come_in_order(void **state)
{
    struct caller c = {.later = false};
    (void)state;
    assert_int_equal(loop_run(caller_any(&c)), 0);
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(c.noted.order[i], i);
    assert_int_equal(c.again, GEN_EBADSTATE);
    assert_int_equal(c.nan, TASK_ETIME);
    assert_int_equal(c.taken_back, 1);
}

static void calls_later_come_by_deadline(void **state)
{
    const int order[CALLS] = {3, 1, 4, 2, 0};
    struct caller c = {.later = true};
    (void)state;
    assert_int_equal(loop_run(caller_any(&c)), 0);
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(c.noted.order[i], order[i]);
    assert_int_equal(c.again, GEN_EBADSTATE);
    assert_true(c.took >= 0.03);
}

/* -- The end ----------------------------------------------------------------------------------- */

static int begun, cleaned;

gen_declare(leftover, void);
struct leftover {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope scope;
    struct task_future never;
};
gen_define(leftover)
{
    gen_begin();
    begun++;
    gen_try_finally {
        task_await(&self->never);
    }
    gen_finally {
        task_shield (&self->scope) {
            task_sleep(0.001);
            cleaned++;
        }
        task_end_scope
    }
    gen_end_finally
    gen_end();
}

gen_declare(leaver, void);
struct leaver {
    struct gen gen;
    struct task task;
    struct leftover frame;
    struct task *late;
};
gen_define(leaver)
{
    gen_begin();
    (void)task_start(&loop_running()->scheduler, &self->task, leftover_any(&self->frame), "left");
    (void)task_spawn(leftover);
    task_sleep(0);
    task_sleep(0);
    (void)task_spawn(leftover); /* will not have begun */
    gen_end();
}

static void those_left_are_cancelled(void **state)
{
    struct leaver l = {.late = NULL};
    (void)state;
    begun = cleaned = 0;
    assert_int_equal(loop_run(leaver_any(&l)), 0);
    assert_int_equal(begun, 2);
    assert_int_equal(cleaned, 2);
    assert_int_equal(task_state(&l.task.future), TASK_CANCELLED);
}

/* -- Signals ----------------------------------------------------------------------------------- */

gen_declare(signalled, void);
struct signalled {
    struct gen gen;
    struct gen_unwind unwind[3];
    struct task_scope outer, scope;
    struct task_future never;
    int number;
    bool by_kill, twice;
    int seen, cleaned;
};
gen_define(signalled)
{
    gen_begin();
    task_timeout (&self->outer, 10) {
        gen_try_finally {
            if (self->by_kill)
                (void)kill(getpid(), self->number);
            else
                (void)raise(self->number);
            task_await(&self->never);
        }
        gen_finally {
            self->seen = loop_running()->signal;
            if (self->twice)
                (void)raise(self->number);
            task_shield (&self->scope) {
                task_sleep(0.001);
                self->cleaned++;
                if (self->twice)
                    task_await(&self->never);
            }
            task_end_scope
        }
        gen_end_finally
    }
    task_end_scope
    gen_end();
}

static void a_signal_cancels(void **state)
{
    const int numbers[] = {SIGINT, SIGTERM};
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct signalled s = {.number = numbers[i % 2], .by_kill = i >= 2};
        struct sigaction after;
        assert_int_equal(loop_run(signalled_any(&s)), GEN_CANCELLED);
        assert_int_equal(s.seen, s.number);
        assert_int_equal(s.cleaned, 1);
        assert_int_equal(sigaction(s.number, NULL, &after), 0);
        assert_true(after.sa_handler == SIG_DFL);
    }
}

static void the_second_signal_ends_the_process(void **state)
{
    int status = 0;
    pid_t child = fork();
    (void)state;
    assert_true(child >= 0);
    if (child == 0) {
        struct signalled s = {.number = SIGTERM, .twice = true};
        (void)alarm(10);
        (void)loop_run(signalled_any(&s));
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

/* -- Threads ----------------------------------------------------------------------------------- */

enum { THREADS = 4, EACH = 5000 };

struct numbered {
    struct loop_threadsafe call;
    struct sender *sender;
    int number;
};
struct sender {
    pthread_t thread;
    struct loop *loop;
    struct receiver *to;
    int next, refused;
    struct numbered calls[EACH];
};
static struct sender senders[THREADS];

gen_declare(receiver, void);
struct receiver {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope scope;
    struct task_future all;
    pthread_t self;
    int received, disorder, elsewhere;
};

static void receive(void *arg)
{
    struct numbered *it = arg;
    struct receiver *to = it->sender->to;
    to->disorder += it->number != it->sender->next++;
    to->elsewhere += !pthread_equal(pthread_self(), to->self);
    if (++to->received == THREADS * EACH)
        (void)task_future_set(&to->all);
}

static void *send_all(void *arg)
{
    struct sender *s = arg;
    for (int i = 0; i < EACH; i++) {
        s->calls[i].sender = s;
        s->calls[i].number = i;
        s->refused +=
            loop_call_soon_threadsafe(s->loop, &s->calls[i].call, receive, &s->calls[i]) != 0;
    }
    return NULL;
}

gen_define(receiver)
{
    gen_begin();
    self->self = pthread_self();
    for (int i = 0; i < THREADS; i++) {
        senders[i].loop = loop_running();
        senders[i].to = self;
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), 0);
    }
    gen_try_finally {
        task_timeout (&self->scope, 10) {
            task_await(&self->all);
        }
        task_end_scope
    }
    gen_finally {
        for (int i = 0; i < THREADS; i++) /* they may still be waking the loop */
            (void)pthread_join(senders[i].thread, NULL);
    }
    gen_end_finally
    gen_end();
}

static void calls_from_threads_are_all_made(void **state)
{
    struct receiver r = {.received = 0};
    (void)state;
    memset(senders, 0, sizeof senders);
    assert_int_equal(loop_run(receiver_any(&r)), 0);
    assert_int_equal(r.received, THREADS * EACH);
    assert_int_equal(r.disorder, 0);
    assert_int_equal(r.elsewhere, 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(senders[i].next, EACH);
        assert_int_equal(senders[i].refused, 0);
    }
}

/* A call that is queued is refused; when it has been made it may be queued again. */
gen_declare(requeuer, void);
struct requeuer {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct loop_threadsafe call;
    struct task_future made;
    int first, second, third;
};

static void made(void *arg)
{
    (void)task_future_set(arg);
}

gen_define(requeuer)
{
    struct loop *loop = loop_running();
    gen_begin();
    task_timeout (&self->scope, 10) {
        self->first = loop_call_soon_threadsafe(loop, &self->call, made, &self->made);
        self->second = loop_call_soon_threadsafe(loop, &self->call, made, &self->made);
        task_await(&self->made);
        memset(&self->made, 0, sizeof self->made);
        self->third = loop_call_soon_threadsafe(loop, &self->call, made, &self->made);
        task_await(&self->made);
    }
    task_end_scope
    gen_end();
}

static void a_queued_call_is_refused(void **state)
{
    struct requeuer r = {.first = -1};
    (void)state;
    assert_int_equal(loop_run(requeuer_any(&r)), 0);
    assert_int_equal(r.first, 0);
    assert_int_equal(r.second, GEN_EBADSTATE);
    assert_int_equal(r.third, 0);
}

/* Two loops that run at the same time: each waits for a call of the other. */
gen_declare(one_of_two, void);
struct one_of_two {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct one_of_two *other;
    pthread_barrier_t *barrier;
    struct loop *loop;
    struct loop_threadsafe call;
    struct task_future called;
    int turns, code;
};
gen_define(one_of_two)
{
    gen_begin();
    self->loop = loop_running();
    (void)pthread_barrier_wait(self->barrier); /* both have a loop */
    (void)loop_call_soon_threadsafe(self->other->loop, &self->call, made, &self->other->called);
    task_timeout (&self->scope, 10) {
        task_await(&self->called);
        for (self->turns = 0; self->turns < 1000; self->turns++)
            task_sleep(0);
        task_sleep(0.002);
    }
    task_end_scope(void)
    pthread_barrier_wait(self->barrier); /* nobody wakes the other's loop any more */
    gen_end();
}

static void *run_one(void *arg)
{
    struct one_of_two *one = arg;
    one->code = loop_run(one_of_two_any(one));
    return NULL;
}

static void a_loop_for_each_thread(void **state)
{
    struct one_of_two two[2] = {{.code = -1}, {.code = -1}};
    pthread_barrier_t barrier;
    pthread_t threads[2];
    (void)state;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
    for (int i = 0; i < 2; i++) {
        two[i].other = &two[1 - i];
        two[i].barrier = &barrier;
        assert_int_equal(pthread_create(&threads[i], NULL, run_one, &two[i]), 0);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(pthread_barrier_destroy(&barrier), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(two[i].code, 0);
        assert_int_equal(two[i].turns, 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(run_gives_the_result),
        TEST(run_gives_the_error),
        TEST(a_cancelled_child_is_an_error),
        TEST(errors_have_names),
        TEST(calls_soon_come_in_order),
        TEST(calls_later_come_by_deadline),
        TEST(those_left_are_cancelled),
        TEST(a_signal_cancels),
        TEST(the_second_signal_ends_the_process),
        TEST(calls_from_threads_are_all_made),
        TEST(a_queued_call_is_refused),
        TEST(a_loop_for_each_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
