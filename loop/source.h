/* source.h - how a wait of loop/ is made. Private to loop/.
 *
 * Something that can be waited for has a struct task_source, which is used again for each wait:
 *
 *     bool thing__wait(void *context, struct thing *thing)  TASK__WAIT(thing__wait(gen_context, ..))
 *     {
 *         if (!loop__wait(context, &thing->source))            false: cancelled, which is settled
 *             return false;
 *         ev_io_start(thing->loop->ev, &thing->watcher);
 *         return true;                                         true: the body suspends
 *     }
 *
 * and the watcher's callback ends it with loop__done or loop__fail. What ends without a wait is
 * settled with loop__settle.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_SOURCE_H
#define GEN_LOOP_SOURCE_H

#include "loop/loop.h"

static inline bool loop__waited_for(const struct task_source *source)
{
    return source->future.task__waiters != NULL;
}

/* False if the body shall go on, with what is settled. */
static inline bool loop__wait(void *context, struct task_source *source)
{
    source->future.task__state = TASK_PENDING;
    return task__await(context, &source->future);
}

/* libev invokes the callbacks of what it found last in first out. So what one of them makes ready,
 * that is all behind `mark`, the last that was ready when it began, is put before what those made
 * ready that were invoked before it. */
static inline void loop__before_others(struct loop *loop, struct task_node *mark)
{
    struct task_scheduler *s = &loop->scheduler;
    struct task_node *const begin =
        loop->loop__before.task__place == TASK__READY ? &loop->loop__before : NULL;
    struct task_node *const first = mark ? mark->task__next : s->task__first;
    struct task_node *const last = s->task__last;
    if (!loop->loop__polls || first == NULL || mark == begin)
        return;
    s->task__last = mark;
    mark->task__next = NULL;
    last->task__next = begin ? begin->task__next : s->task__first;
    last->task__next->task__prev = last;
    first->task__prev = begin;
    if (begin != NULL)
        begin->task__next = first;
    else
        s->task__first = first;
}

/* Calls fn(arg) in the next turn: from a watcher's callback. */
static inline void loop__call_next(struct loop *loop, struct task_call *call, void (*fn)(void *),
                                   void *arg)
{
    struct task_node *const mark = loop->scheduler.task__last;
    (void)task_call_soon(&loop->scheduler, call, fn, arg);
    loop__before_others(loop, mark);
}

/* The wait ends, with a code (0: well), and what loop__item and loop__count shall have. */
static inline void loop__end_with(struct task_source *source, int code, void *item)
{
    struct task_node *const first = source->future.task__waiters;
    struct task_node *n = first, *mark;
    struct task_scheduler *s;
    if (first == NULL) {
        (void)task__finish(&source->future, code == 0 ? TASK_DONE : TASK_FAILED, code, NULL);
        return;
    }
    do {
        n->task__due.item = item;
        n = n->task__next;
    } while (n != first);
    s = first->task__scheduler;
    mark = s->task__last;
    (void)task__finish(&source->future, code == 0 ? TASK_DONE : TASK_FAILED, code, NULL);
    loop__before_others((struct loop *)(void *)s, mark);
}

static inline void loop__done(struct task_source *source, size_t count)
{
    loop__end_with(source, 0, (void *)(uintptr_t)count);
}

static inline void loop__fail(struct task_source *source, int code)
{
    loop__end_with(source, code, NULL);
}

/* There is nothing to wait for. Returns false, as a wait that does not suspend. */
static inline bool loop__settle_with(void *context, int code, void *item)
{
    struct task *t = (struct task *)context;
    if (t != NULL) {
        task__settle(t, code, NULL);
        t->task__node.task__due.item = item;
    }
    return false;
}

static inline bool loop__settle(void *context, int code, size_t count)
{
    return loop__settle_with(context, code, (void *)(uintptr_t)count);
}

/* Would a system call that failed with this code have to wait? */
static inline bool loop__again(int code)
{
    return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

#endif
