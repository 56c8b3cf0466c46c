/* loop_dump. */
#include "loop/dump.h"

#include "task/dump.h"

static void put(void *file, const char *text)
{
    (void)fputs(text, file);
}

/* "client (client.c:12)": a task, and the line of its innermost coroutine. */
static void put_task(FILE *file, const struct task *t, const char *does)
{
    struct gen_where chain[32];
    const size_t room = sizeof chain / sizeof chain[0];
    const size_t count = gen_any_chain(t->task__coroutine, chain, room);
    const struct gen_where *at = count > 0 ? &chain[(count < room ? count : room) - 1] : NULL;
    fprintf(file, "%s%s", task_name(t), does);
    if (at != NULL && at->line != 0)
        fprintf(file, " (%s:%lu)", at->file, (unsigned long)at->line);
}

/* -- Tasks ------------------------------------------------------------------------------------- */

static void dump_tasks(struct task_scheduler *s, FILE *file)
{
    size_t count = 0;
    for (const struct task *t = task_first(s); t != NULL; t = task_following(t))
        count++;
    fprintf(file, "tasks: %zu\n", count);
    task_dump(s, put, file);
}

/* -- Descriptors ------------------------------------------------------------------------------- */

static void put_waiters(FILE *file, const char *how, const struct task_future *f)
{
    const struct task_node *first = f ? f->task__waiters : NULL, *n = first;
    if (n == NULL)
        return;
    fputs(how, file);
    do {
        if (n != first)
            fputs(", ", file);
        if (n->task__kind == TASK__KIND_TASK)
            put_task(file, TASK__OF(const struct task, task__node, n), "");
        else
            fputs("a call", file);
        n = n->task__next;
    } while (n != first);
}

static void dump_descriptors(const struct loop *loop, FILE *file)
{
    const struct loop_resource *r;
    size_t count = 0;
    for (r = loop->loop__resources; r != NULL; r = r->loop__next)
        count++;
    fprintf(file, "descriptors: %zu\n", count);
    for (r = loop->loop__resources; r != NULL; r = r->loop__next) {
        fprintf(file, "    %s", r->kind);
        if (r->fd >= 0)
            fprintf(file, " %d", r->fd);
        put_waiters(file, ": read by ", r->reading);
        put_waiters(file,
                    r->reading && r->reading->task__waiters ? "; written by " : ": written by ",
                    r->writing);
        fputs("\n", file);
    }
}

/* -- Timers ------------------------------------------------------------------------------------ */

/* All that is timed: see task.h's timers. A heap is walked by its links: the children, the next
 * sibling, and back over those before it to the parent. */
static void each_in_heap(const struct task_node *root,
                         void (*visit)(const struct task_node *n, void *arg), void *arg)
{
    const struct task_node *n = root;
    while (n != NULL) {
        visit(n, arg);
        if (n->task__of.child != NULL) {
            n = n->task__of.child;
            continue;
        }
        while (n != root && n->task__next == NULL) {
            const struct task_node *last;
            do {
                last = n;
                n = n->task__prev;
            } while (n->task__of.child != last);
        }
        n = n == root ? NULL : n->task__next;
    }
}

static void each_timer(const struct task_scheduler *s,
                       void (*visit)(const struct task_node *n, void *arg), void *arg)
{
#if UINTPTR_MAX > UINT32_MAX
    each_in_heap(s->task__near, visit, arg);
    for (size_t i = 0; i < sizeof s->task__far / sizeof s->task__far[0]; i++)
        for (const struct task_node *n = s->task__far[i]; n != NULL; n = n->task__next)
            visit(n, arg);
#else
    each_in_heap(s->task__timers, visit, arg);
#endif
}

static void count_timer(const struct task_node *n, void *count)
{
    (void)n;
    ++*(size_t *)count;
}

struct timers {
    FILE *file;
    task_time now;
    const struct task_node *first;
};

static void put_timer(const struct task_node *n, void *arg)
{
    const struct timers *timers = arg;
    FILE *file = timers->file;
    const task_time left = n->task__due.time - timers->now;
    fprintf(file, "    in %.3f s: ", left > 0 ? (double)left / TASK_TICKS_PER_SECOND : 0);
    if (n->task__kind == TASK__KIND_TASK)
        put_task(file, TASK__OF(const struct task, task__node, n), " sleeps");
    else if (n->task__kind == TASK__KIND_SCOPE) {
        fputs("a deadline of ", file);
        put_task(file, TASK__OF(const struct task_scope, task__timer, n)->task__task, "");
    } else
        fputs("a call", file);
    fputs("\n", file);
}

static void put_other_timer(const struct task_node *n, void *arg)
{
    if (n != ((const struct timers *)arg)->first)
        put_timer(n, arg);
}

static void dump_timers(const struct loop *loop, FILE *file, task_time now)
{
    struct timers timers = {file, now, loop->scheduler.task__timers};
    size_t count = 0;
    each_timer(&loop->scheduler, count_timer, &count);
    fprintf(file, "timers: %zu\n", count);
    if (timers.first != NULL)
        put_timer(timers.first, &timers);
    each_timer(&loop->scheduler, put_other_timer, &timers);
}

/* ---------------------------------------------------------------------------------------------- */

static void dump_ready(const struct task_scheduler *s, FILE *file)
{
    size_t count = 0;
    for (const struct task_node *n = s->task__first; n != NULL; n = n->task__next)
        count++;
    fprintf(file, "ready: %zu\n", count);
}

int loop_dump(struct loop *loop, FILE *file)
{
    const int code = loop__may_begin(loop);
    if (code != 0)
        return code;
    dump_tasks(&loop->scheduler, file);
    dump_descriptors(loop, file);
    dump_timers(loop, file, task_now(&loop->scheduler));
    dump_ready(&loop->scheduler, file);
    return fflush(file) != 0 || ferror(file) ? EIO : 0;
}
