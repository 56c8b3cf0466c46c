/* What the C programs here print, in the words of trace.py. */
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes for all frames of a program and for one gen_stack; less where a target has less. */
#ifndef TRACE_ARENA
#define TRACE_ARENA (1L << 20)
#endif
#ifndef TRACE_STACK
#define TRACE_STACK 4096
#endif

static void *memory(size_t size)
{
    static union {
        long double align;
        char bytes[TRACE_ARENA];
    } arena;
    static size_t used;
    void *p = arena.bytes + used;
    used += (size + sizeof arena.align - 1) / sizeof arena.align * sizeof arena.align;
    if (used > sizeof arena.bytes) {
        puts("trace.c: the arena is full");
        exit(1);
    }
    return p;
}

void *kept(const void *frame, size_t size)
{
    return memcpy(memory(size), frame, size);
}

struct gen_stack *new_stack(void)
{
    struct gen_stack *s = (struct gen_stack *)memory(sizeof *s);
    gen_stack_init(s, memory(TRACE_STACK), TRACE_STACK);
    return s;
}

static struct generator started(struct gen_any any, struct frame *frame, struct gen_stack *stack)
{
    struct generator g;
    g.any = any;
    g.frame = frame;
    g.stack = stack;
    return g;
}

struct generator on_frame(struct gen_any any)
{
    return started(any, (struct frame *)any.frame, NULL);
}

struct generator on_stack(struct gen_any any)
{
    struct gen_stack *s = (struct gen_stack *)any.frame;
    return started(any, gen_stack_root(s, frame), s);
}

/* -- Showing ---------------------------------------------------------------------------------- */

void trace(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    putchar('\n');
}

const char *name_of(int code)
{
    static const char *const ours[] = {"EFIRST", "ESECOND", "ETHIRD", "EFOURTH"};
    static char name[20];
    const char *text = gen_error_name(code);
    size_t length;
    if (code >= EFIRST && code <= EFOURTH)
        return ours[code - EFIRST];
    length = strcspn(text, ":");
    if (length > sizeof name - 1)
        length = sizeof name - 1;
    memcpy(name, text, length); /* as not every library's printf has "%.*s" */
    name[length] = '\0';
    return name;
}

/* The texts of gen.h's own errors are not Python's. */
static void print_exc(struct gen_exc exc)
{
    bool told = exc.text != NULL && (exc.code < GEN_STOP || exc.code >= GEN_EUSER);
    trace(told ? "%s \"%s\"" : "%s", name_of(exc.code), exc.text);
}

static enum gen_state state_of(struct generator g)
{
    return g.stack ? gen_stack_state(g.stack) : gen_state(g.frame);
}

void show_state(struct generator g)
{
    static const char *const names[] = {"CREATED", "RUNNING", "SUSPENDED", "CLOSED"};
    trace("state %s", names[state_of(g)]);
}

static void show_answer(struct generator g, bool was_closed, enum gen_status st, int item,
                        struct gen_exc exc)
{
    int result =
        *(const int *)(const void *)((const char *)g.frame + offsetof(struct frame, result));
    if (st == GEN_YIELDED) {
        trace("yielded %d", item);
    } else if (st == GEN_RAISED) {
        printf("raised ");
        print_exc(exc);
    } else if (st != GEN_RETURNED) {
        trace("status %d", st);
    } else if (result != 0 && !was_closed) { /* a generator returns its value once */
        trace("returned %d", result);
    } else {
        trace("returned");
    }
}

static struct gen_exc error_of(struct generator g)
{
    struct gen_exc exc = {0, NULL};
    exc.code = gen_any_error(g.any);
    return exc;
}

void show_next(struct generator g)
{
    bool was_closed = state_of(g) == GEN_CLOSED;
    int item = 0;
    enum gen_status st = gen_any_send(g.any, NULL, &item);
    printf("next: ");
    show_answer(g, was_closed, st, item, error_of(g));
}

void show_send(struct generator g, int value)
{
    bool was_closed = state_of(g) == GEN_CLOSED;
    int item = 0;
    enum gen_status st = gen_any_send(g.any, &value, &item);
    printf("send %d: ", value);
    show_answer(g, was_closed, st, item, error_of(g));
}

void show_throw(struct generator g, int code)
{
    bool was_closed = state_of(g) == GEN_CLOSED;
    int item = 0;
    enum gen_status st = gen_any_throw(g.any, code, &item);
    printf("throw %s: ", name_of(code));
    show_answer(g, was_closed, st, item, error_of(g));
}

void show_close(struct generator g)
{
    int code = gen_any_close(g.any);
    trace(code ? "close: raised %s" : "close: done", name_of(code));
}

/* next() and throw() that tell the text of what is raised, too. */
static void show_text(struct generator g, int code, const char *text)
{
    bool was_closed = state_of(g) == GEN_CLOSED;
    int item = 0;
    struct gen_io io;
    enum gen_status st;
    memset(&io, 0, sizeof io);
    io.out = &item;
    io.exc.code = code;
    io.exc.text = text;
    st = g.any.resume(g.any.frame, &io);
    show_answer(g, was_closed, st, item, io.exc);
}

void show_next_text(struct generator g)
{
    show_text(g, 0, NULL);
}

void show_throw_text(struct generator g, int code, const char *text)
{
    show_text(g, code, text);
}

void show_rest(struct generator g)
{
    bool was_closed = state_of(g) == GEN_CLOSED; /* its error is then an earlier one */
    int code, item = 0;
    while (gen_any_next(g.any, &item))
        trace("item %d", item);
    code = was_closed ? 0 : gen_any_error(g.any);
    trace(code ? "raised %s" : "ended", name_of(code));
}

void unhandled(struct gen_exc exc)
{
    printf("unhandled ");
    print_exc(exc);
}

void show_sent_value(const int *value)
{
    trace(value ? "sent %d" : "sent None", value ? *value : 0);
}

void show_caught_exc(struct gen_exc exc)
{
    printf("caught ");
    print_exc(exc);
}
