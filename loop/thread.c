/* Coroutines that other threads have started, and wait for. */
#include "loop/thread.h"

#include <stdlib.h>

#include "loop/portable.h"

/* Those of one loop, which are on the list from their start to their end. */
struct loop__remotes {
    struct loop_service service;
    struct loop *loop;
    struct loop__link *list;
};

/* -- On the loop's thread ---------------------------------------------------------------------- */

/* From here on it is the other thread's memory. */
static void complete(struct loop_remote *r)
{
    loop__link_remove(&r->loop__link);
    pthread_mutex_lock(&r->loop__mutex);
    r->loop__done = true;
    pthread_cond_signal(&r->loop__done_now);
    pthread_mutex_unlock(&r->loop__mutex);
}

/* A cancel that is on its way uses the remote: then it is what completes it. */
static void end(struct loop_remote *r, int code)
{
    bool cancelling;
    pthread_mutex_lock(&r->loop__mutex);
    r->loop__code = code;
    r->loop__ended = true;
    cancelling = r->loop__cancelling;
    pthread_mutex_unlock(&r->loop__mutex);
    if (!cancelling)
        complete(r);
}

static void on_cancel(void *arg)
{
    struct loop_remote *r = arg;
    bool ended;
    pthread_mutex_lock(&r->loop__mutex);
    r->loop__cancelling = false;
    ended = r->loop__ended;
    pthread_mutex_unlock(&r->loop__mutex);
    if (ended)
        complete(r);
    else
        (void)task_cancel(&r->loop__task);
}

static void on_ended(void *arg)
{
    struct loop_remote *r = arg;
    const int code = task_error(&r->loop__task.future).code;
    const bool cancelled = task_state(&r->loop__task.future) == TASK_CANCELLED;
    end(r, cancelled ? (int)GEN_CANCELLED : code);
}

static void close_remotes(struct loop_service *service)
{
    struct loop__remotes *all = TASK__OF(struct loop__remotes, service, service);
    for (struct loop__link *l = all->list; l != NULL; l = l->next)
        (void)task_cancel(&TASK__OF(struct loop_remote, loop__link, l)->loop__task);
    while (all->list != NULL || task_woken(&all->loop->scheduler))
        task_run_once(&all->loop->scheduler);
    free(all);
}

static struct loop__remotes *remotes_of(struct loop *loop)
{
    struct loop_service *service = loop__find_service(loop, close_remotes);
    struct loop__remotes *all;
    if (service != NULL)
        return TASK__OF(struct loop__remotes, service, service);
    all = calloc(1, sizeof *all);
    if (all == NULL)
        return NULL;
    all->loop = loop;
    all->service.close = close_remotes;
    loop_add_service(loop, &all->service);
    return all;
}

static void on_start(void *arg)
{
    struct loop_remote *r = arg;
    struct loop__remotes *all = remotes_of(r->loop__loop);
    if (all == NULL) {
        end(r, ENOMEM);
        return;
    }
    loop__link_add(&all->list, &r->loop__link);
    (void)task_start(&r->loop__loop->scheduler, &r->loop__task, r->loop__coroutine, NULL);
    (void)task_call_when_done(&r->loop__loop->scheduler, &r->loop__when_ended,
                              &r->loop__task.future, on_ended, r);
}

/* -- On the other thread ----------------------------------------------------------------------- */

static int init(struct loop_remote *r)
{
    int code = pthread_mutex_init(&r->loop__mutex, NULL);
    if (code != 0)
        return code;
    code = loop__cond_init(&r->loop__done_now);
    if (code != 0)
        (void)pthread_mutex_destroy(&r->loop__mutex);
    return code;
}

/* The mutex is held while the loop is woken: then who completes the remote knows that this thread
 * is through with the loop. */
int loop_run_coroutine_threadsafe(struct loop *loop, struct loop_remote *r,
                                  struct gen_any coroutine)
{
    const struct loop_remote none = {.loop__loop = NULL};
    int code;
    if (r->loop__loop != NULL)
        return GEN_EBADSTATE;
    if (loop->ev == NULL)
        return LOOP_ECLOSED;
    *r = none;
    code = init(r);
    if (code != 0)
        return code;
    r->loop__coroutine = coroutine;
    r->loop__loop = loop;
    pthread_mutex_lock(&r->loop__mutex);
    code = loop_call_soon_threadsafe(loop, &r->loop__start, on_start, r);
    pthread_mutex_unlock(&r->loop__mutex);
    return code;
}

/* The mutex is held. */
static int wait_until_done(struct loop_remote *r, task_time span)
{
    const struct timespec until = loop__after(CLOCK_MONOTONIC, span == TASK_NEVER ? 0 : span);
    int code = 0;
    if (!r->loop__done && !loop__wrong_thread(r->loop__loop))
        return LOOP_ETHREAD;
    while (!r->loop__done && code == 0)
        code = span == TASK_NEVER
                   ? pthread_cond_wait(&r->loop__done_now, &r->loop__mutex)
                   : loop__cond_wait_until(&r->loop__done_now, &r->loop__mutex, &until);
    return r->loop__done ? 0 : code;
}

int loop_remote_wait(struct loop_remote *r, double seconds)
{
    const task_time span = task_ticks(seconds);
    int code;
    if (span < 0)
        return TASK_ETIME;
    if (r->loop__loop == NULL)
        return GEN_EBADSTATE;
    pthread_mutex_lock(&r->loop__mutex);
    code = wait_until_done(r, span);
    pthread_mutex_unlock(&r->loop__mutex);
    if (code != 0)
        return code;
    (void)pthread_cond_destroy(&r->loop__done_now);
    (void)pthread_mutex_destroy(&r->loop__mutex);
    r->loop__loop = NULL;
    return r->loop__code;
}

bool loop_remote_cancel(struct loop_remote *r)
{
    bool running;
    if (r->loop__loop == NULL)
        return false;
    pthread_mutex_lock(&r->loop__mutex);
    running = !r->loop__ended;
    if (running && !r->loop__cancelling) {
        r->loop__cancelling = true;
        (void)loop_call_soon_threadsafe(r->loop__loop, &r->loop__cancel, on_cancel, r);
    }
    pthread_mutex_unlock(&r->loop__mutex);
    return running;
}

bool loop_remote_done(struct loop_remote *r)
{
    bool done;
    if (r->loop__loop == NULL)
        return true;
    pthread_mutex_lock(&r->loop__mutex);
    done = r->loop__done;
    pthread_mutex_unlock(&r->loop__mutex);
    return done;
}
