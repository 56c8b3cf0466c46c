/* loop_dump: tasks, descriptors, timers, and whose they are. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descriptors.h"
#include "loop/dump.h"
#include "loop/process.h"

/* The dump as a text, to be freed. */
static char *dump(struct loop *loop)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    assert_int_equal(loop_dump(loop, file), 0);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void expect(const char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void expect(const char *text, const char *format, ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (strstr(text, line) == NULL)
        printf("not there: %s\n%s", line, text);
    assert_non_null(strstr(text, line));
}

/* -- A loop at work ---------------------------------------------------------------------------- */

gen_declare(reader, void);
struct reader {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct task_future *future;
    int line;
};
gen_define(reader)
{
    gen_begin();
    task_timeout (&self->scope, 1000) {
        self->line = __LINE__ + 1;
        task_await(self->future);
    }
    task_end_scope
    gen_end();
}

gen_declare(outer, void);
struct outer {
    struct gen gen;
    struct reader inner;
    int line;
};
gen_define(outer)
{
    gen_begin();
    self->line = __LINE__ + 1;
    gen_await(reader, &self->inner);
    gen_end();
}

gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    int line;
};
gen_define(sleeper)
{
    gen_begin();
    self->line = __LINE__ + 1;
    task_sleep(500);
    gen_end();
}

static void nothing(void *arg)
{
    (void)arg;
}

gen_declare(scene, void);
struct scene {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_group group;
    struct task tasks[5];
    struct outer read, write, read_too;
    struct sleeper sleeper;
    struct reader waits;
    struct task_future readable, writable, unread;
    struct loop_resource stream, half, idle;
    struct process process;
    struct task_call soon, later, done;
    char *text;
};

static void start_all(struct loop *loop, struct task_group *g, struct scene *s)
{
    s->read.inner.future = s->read_too.inner.future = &s->readable;
    s->write.inner.future = &s->writable;
    s->waits.future = &s->process.future;
    (void)task_group_start(g, &s->tasks[0], outer_any(&s->read), "first");
    (void)task_group_start(g, &s->tasks[1], outer_any(&s->read_too), "second");
    (void)task_group_start(g, &s->tasks[2], outer_any(&s->write), "writer");
    (void)task_group_start(g, &s->tasks[3], sleeper_any(&s->sleeper), NULL);
    (void)task_group_start(g, &s->tasks[4], reader_any(&s->waits), "parent");
    s->stream.reading = &s->readable;
    s->stream.writing = s->half.writing = &s->writable;
    s->half.reading = &s->unread;
    loop__list(loop, &s->half, "pipe", 79);
    loop__list(loop, &s->idle, "server", 78);
    loop__list(loop, &s->stream, "stream", 77);
    (void)loop_call_later(loop, &s->later, 2000, nothing, NULL);
}

gen_define(scene)
{
    gen_begin();
    process_exec(&self->process, (char *[]){"cat", NULL}, .in = PROCESS_PIPE);
    task_group (&self->group) {
        start_all(loop_running(), &self->group, self);
        task_sleep(0);
        (void)task_call_when_done(&loop_running()->scheduler, &self->done, &self->process.future,
                                  nothing, NULL);
        (void)loop_call_soon(loop_running(), &self->soon, nothing, NULL);
        self->text = dump(loop_running());
        (void)task_call_cancel(&self->done);
        (void)task_call_cancel(&self->later);
        loop__unlist(loop_running(), &self->stream);
        loop__unlist(loop_running(), &self->half);
        loop__unlist(loop_running(), &self->idle);
        task_scope_cancel(&self->group.scope);
        process_close(&self->process);
    }
    task_end_group
    task_sleep(0);
    gen_end();
}

static void tasks_descriptors_and_timers_have_owners(void **state)
{
    static struct scene s;
    const char *const file = __FILE__;
    (void)state;
    memset(&s, 0, sizeof s);
    assert_int_equal(loop_run(scene_any(&s)), 0);
    expect(s.text, "tasks: 6\nmain: runs\n");
    expect(s.text, "  first: waits\n      outer (%s:%d)\n      reader (%s:%d)\n", file, s.read.line,
           file, s.read.inner.line);
    expect(s.text,
           "\n    stream 77: read by first (%s:%d), second (%s:%d); written by writer (%s:%d)\n",
           file, s.read.inner.line, file, s.read.inner.line, file, s.write.inner.line);
    expect(s.text, "\n    pipe 79: written by writer (%s:%d)\n", file, s.write.inner.line);
    expect(s.text, "\n    server 78\n");
    expect(s.text, "\n    process ");
    expect(s.text, ": read by parent (%s:%d), a call\n", file, s.waits.line);
    expect(s.text, "\ntimers: 6\n    in ");
    expect(s.text, " s: sleeper sleeps (%s:%d)\n", file, s.sleeper.line);
    expect(s.text, " s: a deadline of writer (%s:%d)\n", file, s.write.inner.line);
    expect(s.text, " s: a call\n");
    expect(s.text, "\nready: 1\n");
    free(s.text);
}

/* -- Timers ------------------------------------------------------------------------------------ */

enum { TIMERS = 300 };

/* Each timer once, the next one first, in heaps of many shapes. */
static void each_timer_is_shown_once(void **state)
{
    static struct task_call calls[TIMERS];
    static bool set[TIMERS], seen[TIMERS];
    struct loop loop;
    unsigned x = 1, count = 0, first = 0;
    (void)state;
    memset(calls, 0, sizeof calls);
    memset(set, 0, sizeof set);
    assert_int_equal(loop_open(&loop, NULL), 0);
    for (int step = 0; step < 1000; step++) {
        const unsigned i = (x = x * 1103515245 + 12345) / 65536 % TIMERS;
        if (set[i])
            (void)task_call_cancel(&calls[i]);
        else /* on a whole second, as the clock goes on while it is read */
            (void)loop_call_later(&loop, &calls[i], 10000 + 10.0 * i, nothing, NULL);
        set[i] = !set[i];
        count += set[i] ? 1U : -1U;
        for (first = 0; first < TIMERS && !set[first]; first++)
            ;
        if (step % 50 == 49) {
            char *const text = dump(&loop), *at;
            bool is_first = true;
            unsigned shown = 0;
            expect(text, "tasks: 0\ndescriptors: 0\ntimers: %u\n", count);
            memset(seen, 0, sizeof seen);
            for (at = text; (at = strstr(at, "in ")) != NULL; at++, shown++, is_first = false) {
                const unsigned timer = (unsigned)((strtod(at + 3, NULL) - 10000 + 5) / 10);
                assert_true(timer < TIMERS && set[timer] && !seen[timer]);
                seen[timer] = true;
                assert_true(!is_first || timer == first);
            }
            assert_int_equal(shown, count);
            free(text);
        }
    }
    for (int i = 0; i < TIMERS; i++)
        (void)task_call_cancel(&calls[i]);
    assert_int_equal(loop_close(&loop), 0);
}

/* -- Errors ------------------------------------------------------------------------------------ */

static void *dump_elsewhere(void *arg)
{
    static int code;
    code = loop_dump(arg, stdout);
    return &code;
}

static void what_cannot_be_done_is_told(void **state)
{
    struct loop loop;
    pthread_t thread;
    void *code;
    FILE *full = fopen("/dev/full", "w");
    (void)state;
    assert_non_null(full);
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(loop_dump(&loop, full), EIO);
    (void)fclose(full);
    assert_int_equal(pthread_create(&thread, NULL, dump_elsewhere, &loop), 0);
    assert_int_equal(pthread_join(thread, &code), 0);
    assert_int_equal(*(int *)code, LOOP_ETHREAD);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(loop_dump(&loop, stdout), LOOP_ECLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tasks_descriptors_and_timers_have_owners),
        TEST(each_timer_is_shown_once),
        TEST(what_cannot_be_done_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
