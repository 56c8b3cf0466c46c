/* task/dump.h - what a scheduler's tasks are doing: for each its name, what it waits for, and where
 * in its source, through the chain of awaits; the tasks of a group below their owner.
 *
 *     main: waits for its group
 *         main (server.c:40)
 *       client: sleeps for 0.500 s
 *         client (client.c:12)
 *         ask (client.c:31)
 *
 * Costs the tasks nothing until it is asked. Follows asyncio.print_call_graph.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TASK_DUMP_H
#define TASK_DUMP_H

#include "../task.h"

/* Writes all tasks, in pieces of text, to write(arg, text). Not from an interrupt. */
static inline void task_dump(struct task_scheduler *s, void (*write)(void *arg, const char *text),
                             void *arg);

/* The same for one task, without those of its groups. */
static inline void task_dump_task(const struct task *t, void (*write)(void *arg, const char *text),
                                  void *arg);

/* ==== The machinery ========================================================================== */

struct task__writer {
    void (*write)(void *arg, const char *text);
    void *arg;
};

/* In decimal, with leading zeros up to `digits`. */
static inline void task__write_number(const struct task__writer *w, uint_least32_t n, int digits)
{
    char text[11];
    char *at = text + sizeof text - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + n % 10);
        n /= 10;
        digits--;
    } while (n > 0 || digits > 0);
    w->write(w->arg, at);
}

static inline void task__write_seconds(const struct task__writer *w, task_time ticks)
{
    const task_time second = (task_time)TASK_TICKS_PER_SECOND;
    task_time seconds = ticks / second;
    if (seconds > INT32_MAX)
        seconds = INT32_MAX;
    task__write_number(w, (uint_least32_t)seconds, 1);
    w->write(w->arg, ".");
    task__write_number(w, (uint_least32_t)((ticks % second) * 1000 / second), 3);
    w->write(w->arg, " s");
}

static inline void task__write_state(const struct task__writer *w, const struct task *t)
{
    struct task_scheduler *s = t->task__node.task__scheduler;
    const struct task *awaited = task__of_future(task__waiting(t));
    if (t->future.task__state != TASK_PENDING)
        w->write(w->arg, "is done");
    else if (s->current == t)
        w->write(w->arg, "runs");
    else if (t->task__node.task__place == TASK__TIMED) {
        task_time left = task__between(task_now(s), t->task__node.task__due.time);
        w->write(w->arg, "sleeps for ");
        task__write_seconds(w, left > 0 ? left : 0);
    } else if (awaited != NULL) {
        w->write(w->arg, "awaits ");
        w->write(w->arg, task_name(awaited));
    } else if (t->task__node.task__place == TASK__WAITS)
        w->write(w->arg, task__is_joining(t) ? "waits for its group" : "waits");
    else
        w->write(w->arg, t->task__node.task__flags & TASK__STARTED ? "is ready" : "is to begin");
    if (t->task__node.task__flags & TASK__CANCEL)
        w->write(w->arg, ", cancelled");
}

static inline void task__write_indent(const struct task__writer *w, const struct task *t)
{
    const struct task_group *g;
    for (g = task__group_of(t); g != NULL; g = task__group_of(g->scope.task__task))
        w->write(w->arg, "  ");
}

static inline void task_dump_task(const struct task *t, void (*write)(void *arg, const char *text),
                                  void *arg)
{
    const struct task__writer w = {write, arg};
    struct gen_where chain[32];
    const size_t room = sizeof chain / sizeof chain[0];
    size_t count = gen_any_chain(t->task__coroutine, chain, room), i;
    task__write_indent(&w, t);
    write(arg, task_name(t));
    write(arg, ": ");
    task__write_state(&w, t);
    write(arg, "\n");
    for (i = 0; i < count && i < room; i++) {
        task__write_indent(&w, t);
        write(arg, "    ");
        write(arg, chain[i].name);
        if (chain[i].line != 0) {
            write(arg, " (");
            write(arg, chain[i].file);
            write(arg, ":");
            task__write_number(&w, chain[i].line, 1);
            write(arg, ")");
        }
        write(arg, "\n");
    }
    if (count > room) {
        task__write_indent(&w, t);
        write(arg, "    and ");
        task__write_number(&w, (uint_least32_t)(count - room), 1);
        write(arg, " more\n");
    }
}

static inline void task_dump(struct task_scheduler *s, void (*write)(void *arg, const char *text),
                             void *arg)
{
    const struct task *t;
    for (t = task_first(s); t != NULL; t = task_following(t))
        task_dump_task(t, write, arg);
}

#endif
