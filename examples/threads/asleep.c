/* A sleep of one's own: a future, and a thread that sleeps and then sets it. In Python:
 *
 *     async def asleep(sleep_for):
 *         future = asyncio.Future()
 *         Thread(target=sync_sleep, args=(sleep_for, future)).start()
 *         await future
 *
 * If the thread sets the future itself, Python's program hangs: a future is the loop's alone, and
 * the loop, asleep in epoll, is not told. Here task_future_set from another thread would be as
 * wrong (a data race, which nothing reports), and loop_call_soon refuses: both are for the loop's
 * thread. There are two ways that are right:
 *
 *   - loop_call_soon_threadsafe: a call that the loop makes;
 *   - loop_run_coroutine_threadsafe: a coroutine that the loop runs, and the thread may wait for.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "examples/status.h"
#include "loop/executor.h"
#include "loop/thread.h"
#include "task/wait.h"

enum { SLEEPS = 5 };
#define SECONDS 0.2

static void time_sleep(double seconds)
{
    const time_t whole = (time_t)seconds;
    const struct timespec span = {whole, (long)((seconds - (double)whole) * 1e9)};
    (void)nanosleep(&span, NULL);
}

gen_declare(asleep, void);
struct asleep {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope scope;
    struct loop_work work;
    double sleep_for;
    void *(*sync_sleep)(void *self); /* what the thread does */
    struct loop *loop;
    struct task_future future;
    pthread_t thread;
    struct loop_threadsafe threadsafe;
    struct task_call call;
    int refused, failed;
    int *now, *most; /* how many sleep */
};

static void set_future(void *arg)
{
    struct asleep *self = arg;
    if (self->failed == 0)
        (void)task_future_set(&self->future);
    else
        (void)task_future_fail(&self->future, self->failed, NULL);
}

/* -- Refused, and the first way ---------------------------------------------------------------- */

static void *sync_sleep_call(void *arg)
{
    struct asleep *self = arg;
    time_sleep(self->sleep_for);
    loop_call_soon_threadsafe(self->loop, &self->threadsafe, set_future, self);
    return NULL;
}

static void *sync_sleep_refused(void *arg)
{
    struct asleep *self = arg;
    self->refused = loop_call_soon(self->loop, &self->call, set_future, self);
    return sync_sleep_call(self);
}

/* -- The second way ---------------------------------------------------------------------------- */

gen_declare(sleep_future_resolver, void);
struct sleep_future_resolver {
    struct gen gen;
    struct asleep *asleep;
};
gen_define(sleep_future_resolver)
{
    gen_begin();
    set_future(self->asleep);
    gen_end();
}

/* The coroutine's frame is this thread's memory, so it waits until that has been used. */
static void *sync_sleep_coroutine(void *arg)
{
    struct asleep *self = arg;
    struct sleep_future_resolver resolver = {.asleep = self};
    struct loop_remote remote = {0};
    int code;
    time_sleep(self->sleep_for);
    code = loop_run_coroutine_threadsafe(self->loop, &remote, sleep_future_resolver_any(&resolver));
    if (code == 0)
        code = loop_remote_wait(&remote, INFINITY);
    if (code != 0) { /* no memory: it never began, and the future is still to be set */
        self->failed = code;
        loop_call_soon_threadsafe(self->loop, &self->threadsafe, set_future, self);
    }
    return NULL;
}

/* -- Both -------------------------------------------------------------------------------------- */

/* It waits, as the thread may wait for the loop: so another thread does it. */
static int join(void *thread)
{
    return pthread_join(*(pthread_t *)thread, NULL);
}

gen_define(asleep)
{
    int code;

    gen_begin();
    self->loop = loop_running();
    code = pthread_create(&self->thread, NULL, self->sync_sleep, self);
    if (code != 0)
        gen_raise(code, "pthread_create");
    if (++*self->now > *self->most)
        *self->most = *self->now;
    task_shield (&self->scope) { /* the thread uses this frame, and cannot be cancelled */
        gen_try_finally {
            task_await(&self->future);
        }
        gen_finally {
            loop_to_thread(&self->work, join, &self->thread);
        }
        gen_end_finally
    }
    task_end_scope
    --*self->now;
    gen_end();
}

gen_declare(sleeps, void);
struct sleeps {
    struct gen gen;
    void *(*sync_sleep)(void *self);
    int count, now, most;
    struct asleep asleep[SLEEPS];
    struct task tasks[SLEEPS];
    struct task_slot slots[SLEEPS];
    struct task_wait wait;
};
gen_define(sleeps)
{
    gen_begin();
    for (int i = 0; i < self->count; i++) {
        self->asleep[i] = (struct asleep){.sleep_for = SECONDS,
                                          .sync_sleep = self->sync_sleep,
                                          .now = &self->now,
                                          .most = &self->most};
        task_start(&loop_running()->scheduler, &self->tasks[i], asleep_any(&self->asleep[i]), NULL);
        self->slots[i].future = &self->tasks[i].future;
    }
    task_gather(&self->wait, self->slots, (size_t)self->count);
    gen_end();
}

/* 0, or what loop_run came to. */
static int run(const char *what, struct sleeps *sleeps)
{
    struct timespec begin, end;
    int code;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    code = loop_run(sleeps_any(sleeps));
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (code == 0)
        printf("%s: %d asleep at once, %.1f s\n", what, sleeps->most,
               (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) * 1e-9);
    return code;
}

int main(void)
{
    static struct sleeps one = {.sync_sleep = sync_sleep_refused, .count = 1},
                         calls = {.sync_sleep = sync_sleep_call, .count = SLEEPS},
                         coroutines = {.sync_sleep = sync_sleep_coroutine, .count = SLEEPS};
    int code = run("a call that is refused, then one that is not", &one);
    if (code == 0) {
        printf("the refused one: %s\n", loop_error_name(one.asleep[0].refused));
        code = run("loop_call_soon_threadsafe", &calls);
    }
    if (code == 0)
        code = run("loop_run_coroutine_threadsafe", &coroutines);
    return exit_status("asleep", code);
}
