/* What the C programs here have in common; trace.py says the same in Python.
 *
 * FORM says what start() makes and how delegate() delegates. The check compiles every program that
 * delegates once for each, so that one trace holds for all:
 *   STATIC  a frame of its own          gen_yield_from
 *   ANY     a frame of its own          gen_yield_from_any
 *   NEW     the root of a gen_stack     gen_yield_from_new
 */
#ifndef TRACE_H
#define TRACE_H

#define GEN_UNHANDLED(exc) unhandled(exc)
#include "gen.h"

#define STATIC 0
#define ANY 1
#define NEW 2
#ifndef FORM
#define FORM STATIC
#endif

enum { EFIRST = GEN_EUSER, ESECOND, ETHIRD, EFOURTH };

/* What every frame here begins with. */
#define FRAME                                                                                      \
    struct gen gen;                                                                                \
    int result;                                                                                    \
    void *delegated

struct frame {
    FRAME;
};

/* A generator that start() made. */
struct generator {
    struct gen_any any;
    struct frame *frame;
    struct gen_stack *stack; /* that it stands for, or NULL */
};

/* -- Starting and delegating -------------------------------------------------------------------
 *
 * struct generator g = start(NAME, .field = v);         g = NAME(field=v)
 * delegate(NAME, .field = v);                           yield from NAME(field=v)
 * delegate_to(NAME, g);                                 yield from g
 * returned(NAME)                                        the value of the delegate() just above
 * frame_of(NAME, g)                                     struct NAME *, of g's
 */
struct gen_stack *new_stack(void);
struct generator on_frame(struct gen_any any);
struct generator on_stack(struct gen_any any);
void *kept(const void *frame, size_t size); /* a copy that lasts until the program ends */

#define KEPT(NAME, ...)                                                                            \
    ((struct NAME *)kept(&(struct NAME){.gen = {0, 0}, __VA_ARGS__}, sizeof(struct NAME)))

#define frame_of(NAME, g) ((struct NAME *)(void *)(g).frame)
#define start_on_frame(...) START_ON_FRAME(__VA_ARGS__, )
#define START_ON_FRAME(NAME, ...) on_frame(NAME##_any(KEPT(NAME, __VA_ARGS__)))
#define start_on_stack(...) on_stack(gen_start(new_stack(), __VA_ARGS__))

#if FORM == NEW
#define start(...) start_on_stack(__VA_ARGS__)
#define delegate(...) gen_yield_from_new(__VA_ARGS__)
#define delegate_to(NAME, g) gen_yield_from_any((g).any)
#define returned(NAME) (gen_returned(NAME)->result)
#else
#define start(...) start_on_frame(__VA_ARGS__)
#define delegate(...) DELEGATE(__VA_ARGS__, )
#define DELEGATE(NAME, ...)                                                                        \
    do {                                                                                           \
        self->delegated = KEPT(NAME, __VA_ARGS__);                                                 \
        TO_CHILD(NAME, (struct NAME *)self->delegated);                                            \
    } while (0)
#define returned(NAME) (((const struct NAME *)self->delegated)->result)
#if FORM == ANY
#define TO_CHILD(NAME, child) gen_yield_from_any(NAME##_any(child))
#define delegate_to(NAME, g) gen_yield_from_any((g).any)
#else
#define TO_CHILD(NAME, child) gen_yield_from(NAME, child)
#define delegate_to(NAME, g) gen_yield_from(NAME, frame_of(NAME, g))
#endif
#endif

/* -- Showing ---------------------------------------------------------------------------------- */

void trace(const char *format, ...);
void show_state(struct generator g);
void show_next(struct generator g);
void show_send(struct generator g, int value);
void show_throw(struct generator g, int code);
void show_close(struct generator g);
void show_rest(struct generator g); /* for item in g, until it ends */

/* next() and throw() that tell the text of what is raised, too. */
void show_next_text(struct generator g);
void show_throw_text(struct generator g, int code, const char *text);

const char *name_of(int code);
void unhandled(struct gen_exc exc);

/* In a body. */
void show_sent_value(const int *value);
void show_caught_exc(struct gen_exc exc);
#define show_sent() show_sent_value(gen_sent)
#define show_caught() show_caught_exc(gen_caught)

#endif
