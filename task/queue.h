/* task/queue.h - queues between tasks: bounded, typed, first in first out, last in first out, or by
 * priority; asyncio.Queue, LifoQueue and PriorityQueue.
 *
 *     task_queue_declare(jobs, struct job);                            a type of queue
 *     struct jobs queue;  struct job room[16];
 *     task_queue_init(&queue, room, 16);
 *
 *     task_queue_put(&self->hub->queue, self->job);                    await queue.put(job)
 *     task_queue_get(self->job, &self->hub->queue);                    job = await queue.get()
 *
 * The memory is the caller's. With no room at all, each put waits for a get (a rendezvous). Items are
 * copied, from one frame right into the other if the other waits. Who waits is served first in, first
 * out. An item is in one place always: with who puts it until his wait is over, in the queue, or with
 * who gets it. So what a cancel does is: put's item is not put, get takes none, the place is lost.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TASK_QUEUE_H
#define TASK_QUEUE_H

#include "../task.h"

/* Declares struct NAME, a queue of items of type T. */
#define task_queue_declare(NAME, T)                                                                \
    struct NAME {                                                                                  \
        struct task_queue queue;                                                                   \
        T *task__items;                                                                            \
    }

struct task_queue {
    size_t count;      /* ro: items in it */
    size_t room;       /* ro: at most */
    size_t unfinished; /* ro: put, and not yet told to be done by task_queue_task_done */
    bool shut;         /* ro */
    bool task__lifo;
    size_t task__size, task__first;
    char *task__items;
    bool (*task__before)(const void *a, const void *b);
    struct task_future task__getters, task__putters, task__joined;
};

/* First in, first out; last in, first out; or the item first that `before` puts before the others,
 * in no order among equals, at O(log n) for each. `room` is an array of `count` items, which lives as
 * long as the queue; (T *)NULL with 0. */
#define task_queue_init(q, items, count)                                                           \
    task__queue_init(&(q)->queue, (q)->task__items = (items), (count), sizeof *(q)->task__items,   \
                     false, NULL)
#define task_queue_init_lifo(q, items, count)                                                      \
    task__queue_init(&(q)->queue, (q)->task__items = (items), (count), sizeof *(q)->task__items,   \
                     true, NULL)
#define task_queue_init_priority(q, items, count, before)                                          \
    task__queue_init(&(q)->queue, (q)->task__items = (items), (count), sizeof *(q)->task__items,   \
                     false, (before))

/* await q.put(item): waits while it is full. `item` is an lvalue that lives until then: a member.
 * TASK_ESHUTDOWN: it has been shut down. */
#define task_queue_put(q, item)                                                                    \
    TASK__WAIT(task__queue_put(gen_context, &(q)->queue, TASK__ITEM(q, item)))

/* item = await q.get(): waits while it is empty. TASK_ESHUTDOWN: it is, and has been shut down. */
#define task_queue_get(item, q)                                                                    \
    TASK__WAIT(task__queue_get(gen_context, &(q)->queue, TASK__ITEM(q, item)))

/* q.put_nowait(), q.get_nowait(), from anywhere on the thread: false if it is full, or empty. */
#define task_queue_try_put(q, item) task__queue_offer(&(q)->queue, TASK__ITEM(q, item))
#define task_queue_try_get(item, q) task__queue_take(&(q)->queue, TASK__ITEM(q, item))

/* An item that was got has been dealt with. 0, or GEN_EBADSTATE: called more often than put. */
#define task_queue_task_done(q) task__queue_task_done(&(q)->queue)

/* await q.join(): waits until all that was put has been dealt with. */
#define task_queue_join(q) TASK__WAIT(task__queue_join(gen_context, &(q)->queue))

/* No more is put: those who do, and wait to, get TASK_ESHUTDOWN; those who get, when it is empty.
 * `immediate` empties it, which counts as dealt with. */
#define task_queue_shutdown(q, immediate) task__queue_shutdown(&(q)->queue, (immediate))

/* ==== The machinery ========================================================================== */

/* The address of an item, which must be of the queue's type. */
#define TASK__ITEM(q, item) ((void)sizeof(*(q)->task__items = (item)), (void *)&(item))

static inline void task__queue_init(struct task_queue *q, void *items, size_t room, size_t size,
                                    bool lifo, bool (*before)(const void *, const void *))
{
    const struct task_future pending = {NULL, NULL, 0, TASK_PENDING, 0};
    q->count = q->unfinished = q->task__first = 0;
    q->room = room;
    q->shut = false;
    q->task__lifo = lifo;
    q->task__size = size;
    q->task__items = (char *)items;
    q->task__before = before;
    q->task__getters = q->task__putters = pending;
    q->task__joined = pending;
    q->task__joined.task__state = TASK_DONE;
}

static inline void task__copy(void *to, const void *from, size_t size)
{
    size_t i;
#if defined(__GNUC__)
    /* So that gcc, which sees an item but not its size, does not warn of the sizes it has not. */
    __asm__("" : "+r"(to), "+r"(from));
    if (size == sizeof(long)) { /* the usual sizes are one move */
        __builtin_memcpy(to, from, sizeof(long));
        return;
    }
    if (size == sizeof(int)) {
        __builtin_memcpy(to, from, sizeof(int));
        return;
    }
#endif
    for (i = 0; i < size; i++)
        ((char *)to)[i] = ((const char *)from)[i];
}

static inline void task__exchange(char *a, char *b, size_t size)
{
    for (; size > 0; size--, a++, b++) {
        char c = *a;
        *a = *b;
        *b = c;
    }
}

static inline char *task__queue_at(const struct task_queue *q, size_t i)
{
    i += q->task__first;
    return q->task__items + (i < q->room ? i : i - q->room) * q->task__size;
}

/* Puts an item into the room there is. A queue by priority is a binary heap. */
static inline void task__queue_add(struct task_queue *q, const void *item)
{
    size_t i = q->count++;
    task__copy(task__queue_at(q, i), item, q->task__size);
    for (; q->task__before && i > 0; i = (i - 1) / 2) {
        char *child = task__queue_at(q, i), *parent = task__queue_at(q, (i - 1) / 2);
        if (!q->task__before(child, parent))
            break;
        task__exchange(child, parent, q->task__size);
    }
}

static inline void task__queue_remove(struct task_queue *q, void *item)
{
    size_t i = 0;
    q->count--;
    if (!q->task__before) {
        task__copy(item, task__queue_at(q, q->task__lifo ? q->count : 0), q->task__size);
        if (!q->task__lifo && ++q->task__first == q->room)
            q->task__first = 0;
        return;
    }
    task__copy(item, task__queue_at(q, 0), q->task__size);
    task__copy(task__queue_at(q, 0), task__queue_at(q, q->count), q->task__size);
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < q->count &&
            q->task__before(task__queue_at(q, child + 1), task__queue_at(q, child)))
            child++;
        if (child >= q->count || !q->task__before(task__queue_at(q, child), task__queue_at(q, i)))
            return;
        task__exchange(task__queue_at(q, child), task__queue_at(q, i), q->task__size);
        i = child;
    }
}

static inline void task__queue_unfinished(struct task_queue *q, size_t count)
{
    q->unfinished = count;
    if (count == 0)
        (void)task_future_set(&q->task__joined);
    else
        q->task__joined.task__state = TASK_PENDING;
}

/* Gives an item to who waits for one, or to the queue; false: there is no room. */
static inline bool task__queue_offer(struct task_queue *q, void *item)
{
    struct task_node *getter;
    if (q->shut)
        return false;
    getter = task__wake_first(&q->task__getters);
    if (getter != NULL)
        task__copy(getter->task__due.item, item, q->task__size);
    else if (q->count < q->room)
        task__queue_add(q, item);
    else
        return false;
    task__queue_unfinished(q, q->unfinished + 1);
    return true;
}

/* Takes an item from the queue, or from who waits to put one; false: there is none. */
static inline bool task__queue_take(struct task_queue *q, void *item)
{
    struct task_node *putter;
    if (q->count > 0)
        task__queue_remove(q, item);
    else if (q->task__putters.task__waiters == NULL)
        return false;
    putter = task__wake_first(&q->task__putters);
    if (putter == NULL)
        return true;
    if (q->room > 0)
        task__queue_add(q, putter->task__due.item);
    else
        task__copy(item, putter->task__due.item, q->task__size);
    task__queue_unfinished(q, q->unfinished + 1);
    return true;
}

static inline bool task__queue_wait(struct task *t, struct task_future *f, void *item)
{
    if (!task__may_wait(t))
        return false;
    t->task__node.task__due.item = item;
    task__wait(&t->task__node, f);
    return true;
}

static inline bool task__queue_put(void *context, struct task_queue *q, void *item)
{
    struct task *t = (struct task *)context;
    if (t == NULL)
        return false;
    if (q->shut) {
        task__settle(t, TASK_ESHUTDOWN, NULL);
        return false;
    }
    task__settle(t, 0, NULL);
    return !task__queue_offer(q, item) && task__queue_wait(t, &q->task__putters, item);
}

static inline bool task__queue_get(void *context, struct task_queue *q, void *item)
{
    struct task *t = (struct task *)context;
    if (t == NULL)
        return false;
    task__settle(t, 0, NULL);
    if (task__queue_take(q, item))
        return false;
    if (q->shut) {
        task__settle(t, TASK_ESHUTDOWN, NULL);
        return false;
    }
    return task__queue_wait(t, &q->task__getters, item);
}

static inline int task__queue_task_done(struct task_queue *q)
{
    if (q->unfinished == 0)
        return GEN_EBADSTATE;
    task__queue_unfinished(q, q->unfinished - 1);
    return 0;
}

static inline bool task__queue_join(void *context, struct task_queue *q)
{
    return task__await(context, &q->task__joined);
}

static inline void task__queue_refuse(struct task_future *f)
{
    struct task_node *n;
    while ((n = task__wake_first(f)) != NULL)
        task__settle(TASK__OF(struct task, task__node, n), TASK_ESHUTDOWN, NULL);
}

static inline void task__queue_shutdown(struct task_queue *q, bool immediate)
{
    q->shut = true;
    task__queue_refuse(&q->task__putters);
    task__queue_refuse(&q->task__getters); /* if they wait, it is empty */
    if (immediate) {
        size_t count = q->count;
        q->count = 0;
        task__queue_unfinished(q, q->unfinished > count ? q->unfinished - count : 0);
    }
}

#endif
