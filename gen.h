/* gen.h - generators for C: what Python writes with yield, send, throw, close and yield from.
 *
 * Two lines of use:   #include "gen.h"   - that is all. No library, no build step, no allocation.
 *
 *     gen_declare(countdown, int);                  a generator that yields int
 *     struct countdown { struct gen gen; int n; };  all that lives across a yield, by name
 *
 *     gen_define(countdown)                         its body; `self` is the struct above
 *     {
 *         gen_begin();
 *         for (; self->n > 0; self->n--)
 *             gen_yield(self->n);
 *         gen_end();
 *     }
 *
 *     gen_for (n, countdown, .n = 10)               for n in countdown(10):
 *         printf("%d\n", n);
 *
 * The body is a function that is called again for every item and goes on, through a switch, after
 * the yield it left at. So a LOCAL VARIABLE DOES NOT SURVIVE A YIELD: what has to, is a member of
 * the struct. A struct that is all zero is a generator that has not begun.
 *
 * Meaning: CPython's. PEP 255 (generators), 342 (send, throw, close), 380 (yield from), 479
 * (StopIteration in a body). Mechanism: Duff's device, as in Dunkels' protothreads and Tatham's
 * coroutines. Needs <stddef.h>, <stdint.h>, <stdbool.h>; C99 or later.
 *
 * CONTENTS   1 types and codes   2 outside a body   3 inside a body   4 cost and limits
 *            5 the machinery, which users need not read
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_H
#define GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ==== 1. Types and codes ===================================================================== */

/* The first member of every frame. All zero: created. Four bytes; private. */
struct gen {
    uint16_t gen__label; /* where to go on, or a state: GEN__CREATED, GEN__RUNNING, GEN__CLOSED */
    int16_t gen__error;  /* code of the exception that last left */
};

/* What a resume answers. */
enum gen_status { GEN_RAISED = -1, GEN_RETURNED = 0, GEN_YIELDED = 1, GEN_PENDING = 2 };

/* inspect.getgeneratorstate() */
enum gen_state { GEN_CREATED, GEN_RUNNING, GEN_SUSPENDED, GEN_CLOSED };

/* An exception is a number and, if you like, a text (which must outlive it; a literal does). */
struct gen_exc {
    int code;
    const char *text;
};

/* Codes. 0 is none. Below 0: orders, which `gen_except_any` lets pass. 1..999: errno's.
 * 1000..1999: ours. From GEN_EUSER to 32767: yours. */
enum {
    GEN_EXIT = -1,      /* close() asks the body to leave       (GeneratorExit) */
    GEN_CANCELLED = -2, /* a task's wait is cancelled           (CancelledError) */
    GEN_STOP = 1000,    /* the end of an iteration              (StopIteration) */
    GEN_ERUNNING,       /* resumed while it runs */
    GEN_ESTARTED,       /* sent a value before its first yield */
    GEN_EIGNORED,       /* yielded when it was told to close */
    GEN_ESTOP,          /* GEN_STOP left a body (PEP 479) */
    GEN_ENOMEM,         /* no room on the gen_stack */
    GEN_ENOSTACK,       /* gen_yield_from_new without a gen_stack */
    GEN_EBADSTATE,      /* a misuse: see the text, and section 4 */
    GEN_EPENDING,       /* the body waits, and the caller cannot */
    GEN_EUSER = 2000
};

/* "GEN_ERUNNING: generator already executing"; a string literal for every code. */
static inline const char *gen_error_name(int code);

/* Where a generator stands. line is 0 unless it is suspended. */
struct gen_where {
    const char *name, *file;
    uint_least32_t line;
};

/* One resume: what goes in and what comes out. NAME_next and its kind make one for each call; a
 * scheduler makes its own, zeroed but for what it sets. */
struct gen_io {
    struct gen_exc exc;      /* in: thrown at the suspension, if code != 0; out: what left */
    struct gen_stack *stack; /* for gen_yield_from_new; NULL: none */
    void *context;           /* the driver's own (task.h: the running task); see gen_context */
    void *out;               /* Y *, or NULL to drop what is yielded */
    const void *in;          /* const S *, or NULL as next() has it */
    int how;                 /* private; 0 */
};

/* Any generator: a frame and how to resume it. Two words, passed by value. The frame is whatever
 * `resume` says it is, which is one that gen_declare makes or gen_start gives: it answers private
 * questions (`how`), too. */
struct gen_any {
    void *frame;
    enum gen_status (*resume)(void *frame, struct gen_io *io);
};

/* Memory of the caller's for generators that recurse: see gen_stack_init. Private. */
struct gen_stack {
    char *gen__free, *gen__end;
    struct gen__record *gen__top, *gen__root;
    void *gen__returned;         /* the frame that was popped last: gen_returned */
    struct gen_exc gen__closing; /* the close() under way, for static delegates on the way down */
    struct gen gen__none;        /* stands for a root that did not fit */
    bool gen__driven, gen__delivering;
};

/* One for each try/finally that is nested in a body: struct gen_unwind unwind[N]. Private. */
struct gen_unwind {
    const char *gen__text;
    int16_t gen__code;
    uint8_t gen__way;
};

/* ==== 2. Outside a body ====================================================================== */

/* gen_declare(NAME, Y);  gen_declare(NAME, Y, S);
 *
 * Declares a generator that yields Y (may be void) and is sent S: types that `*` can follow, without a
 * comma outside parentheses; else use a typedef. Write it before struct NAME and gen_define(NAME), in
 * the same file or header. It makes, all static inline:
 *
 *   bool NAME_next(struct NAME *g, Y *out)
 *       next(g). True: *out is the item. False: ended, raised (see gen_error), or GEN_EPENDING.
 *   enum gen_status NAME_step(struct NAME *g, Y *out)
 *       next(g), telling the four answers apart. For bodies that wait (GEN_PENDING).
 *   enum gen_status NAME_send(struct NAME *g, S value, Y *out)               only with S
 *       g.send(value). GEN_ESTARTED, and still usable, if g has not begun.
 *   enum gen_status NAME_throw(struct NAME *g, int code, Y *out)
 *       g.throw(code). A code of 0 or beyond 16 bits: GEN_EBADSTATE, g untouched.
 *   int NAME_close(struct NAME *g)
 *       g.close(). 0, or the code that left: GEN_EIGNORED if the body yields instead of leaving.
 *   enum gen_status NAME_resume(struct NAME *g, struct gen_io *io)
 *       what these are made of.
 *   struct gen_any NAME_any(struct NAME *g)      g without its type
 *   struct gen_where NAME_where(struct NAME *g)  its name, file and line; costs the body nothing
 *
 * Each `out` may be NULL. Each answers GEN_ERUNNING if g is running. Cost: a call of the body,
 * which is inlined where the compiler sees it and finds it worth it. */
#define gen_declare(...)                                                                           \
    GEN__DECLARE_N(__VA_ARGS__, 3, 2, 0)(GEN__UNUSED static inline, __VA_ARGS__)

/* The same, and the body is inlined wherever it is resumed, at -O0 too: for short bodies in a
 * pipeline, or which others delegate to. It may not delegate to itself. */
#define gen_declare_inline(...)                                                                    \
    GEN__DECLARE_N(__VA_ARGS__, 3, 2, 0)(GEN__INLINE static inline, __VA_ARGS__)

/* The same in a public header, for a body that one .c file has (gen_define there). Where C++ includes
 * the header too, it stands within extern "C" { }, as a function would. */
#define gen_declare_extern(...) GEN__DECLARE_N(__VA_ARGS__, 3, 2, 0)(extern, __VA_ARGS__)

/* enum gen_state gen_state(&g) */
#define gen_state(g) gen__state(&(g)->gen)

/* int gen_error(&g): the code of what last left g, or by which it was last refused; 0 if it last
 * yielded or returned. */
#define gen_error(g) ((int)(g)->gen.gen__error)

/* gen_for (x, NAME, .field = v, ...) body          for x in NAME(field=v): body
 * Owns its generator and declares x. `break` closes it; `return` and `goto` out of the loop do not.
 * An error that leaves it, from the close too, goes to GEN_UNHANDLED(struct gen_exc). */
#define gen_for(...)                                                                               \
    GEN__FOR(GEN__FIRST(__VA_ARGS__, 0), GEN__SECOND(__VA_ARGS__, 0, 0), __VA_ARGS__)

/* gen_each (x, NAME, &g) body                      for x in g: body
 * Borrows g, which is not closed at the end; assigns the lvalue x. gen_error(&g) says how it went. */
#define gen_each(x, NAME, ...) GEN__EACH(GEN__CAT(gen__each_##NAME, __LINE__), x, NAME, __VA_ARGS__)

/* What gen_for does with an error that it has nobody to give to. Define it before the include. */
#ifndef GEN_UNHANDLED
#define GEN_UNHANDLED(exc) gen__trap(exc)
#endif

/* A gen_any has the same calls. It does not know its types: *out and *value must be what they are.
 * gen_any_error is gen_error. */
static inline bool gen_any_next(struct gen_any it, void *out);
static inline enum gen_status gen_any_send(struct gen_any it, const void *value, void *out);
static inline enum gen_status gen_any_throw(struct gen_any it, int code, void *out);
static inline int gen_any_close(struct gen_any it);
static inline int gen_any_error(struct gen_any it);
static inline struct gen_where gen_any_where(struct gen_any it); /* of a gen_stack: the innermost */

/* The chain of delegation: where the generator stands, then its delegate, and so on to the innermost,
 * into chain[0..room-1]. Returns how many there are. Costs a body nothing until it is asked; then what
 * stands before gen_begin() is run. */
static inline size_t gen_any_chain(struct gen_any it, struct gen_where *chain, size_t room);

/* Recursion. A generator that is started on a gen_stack, and those it delegates to, may use
 * gen_yield_from_new, which puts the child's frame into `buffer`. A million levels cost per item
 * what one level costs, and no C stack. The buffer is yours and must stay where it is. A frame in it is
 * aligned as a long double is, at most.
 *
 *     struct gen_stack s;  gen_stack_init(&s, buffer, sizeof buffer);
 *     struct gen_any it = gen_start(&s, NAME, .field = v);
 *     while (gen_any_next(it, &x)) ...
 *
 * One generator at a time: gen_start on a stack in use forgets the one before; on one that runs it
 * changes nothing, and the resume raises GEN_ERUNNING. If the first frame does not fit, the first
 * resume raises GEN_ENOMEM. */
static inline void gen_stack_init(struct gen_stack *s, void *buffer, size_t size);
#define gen_start(...)                                                                             \
    GEN__START(GEN__FIRST(__VA_ARGS__, 0), GEN__SECOND(__VA_ARGS__, 0, 0), __VA_ARGS__)
static inline enum gen_state gen_stack_state(const struct gen_stack *s); /* of the root */
static inline int gen_stack_error(const struct gen_stack *s);            /* of the root */

/* struct NAME *gen_stack_root(&s, NAME): the root's frame, for its result. NULL if it did not fit. */
#define gen_stack_root(s, NAME) ((struct NAME *)gen__root(s))

/* ==== 3. Inside a body ======================================================================= */

/* gen_define(NAME) { ... } is the body. Declarations and whatever has to be done anew on every
 * resume may stand before gen_begin(). Nothing stands after gen_end(). */
#define gen_define(NAME) GEN__DEFINE(NAME)
#define gen_begin() GEN__BEGIN()
#define gen_end() GEN__END()

/* yield v.  gen_yield() where Y is void. A v that ends in the name of a macro with arguments goes into
 * parentheses. */
#define gen_yield(...)                                                                             \
    do {                                                                                           \
        GEN__IF_EMPTY(GEN__PUT_NOTHING, GEN__PUT, __VA_ARGS__);                                    \
        GEN__SUSPEND(GEN__AT_SUSPENSION, GEN_YIELDED);                                             \
    } while (0)

/* const S *: what was sent, NULL after next(). Valid until the next suspension. */
#define gen_sent (gen__in)

/* return v: assigns self->result and ends. gen_stop() is `return` alone. Every finally runs. */
#define gen_return(...)                                                                            \
    do {                                                                                           \
        self->result = (__VA_ARGS__);                                                              \
        GEN__RETURN();                                                                             \
    } while (0)
#define gen_stop()                                                                                 \
    do {                                                                                           \
        GEN__RETURN();                                                                             \
    } while (0)

/* raise.  gen_raise(code) or gen_raise(code, text). A code of 0, or beyond 16 bits, is raised as
 * GEN_EBADSTATE. gen_reraise() is `raise` alone: again what gen_caught is, or GEN_EBADSTATE. */
#define gen_raise(...)                                                                             \
    do {                                                                                           \
        gen__io->exc =                                                                             \
            gen__exception(GEN__FIRST(__VA_ARGS__, 0), GEN__SECOND(__VA_ARGS__, NULL, 0));         \
        GEN__RAISE();                                                                              \
    } while (0)
#define gen_reraise()                                                                              \
    do {                                                                                           \
        gen__io->exc = gen__caught[gen__clause].code                                               \
                           ? gen__caught[gen__clause]                                              \
                           : gen__exception(GEN_EBADSTATE, "gen_reraise: nothing is active");      \
        GEN__RAISE();                                                                              \
    } while (0)

/* gen_try { ... }
 * gen_except (code) { ... }   any number of clauses, tried in order
 * gen_except_any { ... }      every error, code > 0                    (except Exception)
 * gen_except_all { ... }      orders too; GEN_EXIT and GEN_CANCELLED   (except BaseException)
 * gen_end_try
 *
 * Costs nothing when nothing is raised: which clauses are innermost is known where the code
 * stands. Each part may suspend. */
#define gen_try GEN__TRY(GEN__AT(GEN__TRY_AT))
#define gen_except(c) GEN__EXCEPT(gen__io->exc.code == (c))
#define gen_except_any GEN__EXCEPT(gen__io->exc.code > 0)
#define gen_except_all GEN__EXCEPT(true)
#define gen_end_try GEN__END_TRY

/* struct gen_exc: in a clause, or in a finally that an exception came to, that exception; until the
 * next suspension, so copy it into the frame to keep it. Otherwise its code is 0. */
#define gen_caught (gen__caught[gen__clause])

/* gen_try_finally { ... } gen_finally { ... } gen_end_finally
 *
 * The second block runs on every way out of the first: its end, an exception, gen_return, gen_stop,
 * `break` and `continue` of a loop around it. It may suspend; it may itself raise, return, break or
 * continue, which then wins. The frame has a member `struct gen_unwind unwind[N]`, N the deepest
 * nesting. Cost: one store where the first block ends, and a branch after the second. */
#define gen_try_finally GEN__TRY_FINALLY(GEN__AT(GEN__FINALLY_AT))
#define gen_finally GEN__FINALLY
#define gen_end_finally GEN__END_FINALLY

/* yield from. The child's status ends the statement: after a return go on below, and the value is
 * where gen_return put it; an exception is raised here. next, send, throw and close reach the
 * innermost generator, so its Y is this body's Y, and its S too, if both have one. A body without S
 * hands through what a gen_any is sent, and of that nobody knows the type. Both arguments are
 * evaluated again on each resume, so they name members.
 *
 *   gen_yield_from(NAME, &self->child)    a child in the frame; inlined
 *   gen_yield_from_any(self->it)          any generator of the same Y and S
 *   gen_yield_from_new(NAME, .field = v)  a child pushed on the driver's gen_stack: recursion.
 *                                         GEN_ENOMEM, GEN_ENOSTACK are raised here
 *   gen_returned(NAME)                    const struct NAME *: the pushed child that just returned,
 *                                         until the next suspension or push */
#define gen_yield_from(NAME, child)                                                                \
    GEN__DELEGATE(GEN__AT(GEN__GUARDED), GEN__SAME_TYPES(NAME),                                    \
                  NAME##_gen__pass((child), gen__io, gen__out, gen__in, gen__enters), GEN__KEEP)
#define gen_yield_from_any(it)                                                                     \
    GEN__DELEGATE(GEN__AT(GEN__GUARDED), (void)0,                                                  \
                  gen__any_pass((it), gen__io, gen__out, gen__in, gen__enters), GEN__KEEP)
#define gen_yield_from_new(...)                                                                    \
    GEN__PUSH(GEN__AT(GEN__GUARDED), GEN__SAME_YIELD, GEN__FIRST(__VA_ARGS__, 0), __VA_ARGS__)
#define gen_returned(NAME) ((const struct NAME *)gen__io->stack->gen__returned)

/* gen_for_in (self->x, NAME, &self->src) body: like gen_each, and an error of src is raised here.
 * The arguments are evaluated again for each item. `break` does not close src. */
#define gen_for_in(x, NAME, src) GEN__PULL(NAME##_gen__pull((src), gen__io, &(x)))

/* For a body that waits: gen_suspend() gives GEN_PENDING to the driver, who resumes when he sees
 * fit. gen_wait_until(cond) and gen_wait_while(cond) test, and suspend until it holds. */
#define gen_suspend()                                                                              \
    do {                                                                                           \
        GEN__SUSPEND(GEN__AT_SUSPENSION, GEN_PENDING);                                             \
    } while (0)
#define gen_wait_until(...) gen_wait_while (!(__VA_ARGS__))
#define gen_wait_while(...)                                                                        \
    while (__VA_ARGS__)                                                                            \
    gen_suspend()

/* await: delegation to a coroutine, that is a generator that waits and yields nothing (its Y is
 * void). One that yields all the same: gen_await raises GEN_EBADSTATE here; after gen_await_new the
 * driver gets it, and a task throws GEN_EBADSTATE into it. */
#define gen_await(NAME, child)                                                                     \
    GEN__DELEGATE(GEN__AT(GEN__GUARDED), GEN__COROUTINE(NAME),                                     \
                  NAME##_gen__pass((child), gen__io, NULL, NULL, gen__enters), GEN__REFUSE_YIELD)
#define gen_await_new(...)                                                                         \
    GEN__PUSH(GEN__AT(GEN__GUARDED), GEN__COROUTINE, GEN__FIRST(__VA_ARGS__, 0), __VA_ARGS__)

/* gen_for_await (self->x, NAME, &self->src) { ... } gen_end_for         async for x in src:
 *
 * A loop over a generator that also waits: what it waits for, this body waits for. Left early, by
 * `break`, gen_return or an exception, it closes src, whose finally may wait too. The frame has a
 * gen_unwind for its nesting, as for gen_try_finally; the arguments name members. What src awaits may
 * be pushed, by gen_await_new; what yields for it may not, as the driver, not this loop, would get
 * the item. */
#define gen_for_await(x, NAME, src) GEN__FOR_AWAIT(x, NAME, src)
#define gen_end_for GEN__END_FOR

/* void *: what the driver put into gen_io.context, handed down through delegation and loops. */
#define gen_context (gen__io->context)

/* ==== 4. Cost and limits =====================================================================
 *
 * Memory: 4 bytes and the members you name; 16 for each nesting of try/finally (8 on 32 bits); on a
 * gen_stack two words more for each frame. Time: a loop over a generator that the compiler sees is
 * the loop written by hand; else a call, and a jump through a switch.
 *
 * - Locals do not survive a suspension. clang -Wall warns of most. gcc -Wjump-misses-init warns of
 *   those that are declared with a value after gen_begin, which C++ refuses; gcc -O0 -Wall of some
 *   others. A local with a value before gen_begin has that value again on every resume.
 * - gen_for and gen_each have such locals: a suspension or gen_try inside of them does not compile.
 *   gen_for_in is for bodies. gen_stop, gen_return and gen_raise leave a gen_for as `return` does.
 * - The body is a switch, so a suspension or a gen_try inside a `switch` of yours cannot be reached
 *   from outside: the next resume raises GEN_EBADSTATE. Use if, or a switch without suspensions.
 * - A `break` or `continue` outside every loop of yours raises GEN_EBADSTATE.
 * - `return` or `goto` out of a body is an error: the generator then counts as running for ever.
 * - Two suspensions, two gen_try, or two finally on one line do not compile.
 * - A body has at most 8190 lines, and 7 clauses nested in clauses.
 * - A generator is used by one thread at a time. An interrupt handler may own generators, not share
 *   them. A frame may be moved or copied while nothing points into it; a suspended one that is
 *   copied is a second generator from there on. A gen_any in it still points to where it did.
 * - Nobody notices a frame that was not zeroed and holds a label by chance, a gen_any of other
 *   types than it is used with, or a gen_stack's buffer that moved.
 */

/* ============================================================================================= */
/* ==== 5. The machinery. Users need not read on. ============================================== */
/* ============================================================================================= */

#if defined(__GNUC__)
#define GEN__UNUSED __attribute__((unused))
#define GEN__COLD __attribute__((cold, noinline))
#define GEN__INLINE __attribute__((unused, always_inline))
#define GEN__LIKELY(x) __builtin_expect(!!(x), 1)
#define GEN__UNLIKELY(x) __builtin_expect(!!(x), 0)
#else
#define GEN__UNUSED
#define GEN__COLD
#define GEN__INLINE
#define GEN__LIKELY(x) (x)
#define GEN__UNLIKELY(x) (x)
#endif

/* The way to what follows is the usual one, which gcc does not guess of a `return` in a loop. */
#if defined(__GNUC__) && !defined(__clang__)
#define GEN__HOT GEN__CAT(gen__hot, __LINE__) : __attribute__((hot, unused));
#else
#define GEN__HOT
#endif
#if defined(__has_attribute)
#if __has_attribute(fallthrough)
#define GEN__FALLTHROUGH __attribute__((fallthrough))
#endif
#endif
#ifndef GEN__FALLTHROUGH
#define GEN__FALLTHROUGH ((void)0)
#endif

/* -- Preprocessor ---------------------------------------------------------------------------- */

#define GEN__CAT(a, b) GEN__CAT_(a, b)
#define GEN__CAT_(a, b) a##b
#define GEN__FIRST(a, ...) a
#define GEN__SECOND(a, b, ...) b

/* Is the list empty? After Gustedt, of its first argument: what has more is not empty. That may begin
 * with a parenthesis, but not end in the name of a macro with arguments. */
#define GEN__IF_EMPTY(yes, no, ...)                                                                \
    GEN__CAT(GEN__IF_EMPTY_, GEN__EMPTY_CASE(GEN__FIRST(__VA_ARGS__, )))(yes, no, (__VA_ARGS__))
#define GEN__EMPTY_CASE(first)                                                                     \
    GEN__CAT(GEN__COMMA(GEN__TRIGGER first), GEN__COMMA(GEN__TRIGGER first()))
#define GEN__TRIGGER(...) ,
#define GEN__IF_EMPTY_01(yes, no, args) yes()
#define GEN__IF_EMPTY_00(yes, no, args) no args
#define GEN__IF_EMPTY_10(yes, no, args) no args
#define GEN__IF_EMPTY_11(yes, no, args) no args
#define GEN__COMMA(...) GEN__COMMA_(__VA_ARGS__, 1, 0, 0)
#define GEN__COMMA_(a, b, c, ...) c

/* A static assertion that names the mistake, from C99 on. */
#if defined(__cplusplus)
#define GEN__ASSERT(cond, words) static_assert(cond, #words)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define GEN__ASSERT(cond, words)                                                                   \
    do {                                                                                           \
        _Static_assert(cond, #words); /* no declaration after a statement */                       \
    } while (0)
#else
#define GEN__ASSERT(cond, words) ((void)sizeof(struct { int words : (cond) ? 1 : -1; }))
#endif

/* Constants of a block that hide those of the block around it, which is their purpose. */
#if defined(__GNUC__)
#define GEN__SCOPED(...)                                                                           \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"") enum {           \
        __VA_ARGS__                                                                                \
    };                                                                                             \
    _Pragma("GCC diagnostic pop")
#else
#define GEN__SCOPED(...) enum { __VA_ARGS__ };
#endif

/* Where size matters, a function is one for all who call it in a file: what is seldom done, and what
 * many do. */
#if defined(__OPTIMIZE_SIZE__) && defined(__GNUC__)
#define GEN__SELDOM __attribute__((unused, noinline, cold)) static
#define GEN__ONE_FOR_ALL __attribute__((unused, noinline)) static
#else
#define GEN__SELDOM static inline
#define GEN__ONE_FOR_ALL static inline
#endif

/* A frame by its fields. */
#define GEN__FRAME(...)                                                                            \
    {                                                                                              \
        .gen = {0, 0}, __VA_ARGS__                                                                 \
    }
#define GEN__FRAME_AFTER_1(a, ...) GEN__FRAME(__VA_ARGS__)
#define GEN__FRAME_AFTER_2(a, b, ...) GEN__FRAME(__VA_ARGS__)

/* A frame that lives as long as the expression and has an address: C's compound literal, which C++ has
 * not. It is for a gen_stack, where frames are copied as bytes and not destroyed. And what is zero,
 * of any type. */
#if defined(__cplusplus)
#define GEN__LITERAL(NAME, ...)                                                                    \
    (                                                                                              \
        [] {                                                                                       \
            GEN__ASSERT(                                                                           \
                __is_trivially_copyable(NAME##_gen__frame),                                        \
                a_frame_on_a_gen_stack_has_no_member_with_a_copy_constructor_or_destructor);       \
        }(),                                                                                       \
        static_cast<const NAME##_gen__frame &>(NAME##_gen__frame __VA_ARGS__))
#define GEN__ZERO                                                                                  \
    {                                                                                              \
    }
#else
#define GEN__LITERAL(NAME, ...) (struct NAME) __VA_ARGS__
#define GEN__ZERO                                                                                  \
    {                                                                                              \
        0                                                                                          \
    }
#endif

/* -- States and labels ------------------------------------------------------------------------ */

/* A label is 4 + 4 * (line within the body) + kind, so that a suspension, a try and a finally may
 * share a line. With GEN__BUSY set the frame waits for a child that it, or a delegate, pushed. */
enum { GEN__CREATED, GEN__CLOSED, GEN__RUNNING };
#define GEN__BUSY 0x8000u /* no enumerator: beyond an int of 16 bits */

/* What is thrown at a suspension that nothing guards leaves at once, and the body does not see it;
 * nor does it see what comes to one that has not begun. Whoever resumes it sees to that. */
enum { GEN__UNGUARDED, GEN__TRY_AT, GEN__FINALLY_AT, GEN__GUARDED };

/* How a block that a finally guards was left. Kept in gen_unwind. */
enum { GEN__END_WAY = 1, GEN__BREAK, GEN__CONTINUE, GEN__RETURNING, GEN__RAISING };

enum { GEN__ABOUT = 1, GEN__CHAIN }; /* gen_io.how: no resume, a question about the frame */
enum { GEN__CLAUSES = 8 };           /* clauses nested in clauses; the first is outside of all */
#define GEN__PUSHED ((enum gen_status)3) /* to the driver of a gen_stack: resume the new top */

/* To whoever resumes a body: see gen__answered. Compilers take a way that ends in a negative number for
 * the seldom one; one that ends as others do takes less room. */
#if defined(__OPTIMIZE_SIZE__)
#define GEN__NO_LABEL GEN_RETURNED
#else
#define GEN__NO_LABEL ((enum gen_status) - 2)
#endif

/* A body without its types, and where it stands: its line is that of gen_define. */
typedef enum gen_status gen__call(void *frame, struct gen_io *io, void *out, const void *in);
typedef struct gen_where gen__defined(const struct gen *g);

/* What io->out is where io->how is a question: who asks brings the code that answers. */
struct gen__question {
    enum gen_status (*answer)(struct gen *g, struct gen_io *io, gen__call *call,
                              gen__defined *defined);
};

/* The answer to GEN__ABOUT, by which nobody else has to know what a gen_any's frame is. */
struct gen__about {
    struct gen__question question;
    struct gen *gen;
    enum gen_state state;
    struct gen_where where;
};

/* The answer to GEN__CHAIN. It is thrown into the suspended bodies, as an exception that no clause
 * sees and that changes nothing. */
struct gen__chain {
    struct gen__question question;
    struct gen_where *where;
    size_t room, count;
};

static inline void gen__link(struct gen_io *io, struct gen_where where)
{
    struct gen__chain *chain = (struct gen__chain *)io->out;
    if (chain->count < chain->room)
        chain->where[chain->count] = where;
    chain->count++;
}

/* What a generator without a value has for an item. */
struct gen_nothing {
    char nothing;
};
static inline struct gen_nothing gen__no_value(struct gen_nothing nothing)
{
    return nothing;
}

static inline struct gen_exc gen__exception(int code, const char *text)
{
    struct gen_exc exc;
    exc.code = code;
    exc.text = text;
    if (code == 0 || code != (int)(int16_t)code) {
        exc.code = GEN_EBADSTATE;
        exc.text = "an exception's code is not 0 and has 16 bits";
    }
    return exc;
}

static inline struct gen gen__at(unsigned label)
{
    struct gen g;
    g.gen__label = (uint16_t)label;
    g.gen__error = 0;
    return g;
}

static inline enum gen_state gen__state(const struct gen *g)
{
    return g->gen__label == GEN__CREATED                                ? GEN_CREATED
           : g->gen__label == GEN__CLOSED                               ? GEN_CLOSED
           : g->gen__label == GEN__RUNNING || g->gen__label > GEN__BUSY ? GEN_RUNNING
                                                                        : GEN_SUSPENDED;
}

/* Refuses: the exception goes to whoever asked, and the generator stays as it is. */
GEN__SELDOM enum gen_status gen__refuse(struct gen *g, struct gen_io *io, int code,
                                        const char *text)
{
    io->exc = gen__exception(code, text);
    g->gen__error = (int16_t)code;
    return GEN_RAISED;
}

/* An exception leaves the body and ends it. */
GEN__SELDOM enum gen_status gen__leave(struct gen *g, struct gen_io *io)
{
    if (io->exc.code == GEN_STOP)
        io->exc.code = GEN_ESTOP;
    g->gen__label = GEN__CLOSED;
    g->gen__error = (int16_t)io->exc.code;
    return GEN_RAISED;
}

GEN__SELDOM enum gen_status gen__misuse(struct gen *g, struct gen_io *io, const char *text)
{
    io->exc = gen__exception(GEN_EBADSTATE, text);
    return gen__leave(g, io);
}

/* A resume that found no label of the body's: it ended, it runs, or its label is out of reach. */
GEN__SELDOM enum gen_status gen__no_label(struct gen *g, struct gen_io *io)
{
    if (g->gen__label > GEN__CLOSED)
        return g->gen__label > GEN__RUNNING && g->gen__label < GEN__BUSY
                   ? gen__misuse(g, io, "a suspension or gen_try inside a switch")
                   : gen__refuse(g, io, GEN_ERUNNING, NULL);
    g->gen__error = (int16_t)io->exc.code;
    return GEN_RAISED;
}

/* What a body answered, which returns if it found no label too. But then it is not closed; or it was
 * before, and what was thrown is still there, as a body that handles it does away with it. */
GEN__INLINE static inline enum gen_status gen__answered(struct gen *g, struct gen_io *io,
                                                        enum gen_status st)
{
    if (GEN__LIKELY(st > GEN_RETURNED) || st == GEN_RAISED)
        return st;
    return g->gen__label <= GEN__CLOSED && io->exc.code == 0 ? GEN_RETURNED : gen__no_label(g, io);
}

/* Does what is thrown, or else sent, go no further than here? Then it is raised. */
GEN__SELDOM bool gen__stops(struct gen *g, struct gen_io *io)
{
    const unsigned label = g->gen__label;
    if (io->exc.code == 0) {
        if (label != GEN__CREATED)
            return false;
        (void)gen__refuse(g, io, GEN_ESTARTED, NULL);
    } else {
        if (label & (GEN__BUSY | 3u)) /* of the states, only GEN__CREATED is a multiple of 4 */
            return false;
        (void)gen__leave(g, io);
    }
    return true;
}

/* A frame below the top of its gen_stack is busy, until what it pushed has finished. */
static inline void gen__wake(struct gen *g, const struct gen_io *io)
{
    if (io->stack != NULL && io->stack->gen__delivering && g->gen__label > GEN__BUSY)
        g->gen__label &= (uint16_t)~GEN__BUSY;
}

/* -- Questions -------------------------------------------------------------------------------- */

GEN__ONE_FOR_ALL struct gen_where gen__stands(const struct gen *g, gen__defined *defined)
{
    struct gen_where where = defined(g);
    where.line = gen__state(g) == GEN_SUSPENDED ? where.line + ((g->gen__label - 4u) >> 2) : 0;
    return where;
}

GEN__SELDOM enum gen_status gen__tell_about(struct gen *g, struct gen_io *io, gen__call *call,
                                            gen__defined *defined)
{
    struct gen__about *about = (struct gen__about *)io->out;
    (void)call;
    about->gen = g;
    about->state = gen__state(g);
    about->where = gen__stands(g, defined);
    return GEN_RETURNED;
}

/* Itself, and its delegate through the suspension. */
GEN__SELDOM enum gen_status gen__tell_chain(struct gen *g, struct gen_io *io, gen__call *call,
                                            gen__defined *defined)
{
    const struct gen saved = *g;
    g->gen__label &= (uint16_t)~GEN__BUSY;
    gen__link(io, gen__stands(g, defined));
    if (gen__state(g) == GEN_SUSPENDED && g->gen__label % 4 != GEN__UNGUARDED) {
        io->exc.code = GEN_EXIT;
        (void)call(g, io, NULL, NULL);
    }
    *g = saved;
    return GEN_RAISED;
}

static inline void gen__delivered(const struct gen_io *io)
{
    if (io->stack != NULL) {
        io->stack->gen__delivering = false;
        io->stack->gen__closing.code = 0;
    }
}

/* -- close, for all its callers --------------------------------------------------------------- */

/* May g be sent GEN_EXIT? If not, *code is close's answer. */
static inline bool gen__close_begin(struct gen *g, int *code)
{
    *code = 0;
    if (g->gen__label == GEN__CREATED)
        g->gen__label = GEN__CLOSED;
    else if (gen__state(g) == GEN_RUNNING) {
        g->gen__error = GEN_ERUNNING;
        *code = GEN_ERUNNING;
    } else
        return g->gen__label != GEN__CLOSED;
    return false;
}

/* What g answered to GEN_EXIT, as close's answer; io->exc is set to it, with its text. */
static inline int gen__close_end(struct gen *g, enum gen_status st, struct gen_io *io)
{
    if (st == GEN_YIELDED)
        (void)gen__refuse(g, io, GEN_EIGNORED, NULL);
    else if (st == GEN_PENDING)
        (void)gen__refuse(g, io, GEN_EPENDING, NULL);
    else if (st == GEN_RETURNED)
        io->exc.code = 0;
    else if (io->exc.code == GEN_EXIT) {
        io->exc.code = 0;
        g->gen__error = 0;
    }
    return io->exc.code;
}

/* -- gen_stack -------------------------------------------------------------------------------- */

union gen__align {
    void *p;
    void (*f)(void);
    long long i;
    long double d;
};

struct gen__record {
    enum gen_status (*resume)(void *frame, struct gen_io *io);
    struct gen__record *below;
};

#define GEN__ROUND(n)                                                                              \
    (((n) + sizeof(union gen__align) - 1) / sizeof(union gen__align) * sizeof(union gen__align))

/* Of a frame, which stands at a multiple of sizeof(union gen__align). */
#if defined(__GNUC__)
#define GEN__SIZE_ON_STACK(NAME)                                                                   \
    __extension__({                                                                                \
        GEN__ASSERT(sizeof(union gen__align) % __alignof__(struct NAME) == 0,                      \
                    a_frame_on_a_gen_stack_is_aligned_beyond_long_double);                         \
        sizeof(struct NAME);                                                                       \
    })
#else
#define GEN__SIZE_ON_STACK(NAME) sizeof(struct NAME)
#endif

static inline void *gen__frame_of(struct gen__record *r)
{
    return (char *)r + GEN__ROUND(sizeof(struct gen__record));
}

static inline struct gen *gen__gen_of(struct gen__record *r)
{
    return (struct gen *)gen__frame_of(r);
}

static inline void gen_stack_init(struct gen_stack *s, void *buffer, size_t size)
{
    size_t skip = (size_t)((uintptr_t)buffer % sizeof(union gen__align));
    if (size == 0)
        buffer = s; /* anywhere, as NULL + 0 is not defined */
    skip = skip ? sizeof(union gen__align) - skip : 0;
    s->gen__free = (char *)buffer + (skip < size ? skip : size);
    s->gen__end = (char *)buffer + size;
    s->gen__top = s->gen__root = NULL;
    s->gen__returned = NULL;
    s->gen__closing.code = 0;
    s->gen__closing.text = NULL;
    s->gen__none = gen__at(GEN__CREATED);
    s->gen__driven = s->gen__delivering = false;
}

/* Room for a frame on top, or NULL. */
static inline void *gen__push(struct gen_stack *s, size_t size,
                              enum gen_status (*resume)(void *, struct gen_io *))
{
    size_t need = GEN__ROUND(sizeof(struct gen__record)) + GEN__ROUND(size);
    struct gen__record *r = (struct gen__record *)(void *)s->gen__free;
    if ((size_t)(s->gen__end - s->gen__free) < need)
        return NULL;
    s->gen__free += need;
    r->resume = resume;
    r->below = s->gen__top;
    s->gen__top = r;
    return gen__frame_of(r);
}

static inline void *gen__push_child(struct gen_io *io, size_t size,
                                    enum gen_status (*resume)(void *, struct gen_io *))
{
    void *frame = io->stack ? gen__push(io->stack, size, resume) : NULL;
    if (frame == NULL)
        io->exc = gen__exception(io->stack ? GEN_ENOMEM : GEN_ENOSTACK, NULL);
    return frame;
}

/* Pops the finished top; the one below may be resumed and finds out why in io. */
static inline void gen__pop(struct gen_stack *s)
{
    struct gen__record *r = s->gen__top;
    s->gen__returned = gen__frame_of(r);
    s->gen__free = (char *)r;
    s->gen__top = r->below;
    gen__gen_of(s->gen__top)->gen__label &= (uint16_t)~GEN__BUSY;
    s->gen__delivering = true;
}

/* Resumes the top, and whatever comes to be the top, until something is yielded or `base` ends.
 * base is left to the caller to pop. */
static inline enum gen_status gen__drive(struct gen_stack *s, const struct gen__record *base,
                                         struct gen_io *io)
{
    void *const out = io->out; /* a frame that delegates may leave another there */
    for (;;) {
        struct gen__record *r = s->gen__top;
        enum gen_status st;
        io->out = out;
        st = r->resume(gen__frame_of(r), io);
        if (st == GEN__PUSHED) {
            io->in = NULL; /* a delegate begins with next() */
            continue;
        }
        if (st > GEN_RETURNED || r == base)
            return st;
        gen__pop(s);
        io->in = NULL;
    }
}

/* The top is told what is in io->exc, and driven until it ends or something is yielded. */
static inline enum gen_status gen__close_top(struct gen_stack *s, struct gen_exc exit,
                                             struct gen_io *io)
{
    enum gen_status st;
    io->in = NULL;
    s->gen__closing = exit;
    st = gen__drive(s, s->gen__top, io);
    if (st == GEN_RETURNED || (st == GEN_RAISED && io->exc.code == GEN_EXIT))
        io->exc = exit;
    return st;
}

static inline void gen__close_above(struct gen_stack *s, const struct gen__record *base,
                                    struct gen_io *io);

/* Nobody else can close these frames: they are asked once more, as CPython does when it drops
 * them, and dropped. */
static inline void gen__drop(struct gen_stack *s, const struct gen__record *asked,
                             struct gen_exc exit, struct gen_io *io)
{
    s->gen__delivering = false;
    io->exc = exit;
    gen__close_above(s, asked, io);
    if (gen__close_top(s, exit, io) > GEN_RETURNED)
        while (s->gen__top != asked) {
            const struct gen__record *next = s->gen__top;
            while (next->below != asked)
                next = next->below;
            gen__drop(s, next, exit, io);
            gen__pop(s);
        }
}

/* Closes all above `base`, the innermost first, as close() does through a chain of delegates; each
 * learns how the one above it left. What `base` has to be told is in io->exc at the end. */
static inline void gen__close_above(struct gen_stack *s, const struct gen__record *base,
                                    struct gen_io *io)
{
    const struct gen_exc order = io->exc, exit = {GEN_EXIT, NULL}; /* its text is for base alone */
    void *const out = io->out;
    io->out = NULL;
    io->exc = exit;
    while (s->gen__top != base) {
        const struct gen__record *const asked = s->gen__top;
        enum gen_status st = gen__close_top(s, exit, io);
        if (st > GEN_RETURNED) {
            gen__drop(s, asked, exit, io);
            io->exc = gen__exception(st == GEN_YIELDED ? GEN_EIGNORED : GEN_EPENDING, NULL);
        }
        gen__pop(s);
    }
    io->out = out;
    if (io->exc.code == GEN_EXIT)
        io->exc = order;
    s->gen__closing = order;
}

static inline void *gen__root(const struct gen_stack *s)
{
    return s->gen__root ? gen__frame_of(s->gen__root) : NULL;
}

static inline enum gen_state gen_stack_state(const struct gen_stack *s)
{
    const struct gen *g = s->gen__root ? gen__gen_of(s->gen__root) : &s->gen__none;
    if (s->gen__driven)
        return GEN_RUNNING;
    return g->gen__label > GEN__BUSY ? GEN_SUSPENDED : gen__state(g);
}

static inline int gen_stack_error(const struct gen_stack *s)
{
    return s->gen__root ? gen__gen_of(s->gen__root)->gen__error : s->gen__none.gen__error;
}

/* Links the records the other way round; returns the one that was the bottom. */
static inline struct gen__record *gen__turn(struct gen__record *r)
{
    struct gen__record *turned = NULL;
    while (r != NULL) {
        struct gen__record *below = r->below;
        r->below = turned;
        turned = r;
        r = below;
    }
    return turned;
}

static inline void gen__stack_chain(struct gen_stack *s, struct gen_io *io)
{
    struct gen__record *const root = gen__turn(s->gen__top), *r;
    for (r = root; r != NULL; r = r->below)
        (void)r->resume(gen__frame_of(r), io);
    (void)gen__turn(root);
}

static inline enum gen_status gen__stack_resume(void *frame, struct gen_io *io)
{
    struct gen_stack *s = (struct gen_stack *)frame;
    struct gen_stack *outer = io->stack;
    enum gen_status st;
    if (io->how == GEN__CHAIN) {
        gen__stack_chain(s, io);
        return GEN_RAISED;
    }
    if (io->how == GEN__ABOUT) {
        struct gen__about *about = (struct gen__about *)io->out;
        about->gen = &s->gen__none;
        if (s->gen__root != NULL) {
            (void)s->gen__top->resume(gen__frame_of(s->gen__top), io);
            about->gen = gen__gen_of(s->gen__root);
        }
        about->state = gen_stack_state(s);
        return GEN_RETURNED;
    }
    if (s->gen__driven)
        return gen__refuse(gen__gen_of(s->gen__root), io, GEN_ERUNNING, NULL);
    if (s->gen__root == NULL) {
        if (gen__state(&s->gen__none) != GEN_CREATED)
            return gen__answered(&s->gen__none, io, GEN__NO_LABEL);
        io->exc = gen__exception(GEN_ENOMEM, NULL);
        return gen__leave(&s->gen__none, io);
    }
    s->gen__driven = true;
    s->gen__delivering = false;
    s->gen__closing.code = 0;
    io->stack = s;
    if (io->exc.code == GEN_EXIT && s->gen__top != s->gen__root)
        gen__close_above(s, s->gen__root, io);
    st = gen__drive(s, s->gen__root, io);
    if (st > GEN_RETURNED)
        gen__gen_of(s->gen__root)->gen__error = 0; /* a frame above may have been refused by it */
    io->stack = outer;
    s->gen__driven = false;
    return st;
}

/* Starts a copy of `frame` as the root, on a cleared stack. */
static inline struct gen_any gen__start(struct gen_stack *s, const void *frame, size_t size,
                                        enum gen_status (*resume)(void *, struct gen_io *))
{
    struct gen_any it;
    unsigned char *to;
    size_t i;
    it.frame = s;
    it.resume = gen__stack_resume;
    if (s->gen__driven)
        return it; /* which is refused while the stack is driven */
    if (s->gen__root != NULL)
        s->gen__free = (char *)s->gen__root;
    s->gen__top = NULL;
    s->gen__none = gen__at(GEN__CREATED);
    to = (unsigned char *)gen__push(s, size, resume);
    s->gen__root = s->gen__top;
    if (to != NULL)
        for (i = 0; i < size; i++)
            to[i] = ((const unsigned char *)frame)[i];
    return it;
}

#define GEN__START(...) GEN__START_(__VA_ARGS__)
#define GEN__START_(s, NAME, ...)                                                                  \
    gen__start((s), &GEN__LITERAL(NAME, GEN__FRAME_AFTER_2(__VA_ARGS__, )),                        \
               GEN__SIZE_ON_STACK(NAME), NAME##_gen__erased)

/* -- Any generator ---------------------------------------------------------------------------- */

/* For a body, which has `out` and `in` as arguments. */
static inline void gen__io_begin(struct gen_io *io, int code)
{
    io->exc.code = code;
    io->exc.text = NULL;
    io->stack = NULL;
    io->context = NULL;
    io->how = 0;
}

static inline void gen__io_init(struct gen_io *io, const void *in, void *out)
{
    gen__io_begin(io, 0);
    io->out = out;
    io->in = in;
}

static inline struct gen__about gen__ask(struct gen_any it)
{
    struct gen__about about = {{gen__tell_about}, NULL, GEN_CLOSED, {"", "", 0}};
    struct gen_io io;
    gen__io_init(&io, NULL, &about);
    io.how = GEN__ABOUT;
    (void)it.resume(it.frame, &io);
    return about;
}

static inline bool gen_any_next(struct gen_any it, void *out)
{
    struct gen_io io;
    enum gen_status st;
    gen__io_init(&io, NULL, out);
    st = it.resume(it.frame, &io);
    if (st == GEN_PENDING)
        gen__ask(it).gen->gen__error = GEN_EPENDING;
    return st == GEN_YIELDED;
}

static inline enum gen_status gen_any_send(struct gen_any it, const void *value, void *out)
{
    struct gen_io io;
    gen__io_init(&io, value, out);
    return it.resume(it.frame, &io);
}

static inline enum gen_status gen_any_throw(struct gen_any it, int code, void *out)
{
    struct gen_io io;
    gen__io_init(&io, NULL, out);
    io.exc = gen__exception(code, NULL);
    if (io.exc.code != code) {
        gen__ask(it).gen->gen__error = GEN_EBADSTATE;
        return GEN_RAISED;
    }
    return it.resume(it.frame, &io);
}

static inline int gen_any_close(struct gen_any it)
{
    struct gen__about about = gen__ask(it);
    struct gen_io io;
    int code = 0;
    if (about.state == GEN_RUNNING) {
        about.gen->gen__error = GEN_ERUNNING;
        return GEN_ERUNNING;
    }
    if (about.state != GEN_SUSPENDED) {
        (void)gen__close_begin(about.gen, &code);
        return code;
    }
    gen__io_init(&io, NULL, NULL);
    io.exc = gen__exception(GEN_EXIT, NULL);
    return gen__close_end(about.gen, it.resume(it.frame, &io), &io);
}

static inline int gen_any_error(struct gen_any it)
{
    return gen__ask(it).gen->gen__error;
}

static inline struct gen_where gen_any_where(struct gen_any it)
{
    return gen__ask(it).where;
}

static inline size_t gen_any_chain(struct gen_any it, struct gen_where *where, size_t room)
{
    struct gen__chain chain;
    struct gen_io io;
    chain.question.answer = gen__tell_chain;
    chain.where = where;
    chain.room = room;
    chain.count = 0;
    gen__io_init(&io, NULL, &chain);
    io.how = GEN__CHAIN;
    (void)it.resume(it.frame, &io);
    return chain.count;
}

/* -- Delegation ------------------------------------------------------------------------------- */

/* Does what is thrown into a delegator close its delegate? GEN_EXIT does; so does whatever comes
 * down to it while a gen_stack is being closed. */
static inline bool gen__closes(const struct gen_io *io)
{
    if (io->exc.code == 0)
        return false;
    if (io->stack != NULL && io->stack->gen__delivering)
        return io->stack->gen__closing.code != 0;
    return io->exc.code == GEN_EXIT;
}

/* GEN_STOP out of a delegate that had ended before it was thrown there: as if it returned. */
static inline enum gen_status gen__ended(enum gen_status st, struct gen_io *io)
{
    if (st == GEN_RAISED && io->exc.code == GEN_STOP)
        st = GEN_RETURNED;
    if (st == GEN_RETURNED)
        io->exc.code = 0; /* which is not a delegator's */
    return st;
}

/* The order that closes: what a delegator raises in the end. */
static inline struct gen_exc gen__order(const struct gen_io *io)
{
    return io->stack != NULL && io->stack->gen__delivering ? io->stack->gen__closing : io->exc;
}

/* A delegate that is being closed has pushed a child, in a finally say. Runs that child to its end.
 * True: resume the delegate again. False: the child yielded, which is the delegate's doing. */
static inline bool gen__run_pushed(struct gen *g, struct gen_io *io, enum gen_status *st)
{
    struct gen_stack *const s = io->stack;
    void *const out = io->out;
    const struct gen__record *below;
    if (*st != GEN__PUSHED)
        return false;
    below = s->gen__top->below;
    io->in = NULL;
    io->out = NULL;
    *st = gen__drive(s, s->gen__top, io);
    io->out = out;
    if (*st <= GEN_RETURNED) {
        gen__pop(s);
        gen__wake(g, io);
        return true;
    }
    io->exc = gen__exception(GEN_EXIT, NULL);
    gen__close_above(s, below, io);
    s->gen__delivering = false;
    s->gen__closing.code = 0;
    return false;
}

static inline enum gen_status gen__ordered(struct gen_io *io, struct gen_exc order)
{
    io->exc = order;
    return GEN_RAISED;
}

/* What a delegator raises once the delegate has answered to GEN_EXIT: its error, or the order. */
static inline enum gen_status gen__closed(struct gen *g, enum gen_status st, struct gen_io *io,
                                          struct gen_exc order)
{
    if (g->gen__label > GEN__BUSY)
        g->gen__label &= (uint16_t)~GEN__BUSY; /* what it waited for is gone */
    if (gen__close_end(g, st, io) == 0)
        io->exc = order;
    return GEN_RAISED;
}

static inline enum gen_status gen__any_throw_into(struct gen_any it, struct gen_io *io, void *out)
{
    const bool closes = gen__closes(io);
    const struct gen_exc order = gen__order(io);
    struct gen__about about;
    enum gen_status st;
    if (io->how != 0)
        return it.resume(it.frame, io);
    about = gen__ask(it);
    if (closes && about.state == GEN_CLOSED)
        return gen__ordered(io, order);
    io->out = closes ? NULL : out;
    io->in = NULL;
    if (closes)
        io->exc.text = NULL; /* which is for the delegator alone */
    do
        st = it.resume(it.frame, io);
    while (closes && gen__run_pushed(about.gen, io, &st));
    io->out = out;
    return closes ? gen__closed(about.gen, st, io, order) : gen__ended(st, io);
}

static inline enum gen_status gen__any_pass(struct gen_any it, struct gen_io *io, void *out,
                                            const void *in, bool enters)
{
    if (!enters && GEN__UNLIKELY(io->exc.code != 0))
        return gen__any_throw_into(it, io, out);
    io->out = out;
    io->in = enters ? NULL : in; /* a delegate begins with next() */
    return it.resume(it.frame, io);
}

#define GEN__KEEP (void)0
#define GEN__REFUSE_YIELD                                                                          \
    if (gen__status == GEN_YIELDED) {                                                              \
        gen__io->exc = gen__exception(GEN_EBADSTATE, "gen_await: what is awaited yields");         \
        gen__status = GEN_RAISED;                                                                  \
    }

/* One call of the delegate, so that it is inlined once: the first is a pass() too, of next(). */
#define GEN__DELEGATE(at, check, pass, refuse)                                                     \
    do {                                                                                           \
        GEN__LABEL_ALLOWED;                                                                        \
        check;                                                                                     \
        gen__to = GEN__ENTER;                                                                      \
        GEN__ONE_ON_A_LINE(two_suspensions_on_line_);                                              \
        GEN__FALLTHROUGH;                                                                          \
    case (at): {                                                                                   \
        const bool gen__enters = gen__to == GEN__ENTER;                                            \
        if (!gen__enters)                                                                          \
            GEN__ARRIVED(at);                                                                      \
        gen__to = 0;                                                                               \
        gen__status = (pass);                                                                      \
    }                                                                                              \
        refuse;                                                                                    \
        if (gen__status > GEN_RETURNED) {                                                          \
            self->gen = gen__at(gen__status == GEN__PUSHED ? GEN__BUSY | (at) : (at));             \
            return gen__status;                                                                    \
        }                                                                                          \
        if (gen__status < GEN_RETURNED)                                                            \
            GEN__RAISE();                                                                          \
    } while (0)

#define GEN__PUSH(...) GEN__PUSH_(__VA_ARGS__)
#define GEN__PUSH_(at, check, NAME, ...)                                                           \
    do {                                                                                           \
        GEN__LABEL_ALLOWED;                                                                        \
        check(NAME);                                                                               \
        GEN__SAME_SENT(NAME);                                                                      \
        {                                                                                          \
            struct NAME *gen__child = (struct NAME *)gen__push_child(                              \
                gen__io, GEN__SIZE_ON_STACK(NAME), NAME##_gen__erased);                            \
            if (gen__child == NULL)                                                                \
                GEN__RAISE();                                                                      \
            *gen__child = GEN__LITERAL(NAME, GEN__FRAME_AFTER_1(__VA_ARGS__, ));                   \
        }                                                                                          \
        self->gen = gen__at(GEN__BUSY | (at));                                                     \
        return GEN__PUSHED;                                                                        \
        GEN__ONE_ON_A_LINE(two_suspensions_on_line_);                                              \
    case (at):                                                                                     \
        gen__delivered(gen__io);                                                                   \
        GEN__ARRIVED(at);                                                                          \
        if (GEN__UNLIKELY(gen__io->exc.code != 0))                                                 \
            GEN__RAISE();                                                                          \
    } while (0)

#if defined(__GNUC__)
#if defined(__cplusplus)
#define GEN__SAME(a, b) __is_same(a, b)
#else
#define GEN__SAME(a, b) __builtin_types_compatible_p(a, b)
#endif
#define GEN__SAME_YIELD(NAME)                                                                      \
    GEN__ASSERT(GEN__SAME(__typeof__(*gen__out), NAME##_gen__item),                                \
                gen_yield_from_a_generator_that_yields_another_type)
#define GEN__SAME_SENT(NAME)                                                                       \
    GEN__ASSERT(GEN__SAME(__typeof__(gen__in), const NAME##_gen__sent *const) ||                   \
                    GEN__SAME(__typeof__(gen__in), const void *const) ||                           \
                    GEN__SAME(const NAME##_gen__sent *, const void *),                             \
                delegation_to_a_generator_that_is_sent_another_type)
#define GEN__COROUTINE(NAME)                                                                       \
    GEN__ASSERT(GEN__SAME(struct gen_nothing, NAME##_gen__item),                                   \
                gen_await_of_a_generator_that_yields)
#else
#define GEN__SAME_YIELD(NAME) (void)0
#define GEN__SAME_SENT(NAME) (void)0
#define GEN__COROUTINE(NAME) (void)0
#endif
#define GEN__SAME_TYPES(NAME)                                                                      \
    GEN__SAME_YIELD(NAME);                                                                         \
    GEN__SAME_SENT(NAME)

/* Where size matters, one function of a file resumes all that it does not know the type of. */
#if defined(__OPTIMIZE_SIZE__) && defined(__GNUC__)
__attribute__((unused, noinline)) static enum gen_status
gen__resume(struct gen *g, struct gen_io *io, gen__call *call, gen__defined *defined)
{
    if (io->how != 0)
        return ((struct gen__question *)io->out)->answer(g, io, call, defined);
    gen__wake(g, io);
    if ((io->exc.code != 0 || io->in != NULL) && gen__stops(g, io))
        return GEN_RAISED;
    return gen__answered(g, io, call(g, io, io->out, io->in));
}
#define GEN__ASKED
#define GEN__BODY(NAME) NAME##_gen__body
#define GEN__ERASED(NAME)                                                                          \
    GEN__UNUSED static enum gen_status NAME##_gen__erased(void *gen__frame,                        \
                                                          struct gen_io *gen__io)                  \
    {                                                                                              \
        return gen__resume(NAME##_gen__gen((struct NAME *)gen__frame), gen__io, NAME##_gen__call,  \
                           NAME##_gen__where);                                                     \
    }
#else
#define GEN__ASKED GEN__COLD
#define GEN__BODY(NAME) NAME##_gen__run /* which alone calls it, so that it is inlined there */
#define GEN__ERASED(NAME)                                                                          \
    GEN__UNUSED static inline enum gen_status NAME##_gen__erased(void *gen__frame,                 \
                                                                 struct gen_io *gen__io)           \
    {                                                                                              \
        return gen__io->how == 0 ? NAME##_resume((struct NAME *)gen__frame, gen__io)               \
                                 : NAME##_gen__answer((struct NAME *)gen__frame, gen__io);         \
    }
#endif

/* -- What gen_declare makes ------------------------------------------------------------------- */

#define GEN__DECLARE_N(a, b, c, n, ...) GEN__CAT(GEN__DECLARE_, n)
#define GEN__DECLARE_2(linkage, NAME, Y)                                                           \
    typedef void NAME##_gen__sent;                                                                 \
    GEN__DECLARE(linkage, NAME, Y, GEN__ITEM(Y))                                                   \
    struct NAME
#define GEN__DECLARE_3(linkage, NAME, Y, S)                                                        \
    typedef S NAME##_gen__sent;                                                                    \
    GEN__DECLARE(linkage, NAME, Y, GEN__ITEM(Y))                                                   \
    GEN__UNUSED static inline enum gen_status NAME##_send(struct NAME *gen__g, S gen__value,       \
                                                          Y *gen__out)                             \
    {                                                                                              \
        struct gen_io gen__io;                                                                     \
        gen__io_begin(&gen__io, 0);                                                                \
        if (gen__stops(NAME##_gen__gen(gen__g), &gen__io))                                         \
            return GEN_RAISED;                                                                     \
        return NAME##_gen__run(gen__g, &gen__io, (NAME##_gen__item *)(void *)gen__out,             \
                               &gen__value);                                                       \
    }                                                                                              \
    struct NAME

/* void becomes gen_nothing; `void *` and all else stay. */
#define GEN__ITEM(Y) GEN__ITEM_(GEN__VOID_##Y(), Y, 0)
#define GEN__ITEM_(...) GEN__SECOND(__VA_ARGS__, 0)
#define GEN__VOID_void() 0, struct gen_nothing

#define GEN__DECLARE(linkage, NAME, Y, ITEM)                                                       \
    struct NAME;                                                                                   \
    typedef struct NAME NAME##_gen__frame;                                                         \
    typedef ITEM NAME##_gen__item;                                                                 \
    linkage enum gen_status NAME##_gen__body(struct NAME *, struct gen_io *, NAME##_gen__item *,   \
                                             const NAME##_gen__sent *);                            \
    linkage struct gen_where NAME##_gen__where(const struct gen *);                                \
    GEN__UNUSED static inline struct gen *NAME##_gen__gen(struct NAME *gen__g)                     \
    {                                                                                              \
        return (struct gen *)(void *)gen__g;                                                       \
    }                                                                                              \
    GEN__INLINE static inline enum gen_status NAME##_gen__run(                                     \
        struct NAME *gen__g, struct gen_io *gen__io, NAME##_gen__item *gen__out,                   \
        const NAME##_gen__sent *gen__in)                                                           \
    {                                                                                              \
        return gen__answered(NAME##_gen__gen(gen__g), gen__io,                                     \
                             NAME##_gen__body(gen__g, gen__io, gen__out, gen__in));                \
    }                                                                                              \
    GEN__UNUSED static inline enum gen_status NAME##_resume(struct NAME *gen__g,                   \
                                                            struct gen_io *gen__io)                \
    {                                                                                              \
        gen__wake(NAME##_gen__gen(gen__g), gen__io);                                               \
        if ((gen__io->exc.code != 0 || gen__io->in != NULL) &&                                     \
            gen__stops(NAME##_gen__gen(gen__g), gen__io))                                          \
            return GEN_RAISED;                                                                     \
        return NAME##_gen__run(gen__g, gen__io, (NAME##_gen__item *)gen__io->out,                  \
                               (const NAME##_gen__sent *)gen__io->in);                             \
    }                                                                                              \
    GEN__UNUSED static inline struct gen_where NAME##_where(struct NAME *gen__g)                   \
    {                                                                                              \
        return gen__stands(NAME##_gen__gen(gen__g), NAME##_gen__where);                            \
    }                                                                                              \
    GEN__UNUSED GEN__ASKED static enum gen_status NAME##_gen__call(                                \
        void *gen__frame, struct gen_io *gen__io, void *gen__out, const void *gen__in)             \
    {                                                                                              \
        return GEN__BODY(NAME)((struct NAME *)gen__frame, gen__io, (NAME##_gen__item *)gen__out,   \
                               (const NAME##_gen__sent *)gen__in);                                 \
    }                                                                                              \
    GEN__UNUSED GEN__COLD static enum gen_status NAME##_gen__answer(struct NAME *gen__g,           \
                                                                    struct gen_io *gen__io)        \
    {                                                                                              \
        return ((struct gen__question *)gen__io->out)                                              \
            ->answer(NAME##_gen__gen(gen__g), gen__io, NAME##_gen__call, NAME##_gen__where);       \
    }                                                                                              \
    GEN__ERASED(NAME)                                                                              \
    GEN__UNUSED static inline struct gen_any NAME##_any(struct NAME *gen__g)                       \
    {                                                                                              \
        struct gen_any gen__it;                                                                    \
        gen__it.frame = gen__g;                                                                    \
        gen__it.resume = NAME##_gen__erased;                                                       \
        return gen__it;                                                                            \
    }                                                                                              \
    GEN__UNUSED static inline enum gen_status NAME##_step(struct NAME *gen__g, Y *gen__out)        \
    {                                                                                              \
        struct gen_io gen__io;                                                                     \
        gen__io_begin(&gen__io, 0);                                                                \
        return NAME##_gen__run(gen__g, &gen__io, (NAME##_gen__item *)(void *)gen__out, NULL);      \
    }                                                                                              \
    GEN__UNUSED static inline bool NAME##_next(struct NAME *gen__g, Y *gen__out)                   \
    {                                                                                              \
        enum gen_status gen__st = NAME##_step(gen__g, gen__out);                                   \
        if (gen__st == GEN_PENDING)                                                                \
            NAME##_gen__gen(gen__g)->gen__error = GEN_EPENDING;                                    \
        return gen__st == GEN_YIELDED;                                                             \
    }                                                                                              \
    GEN__UNUSED static inline enum gen_status NAME##_throw(struct NAME *gen__g, int gen__thrown,   \
                                                           Y *gen__out)                            \
    {                                                                                              \
        struct gen_io gen__io;                                                                     \
        gen__io_begin(&gen__io, gen__exception(gen__thrown, NULL).code);                           \
        if (gen__io.exc.code != gen__thrown)                                                       \
            return gen__refuse(NAME##_gen__gen(gen__g), &gen__io, GEN_EBADSTATE, NULL);            \
        if (gen__stops(NAME##_gen__gen(gen__g), &gen__io))                                         \
            return GEN_RAISED;                                                                     \
        return NAME##_gen__run(gen__g, &gen__io, (NAME##_gen__item *)(void *)gen__out, NULL);      \
    }                                                                                              \
    /* GEN_EXIT at a suspension */                                                                 \
    GEN__UNUSED static inline enum gen_status NAME##_gen__exit(struct NAME *gen__g,                \
                                                               struct gen_io *gen__io)             \
    {                                                                                              \
        gen__io->exc = gen__exception(GEN_EXIT, NULL);                                             \
        return gen__stops(NAME##_gen__gen(gen__g), gen__io)                                        \
                   ? GEN_RAISED                                                                    \
                   : NAME##_gen__run(gen__g, gen__io, NULL, NULL);                                 \
    }                                                                                              \
    /* close, telling the text too */                                                              \
    GEN__UNUSED static inline struct gen_exc NAME##_gen__close(struct NAME *gen__g)                \
    {                                                                                              \
        struct gen_io gen__io;                                                                     \
        gen__io_begin(&gen__io, 0);                                                                \
        if (gen__close_begin(NAME##_gen__gen(gen__g), &gen__io.exc.code))                          \
            (void)gen__close_end(NAME##_gen__gen(gen__g), NAME##_gen__exit(gen__g, &gen__io),      \
                                 &gen__io);                                                        \
        return gen__io.exc;                                                                        \
    }                                                                                              \
    GEN__UNUSED static inline int NAME##_close(struct NAME *gen__g)                                \
    {                                                                                              \
        return NAME##_gen__close(gen__g).code;                                                     \
    }                                                                                              \
    /* gen_for: one round, and the end */                                                          \
    GEN__INLINE static inline bool NAME##_gen__loop(                                               \
        struct NAME *gen__g, struct gen__loop *gen__loop, NAME##_gen__item *gen__item)             \
    {                                                                                              \
        struct gen_io gen__io;                                                                     \
        enum gen_status gen__st;                                                                   \
        gen__io_begin(&gen__io, 0);                                                                \
        gen__st = NAME##_gen__run(gen__g, &gen__io, gen__item, NULL);                              \
        gen__loop->done = gen__st <= GEN_RETURNED;                                                 \
        if (gen__st == GEN_RAISED)                                                                 \
            gen__loop->exc = gen__io.exc;                                                          \
        if (gen__st == GEN_PENDING)                                                                \
            gen__loop->exc = gen__exception(GEN_EPENDING, NULL);                                   \
        return GEN__LIKELY(gen__st == GEN_YIELDED);                                                \
    }                                                                                              \
    GEN__UNUSED static inline NAME##_gen__item *NAME##_gen__loop_begin(                            \
        struct NAME *gen__g, struct gen__loop *gen__loop, NAME##_gen__item *gen__item)             \
    {                                                                                              \
        gen__loop->more = NAME##_gen__loop(gen__g, gen__loop, gen__item);                          \
        return gen__item;                                                                          \
    }                                                                                              \
    GEN__UNUSED static inline void NAME##_gen__loop_end(struct NAME *gen__g,                       \
                                                        struct gen__loop *gen__loop)               \
    {                                                                                              \
        if (!gen__loop->done) {                                                                    \
            struct gen_exc gen__exc = NAME##_gen__close(gen__g);                                   \
            if (gen__loop->exc.code == 0)                                                          \
                gen__loop->exc = gen__exc;                                                         \
        }                                                                                          \
        gen__loop->once = false;                                                                   \
        if (gen__loop->exc.code != 0)                                                              \
            GEN_UNHANDLED(gen__loop->exc);                                                         \
    }                                                                                              \
    /* gen_for_in: one round; an error is the enclosing body's */                                  \
    GEN__INLINE static inline enum gen_status NAME##_gen__pull(                                    \
        struct NAME *gen__g, struct gen_io *gen__parent, NAME##_gen__item *gen__item)              \
    {                                                                                              \
        struct gen_io gen__io;                                                                     \
        enum gen_status gen__st;                                                                   \
        gen__io_begin(&gen__io, 0);                                                                \
        gen__io.context = gen__parent->context;                                                    \
        gen__st = NAME##_gen__run(gen__g, &gen__io, gen__item, NULL);                              \
        if (gen__st == GEN_PENDING)                                                                \
            gen__st = gen__refuse(NAME##_gen__gen(gen__g), &gen__io, GEN_EPENDING, NULL);          \
        if (gen__st == GEN_RAISED)                                                                 \
            gen__parent->exc = gen__io.exc;                                                        \
        return gen__st;                                                                            \
    }                                                                                              \
    /* to a delegate: what is thrown into its delegator, and all else */                           \
    GEN__UNUSED static inline enum gen_status NAME##_gen__throw_into(                              \
        struct NAME *gen__g, struct gen_io *gen__io, NAME##_gen__item *gen__out)                   \
    {                                                                                              \
        struct gen *const gen__head = NAME##_gen__gen(gen__g);                                     \
        const bool gen__closing = gen__closes(gen__io);                                            \
        const struct gen_exc gen__reason = gen__order(gen__io);                                    \
        enum gen_status gen__st;                                                                   \
        if (gen__io->how != 0)                                                                     \
            return NAME##_gen__answer(gen__g, gen__io);                                            \
        if (gen__closing && gen__head->gen__label == GEN__CLOSED)                                  \
            return gen__ordered(gen__io, gen__reason);                                             \
        if (gen__closing)                                                                          \
            gen__io->exc.text = NULL; /* which is for the delegator alone */                       \
        do                                                                                         \
            gen__st =                                                                              \
                gen__io->exc.code != 0 && gen__stops(gen__head, gen__io)                           \
                    ? GEN_RAISED                                                                   \
                    : NAME##_gen__run(gen__g, gen__io, gen__closing ? NULL : gen__out, NULL);      \
        while (gen__closing && gen__run_pushed(gen__head, gen__io, &gen__st));                     \
        return gen__closing ? gen__closed(gen__head, gen__st, gen__io, gen__reason)                \
                            : gen__ended(gen__st, gen__io);                                        \
    }                                                                                              \
    GEN__INLINE static inline enum gen_status NAME##_gen__pass(                                    \
        struct NAME *gen__g, struct gen_io *gen__io, NAME##_gen__item *gen__out,                   \
        const void *gen__in, bool gen__enters)                                                     \
    {                                                                                              \
        if (!gen__enters) {                                                                        \
            gen__wake(NAME##_gen__gen(gen__g), gen__io);                                           \
            if (GEN__UNLIKELY(gen__io->exc.code != 0))                                             \
                return NAME##_gen__throw_into(gen__g, gen__io, gen__out);                          \
            if (gen__in != NULL && gen__stops(NAME##_gen__gen(gen__g), gen__io))                   \
                return GEN_RAISED;                                                                 \
        } /* else it begins with next() */                                                         \
        return NAME##_gen__run(gen__g, gen__io, gen__out,                                          \
                               gen__enters ? NULL : (const NAME##_gen__sent *)gen__in);            \
    }

/* -- Loops outside a body --------------------------------------------------------------------- */

struct gen__loop {
    struct gen_exc exc;
    bool once, done, more;
};

/* Three loops, two of one round, so that each declares one thing and a `break` closes the
 * generator. */
#define GEN__FOR(...) GEN__FOR_(__VA_ARGS__)
#define GEN__FOR_(x, NAME, ...)                                                                    \
    GEN__FOR__(gen__loop_##x, gen__self_##x, gen__item_##x, x, NAME, __VA_ARGS__)
#define GEN__FOR__(loop, g, item, x, NAME, ...)                                                    \
    for (struct gen__loop loop = {{0, NULL}, true, false, false}; GEN__HAS_LOCALS, loop.once;)     \
        for (struct NAME g = GEN__FRAME_AFTER_2(__VA_ARGS__, ); loop.once;                         \
             NAME##_gen__loop_end(&g, &loop))                                                      \
    GEN__ROUNDS(loop, g, item, x, NAME)

/* Clang does not see that a generator which yields at one place stands there in every round but the
 * first, unless the first is apart. Gcc does, and then has the body once. */
#if defined(__clang__)
#define GEN__ROUNDS(loop, g, item, x, NAME)                                                        \
    for (NAME##_gen__item x = GEN__ZERO, *item = NAME##_gen__loop_begin(&g, &loop, &x); loop.more; \
         loop.more = NAME##_gen__loop(&g, &loop, item))
#else
#define GEN__ROUNDS(loop, g, item, x, NAME)                                                        \
    for (NAME##_gen__item x = GEN__ZERO; NAME##_gen__loop(&g, &loop, &x);)
#endif

#define GEN__EACH(each, x, NAME, ...)                                                              \
    for (struct NAME *each = (__VA_ARGS__); GEN__HAS_LOCALS, NAME##_next(each, &(x));)

static inline void gen__trap(struct gen_exc exc)
{
    (void)exc;
#if defined(__GNUC__)
    __builtin_trap();
#else
    for (;;) {
    }
#endif
}

static inline const char *gen_error_name(int code)
{
    switch (code) {
    case 0:
        return "no error";
    case GEN_EXIT:
        return "GEN_EXIT: generator told to close";
    case GEN_CANCELLED:
        return "GEN_CANCELLED: wait cancelled";
    case GEN_STOP:
        return "GEN_STOP: end of iteration";
    case GEN_ERUNNING:
        return "GEN_ERUNNING: generator already executing";
    case GEN_ESTARTED:
        return "GEN_ESTARTED: can't send a value to a just-started generator";
    case GEN_EIGNORED:
        return "GEN_EIGNORED: generator ignored GEN_EXIT";
    case GEN_ESTOP:
        return "GEN_ESTOP: generator raised StopIteration";
    case GEN_ENOMEM:
        return "GEN_ENOMEM: the gen_stack is full";
    case GEN_ENOSTACK:
        return "GEN_ENOSTACK: no gen_stack to push a generator on";
    case GEN_EBADSTATE:
        return "GEN_EBADSTATE: not possible in this state";
    case GEN_EPENDING:
        return "GEN_EPENDING: generator waits where its caller cannot";
    default:
        return code >= GEN_EUSER             ? "a code of the program's"
               : code > 0 && code < GEN_STOP ? "a code of errno's"
                                             : "an unknown code";
    }
}

/* -- A body ----------------------------------------------------------------------------------- */

/* The line of gen_define comes into the body as the size of a type, where gen_begin, which cannot
 * know NAME, finds it; modulo 2^15, for targets whose largest array has that many bytes. */
#define GEN__DEFINE(NAME)                                                                          \
    GEN__INLINE static inline enum gen_status NAME##_gen__code(                                    \
        struct NAME *, struct gen_io *, NAME##_gen__item *, const NAME##_gen__sent *,              \
        const char(*)[(__LINE__ & 0x7fff) + 1]);                                                   \
    enum gen_status NAME##_gen__body(struct NAME *self, struct gen_io *gen__io,                    \
                                     NAME##_gen__item *gen__out, const NAME##_gen__sent *gen__in)  \
    {                                                                                              \
        GEN__ASSERT(offsetof(struct NAME, gen) == 0, the_first_member_is_struct_gen_gen);          \
        return NAME##_gen__code(self, gen__io, gen__out, gen__in, NULL);                           \
    }                                                                                              \
    struct gen_where NAME##_gen__where(const struct gen *gen__g)                                   \
    {                                                                                              \
        struct gen_where gen__where;                                                               \
        (void)gen__g;                                                                              \
        gen__where.name = #NAME;                                                                   \
        gen__where.file = __FILE__;                                                                \
        gen__where.line = (uint_least32_t)(__LINE__);                                              \
        return gen__where;                                                                         \
    }                                                                                              \
    GEN__UNUSED static inline enum gen_status NAME##_gen__code(                                    \
        struct NAME *const self, struct gen_io *const gen__io, NAME##_gen__item *const gen__out,   \
        const NAME##_gen__sent *const gen__in, const char(*gen__line)[(__LINE__ & 0x7fff) + 1])

#define GEN__LINES() (((unsigned)(__LINE__ & 0x7fff) + 1u - (unsigned)gen__no_begin) & 0x7fffu)
#define GEN__LINE() (GEN__LINES() & 0x1fffu)
#define GEN__AT(kind) (4u + 4u * GEN__LINE() + (unsigned)(kind))
#define GEN__AT_SUSPENSION GEN__AT((int)gen__handler != 0 ? GEN__GUARDED : GEN__UNGUARDED)

#define GEN__BEGIN()                                                                               \
    enum {                                                                                         \
        gen__no_begin = (int)sizeof(*gen__line), /* not there: it says so */                       \
        gen__handler = 0, /* label of the innermost try or finally; 0: none */                     \
        gen__exit = 0,    /* label of the innermost finally */                                     \
        gen__nesting = 0, /* of try/finally: index into unwind[] */                                \
        gen__clause = 0   /* of clauses: index into gen__caught[] */                               \
    };                                                                                             \
    struct gen_exc gen__caught[GEN__CLAUSES] = {{0, NULL}};                                        \
    enum gen_status gen__status = GEN_RETURNED;                                                    \
    unsigned gen__to = self->gen.gen__label; /* where the switch goes */                           \
    unsigned gen__way = 0;                   /* how the innermost finally was reached */           \
    (void)gen__caught, (void)gen__status, (void)gen__way;                                          \
    (void)gen__in, (void)gen__out, (void)gen__line;                                                \
    self->gen.gen__label = GEN__RUNNING;                                                           \
    gen__again:                                                                                    \
    do {                                                                                           \
        if (0)                                                                                     \
            goto gen__no_end; /* the same */                                                       \
        if (0)                                                                                     \
            goto gen__again; /* there may be nothing to handle */                                  \
        switch (gen__to) {                                                                         \
        case GEN__CREATED:

#define GEN__END()                                                                                 \
    {                                                                                              \
        GEN__ASSERT((int)gen__handler == 0 && (int)gen__clause == 0,                               \
                    gen_end_try_or_gen_end_finally_is_missing);                                    \
    }                                                                                              \
    self->gen = gen__at(GEN__CLOSED);                                                              \
    return GEN_RETURNED;                                                                           \
    default:                                                                                       \
        self->gen.gen__label = (uint16_t)gen__to;                                                  \
        return GEN__NO_LABEL;                                                                      \
        }                                                                                          \
        }                                                                                          \
        while (0)                                                                                  \
            ;                                                                                      \
    gen__no_end:;                                                                                  \
        {                                                                                          \
            GEN__ASSERT(GEN__LINES() < 0x1fffu, a_body_has_at_most_8190_lines);                    \
        }                                                                                          \
        return gen__misuse(&self->gen, gen__io, "a break or continue outside every loop")

/* gen_for and gen_each have locals, which a label inside of them would be reached without. Each has
 * a larger struct of this name, as a tag may hide another. C++ refuses such a label by itself. */
struct gen__scope {
    char size[1];
};
#if defined(__cplusplus)
#define GEN__HAS_LOCALS (void)0
#define GEN__LABEL_ALLOWED (void)0
#else
#if defined(__GNUC__) /* -Wc++-compat likes no type that is defined in a sizeof */
#define GEN__HAS_LOCALS                                                                            \
    (void)__builtin_types_compatible_p(                                                            \
        struct gen__scope { char size[2]; }, int)
#else
#define GEN__HAS_LOCALS (void)sizeof(struct gen__scope { char size[2]; })
#endif
#define GEN__LABEL_ALLOWED                                                                         \
    GEN__ASSERT(sizeof(struct gen__scope) == 1, a_suspension_or_gen_try_inside_gen_for_or_gen_each)
#endif

/* A label that nothing goes to: of two with one name the compiler says the name. */
#if defined(__GNUC__)
#define GEN__ONE_ON_A_LINE(words) GEN__CAT(words, __LINE__) : __attribute__((unused))
#else
#define GEN__ONE_ON_A_LINE(words) (void)0
#endif

/* Arrived by the dispatch, or by the value of a switch of the user's around the label? */
#define GEN__ARRIVED(at)                                                                           \
    if (GEN__UNLIKELY(gen__to != (unsigned)(at)))                                                  \
    return gen__misuse(&self->gen, gen__io, "a suspension or gen_try inside a switch")

#define GEN__SUSPEND(at, status)                                                                   \
    {                                                                                              \
        GEN__HOT                                                                                   \
        GEN__LABEL_ALLOWED;                                                                        \
        self->gen = gen__at(at);                                                                   \
        return (status);                                                                           \
        GEN__ONE_ON_A_LINE(two_suspensions_on_line_);                                              \
    case (at):                                                                                     \
        GEN__ARRIVED(at);                                                                          \
        if ((int)gen__handler != 0 && GEN__UNLIKELY(gen__io->exc.code != 0))                       \
            GEN__RAISE();                                                                          \
    }

/* What is in io->exc goes to the innermost handler, or leaves. */
#define GEN__RAISE()                                                                               \
    {                                                                                              \
        if ((int)gen__handler == 0 || gen__io->how != 0)                                           \
            return gen__leave(&self->gen, gen__io);                                                \
        gen__to = (unsigned)gen__handler;                                                          \
        goto gen__again;                                                                           \
    }

#define GEN__RETURN()                                                                              \
    {                                                                                              \
        if ((int)gen__exit == 0) {                                                                 \
            self->gen = gen__at(GEN__CLOSED);                                                      \
            return GEN_RETURNED;                                                                   \
        }                                                                                          \
        gen__way = GEN__RETURNING;                                                                 \
        gen__to = (unsigned)gen__exit;                                                             \
        goto gen__again;                                                                           \
    }

#define GEN__PUT(...)                                                                              \
    if (gen__out != NULL)                                                                          \
        *gen__out = (__VA_ARGS__);                                                                 \
    else                                                                                           \
        (void)(__VA_ARGS__)
#define GEN__PUT_NOTHING() (void)sizeof(gen__no_value(*gen__out))

/* A loop over what is pulled. An error is raised in the condition, as an `else` before the user's block
 * makes compilers warn of an `if` of his around it that has no braces. */
#if defined(__GNUC__)
#define GEN__PULL(pull)                                                                            \
    while (GEN__LIKELY((gen__status = (pull)) != GEN_RETURNED) &&                                  \
           (GEN__LIKELY(gen__status == GEN_YIELDED) || __extension__({                             \
                GEN__RAISE()                                                                       \
                false;                                                                             \
            })))
#else
#define GEN__PULL(pull)                                                                            \
    while ((gen__status = (pull)) != GEN_RETURNED)                                                 \
        if (gen__status != GEN_YIELDED)                                                            \
            GEN__RAISE()                                                                           \
        else
#endif

/* -- try -------------------------------------------------------------------------------------- */

#define GEN__ENTER 0xffffu /* gen__to where a try is entered from above; no label */

#define GEN__TRY(at)                                                                               \
    {                                                                                              \
        GEN__SCOPED(gen__try = (int)(at))                                                          \
        GEN__LABEL_ALLOWED;                                                                        \
        GEN__ONE_ON_A_LINE(two_gen_try_on_line_);                                                  \
        gen__to = GEN__ENTER;                                                                      \
        GEN__FALLTHROUGH;                                                                          \
    case (at):                                                                                     \
        if (gen__to == GEN__ENTER) {                                                               \
            GEN__SCOPED(gen__handler = (int)gen__try)                                              \
            gen__to = 0;

#define GEN__EXCEPT(matches)                                                                       \
    (void)gen__try;                                                                                \
    }                                                                                              \
    else GEN__ARRIVED(gen__try);                                                                   \
    else if (matches)                                                                              \
    {                                                                                              \
        GEN__CLAUSE();                                                                             \
        gen__caught[gen__clause] = gen__io->exc;                                                   \
        gen__io->exc.code = 0;

/* What a clause handles is in a slot of its nesting. */
#define GEN__CLAUSE()                                                                              \
    GEN__SCOPED(gen__outer = (int)gen__clause)                                                     \
    GEN__SCOPED(gen__clause = (int)gen__outer + 1)                                                 \
    GEN__ASSERT((int)gen__clause < (int)GEN__CLAUSES, clauses_are_nested_too_deep)

#define GEN__END_TRY                                                                               \
    }                                                                                              \
    else GEN__RAISE() /* no clause matches */                                                      \
    }

/* -- finally ---------------------------------------------------------------------------------- */

/* The block that has a finally, and the part of it that this guards. */
#define GEN__FINALLY_AROUND(at, words)                                                             \
    GEN__SCOPED(gen__index = (int)gen__nesting, gen__try_finally = (int)(at))                      \
    GEN__LABEL_ALLOWED;                                                                            \
    GEN__ASSERT(sizeof(self->unwind) / sizeof(self->unwind[0]) > (size_t)gen__index, words)
#define GEN__GUARDED_BY_IT                                                                         \
    GEN__SCOPED(gen__nesting = (int)gen__index + 1, gen__handler = (int)gen__try_finally,          \
                gen__exit = (int)gen__try_finally)

/* The guarded block is the body of a loop with one round, which is how its `break` and `continue`
 * come by. gen__way is 0 on entry and tells the ways out apart. */
#define GEN__TRY_FINALLY(at)                                                                       \
    {                                                                                              \
        GEN__FINALLY_AROUND(at, unwind_has_too_few_elements_for_the_nesting_of_gen_try_finally);   \
        GEN__ONE_ON_A_LINE(two_gen_try_finally_on_line_);                                          \
        for (; gen__way == 0; gen__way = GEN__CONTINUE) {                                          \
            GEN__GUARDED_BY_IT

#define GEN__FINALLY                                                                               \
    gen__way = GEN__END_WAY;                                                                       \
    break;                                                                                         \
    }                                                                                              \
    if (gen__way == 0)                                                                             \
        gen__way = GEN__BREAK;                                                                     \
    GEN__FALLTHROUGH;                                                                              \
    GEN__FINALLY_BEGIN

#define GEN__FINALLY_BEGIN                                                                         \
    case gen__try_finally: {                                                                       \
        GEN__SCOPED(gen__nesting = (int)gen__index + 1)                                            \
        GEN__CLAUSE();                                                                             \
        gen__caught[gen__clause] = gen__caught[gen__outer];                                        \
        if (gen__way == 0) {                                                                       \
            GEN__ARRIVED(gen__try_finally);                                                        \
            gen__way = GEN__RAISING;                                                               \
            gen__caught[gen__clause] = gen__io->exc;                                               \
            self->unwind[gen__index].gen__code = (int16_t)gen__io->exc.code;                       \
            self->unwind[gen__index].gen__text = gen__io->exc.text;                                \
            gen__io->exc.code = 0;                                                                 \
        }                                                                                          \
        self->unwind[gen__index].gen__way = (uint8_t)gen__way;                                     \
        gen__way = 0;

/* After the second block: the way out that was interrupted, out of the body or within it. */
#define GEN__FINALLY_LEAVES                                                                        \
    }                                                                                              \
    if (self->unwind[gen__index].gen__way == GEN__RAISING) {                                       \
        gen__io->exc.code = self->unwind[gen__index].gen__code;                                    \
        gen__io->exc.text = self->unwind[gen__index].gen__text;                                    \
        GEN__RAISE();                                                                              \
    }                                                                                              \
    if (self->unwind[gen__index].gen__way == GEN__RETURNING)                                       \
        GEN__RETURN();

#define GEN__FINALLY_GOES_ON                                                                       \
    if (self->unwind[gen__index].gen__way == GEN__BREAK)                                           \
        break;                                                                                     \
    if (self->unwind[gen__index].gen__way == GEN__CONTINUE)                                        \
        continue;

#define GEN__END_FINALLY                                                                           \
    GEN__FINALLY_LEAVES                                                                            \
    GEN__FINALLY_GOES_ON                                                                           \
    }

/* -- with, and for await ---------------------------------------------------------------------- */

/* As try/finally with a statement for the second block, which stands before the first: it is come to
 * when the inner loop has ended, by the next round of the outer one. For statements that clean up
 * what their head names. */
#define GEN__WITH(at, cleanup)                                                                     \
    {                                                                                              \
        GEN__FINALLY_AROUND(at, unwind_has_too_few_elements_for_the_nesting_of_this_block);        \
        for (;;) {                                                                                 \
            if (gen__way != 0) {                                                                   \
                GEN__FALLTHROUGH;                                                                  \
                GEN__FINALLY_BEGIN                                                                 \
                cleanup;                                                                           \
                GEN__FINALLY_LEAVES                                                                \
                break;                                                                             \
            }                                                                                      \
            for (; gen__way == 0; gen__way = GEN__CONTINUE) {                                      \
                GEN__GUARDED_BY_IT

#define GEN__END_WITH                                                                              \
    gen__way = GEN__END_WAY;                                                                       \
    break;                                                                                         \
    }                                                                                              \
    if (gen__way == 0)                                                                             \
        gen__way = GEN__BREAK;                                                                     \
    }                                                                                              \
    GEN__FINALLY_GOES_ON                                                                           \
    }

/* As GEN__WITH: the finally, which closes src, stands before the loop, where src is known. */
#define GEN__FOR_AWAIT(x, NAME, src)                                                               \
    {                                                                                              \
        GEN__FINALLY_AROUND(GEN__AT(GEN__FINALLY_AT),                                              \
                            unwind_has_too_few_elements_for_the_nesting_of_gen_for_await);         \
        GEN__ONE_ON_A_LINE(two_gen_for_await_on_line_);                                            \
        for (gen__way = 0;; gen__way = GEN__BREAK) {                                               \
            if (gen__way != 0) {                                                                   \
                GEN__FALLTHROUGH;                                                                  \
                GEN__FINALLY_BEGIN                                                                 \
                if (gen__close_begin(NAME##_gen__gen(src), &gen__io->exc.code)) {                  \
                    GEN__FOLLOW(GEN__AT(GEN__TRY_AT), NAME##_gen__exit((src), gen__io),            \
                                (gen__way = gen__closes(gen__io),                                  \
                                 NAME##_gen__pass((src), gen__io, NULL, NULL, false)));            \
                    if (gen__io->how != 0)                                                         \
                        return gen__leave(&self->gen, gen__io);                                    \
                    if (gen__way == 0) /* else this body is being closed, and io has the order */  \
                        (void)gen__close_end(NAME##_gen__gen(src), gen__status, gen__io);          \
                    gen__way = 0;                                                                  \
                }                                                                                  \
                if (gen__io->exc.code != 0)                                                        \
                    GEN__RAISE();                                                                  \
                GEN__FINALLY_LEAVES                                                                \
                break;                                                                             \
            }                                                                                      \
            {                                                                                      \
                GEN__GUARDED_BY_IT                                                                 \
                for (;;) {                                                                         \
                    GEN__FOLLOW(GEN__AT(GEN__GUARDED),                                             \
                                NAME##_gen__pass((src), gen__io, &(x), NULL, true),                \
                                NAME##_gen__pass((src), gen__io, &(x), NULL, false));              \
                    if (gen__status < GEN_RETURNED)                                                \
                        GEN__RAISE();                                                              \
                    if (gen__status == GEN_RETURNED)                                               \
                        break;

#define GEN__END_FOR                                                                               \
    }                                                                                              \
    }                                                                                              \
    }                                                                                              \
    }

/* Resumes another generator until it yields or ends, and waits while it waits. */
#define GEN__FOLLOW(at, first, again)                                                              \
    gen__status = (first);                                                                         \
    while (gen__status > GEN_YIELDED) {                                                            \
        self->gen = gen__at(gen__status == GEN__PUSHED ? GEN__BUSY | (at) : (at));                 \
        return gen__status;                                                                        \
    case (at):                                                                                     \
        GEN__ARRIVED(at);                                                                          \
        gen__status = (again);                                                                     \
    }

#endif
