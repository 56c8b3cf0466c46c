/* task/wait.h - waiting for several futures or tasks at once: gather, wait, as_completed.
 *
 *     struct task_slot slots[2];  struct task_wait wait;               in the frame
 *
 *     self->slots[0].future = &self->a.future;
 *     self->slots[1].future = &self->b.future;
 *     task_gather(&self->wait, self->slots, 2);                        await asyncio.gather(a, b)
 *
 * The slots are an array of the user's, with `future` set in each; a future may stand in several. A
 * spawned task that is to be looked at afterwards is kept (task_keep). Nothing is allocated. Each
 * future that is done costs a call in the ready queue.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TASK_WAIT_H
#define TASK_WAIT_H

#include "../task.h"

/* A future that is waited for with others. */
struct task_slot {
    struct task_future *future; /* rw, while nobody waits */
    struct task_call task__call;
    struct task__watch *task__watch;
    struct task_slot *task__next; /* in the order they were done */
};

/* What those below have in common. Private. */
struct task__watch {
    struct task_future some; /* done when what is waited for has come */
    struct task_slot *slots, *first, *last;
    size_t count, left;
    struct gen_exc error; /* the first; the future may be gone when it is raised */
    const char *reason;   /* of a cancel that is raised when the tasks are done */
    uint8_t what;
    bool gathers; /* one that was cancelled counts as failed */
};

/* When task_wait goes on: see there. */
enum task_wait_what {
    TASK_FIRST_COMPLETED,
    TASK_FIRST_EXCEPTION,
    TASK_ALL_COMPLETED,
    TASK__STARTED_OR_DONE /* private: the second slot is a task that sets the first */
};

/* The frame of a wait. It need not be zero, as each wait begins anew. */
struct task_wait {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task__watch task__watch;
};

/* await asyncio.gather(...): waits for all. The first failure is raised at once, TASK_ECANCELLED for
 * one that was cancelled, and the others go on. Of no slots: goes on at once. A cancel cancels all
 * tasks among them, waits until they are done, but for those that wait for this task, and is raised
 * then, or the first failure if that is an error. Mere futures are left alone. */
#define task_gather(wait, slots, count)                                                            \
    TASK__WAIT_FOR(wait, slots, count, TASK_FIRST_EXCEPTION, true)

/* The same with return_exceptions=True: waits for all and raises none of their failures, which
 * task_error(slot->future) tells. A cancel is raised whatever they came to. */
#define task_gather_all(wait, slots, count)                                                        \
    TASK__WAIT_FOR(wait, slots, count, TASK_ALL_COMPLETED, true)

/* await asyncio.wait(..., return_when=what): waits until one is done, until one failed or all are
 * done, or until all are done; task_done(slot->future) tells which are. Raises none of their
 * failures, nor counts as having seen them; a task that failed is to be asked for it (task_error).
 * Cancels none; a cancel leaves them as they are, so that task_move_on gives it a timeout.
 * GEN_EBADSTATE: there are no slots. */
#define task_wait(wait, slots, count, what) TASK__WAIT_FOR(wait, slots, count, what, false)

/* async for slot in asyncio.as_completed(...): the slots in the order they are done.
 *
 *     task_as_completed(&self->completed, self->slots, 2);
 *     gen_for_await (self->slot, task_completed, &self->completed) { ... } gen_end_for
 *
 * Raises none of their failures, nor counts as having seen them, and cancels none. */
gen_declare(task_completed, struct task_slot *);
struct task_completed {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task__watch task__watch;
};
static inline void task_as_completed(struct task_completed *completed, struct task_slot *slots,
                                     size_t count);

/* await nursery.start(...): waits until a task that was started says that it is ready, by setting
 * the future `started`, a member of its frame if the task is kept. If it ends before, its error is
 * raised here, or GEN_EBADSTATE if it has none. A cancel leaves the task as it is. */
#define task_wait_started(start, task, started)                                                    \
    do {                                                                                           \
        task__start_init((start), (task), (started));                                              \
        gen_await(task_wait, &(start)->task__wait);                                                \
        if (task__start_error(start).code != 0)                                                    \
            gen_raise(task__start_error(start).code, task__start_error(start).text);               \
    } while (0)
struct task_start {
    struct task_wait task__wait;
    struct task_slot task__slots[2];
};

/* ==== The machinery ========================================================================== */

gen_declare(task_wait, void);

static inline void task__watch_init(struct task__watch *w, struct task_slot *slots, size_t count,
                                    enum task_wait_what what)
{
    const struct task_future pending = {NULL, NULL, 0, TASK_PENDING, 0};
    w->some = pending;
    w->slots = slots;
    w->first = w->last = NULL;
    w->count = w->left = count;
    w->error.code = 0;
    w->what = (uint8_t)what;
    for (; count > 0; count--) {
        slots[count - 1].task__call.task__node.task__place = TASK__NOWHERE;
        slots[count - 1].task__watch = w;
        slots[count - 1].task__next = NULL;
    }
}

/* Has a failure been seen with that? In a gather it has; and that of a task that did not get ready is
 * raised. */
static inline bool task__watch_sees(const struct task__watch *w)
{
    return w->gathers || (w->what == TASK__STARTED_OR_DONE && !task_done(w->slots[0].future));
}

/* The future of a slot is done. */
static inline void task__slot_done(void *arg)
{
    struct task_slot *slot = (struct task_slot *)arg;
    struct task__watch *w = slot->task__watch;
    if (w->last != NULL)
        w->last->task__next = slot;
    else
        w->first = slot;
    w->last = slot;
    w->left--;
    if (task__watch_sees(w))
        task__retrieved(slot->future);
    if (w->error.code == 0)
        w->error = task__error(slot->future);
    if (w->left == 0 || w->what == TASK_FIRST_COMPLETED || w->what == TASK__STARTED_OR_DONE ||
        (w->what == TASK_FIRST_EXCEPTION &&
         (w->gathers ? w->error.code != 0 : slot->future->task__state == TASK_FAILED)))
        (void)task_future_set(&w->some);
}

static inline void task__watch_begin(struct task__watch *w, void *context)
{
    struct task_scheduler *s = ((struct task *)context)->task__node.task__scheduler;
    size_t i;
    for (i = 0; i < w->count; i++)
        (void)task_call_when_done(s, &w->slots[i].task__call, w->slots[i].future, task__slot_done,
                                  &w->slots[i]);
}

static inline void task__watch_end(struct task__watch *w)
{
    size_t i;
    for (i = 0; i < w->count; i++)
        (void)task_call_cancel(&w->slots[i].task__call);
}

static inline void task__watch_cancel(struct task__watch *w, const char *reason)
{
    size_t i;
    for (i = 0; i < w->count; i++) {
        /* one that is done may be gone */
        const bool waits = w->slots[i].task__call.task__node.task__place == TASK__WAITS;
        struct task *t = waits ? task__of_future(w->slots[i].future) : NULL;
        if (t != NULL)
            (void)task_cancel(t, reason);
    }
}

/* Is the first failure raised, and is there one? */
static inline bool task__watch_raises(const struct task__watch *w)
{
    return w->gathers && w->what == TASK_FIRST_EXCEPTION && w->error.code != 0;
}

/* After a cancel, which has reached them all: does t wait for one of the tasks, as if it awaited that?
 * Not for one that waits for t. */
static inline bool task__watch_join(void *context, struct task__watch *w)
{
    struct task *t = (struct task *)context;
    size_t i;
    for (i = 0; i < w->count; i++) {
        const int place = w->slots[i].task__call.task__node.task__place;
        struct task *child = task__of_future(place == TASK__WAITS ? w->slots[i].future : NULL);
        if (place == TASK__READY) { /* its call comes before t's turn */
            task__ready(&t->task__node);
            return true;
        }
        if (child != NULL && !task__circle(t, &child->future) &&
            !task__waits_for_group_of(child, t)) {
            task__wait(&t->task__node, &child->future);
            for (; child != NULL; child = task__of_future(task__waiting(child)))
                task__interrupt_below(child); /* there, who awaits t would wait for ever */
            return true;
        }
    }
    return false;
}

static inline void task__wait_init(struct task_wait *w, struct task_slot *slots, size_t count,
                                   enum task_wait_what what, bool gathers)
{
    w->gen = gen__at(GEN__CREATED);
    w->task__watch.gathers = gathers;
    task__watch_init(&w->task__watch, slots, count, what);
}

#define TASK__WAIT_FOR(wait, slots, count, what, gathers)                                          \
    do {                                                                                           \
        task__wait_init((wait), (slots), (count), (what), (gathers));                              \
        gen_await(task_wait, (wait));                                                              \
    } while (0)

gen_define(task_wait)
{
    struct task__watch *const w = &self->task__watch;
    gen_begin();
    if (w->count == 0 && w->gathers)
        gen_stop();
    if (w->count == 0 || gen_context == NULL)
        gen_raise(GEN_EBADSTATE, "a wait for nothing, or outside a task");
    task__watch_begin(w, gen_context);
    gen_try_finally {
        gen_try {
            task_await(&w->some);
        }
        gen_except (GEN_CANCELLED) {
            if (!w->gathers)
                gen_reraise();
            w->reason = gen_caught.text;
            task__watch_cancel(w, gen_caught.text);
            while (task__watch_join(gen_context, w))
                gen_suspend();
            if (!task__watch_raises(w) || w->error.code == TASK_ECANCELLED)
                gen_raise(GEN_CANCELLED, w->reason);
        }
        gen_end_try
        if (task__watch_raises(w))
            gen_raise(w->error.code, w->error.text);
    }
    gen_finally {
        task__watch_end(w);
    }
    gen_end_finally
    gen_end();
}

static inline void task_as_completed(struct task_completed *completed, struct task_slot *slots,
                                     size_t count)
{
    completed->gen = gen__at(GEN__CREATED);
    task__watch_init(&completed->task__watch, slots, count, TASK_FIRST_COMPLETED);
}

/* The next of the slots that are done. */
static inline struct task_slot *task__watch_take(struct task__watch *w)
{
    struct task_slot *slot = w->first;
    w->first = slot->task__next;
    if (w->first == NULL)
        w->last = NULL;
    return slot;
}

gen_define(task_completed)
{
    struct task__watch *const w = &self->task__watch;
    gen_begin();
    if (gen_context == NULL)
        gen_raise(GEN_EBADSTATE, "a wait outside a task");
    task__watch_begin(w, gen_context);
    gen_try_finally {
        while (w->first != NULL || w->left > 0) {
            if (w->first == NULL) {
                w->some.task__state = TASK_PENDING;
                task_await(&w->some);
            }
            gen_yield(task__watch_take(w));
        }
    }
    gen_finally {
        task__watch_end(w);
    }
    gen_end_finally
    gen_end();
}

static inline void task__start_init(struct task_start *start, struct task *t,
                                    struct task_future *started)
{
    start->task__slots[0].future = started;
    start->task__slots[1].future = &t->future;
    task__wait_init(&start->task__wait, start->task__slots, 2, TASK__STARTED_OR_DONE, false);
}

static inline struct gen_exc task__start_error(struct task_start *start)
{
    struct gen_exc exc = {0, NULL};
    const struct task__watch *w = &start->task__wait.task__watch; /* the task may be gone */
    if (w->first == &start->task__slots[0] || w->last == &start->task__slots[0])
        return exc;
    exc = w->error;
    if (exc.code == 0)
        exc = gen__exception(GEN_EBADSTATE, "the task ended before it was ready");
    return exc;
}

#endif
