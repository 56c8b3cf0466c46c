/* ThreadPoolExecutor: map; submit and as_completed, with the states of what was submitted; and
 * run_in_executor, to forget. In Python:
 *
 *     with futures.ThreadPoolExecutor(max_workers=3) as executor:
 *         for cc in sorted(cc_list):
 *             future = executor.submit(download_one, cc)
 *             to_do.append(future)
 *             print('Scheduled for {}: {}'.format(cc, future))
 *         for future in futures.as_completed(to_do):
 *             print('{} result: {!r}'.format(future, future.result()))
 *     ...
 *     loop.run_in_executor(None, save_flag, image, cc.lower() + '.gif')
 *
 * A download takes as long as the program says, so that it prints the same each time. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/status.h"
#include "loop/executor.h"
#include "task/wait.h"

enum { COUNT = 5, MAX_WORKERS = 3 };

static const char *const cc_list[COUNT] = {"BR", "CN", "ID", "IN", "US"};

/* The order in which they end: what waits for a thread cannot be before what has one. */
static const size_t order[COUNT] = {2, 0, 1, 3, 4};

/* What a thread has to do, and what it gives back. */
struct download {
    const char *cc;
    struct loop *loop;
    struct loop_threadsafe begins;
    size_t result;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static size_t arrived; /* how many of `order` may end */

static void let_arrive(size_t count)
{
    pthread_mutex_lock(&mutex);
    arrived = count;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

/* On the loop's thread: how many have begun. */
static size_t begun;
static struct task_future all_threads_work;

static void begins(void *arg)
{
    (void)arg;
    if (++begun == MAX_WORKERS)
        task_future_set(&all_threads_work);
}

/* In a thread: blocks. */
static int download_one(void *arg)
{
    struct download *d = (struct download *)arg;
    size_t i = 0;
    (void)loop_call_soon_threadsafe(d->loop, &d->begins, begins, NULL);
    while (d->cc != cc_list[order[i]])
        i++;
    pthread_mutex_lock(&mutex);
    while (arrived <= i)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
    return 0;
}

static int length(void *element)
{
    struct download *d = (struct download *)element;
    d->result = 100 * (size_t)d->cc[0];
    return 0;
}

static int saved;

static int save_flag(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&mutex);
    saved++;
    pthread_mutex_unlock(&mutex);
    return 0;
}

gen_declare(program, void);
struct program {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct loop_executor executor;
    struct download downloads[COUNT];
    struct loop_work mapped, to_do[COUNT], saves[COUNT];
    struct task_slot slots[COUNT], *future;
    struct task_completed completed;
    size_t i, done;
};

static const char *state(const struct loop_work *work)
{
    return loop_work_state_name(loop_work_state(work));
}

gen_define(program)
{
    int code;
    gen_begin();
    for (size_t i = 0; i < COUNT; i++)
        self->downloads[i] = (struct download){.cc = cc_list[i], .loop = loop_running()};
    if ((code = loop_executor_open(&self->executor, MAX_WORKERS)) != 0)
        gen_raise(code, "no executor");
    gen_try_finally {
        /* for size in executor.map(length, cc_list): the results are in the order of the array */
        loop_map(&self->executor, &self->mapped, length, self->downloads, COUNT,
                 sizeof self->downloads[0]);
        for (size_t i = 0; i < COUNT; i++)
            printf("%s: %zu bytes\n", self->downloads[i].cc, self->downloads[i].result);

        for (size_t i = 0; i < COUNT; i++) {
            code = loop_submit(&self->executor, loop_running(), &self->to_do[i], download_one,
                               &self->downloads[i]);
            if (code != 0)
                gen_raise(code, "not submitted");
            self->slots[i].future = &self->to_do[i].future;
        }
        task_await(&all_threads_work);
        for (size_t i = 0; i < COUNT; i++)
            printf("Scheduled for %s: <work state=%s>\n", cc_list[i], state(&self->to_do[i]));

        /* future.cancel(): what runs goes on */
        printf("cancel %s: %d\n", cc_list[0], loop_work_cancel(&self->to_do[0]));
        printf("cancel %s: %d\n", cc_list[4], loop_work_cancel(&self->to_do[4]));

        /* What was cancelled is done first; each that is done lets the next arrive. */
        task_as_completed(&self->completed, self->slots, COUNT);
        gen_for_await (self->future, task_completed, &self->completed) {
            const struct gen_exc failed = task_error(self->future->future);
            const size_t i = (size_t)(self->future - self->slots);
            printf("<work state=%s> result: %s\n", state(&self->to_do[i]),
                   failed.code == 0 ? cc_list[i] : loop_error_name(failed.code));
            let_arrive(++self->done);
        }
        gen_end_for

        /* The default executor, to forget: loop_run waits for it before it returns. */
        for (size_t i = 0; i < COUNT; i++) {
            code = loop_submit(NULL, loop_running(), &self->saves[i], save_flag, NULL);
            if (code != 0)
                gen_raise(code, "not submitted");
        }
    }
    gen_finally {
        let_arrive(COUNT);
        for (size_t i = 0; i < COUNT; i++)
            loop_work_cancel(&self->to_do[i]);
        for (self->i = 0; self->i < COUNT; self->i++)
            loop_work_join(&self->to_do[self->i]);
        loop_executor_shutdown(&self->executor, true, false);
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    static struct program program;
    const int code = loop_run(program_any(&program));
    if (code == 0)
        printf("%d flags saved\n", saved);
    return exit_status("executor", code);
}
