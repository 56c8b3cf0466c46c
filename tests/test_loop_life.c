/* A loop in steps: opened, run, stopped, run again, closed; in the user's own ev_run; its errors. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "descriptors.h"
#include "loop/loop.h"

enum { EMINE = GEN_EUSER };

static char trace[256];

static void note(const char *what)
{
    assert_true(strlen(trace) + strlen(what) + 2 < sizeof trace);
    strcat(trace, what);
    strcat(trace, " ");
}

static void note_call(void *arg)
{
    note(arg);
}

static void stop_call(void *arg)
{
    note("stop");
    loop_stop(arg);
}

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    struct gen_unwind unwind[1];
    double seconds;
    const char *name;
    int code, result;
};
gen_define(sleeper)
{
    gen_begin();
    gen_try_finally {
        task_sleep(self->seconds);
        note(self->name);
    }
    gen_finally {
        if (gen_caught.code == GEN_CANCELLED)
            note("cancelled");
        if (self->code != 0)
            gen_raise(self->code, "on purpose");
    }
    gen_end_finally
    gen_return(42);
    gen_end();
}

/* -- Running and stopping ---------------------------------------------------------------------- */

static void one_coroutine_after_the_other(void **state)
{
    struct loop loop;
    struct sleeper a = {.name = "a"}, b = {.name = "b", .code = EMINE}, c = {.name = "c"},
                   d = {.name = "d"};
    struct task left = {.name = NULL};
    (void)state;
    trace[0] = '\0';
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_false(loop_is_closed(&loop));
    assert_false(loop_is_running(&loop));
    c.seconds = 0.001;
    (void)task_start(&loop.scheduler, &left, sleeper_any(&c), "left");
    assert_int_equal(loop_run_until_complete(&loop, sleeper_any(&a)), 0);
    assert_int_equal(a.result, 42);
    assert_int_equal(loop_run_until_complete(&loop, sleeper_any(&b)), EMINE);
    assert_false(task_done(&left.future)); /* it waits for the loop to run again */
    d.seconds = 0.002;
    assert_int_equal(loop_run_until_complete(&loop, sleeper_any(&d)), 0);
    assert_true(task_done(&left.future));
    assert_string_equal(trace, "a b c d ");
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(loop_close(&loop), 0);
    assert_true(loop_is_closed(&loop));
    assert_int_equal(loop_run_until_complete(&loop, sleeper_any(&a)), LOOP_ECLOSED);
    assert_int_equal(loop_run_forever(&loop), LOOP_ECLOSED);
    assert_int_equal(loop_attach(&loop), LOOP_ECLOSED);
}

/* The turn in which it is stopped ends first. */
static void for_ever_until_it_is_stopped(void **state)
{
    struct loop loop;
    struct task_call stop = {.task__arg = NULL}, after = stop, next = stop;
    (void)state;
    trace[0] = '\0';
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(loop_call_soon(&loop, &stop, stop_call, &loop), 0);
    assert_int_equal(loop_call_soon(&loop, &after, note_call, "after"), 0);
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_string_equal(trace, "stop after ");
    loop_stop(&loop); /* nothing runs it: one turn, then */
    assert_int_equal(loop_call_soon(&loop, &next, note_call, "next"), 0);
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_string_equal(trace, "stop after next ");
    assert_int_equal(loop_close(&loop), 0);
}

static void stopped_too_early(void **state)
{
    struct loop loop;
    struct sleeper s = {.name = "s", .seconds = 100};
    struct task_call stop = {.task__arg = NULL};
    (void)state;
    trace[0] = '\0';
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(loop_call_later(&loop, &stop, 0.001, stop_call, &loop), 0);
    assert_int_equal(loop_run_until_complete(&loop, sleeper_any(&s)), LOOP_ESTOPPED);
    assert_string_equal(trace, "stop cancelled ");
    assert_int_equal(loop_close(&loop), 0);
}

/* Stops the loop while it ends, too. */
gen_declare(stopper, void);
struct stopper {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope shield;
    struct loop *loop;
    bool stops_first;
};
gen_define(stopper)
{
    gen_begin();
    gen_try_finally {
        if (self->stops_first)
            loop_stop(self->loop);
        task_sleep(100);
    }
    gen_finally {
        loop_stop(self->loop);
        task_shield (&self->shield) {
            task_sleep(0.02);
            note("cleaned");
        }
        task_end_scope
    }
    gen_end_finally
    gen_end();
}

/* What ends already is not stopped again, and waits without asking the kernel all the time. */
static void stopped_while_it_ends(void **state)
{
    (void)state;
    trace[0] = '\0';
    for (int closes = 0; closes < 2; closes++) {
        struct ev_loop *ev = ev_loop_new(EVFLAG_AUTO);
        struct loop loop;
        struct stopper s = {.loop = &loop, .stops_first = !closes};
        struct sleeper main = {.name = "main"};
        struct task task = {.name = NULL};
        unsigned before;
        assert_int_equal(loop_open(&loop, ev), 0);
        before = ev_iteration(ev);
        if (closes) {
            (void)task_start(&loop.scheduler, &task, stopper_any(&s), "stopper");
            assert_int_equal(loop_run_until_complete(&loop, sleeper_any(&main)), 0);
        } else {
            assert_int_equal(loop_run_until_complete(&loop, stopper_any(&s)), LOOP_ESTOPPED);
        }
        assert_int_equal(loop_close(&loop), 0);
        assert_in_range(ev_iteration(ev) - before, 1, 20);
        ev_loop_destroy(ev);
    }
    assert_string_equal(trace, "cleaned main cleaned ");
}

static void try_everything_while_it_runs(void *arg)
{
    struct loop *loop = arg;
    struct sleeper s = {.name = "s"};
    assert_true(loop_is_running(loop));
    assert_int_equal(loop_run_until_complete(loop, sleeper_any(&s)), GEN_EBADSTATE);
    assert_int_equal(loop_run_forever(loop), GEN_EBADSTATE);
    assert_int_equal(loop_attach(loop), GEN_EBADSTATE);
    assert_int_equal(loop_close(loop), GEN_EBADSTATE);
    loop_stop(loop);
}

static void not_twice_at_once(void **state)
{
    struct loop loop;
    struct task_call call = {.task__arg = NULL};
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(loop_call_soon(&loop, &call, try_everything_while_it_runs, &loop), 0);
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_int_equal(loop_close(&loop), 0);
}

static void at_a_time(void **state)
{
    struct loop loop;
    struct task_call calls[4] = {{.task__arg = NULL}};
    double now;
    (void)state;
    trace[0] = '\0';
    assert_int_equal(loop_open(&loop, NULL), 0);
    now = loop_time(&loop);
    assert_int_equal(loop_call_at(&loop, &calls[0], now + 0.003, note_call, "3"), 0);
    assert_int_equal(loop_call_at(&loop, &calls[1], now + 0.001, note_call, "1"), 0);
    assert_int_equal(loop_call_at(&loop, &calls[2], now + 0.002, note_call, "2"), 0);
    assert_int_equal(loop_call_at(&loop, &calls[3], (double)NAN, note_call, "?"), TASK_ETIME);
    assert_int_equal(loop_call_at(&loop, &calls[2], now, note_call, "?"), GEN_EBADSTATE);
    assert_int_equal(loop_call_at(&loop, &calls[3], now + 0.004, stop_call, &loop), 0);
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_string_equal(trace, "1 2 3 stop ");
    assert_int_equal(loop_close(&loop), 0);
}

/* -- The wrong thread -------------------------------------------------------------------------- */

static void *from_another_thread(void *arg)
{
    struct loop *loop = arg;
    struct sleeper s = {.name = "s"};
    struct task_call call = {.task__arg = NULL};
    assert_int_equal(loop_call_soon(loop, &call, note_call, "?"), LOOP_ETHREAD);
    assert_int_equal(loop_call_later(loop, &call, 1, note_call, "?"), LOOP_ETHREAD);
    assert_int_equal(loop_run_until_complete(loop, sleeper_any(&s)), LOOP_ETHREAD);
    assert_int_equal(loop_close(loop), LOOP_ETHREAD);
    return NULL;
}

static void other_threads_are_refused(void **state)
{
    struct loop loop;
    pthread_t thread;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, from_another_thread, &loop), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(loop_close(&loop), 0);
}

/* -- In the user's ev_run ---------------------------------------------------------------------- */

static void on_user_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
    (void)events;
    note("timer");
    ev_timer_stop(ev, watcher);
    ev_break(ev, EVBREAK_ALL);
}

static void on_readable(struct ev_loop *ev, ev_io *watcher, int events)
{
    char byte;
    (void)events;
    assert_int_equal(read(watcher->fd, &byte, 1), 1);
    note("byte");
    ev_io_stop(ev, watcher);
}

gen_declare(guest, void);
struct guest {
    struct gen gen;
    int fd;
};
gen_define(guest)
{
    gen_begin();
    note("turn");
    task_sleep(0);
    note("turn");
    task_sleep(0.001);
    note("slept");
    assert_int_equal(write(self->fd, "x", 1), 1);
    gen_end();
}

static void it_lives_in_a_loop_of_the_users(void **state)
{
    struct ev_loop *ev = ev_loop_new(EVFLAG_AUTO);
    struct loop loop;
    struct task task = {.name = NULL};
    struct guest guest = {.fd = -1};
    ev_timer timer;
    ev_io readable;
    int ends[2];
    (void)state;
    trace[0] = '\0';
    assert_int_equal(pipe(ends), 0);
    guest.fd = ends[1];
    assert_int_equal(loop_open(&loop, ev), 0);
    assert_int_equal(loop_attach(&loop), 0);
    assert_int_equal(loop_run_forever(&loop), GEN_EBADSTATE);
    (void)task_start(&loop.scheduler, &task, guest_any(&guest), "guest");
    ev_io_init(&readable, on_readable, ends[0], EV_READ);
    ev_io_start(ev, &readable);
    ev_timer_init(&timer, on_user_timer, 0.05, 0);
    ev_timer_start(ev, &timer);
    ev_run(ev, 0);
    assert_string_equal(trace, "turn turn slept byte timer ");
    assert_true(task_done(&task.future));
    loop_detach(&loop);
    loop_detach(&loop);
    /* the loop keeps nobody's ev_run from ending */
    ev_run(ev, 0);
    assert_int_equal(loop_close(&loop), 0);
    ev_run(ev, 0);
    ev_loop_destroy(ev);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void close_call(void *arg)
{
    assert_true(loop_is_running(arg));
    assert_int_equal(loop_close(arg), GEN_EBADSTATE);
    note("call");
}

gen_declare(closer, void);
struct closer {
    struct gen gen;
};
gen_define(closer)
{
    gen_begin();
    task_sleep(0);
    assert_int_equal(loop_close(loop_running()), GEN_EBADSTATE);
    note("task");
    gen_end();
}

static void nothing_in_a_turn_closes_it(void **state)
{
    struct ev_loop *ev = ev_loop_new(EVFLAG_AUTO);
    struct loop loop;
    struct closer closer = {{0}};
    struct task task = {.name = NULL};
    struct task_call call = {.task__arg = NULL};
    (void)state;
    trace[0] = '\0';
    assert_int_equal(loop_open(&loop, ev), 0);
    assert_int_equal(loop_attach(&loop), 0);
    (void)task_start(&loop.scheduler, &task, closer_any(&closer), "closer");
    assert_int_equal(loop_call_soon(&loop, &call, close_call, &loop), 0);
    while (!task_done(&task.future))
        ev_run(ev, EVRUN_NOWAIT);
    assert_string_equal(trace, "call task ");
    assert_false(loop_is_running(&loop));
    assert_int_equal(loop_close(&loop), 0);
    ev_loop_destroy(ev);
}

/* And is run on one, without being attached. */
static void it_runs_a_loop_of_the_users(void **state)
{
    struct ev_loop *ev = ev_loop_new(EVFLAG_AUTO);
    struct sleeper s = {.name = "s", .seconds = 0.001};
    struct loop loop;
    (void)state;
    assert_int_equal(loop_open(&loop, ev), 0);
    assert_int_equal(loop_run_until_complete(&loop, sleeper_any(&s)), 0);
    assert_int_equal(loop_close(&loop), 0);
    ev_loop_destroy(ev);
}

/* -- What one event makes ready ---------------------------------------------------------------- */

static struct task_future signal_given;
static struct task_call first_call, second_call;

gen_declare(waiter, void);
struct waiter {
    struct gen gen;
    const char *name;
};
gen_define(waiter)
{
    gen_begin();
    task_await(&signal_given);
    note(self->name);
    gen_end();
}

static void on_order_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
    (void)ev, (void)events;
    (void)task_future_set(&signal_given);
    (void)loop_call_soon(watcher->data, &first_call, note_call, "4");
    (void)loop_call_soon(watcher->data, &second_call, stop_call, watcher->data);
}

static void one_event_keeps_the_order(void **state)
{
    static struct waiter waiters[] = {{.name = "1"}, {.name = "2"}, {.name = "3"}};
    struct task tasks[3] = {{.name = NULL}};
    struct loop loop;
    ev_timer timer;
    (void)state;
    trace[0] = '\0';
    assert_int_equal(loop_open(&loop, NULL), 0);
    for (int i = 0; i < 3; i++)
        (void)task_start(&loop.scheduler, &tasks[i], waiter_any(&waiters[i]), "waiter");
    ev_timer_init(&timer, on_order_timer, 0.001, 0);
    timer.data = &loop;
    ev_timer_start(loop.ev, &timer);
    assert_int_equal(loop_run_forever(&loop), 0);
    assert_string_equal(trace, "1 2 3 4 stop ");
    assert_int_equal(loop_close(&loop), 0);
}

/* -- Errors that nobody gets ------------------------------------------------------------------- */

static struct loop_exception last;
static int exceptions;

static void on_exception(struct loop *loop, const struct loop_exception *e, void *arg)
{
    (void)loop;
    assert_ptr_equal(arg, &last);
    last = *e;
    exceptions++;
}

static void errors_are_told(void **state)
{
    struct loop loop;
    struct sleeper failing = {.name = "f", .code = EMINE}, main = {.name = "m"};
    struct task task = {.name = NULL};
    (void)state;
    exceptions = 0;
    assert_int_equal(loop_open(&loop, NULL), 0);
    loop_set_exception_handler(&loop, on_exception, &last);
    (void)task_start(&loop.scheduler, &task, sleeper_any(&failing), "failing");
    assert_int_equal(loop_run_until_complete(&loop, sleeper_any(&main)), 0);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(exceptions, 1);
    assert_int_equal(last.exc.code, EMINE);
    assert_string_equal(last.exc.text, "on purpose");
    assert_string_equal(last.name, "failing");
}

gen_declare(slow, void);
struct slow {
    struct gen gen;
    struct loop *loop;
};
gen_define(slow)
{
    double end;
    gen_begin();
    task_sleep(0);
    end = loop_time(self->loop) + 0.02;
    while (loop_time(self->loop) < end)
        ;
    task_sleep(0);
    gen_end();
}

static void slow_steps_are_told_in_debug_mode(void **state)
{
    (void)state;
    for (int debug = 0; debug < 2; debug++) {
        struct loop loop;
        struct slow slow = {.loop = &loop};
        exceptions = 0;
        assert_int_equal(loop_open(&loop, NULL), 0);
        loop_set_exception_handler(&loop, on_exception, &last);
        loop_set_debug(&loop, debug);
        loop.slow_callback_duration = 0.02;
        assert_int_equal(loop_run_until_complete(&loop, slow_any(&slow)), 0);
        assert_int_equal(loop_close(&loop), 0);
        assert_int_equal(exceptions > 0, debug);
        if (debug) {
            assert_int_equal(last.exc.code, ETIME);
            assert_string_equal(last.name, "main");
        }
    }
}

/* -- The end ----------------------------------------------------------------------------------- */

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    struct gen_unwind unwind[1];
    int n;
    const char *name;
    bool ignores;
};
gen_define(numbers)
{
    gen_begin();
    gen_try_finally {
        for (;; self->n++)
            gen_yield(self->n);
    }
    gen_finally {
        task_sleep(0); /* cleanup may wait */
        note(self->name);
        if (self->ignores)
            gen_yield(-1);
    }
    gen_end_finally
    gen_end();
}

static void close_service(struct loop_service *service)
{
    (void)service;
    note("service");
}

gen_declare(leaver, void);
struct leaver {
    struct gen gen;
    struct sleeper sleeper;
    struct task task;
    struct numbers a, b;
    struct loop_asyncgen entries[2];
    struct loop_service service;
};
gen_define(leaver)
{
    int n;
    gen_begin();
    self->service.close = close_service;
    loop_add_service(loop_running(), &self->service);
    self->sleeper.name = "?";
    self->sleeper.seconds = 100;
    (void)task_start(&loop_running()->scheduler, &self->task, sleeper_any(&self->sleeper), "s");
    self->a.name = "first";
    self->b.name = "second";
    loop_add_asyncgen(loop_running(), &self->entries[0], numbers_any(&self->a));
    loop_add_asyncgen(loop_running(), &self->entries[1], numbers_any(&self->b));
    assert_true(numbers_next(&self->a, &n));
    assert_true(numbers_next(&self->b, &n));
    task_sleep(0);
    task_sleep(0);
    gen_end();
}

static void the_end_is_in_order(void **state)
{
    static struct leaver l;
    struct loop loop;
    (void)state;
    memset(&l, 0, sizeof l);
    trace[0] = '\0';
    exceptions = 0;
    assert_int_equal(loop_open(&loop, NULL), 0);
    loop_set_exception_handler(&loop, on_exception, &last);
    assert_int_equal(loop_run_until_complete(&loop, leaver_any(&l)), 0);
    assert_int_equal(loop_close(&loop), 0);
    assert_string_equal(trace, "cancelled second first service ");
    assert_int_equal(exceptions, 0);
}

/* Calls that are queued are made in the end; the coroutine was done before they were. */
gen_declare(caller, void);
struct caller {
    struct gen gen;
    struct task_call soon, later;
};
gen_define(caller)
{
    gen_begin();
    assert_int_equal(loop_call_soon(loop_running(), &self->soon, note_call, "soon"), 0);
    assert_int_equal(loop_call_later(loop_running(), &self->later, 100, note_call, "later"), 0);
    gen_end();
}

/* The other is taken back: its memory is free for another loop. */
static void what_is_queued_is_called(void **state)
{
    const struct gen fresh = {0};
    struct caller c = {.gen = fresh};
    (void)state;
    trace[0] = '\0';
    assert_int_equal(loop_run(caller_any(&c)), 0);
    c.gen = fresh;
    assert_int_equal(loop_run(caller_any(&c)), 0);
    assert_string_equal(trace, "soon soon ");
}

/* A service whose end starts a task and a call, which does, too. */
struct starting {
    struct loop_service service;
    struct loop *loop;
    struct task_call call;
    struct task tasks[2];
    struct sleeper sleepers[2];
    int started, again;
};

static void start_sleeper(struct starting *s)
{
    struct sleeper *const sleeper = &s->sleepers[s->started];
    sleeper->seconds = 100;
    sleeper->name = "?";
    (void)task_start(&s->loop->scheduler, &s->tasks[s->started++], sleeper_any(sleeper), "late");
}

static void call_again(void *arg)
{
    struct starting *s = arg;
    if (s->started < 2)
        start_sleeper(s);
    s->again = loop_call_soon(s->loop, &s->call, call_again, s);
}

static void close_and_start(struct loop_service *service)
{
    struct starting *s = TASK__OF(struct starting, service, service);
    start_sleeper(s);
    assert_int_equal(loop_call_soon(s->loop, &s->call, call_again, s), 0);
}

static void what_the_end_starts_ends_too(void **state)
{
    struct starting s = {.again = 0};
    struct loop loop;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    s.loop = &loop;
    s.service.close = close_and_start;
    loop_add_service(&loop, &s.service);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(s.started, 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(task_state(&s.tasks[i].future), TASK_CANCELLED);
    assert_int_equal(s.again, LOOP_ECLOSED); /* or it would go on for ever */
}

static void an_async_generator_that_does_not_end(void **state)
{
    struct numbers n = {.name = "n", .ignores = true}, removed = {.name = "removed"};
    struct loop_asyncgen entry, other;
    struct loop loop;
    int value;
    (void)state;
    trace[0] = '\0';
    exceptions = 0;
    assert_int_equal(loop_open(&loop, NULL), 0);
    loop_set_exception_handler(&loop, on_exception, &last);
    assert_true(numbers_next(&n, &value));
    assert_true(numbers_next(&removed, &value));
    loop_add_asyncgen(&loop, &entry, numbers_any(&n));
    loop_add_asyncgen(&loop, &other, numbers_any(&removed));
    loop_remove_asyncgen(&loop, &other);
    loop_remove_asyncgen(&loop, &other);
    assert_int_equal(loop_close(&loop), 0);
    assert_string_equal(trace, "n ");
    assert_int_equal(exceptions, 1);
    assert_int_equal(last.exc.code, GEN_EIGNORED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_coroutine_after_the_other),
        TEST(for_ever_until_it_is_stopped),
        TEST(stopped_too_early),
        TEST(stopped_while_it_ends),
        TEST(not_twice_at_once),
        TEST(at_a_time),
        TEST(other_threads_are_refused),
        TEST(it_lives_in_a_loop_of_the_users),
        TEST(nothing_in_a_turn_closes_it),
        TEST(it_runs_a_loop_of_the_users),
        TEST(one_event_keeps_the_order),
        TEST(errors_are_told),
        TEST(slow_steps_are_told_in_debug_mode),
        TEST(the_end_is_in_order),
        TEST(what_is_queued_is_called),
        TEST(what_the_end_starts_ends_too),
        TEST(an_async_generator_that_does_not_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
