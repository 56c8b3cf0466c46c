/* Signals: from the kernel's handler to a loop's turn. */
#include "loop/signal.h"

#include <sched.h>

#include "loop/portable.h"
#include "loop/source.h"

/* One for each signal. The loop that owns it has the rest for itself, but for what the kernel's handler
 * uses, which may run on any thread. */
static struct taken {
    _Atomic(struct loop *) owner; /* NULL: free */
    atomic_bool armed;            /* the wake-up may be used */
    atomic_uint inside;           /* threads that are in the kernel's handler */
    struct task_wakeup wakeup;
    struct sigaction before;
    struct loop_service service;
    struct loop_signal_handler *first;
} all[NSIG];

static void on_signal(int signum)
{
    struct taken *taken = &all[signum];
    const int code = errno;
    atomic_fetch_add(&taken->inside, 1);
    if (atomic_load(&taken->armed))
        task_wake(&taken->wakeup);
    atomic_fetch_sub(&taken->inside, 1);
    errno = code;
}

/* In the loop's turn: each handler gets a call of its own, which can be taken back. */
static void handle(void *arg)
{
    struct loop_signal_handler *h = arg;
    h->loop__came = !loop__waited_for(&h->loop__waiting);
    loop__done(&h->loop__waiting, 0);
    if (h->loop__fn != NULL)
        h->loop__fn(h->loop__arg); /* the handler may be gone after that */
}

static void call_handlers(void *arg)
{
    struct taken *taken = arg;
    struct loop_signal_handler *h;
    for (h = taken->first; h != NULL; h = h->loop__next)
        if (!h->loop__by_default || (h == taken->first && h->loop__next == NULL))
            (void)loop_call_soon(h->loop__loop, &h->loop__call, handle, h);
}

/* -- Taking a signal, and giving it back ------------------------------------------------------- */

static void give_back(struct taken *taken, int signum)
{
    struct loop *loop = atomic_load(&taken->owner);
    struct sigaction now;
    if (sigaction(signum, NULL, &now) == 0 && now.sa_handler == on_signal)
        (void)sigaction(signum, &taken->before, NULL);
    atomic_store(&taken->armed, false);
    while (atomic_load(&taken->inside) != 0) /* on another thread: a few instructions */
        (void)sched_yield();
    task_wakeup_stop(&taken->wakeup);
    loop_remove_service(loop, &taken->service);
    atomic_store(&taken->owner, NULL);
}

static void on_close(struct loop_service *service)
{
    struct taken *taken = TASK__OF(struct taken, service, service);
    struct loop *const loop = atomic_load(&taken->owner);
    while (atomic_load(&taken->owner) == loop) /* then it may be another thread's */
        loop_remove_signal_handler(taken->first);
}

/* 0, EBUSY, or why the kernel refuses. */
static int take(struct taken *taken, struct loop *loop, int signum)
{
    struct loop *owner = NULL;
    struct sigaction action = {.sa_flags = SA_RESTART};
    if (!atomic_compare_exchange_strong(&taken->owner, &owner, loop))
        return owner == loop ? 0 : EBUSY;
    action.sa_handler = on_signal;
    (void)sigfillset(&action.sa_mask);
    task_wakeup_init(&taken->wakeup, &loop->scheduler, call_handlers, taken);
    atomic_store(&taken->armed, true);
    if (sigaction(signum, &action, &taken->before) != 0) {
        const int code = errno;
        atomic_store(&taken->armed, false);
        atomic_store(&taken->owner, NULL);
        return code;
    }
    taken->service.close = on_close;
    loop_add_service(loop, &taken->service);
    return 0;
}

/* -- Handlers ---------------------------------------------------------------------------------- */

static bool is_handled_so(int signum)
{
    switch (signum) {
    case SIGKILL:
    case SIGSTOP:
    case SIGSEGV:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
        return false;
    default:
        return signum > 0 && signum < NSIG;
    }
}

int loop_add_signal_handler(struct loop *loop, struct loop_signal_handler *h, int signum,
                            void (*fn)(void *arg), void *arg)
{
    struct loop_signal_handler **last;
    int code = loop__may_begin(loop);
    if (code != 0)
        return code;
    if (h->loop__loop != NULL)
        return GEN_EBADSTATE;
    code = is_handled_so(signum) ? take(&all[signum], loop, signum) : EINVAL;
    if (code != 0)
        return code;
    h->signum = signum;
    h->loop__loop = loop;
    h->loop__fn = fn;
    h->loop__arg = arg;
    h->loop__came = false;
    h->loop__next = NULL;
    task_source_init(&h->loop__waiting, NULL, NULL);
    last = &all[signum].first;
    while (*last != NULL)
        last = &(*last)->loop__next;
    *last = h;
    return 0;
}

void loop_remove_signal_handler(struct loop_signal_handler *h)
{
    struct loop_signal_handler **link;
    struct taken *taken;
    if (h->loop__loop == NULL)
        return;
    taken = &all[h->signum];
    link = &taken->first;
    while (*link != h)
        link = &(*link)->loop__next;
    *link = h->loop__next;
    (void)task_call_cancel(&h->loop__call);
    h->loop__loop = NULL;
    loop__fail(&h->loop__waiting, ECANCELED);
    if (taken->first == NULL)
        give_back(taken, h->signum);
}

bool loop__wait_signal(void *context, struct loop_signal_handler *h)
{
    if (context == NULL)
        return false;
    if (h->loop__loop == NULL)
        return loop__settle(context, GEN_EBADSTATE, 0);
    if (!task__may_wait(context))
        return false;
    if (h->loop__came) {
        h->loop__came = false;
        return false;
    }
    return loop__wait(context, &h->loop__waiting);
}
