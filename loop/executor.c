/* Threads that take calls from a queue, and the way back to the loops that these came from. */
#include "loop/executor.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/portable.h"
#include "loop/source.h"

/* -- The way back: one port for each loop that has submitted something ------------------------- */

struct loop__port {
    struct loop_service service;
    struct loop *loop;
    size_t works; /* that are not done, as far as the loop knows */
    struct task_wakeup wakeup;
    pthread_mutex_t mutex; /* for what follows; held while the loop is woken, so that who has it
                              knows that no thread is about to touch the loop */
    struct loop_work *first, *last;
    bool woken;
};

/* From any thread: the work is the loop's again. */
static void hand_back(struct loop_work *w)
{
    struct loop__port *port = w->loop__port;
    w->loop__next = NULL;
    atomic_store(&w->loop__over, true);
    pthread_mutex_lock(&port->mutex);
    if (port->first == NULL)
        port->first = w;
    else
        port->last->loop__next = w;
    port->last = w;
    if (!port->woken) {
        port->woken = true;
        task_wake(&port->wakeup);
    }
    pthread_mutex_unlock(&port->mutex);
}

/* Its memory is the caller's from here on. */
static void finish(struct loop_work *w)
{
    const int code =
        w->loop__code < 0 || w->loop__code > INT16_MAX ? (int)GEN_EBADSTATE : w->loop__code;
    w->loop__port->works--;
    w->loop__executor = NULL;
    if (w->loop__finished != NULL)
        w->loop__finished(w);
    if (w->loop__cancelled) {
        (void)task__finish(&w->future, TASK_CANCELLED, GEN_CANCELLED, NULL);
        (void)task__finish(&w->loop__owners.future, TASK_CANCELLED, GEN_CANCELLED, NULL);
        return;
    }
    (void)task__finish(&w->future, code == 0 ? TASK_DONE : TASK_FAILED, code, NULL);
    loop__end_with(&w->loop__owners, code, (void *)(uintptr_t)w->loop__value);
}

static void on_handed_back(void *arg)
{
    struct loop__port *port = arg;
    struct loop_work *w, *next;
    pthread_mutex_lock(&port->mutex);
    w = port->first;
    port->first = NULL;
    port->woken = false;
    pthread_mutex_unlock(&port->mutex);
    for (; w != NULL; w = next) {
        next = w->loop__next;
        finish(w);
    }
}

static void run_until_done(struct loop__port *port)
{
    while (port->works > 0)
        task_run_once(&port->loop->scheduler);
}

static void close_port(struct loop_service *service)
{
    struct loop__port *port = TASK__OF(struct loop__port, service, service);
    run_until_done(port);
    (void)pthread_mutex_destroy(&port->mutex);
    free(port);
}

static struct loop__port *find_port(const struct loop *loop)
{
    struct loop_service *service = loop__find_service(loop, close_port);
    return service ? TASK__OF(struct loop__port, service, service) : NULL;
}

static struct loop__port *port_of(struct loop *loop)
{
    struct loop__port *port = find_port(loop);
    if (port != NULL)
        return port;
    port = calloc(1, sizeof *port);
    if (port == NULL)
        return NULL;
    if (pthread_mutex_init(&port->mutex, NULL) != 0) {
        free(port);
        return NULL;
    }
    port->loop = loop;
    port->service.close = close_port;
    task_wakeup_init(&port->wakeup, &loop->scheduler, on_handed_back, port);
    loop_add_service(loop, &port->service);
    return port;
}

/* -- The queue. The executor's mutex is held. -------------------------------------------------- */

static void enqueue(struct loop_executor *e, struct loop_work *w)
{
    w->loop__queued = true;
    w->loop__next = NULL;
    w->loop__prev = e->loop__last;
    if (e->loop__last != NULL)
        e->loop__last->loop__next = w;
    else
        e->loop__first = w;
    e->loop__last = w;
    e->loop__queued += w->loop__calls;
}

static void dequeue(struct loop_executor *e, struct loop_work *w)
{
    w->loop__queued = false;
    if (w->loop__prev != NULL)
        w->loop__prev->loop__next = w->loop__next;
    else
        e->loop__first = w->loop__next;
    if (w->loop__next != NULL)
        w->loop__next->loop__prev = w->loop__prev;
    else
        e->loop__last = w->loop__prev;
}

/* Takes back what has not begun. True: nothing of it runs either. */
static bool take_back(struct loop_executor *e, struct loop_work *w)
{
    dequeue(e, w);
    e->loop__queued -= w->loop__calls - w->loop__begun;
    w->loop__calls = w->loop__begun;
    w->loop__cancelled = true;
    return w->loop__running == 0;
}

/* -- The threads ------------------------------------------------------------------------------- */

/* Makes the next call of a work; the mutex is given up meanwhile. */
static void make_call(struct loop_executor *e, struct loop_work *w)
{
    const size_t at = w->loop__begun++;
    int code;
    e->loop__queued--;
    e->loop__idle--;
    w->loop__running++;
    if (w->loop__begun == w->loop__calls)
        dequeue(e, w);
    pthread_mutex_unlock(&e->loop__mutex);
    code = w->loop__fn(w->loop__size > 0 ? w->loop__arg + at * w->loop__size : w->loop__arg);
    pthread_mutex_lock(&e->loop__mutex);
    e->loop__idle++;
    w->loop__running--;
    if (code != 0 && (w->loop__code == 0 || at < w->loop__failed)) {
        w->loop__code = code;
        w->loop__failed = at;
    }
    if (w->loop__running == 0 && w->loop__begun == w->loop__calls)
        hand_back(w);
}

static void *thread(void *arg)
{
    struct loop_executor *e = arg;
    pthread_mutex_lock(&e->loop__mutex);
    for (;;) {
        while (e->loop__first == NULL && !e->loop__shut)
            pthread_cond_wait(&e->loop__more, &e->loop__mutex);
        if (e->loop__first == NULL)
            break;
        make_call(e, e->loop__first);
    }
    pthread_mutex_unlock(&e->loop__mutex);
    return NULL;
}

/* As many as there are calls for, and no signals in them: these are the loop's. */
static int start_threads(struct loop_executor *e)
{
    sigset_t before;
    int code = 0;
    if (e->loop__queued <= e->loop__idle || e->loop__started == e->max_workers)
        return 0;
    loop__block_signals(&before);
    while (code == 0 && e->loop__queued > e->loop__idle && e->loop__started < e->max_workers) {
        code = pthread_create(&e->loop__threads[e->loop__started], NULL, thread, e);
        if (code == 0) {
            e->loop__started++;
            e->loop__idle++; /* from the start, so that its share is counted */
        }
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return e->loop__started > 0 ? 0 : code;
}

/* -- The executor ------------------------------------------------------------------------------ */

static size_t default_workers(void)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t n = (processors > 0 ? (size_t)processors : 1) + 4;
    return n < 32 ? n : 32;
}

int loop_executor_open(struct loop_executor *e, size_t max_workers)
{
    int code;
    memset(e, 0, sizeof *e);
    e->max_workers = max_workers > 0 ? max_workers : default_workers();
    e->loop__threads = calloc(e->max_workers, sizeof *e->loop__threads);
    if (e->loop__threads == NULL)
        return ENOMEM;
    code = pthread_mutex_init(&e->loop__mutex, NULL);
    if (code == 0) {
        code = pthread_cond_init(&e->loop__more, NULL);
        if (code == 0)
            return 0;
        (void)pthread_mutex_destroy(&e->loop__mutex);
    }
    free(e->loop__threads);
    e->loop__threads = NULL;
    return code;
}

static bool is_own_thread(const struct loop_executor *e)
{
    for (size_t i = 0; i < e->loop__started; i++)
        if (pthread_equal(e->loop__threads[i], pthread_self()))
            return true;
    return false;
}

static void release(struct loop_executor *e)
{
    for (size_t i = 0; i < e->loop__started; i++)
        (void)pthread_join(e->loop__threads[i], NULL);
    (void)pthread_cond_destroy(&e->loop__more);
    (void)pthread_mutex_destroy(&e->loop__mutex);
    free(e->loop__threads);
    e->loop__threads = NULL;
}

int loop_executor_shutdown(struct loop_executor *e, bool wait, bool cancel_queued)
{
    bool own;
    if (e->loop__threads == NULL)
        return 0;
    pthread_mutex_lock(&e->loop__mutex);
    own = is_own_thread(e);
    if (!(wait && own)) {
        e->loop__shut = true;
        while (cancel_queued && e->loop__first != NULL) {
            struct loop_work *w = e->loop__first;
            if (take_back(e, w))
                hand_back(w);
        }
        pthread_cond_broadcast(&e->loop__more);
    }
    pthread_mutex_unlock(&e->loop__mutex);
    if (wait && own)
        return EDEADLK;
    if (wait)
        release(e);
    return 0;
}

/* -- A loop's own ------------------------------------------------------------------------------ */

struct own {
    struct loop_service service;
    struct loop *loop;
    struct loop_executor executor;
};

/* The works are waited for with the loop running, as they may wait for it. */
static void close_own(struct loop_service *service)
{
    struct own *own = TASK__OF(struct own, service, service);
    struct loop__port *port = find_port(own->loop);
    if (port != NULL)
        run_until_done(port);
    (void)loop_executor_shutdown(&own->executor, true, false);
    if (own->loop->executor == &own->executor)
        own->loop->executor = NULL;
    free(own);
}

struct loop_executor *loop_default_executor(struct loop *loop)
{
    struct own *own;
    if (loop->executor != NULL)
        return loop->executor;
    own = malloc(sizeof *own);
    if (own == NULL)
        return NULL;
    if (loop_executor_open(&own->executor, 0) != 0) {
        free(own);
        return NULL;
    }
    own->loop = loop;
    own->service.close = close_own;
    loop_add_service(loop, &own->service);
    loop->executor = &own->executor;
    return loop->executor;
}

void loop_set_default_executor(struct loop *loop, struct loop_executor *e)
{
    loop->executor = e;
}

/* -- A work ------------------------------------------------------------------------------------ */

/* An owner is cancelled, and may go when no thread uses the work. */
static void on_cancelled(struct task_source *source, struct task *t)
{
    struct loop_work *w = TASK__OF(struct loop_work, loop__owners, source);
    (void)loop_work_cancel(w);
    if (w->loop__executor == NULL)
        task__ready(&t->task__node);
    else
        task__wait_firmly(t, &w->loop__owners.future);
}

static void prepare(struct loop_work *w, struct loop__port *port, struct loop_executor *e)
{
    w->future.task__state = TASK_PENDING; /* who awaits it already, stays */
    w->future.task__bits = 0;
    task_source_init(&w->loop__owners, NULL, on_cancelled);
    w->loop__executor = e;
    w->loop__port = port;
    w->loop__begun = w->loop__running = w->loop__failed = w->loop__value = 0;
    w->loop__finished = NULL;
    w->loop__code = 0;
    w->loop__cancelled = w->loop__queued = false;
    atomic_init(&w->loop__over, false);
    port->works++;
}

/* The work is prepared. 0, or it stays the caller's. */
static int queue(struct loop_executor *e, struct loop_work *w)
{
    int code = EXECUTOR_ESHUTDOWN;
    if (e->loop__threads == NULL)
        return code;
    pthread_mutex_lock(&e->loop__mutex);
    if (!e->loop__shut && w->loop__calls == 0) {
        hand_back(w);
        code = 0;
    } else if (!e->loop__shut) {
        enqueue(e, w);
        code = start_threads(e);
        if (code != 0)
            (void)take_back(e, w);
        else if (w->loop__calls == 1)
            pthread_cond_signal(&e->loop__more);
        else
            pthread_cond_broadcast(&e->loop__more);
    }
    pthread_mutex_unlock(&e->loop__mutex);
    return code;
}

static int submit(struct loop_executor *e, struct loop *loop, struct loop_work *w)
{
    struct loop__port *port;
    int code = loop__may_begin(loop);
    if (code != 0)
        return code;
    if (e == NULL)
        e = loop_default_executor(loop);
    port = port_of(loop);
    if (e == NULL || port == NULL)
        return ENOMEM;
    prepare(w, port, e);
    code = queue(e, w);
    if (code != 0) {
        w->loop__executor = NULL;
        port->works--;
    }
    return code;
}

int loop_submit_map(struct loop_executor *e, struct loop *loop, struct loop_work *w,
                    int (*fn)(void *), void *array, size_t count, size_t element_size)
{
    if (w->loop__executor != NULL)
        return GEN_EBADSTATE;
    w->loop__fn = fn;
    w->loop__arg = array;
    w->loop__calls = count;
    w->loop__size = element_size;
    return submit(e, loop, w);
}

int loop_submit(struct loop_executor *e, struct loop *loop, struct loop_work *w, int (*fn)(void *),
                void *arg)
{
    return loop_submit_map(e, loop, w, fn, arg, 1, 0);
}

bool loop_work_cancel(struct loop_work *w)
{
    struct loop_executor *e = w->loop__executor;
    bool queued, over;
    if (e == NULL || atomic_load(&w->loop__over))
        return false;
    pthread_mutex_lock(&e->loop__mutex);
    queued = w->loop__queued;
    over = queued && take_back(e, w);
    pthread_mutex_unlock(&e->loop__mutex);
    if (over)
        finish(w);
    return queued;
}

enum loop_work_state loop_work_state(const struct loop_work *w)
{
    struct loop_executor *e = w->loop__executor;
    bool begun;
    if (e == NULL)
        return !task_done(&w->future)                     ? LOOP_WORK_PENDING
               : task_state(&w->future) == TASK_CANCELLED ? LOOP_WORK_CANCELLED
                                                          : LOOP_WORK_FINISHED;
    if (atomic_load(&w->loop__over))
        return LOOP_WORK_RUNNING;
    pthread_mutex_lock(&e->loop__mutex);
    begun = w->loop__begun > 0;
    pthread_mutex_unlock(&e->loop__mutex);
    return begun ? LOOP_WORK_RUNNING : LOOP_WORK_PENDING;
}

const char *loop_work_state_name(enum loop_work_state state)
{
    static const char *const names[] = {"pending", "running", "cancelled", "finished"};
    return (unsigned)state < sizeof names / sizeof names[0] ? names[state] : "?";
}

/* -- Inside a body ----------------------------------------------------------------------------- */

bool loop__map(void *context, struct loop_executor *e, struct loop_work *w, int (*fn)(void *),
               void *array, size_t count, size_t element_size)
{
    int code;
    if (context == NULL || !task__may_wait(context))
        return false;
    code = loop_submit_map(e, loop__of(context), w, fn, array, count, element_size);
    return code == 0 ? loop__work_await(context, w) : loop__settle(context, code, 0);
}

bool loop__work_await(void *context, struct loop_work *w)
{
    if (context == NULL)
        return false;
    if (w->loop__executor == NULL) {
        if (task_done(&w->future))
            return task__await(context, &w->future);
        return loop__settle(context, GEN_EBADSTATE, 0);
    }
    if (loop__wait(context, &w->loop__owners))
        return true;
    (void)loop_work_cancel(w); /* as the task is cancelled, which is settled */
    if (w->loop__executor == NULL)
        return false;
    task__wait_firmly(context, &w->loop__owners.future);
    return true;
}

bool loop__work_finish(void *context, struct loop_work *w)
{
    if (context == NULL || w->loop__executor == NULL)
        return false;
    task__wait_firmly(context, &w->loop__owners.future);
    return true;
}

bool loop__work_join(void *context, struct loop_work *w)
{
    (void)loop_work_cancel(w);
    return loop__work_finish(context, w);
}
