/* itertools.h - Python's itertools, and range, enumerate, filter, map and zip, for gen.h.
 *
 *     #include "itertools.h"          needs gen.h only: no library, no allocation, no static data
 *
 *     struct gen_any seq = iter_chain(iter_repeat(int, 17, 3), iter_cycle(iter_range(3), room));
 *     iter_for (int, num, seq)                   for num in chain(repeat(17, 3), cycle(range(3))):
 *         ...
 *
 *     iter_define_range(ints, int);              sum(x * x for x in range(10) if x % 2)
 *     iter_define_filter(odds, ints, x, x % 2);
 *     iter_define_map(squares, odds, int, x, x * x);
 *     gen_for (x, squares, .source.source.range = ITER_RANGE(10))
 *         sum += x;                              one loop, nothing called
 *
 * There are two forms of each, and an itertool of either is a generator as gen.h has it: it has
 * NAME_next, NAME_close, NAME_any and the others, and can be the source of any other.
 *
 * DYNAMIC, over gen_any: for sources whose type is known when the program runs.
 *     struct iter_X {...};     The frame. Set the members that are documented, the rest is zero.
 *                              `out` of iter_X_next is a void *: what the source yields goes there.
 *     iter_X(...)              A gen_any, with Python's arguments in Python's order. Its frame, and
 *                              the room for items, are compound literals: THEY LIVE IN THE BLOCK
 *                              THE CALL STANDS IN. So it is used in that block; in the body of a
 *                              generator, where no local survives, the frames are members. C only.
 *     They borrow their sources, and whatever else they are given a pointer to.
 *
 * STATIC, over a generator by its name: for loops that the compiler is to see through.
 *     iter_define_X(NAME, SOURCE, ...);   declares and defines the generator NAME, at file scope.
 *     Its frame has the source's frame as the member `source`, which is set as gen_for sets one.
 *     Functions are expressions: the arguments `x, x * x` are lambda x: x * x. They may call, and
 *     may use self->arg, a void * for what lambda would capture.
 *
 * Meaning: CPython's. What a source raises comes through as it is, with its text, and does not end
 * the itertool: next asks the source again. After its end an itertool stays at its end. None closes
 * its sources, not even when it is closed itself: who made them does. What is thrown into it, or
 * sent, does not reach them; what is thrown ends it. A source that waits (GEN_PENDING) raises
 * GEN_EPENDING, and nothing is lost. Functions cannot raise: write a generator for that.
 *
 * CONTENTS   1 codes and sources   2 itertools, dynamic   3 combinatorics   4 consumers
 *            5 itertools, static   6 cost and limits   7 the machinery
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef ITERTOOLS_H
#define ITERTOOLS_H

#include "gen.h"

/* ==== 1. Codes and sources =================================================================== */

/* Codes, beside gen.h's. */
enum {
    ITER_ESTEP = 1200, /* a range with a step of 0 */
    ITER_EFULL,        /* no room in the caller's array for another item */
    ITER_EOVERFLOW,    /* a count has come to the end of its type */
    ITER_ESIZE,        /* batches of no items */
    ITER_EEMPTY        /* min or max of nothing */
};

/* As gen_error_name, and knows these. */
static inline const char *iter_error_name(int code);

/* For a count of items: none, without an end (Python's None). */
#define ITER_FOREVER SIZE_MAX

/* The T that a generator yields, by the generator's name. */
#define ITER_ITEM(NAME) NAME##_gen__item

/* iter_of(NAME, .field = v, ...)                   NAME(field=v), a generator of yours */
#define iter_of(...) ITER__OF(GEN__FIRST(__VA_ARGS__, 0), __VA_ARGS__, )

/* iter_for (T, x, it) body                         for x in it: body
 * Declares x; evaluates `it` once; closes nothing. An error goes to GEN_UNHANDLED, as gen_for's;
 * what your own GEN_UNHANDLED names is declared before the include. */
#define iter_for(T, x, it) ITER__FOR(iter__loop_##x, T, x, it)

/* iter_for_in (self->x, self->it) body             the same in the body of a generator
 * Assigns x; the arguments are evaluated for each item. An error is raised here. */
#define iter_for_in(x, it) GEN__PULL(iter__pull((it), gen__io, &(x)))

/* iter_array(array)                                iter([4, 7, 0, 3])
 * The elements of a true array, `(int[]){4, 7, 0, 3}` say, which is borrowed. */
gen_declare(iter_array, void);
struct iter_array {
    struct gen gen;
    const void *items; /* what is left: */
    size_t size;       /* of one item, in bytes */
    size_t count;      /* of items */
};
#define iter_array(...)                                                                            \
    ITER__NEW(iter_array, .items = (__VA_ARGS__), .size = sizeof((__VA_ARGS__)[0]),                \
              .count = ITER__LENGTH((__VA_ARGS__)))

/* iter_chars("text")                               iter("text"): char by char; a string literal */
#define iter_chars(text)                                                                           \
    ITER__NEW(iter_array, .items = "" text, .size = 1, .count = sizeof("" text) - 1)

/* ==== 2. Itertools, dynamic ==================================================================
 *
 * A T or U below is the type of items. `room` is an array of yours, by name or as a compound
 * literal, `(int[8]){0}`: its length counts. A predicate or function gets `arg`, which is the last
 * argument, and NULL if it is left out. Each next costs one of the source's, if not said
 * otherwise. */

typedef bool iter_predicate(const void *item, void *arg);
typedef void iter_function(const void *item, void *out, void *arg);
typedef void iter_fold(void *total, const void *item, void *arg); /* total = f(total, item) */
typedef bool iter_relation(const void *a, const void *b, void *arg);

/* iter_range(stop), (start, stop), (start, stop, step)      range, of int: see iter_define_range
 * iter_count(start), (start, step)                          count, of int: see iter_define_count */
#define iter_range(...) ITER__NEW(iter_range, .range = ITER_RANGE(__VA_ARGS__))
#define iter_count(...) ITER__COUNTER(__VA_ARGS__, 1, 0)

/* iter_repeat(T, value), (T, value, times)         repeat(value, times) */
gen_declare(iter_repeat, void);
struct iter_repeat {
    struct gen gen;
    const void *item; /* the value */
    size_t size;      /* sizeof(T) */
    size_t times;     /* how often from now on, or ITER_FOREVER */
};
#define iter_repeat(T, ...) ITER__REPEAT(T, __VA_ARGS__, ITER_FOREVER, 0)

/* iter_cycle(source, room)                         cycle(source)
 * The first time round each item is copied into room. ITER_EFULL: one more than fits; it is lost,
 * and next goes on with the source. Afterwards the source is not asked. */
gen_declare(iter_cycle, void);
struct iter_cycle {
    struct gen gen;
    struct gen_any source;
    void *items;
    size_t size, capacity; /* of an item, in bytes; of items, in items */
    size_t iter__count, iter__at;
    bool iter__ended;
};
#define iter_cycle(source, room) ITER__ROOM_OVER(iter_cycle, source, room)

/* iter_chain(a, b, ...)                            chain(a, b, ...): up to 8 */
gen_declare(iter_chain, void);
struct iter_chain {
    struct gen gen;
    const struct gen_any *sources; /* those not yet at their end: */
    size_t count;
};
#define iter_chain(...)                                                                            \
    ITER__NEW(iter_chain,                                                                          \
              .sources = (const struct gen_any[ITER__COUNT(__VA_ARGS__)]){__VA_ARGS__},            \
              .count = ITER__COUNT(__VA_ARGS__))

/* iter_chain_from_iterable(source)                 chain.from_iterable(source)
 * The source yields struct gen_any, each of which lives until it is at its end. */
gen_declare(iter_chain_from_iterable, void);
struct iter_chain_from_iterable {
    struct gen gen;
    struct gen_any source, iter__current;
};
#define iter_chain_from_iterable(it) ITER__NEW(iter_chain_from_iterable, .source = (it))

/* iter_islice(source, stop), (source, start, stop), (source, start, stop, step)
 * islice. Takes stop items from the source at most; those left out are not copied. */
gen_declare(iter_islice, void);
struct iter_islice {
    struct gen gen;
    struct gen_any source;
    size_t start; /* counted from where the source stands: */
    size_t stop;  /* or ITER_FOREVER */
    size_t step;  /* 0 is None, that is 1 */
};
#define iter_islice(it, ...) GEN__CAT(ITER__ISLICE_, ITER__COUNT(__VA_ARGS__))(it, __VA_ARGS__)

/* iter_filter(T, predicate, source, arg)           filter(predicate, source); the items that hold
 * iter_filterfalse(T, predicate, source, arg)      filterfalse: those that do not
 * iter_takewhile(T, predicate, source, arg)        takewhile: up to the first that does not, which
 *                                                  is taken from the source and lost
 * iter_dropwhile(T, predicate, source, arg)        dropwhile: from the first that does not
 * Cost: as many of the source's as it takes. */
#define ITER__SELECTOR(NAME)                                                                       \
    gen_declare(NAME, void);                                                                       \
    struct NAME {                                                                                  \
        struct gen gen;                                                                            \
        struct gen_any source;                                                                     \
        iter_predicate *predicate;                                                                 \
        void *arg;                                                                                 \
        void *item;  /* room for one T */                                                          \
        size_t size; /* sizeof(T) */                                                               \
        bool iter__dropped;                                                                        \
    }
ITER__SELECTOR(iter_filter);
ITER__SELECTOR(iter_filterfalse);
ITER__SELECTOR(iter_takewhile);
ITER__SELECTOR(iter_dropwhile);
#define iter_filter(T, ...) ITER__SELECT(iter_filter, T, __VA_ARGS__, NULL, 0)
#define iter_filterfalse(T, ...) ITER__SELECT(iter_filterfalse, T, __VA_ARGS__, NULL, 0)
#define iter_takewhile(T, ...) ITER__SELECT(iter_takewhile, T, __VA_ARGS__, NULL, 0)
#define iter_dropwhile(T, ...) ITER__SELECT(iter_dropwhile, T, __VA_ARGS__, NULL, 0)

/* iter_compress(T, data, selectors)                compress(data, selectors); these are bool */
gen_declare(iter_compress, void);
struct iter_compress {
    struct gen gen;
    struct gen_any data, selectors;
    void *item;  /* room for one T */
    size_t size; /* sizeof(T) */
    bool iter__has;
};
#define iter_compress(T, items, bools)                                                             \
    ITER__NEW(iter_compress, .data = (items), .selectors = (bools), ITER__ONE(T))

/* iter_map(T, U, function, source, arg)            map(function, source), from T to U
 * iter_starmap                                     the same: a tuple is a struct in C
 * The function is called as function(item, out, arg), even when the result is not wanted. */
gen_declare(iter_map, void);
struct iter_map {
    struct gen gen;
    struct gen_any source;
    iter_function *function;
    void *arg;
    void *item;   /* room for one T */
    void *result; /* room for one U */
};
#define iter_map(T, U, ...) ITER__MAP(T, U, __VA_ARGS__, NULL, 0)
#define iter_starmap iter_map

/* iter_zip(T, member, source, member, source, ...)             zip(source, source, ...)
 * iter_zip_longest(T, &fill, member, source, ...)              zip_longest
 * Yields struct T, of your own; each source yields one of its members. Up to 4. *fill has what
 * stands for items that are missing. */
struct iter_field {
    struct gen_any source;
    size_t offset; /* offsetof(struct T, member) */
};
gen_declare(iter_zip, void);
struct iter_zip {
    struct gen gen;
    const struct iter_field *fields;
    size_t count; /* of fields */
    void *item;   /* room for one T */
    size_t size;  /* sizeof(T) */
    size_t iter__at;
};
gen_declare(iter_zip_longest, void);
struct iter_zip_longest {
    struct gen gen;
    struct iter_field *fields; /* which get to be those not yet at their end: */
    size_t count;
    void *item;       /* room for one T */
    size_t size;      /* sizeof(T) */
    const void *fill; /* a T */
    size_t iter__at;
};
#define iter_zip(T, ...)                                                                           \
    ITER__NEW(iter_zip, .fields = (const struct iter_field[]){ITER__FIELDS(T, __VA_ARGS__)},       \
              .count = ITER__COUNT(__VA_ARGS__) / 2, ITER__ONE(T))
#define iter_zip_longest(T, f, ...)                                                                \
    ITER__NEW(iter_zip_longest, .fields = (struct iter_field[]){ITER__FIELDS(T, __VA_ARGS__)},     \
              .count = ITER__COUNT(__VA_ARGS__) / 2, ITER__ONE(T), .fill = (f))

/* iter_enumerate(T, index, value, source, start)   enumerate(source, start); start may be left out
 * Yields struct T, of your own: its member `index`, a size_t, counts; the source yields `value`. */
gen_declare(iter_enumerate, void);
struct iter_enumerate {
    struct gen gen;
    struct gen_any source;
    size_t start;        /* the next index; after SIZE_MAX comes 0 */
    size_t index, value; /* offsets in T */
};
#define iter_enumerate(T, index, value, ...) ITER__ENUMERATE(T, index, value, __VA_ARGS__, 0, 0)

/* iter_accumulate(T, function, source, arg)        accumulate(source, function)
 * function(total, item, arg) changes *total. The first total is the first item. For
 * accumulate(source, function, initial=i), where total may be of another type, set the frame. */
gen_declare(iter_accumulate, void);
struct iter_accumulate {
    struct gen gen;
    struct gen_any source;
    iter_fold *function;
    void *arg;
    void *item;          /* room for one T */
    void *total;         /* room for one U */
    size_t size;         /* sizeof(U) */
    const void *initial; /* a U, or NULL: then U is T */
    bool iter__begun;
};
#define iter_accumulate(T, ...) ITER__ACCUMULATE(T, __VA_ARGS__, NULL, 0)

/* iter_pairwise(T, source)                         pairwise(source); yields T[2] */
gen_declare(iter_pairwise, void);
struct iter_pairwise {
    struct gen gen;
    struct gen_any source;
    void *items; /* room for a T[2] */
    size_t size; /* sizeof(T) */
    bool iter__begun;
};
#define iter_pairwise(T, it)                                                                       \
    ITER__NEW(iter_pairwise, .source = (it), .items = (T[2]){0}, .size = sizeof(T))

/* iter_batched(source, room)                       batched(source, n), n the length of room
 * Yields struct iter_batch, whose items are in room until the next; the last may be short. An error
 * of the source leaves what is there for the next. ITER_ESIZE: a length of 0. */
struct iter_batch {
    void *items;
    size_t count;
};
gen_declare(iter_batched, struct iter_batch);
struct iter_batched {
    struct gen gen;
    struct gen_any source;
    void *items;
    size_t size, capacity; /* of an item, in bytes; n */
    size_t iter__count;
};
#define iter_batched(source, room) ITER__ROOM_OVER(iter_batched, source, room)

/* iter_groupby(T, relation, source, arg)           groupby(source, key)
 * Yields a struct iter_group for each run of items for which relation(first, item, arg) holds, say
 * that their keys are equal; it has to hold for (first, first). There is one `items` for all of the
 * groups: the next group takes it over, and skips what the one before has not yielded. */
gen_declare(iter_group_items, void);
struct iter_groupby;
struct iter_group_items {
    struct gen gen;
    struct iter_groupby *iter__of;
};
struct iter_group {
    const void *key;      /* const T *: the first item of the group; until the next group */
    struct gen_any items; /* yields T */
};
gen_declare(iter_groupby, struct iter_group);
struct iter_groupby {
    struct gen gen;
    struct gen_any source;
    iter_relation *relation;
    void *arg;
    void *items; /* room for a T[2]: the key, and the item that is to come */
    size_t size; /* sizeof(T) */
    struct iter_group_items iter__items;
    bool iter__begun, iter__has; /* is there an item to come? */
};
#define iter_groupby(T, ...) ITER__GROUPBY(T, __VA_ARGS__, NULL, 0)

/* tee(source, n):  struct iter_tees t = ITER_TEES(source, room);
 *                  struct gen_any a = iter_tee(&t), b = iter_tee(&t), ...
 *
 * Each yields what the source yields from now on. An item is in room from when the first takes it
 * until the last has. ITER_EFULL: there is no place for another item, which the one that is ahead
 * needs to ask the source, be it for the end; nothing is lost, and it goes on once the last one has
 * taken an item, or is closed. So one that is n items ahead at the end needs room for n + 1. Cost:
 * for the one that is ahead, the number of tees. The room and the frames stay as long as any is
 * used. */
struct iter_tee;
struct iter_tees {
    struct gen_any source;
    void *items;
    size_t size, capacity; /* of an item, in bytes; of items, in items */
    size_t iter__end;      /* where the next item goes */
    struct iter_tee *iter__tees;
};
#define ITER_TEES(source, room)                                                                    \
    {                                                                                              \
        (source), (room), sizeof((room)[0]), ITER__LENGTH(room), 0, NULL                           \
    }
gen_declare(iter_tee, void);
struct iter_tee {
    struct gen gen;
    struct iter_tees *iter__of;
    struct iter_tee *iter__next;
    size_t iter__behind; /* so many items after the one that is ahead */
};
#define iter_tee(t) iter_tee_init(&(struct iter_tee){.gen = {0, 0}}, (t))
static inline struct gen_any iter_tee_init(struct iter_tee *tee, struct iter_tees *t);

/* ==== 3. Combinatorics =======================================================================
 *
 * Pools are arrays of T. Each yields a T[r], in Python's order; r is a constant. With a frame of
 * your own whose `size` is 0 it yields a size_t[r]: indices into the pools, which then may be NULL.
 * Cost of an item: O(r); of iter_permutations O(n). */

/* iter_product(pool, pool, ...)                    product(pool, pool): up to 8; r is how many
 * iter_product_repeat(times, pool, pool, ...)      product(pool, pool, repeat=times): r * times */
struct iter_pool {
    const void *items;
    size_t count;
};
gen_declare(iter_product, void);
struct iter_product {
    struct gen gen;
    const struct iter_pool *pools;
    size_t count;    /* of pools */
    size_t repeat;   /* Python's, so 1 has to be said */
    size_t size;     /* sizeof(T) */
    size_t *indices; /* room for a size_t[count * repeat] */
    bool iter__begun;
};
#define iter_product(...) iter_product_repeat(1, __VA_ARGS__)
#define iter_product_repeat(times, ...)                                                            \
    ITER__NEW(iter_product, .pools = (const struct iter_pool[]){ITER__POOLS(__VA_ARGS__)},         \
              .count = ITER__COUNT(__VA_ARGS__), .repeat = (times),                                \
              .size = sizeof(GEN__FIRST(__VA_ARGS__, 0)[0]),                                       \
              .indices = (size_t[(times)*ITER__COUNT(__VA_ARGS__) + 1]){0})

/* iter_permutations(pool, r)                       permutations(pool, r)
 * iter_combinations(pool, r)                       combinations(pool, r)
 * iter_combinations_with_replacement(pool, r)      combinations_with_replacement(pool, r) */
#define ITER__ARRANGER(NAME)                                                                       \
    gen_declare(NAME, void);                                                                       \
    struct NAME {                                                                                  \
        struct gen gen;                                                                            \
        const void *pool;                                                                          \
        size_t count;    /* of items in the pool: n */                                             \
        size_t r;        /* how many are taken */                                                  \
        size_t size;     /* sizeof(T) */                                                           \
        size_t *indices; /* room for a size_t[r]; of permutations [n + r] */                       \
        bool iter__begun;                                                                          \
    }
ITER__ARRANGER(iter_permutations);
ITER__ARRANGER(iter_combinations);
ITER__ARRANGER(iter_combinations_with_replacement);
#define iter_permutations(pool, r)                                                                 \
    ITER__ARRANGE(iter_permutations, pool, r, ITER__LENGTH(pool) + (r))
#define iter_combinations(pool, r) ITER__ARRANGE(iter_combinations, pool, r, r)
#define iter_combinations_with_replacement(pool, r)                                                \
    ITER__ARRANGE(iter_combinations_with_replacement, pool, r, r)

/* ==== 4. Consumers ===========================================================================
 *
 * Each takes from `it` what it needs and answers 0, or the code of the error that came; what it has
 * so far is then in place, and the call can be made again with what is left. None closes `it`. */

/* list(it), as far as it fits: int iter_list(it, room, size_t *count). A room that is full asks for
 * no more: *count is its length, and `it` has what is left. */
#define iter_list(it, room, count)                                                                 \
    iter_list_of((it), (room), ITER__LENGTH(room), sizeof((room)[0]), (count))
static inline int iter_list_of(struct gen_any it, void *items, size_t capacity, size_t size,
                               size_t *count);

/* functools.reduce(f, it, total), and so sum(it): changes *total; *item is room for one T. */
static inline int iter_reduce(struct gen_any it, void *total, iter_fold *f, void *item, void *arg);

/* any(map(p, it)), all(map(p, it)): take items up to the one that decides. */
static inline int iter_any(struct gen_any it, bool *result, iter_predicate *p, void *item,
                           void *arg);
static inline int iter_all(struct gen_any it, bool *result, iter_predicate *p, void *item,
                           void *arg);

/* min(it), max(it): the first of equals. *best and *item are T, of `size` bytes; less(a, b, arg).
 * ITER_EEMPTY: no items. */
static inline int iter_min(struct gen_any it, void *best, iter_relation *less, void *item,
                           size_t size, void *arg);
static inline int iter_max(struct gen_any it, void *best, iter_relation *less, void *item,
                           size_t size, void *arg);

/* ==== 5. Itertools, static ===================================================================
 *
 * Frames begin with `gen` and `source`; what else there is to set is said with each, and is what is
 * left when it runs. What map, filter and the like do not name, they yield as the source has it. */

/* iter_define_range(NAME, T)                       range, of any integer type T
 *
 * struct NAME_value is Python's range: {start, stop, step}, a value, from which iterators are made.
 * ITER_RANGE(stop), (start, stop) or (start, stop, step) initializes one. NAME is its iterator,
 * with the member `range`. Items do not overflow, up to both ends of T. A step of 0: ITER_ESTEP,
 * raised by next. O(1), all of them:
 *
 *   struct NAME NAME_iter(v), NAME_reversed(v)         iter(v), reversed(v): independent of v
 *   uintmax_t   NAME_length(v)                         len(v)
 *   bool        NAME_at(v, intmax_t i, T *out)         v[i]; i < 0 from the end; false: IndexError
 *   bool        NAME_contains(v, T x)                  x in v
 *   bool        NAME_index(v, T x, uintmax_t *out)     v.index(x); false: ValueError
 *   bool        NAME_equal(v, w)                       v == w: the same items */
#define ITER_RANGE(...) GEN__CAT(ITER__RANGE_, ITER__COUNT(__VA_ARGS__))(__VA_ARGS__)
#define iter_define_range(NAME, T)                                                                 \
    struct NAME##_value {                                                                          \
        T start, stop;                                                                             \
        intmax_t step;                                                                             \
    };                                                                                             \
    gen_declare(NAME, T);                                                                          \
    struct NAME {                                                                                  \
        struct gen gen;                                                                            \
        struct NAME##_value range; /* what is left */                                              \
        bool iter__reversed;       /* from start down to stop itself, for a step that goes up */   \
    };                                                                                             \
    ITER__STEP_AS(NAME, iter__io, iter__out)                                                       \
    {                                                                                              \
        struct NAME##_value *const iter__r = &self->range;                                         \
        const T iter__item = iter__r->start;                                                       \
        const bool iter__up = (iter__r->step > 0) != self->iter__reversed;                         \
        const uintmax_t iter__left = iter__up ? (uintmax_t)iter__r->stop - (uintmax_t)iter__item   \
                                              : (uintmax_t)iter__item - (uintmax_t)iter__r->stop;  \
        if (iter__r->step == 0)                                                                    \
            return iter__raise(iter__io, ITER_ESTEP);                                              \
        if (!(iter__up ? iter__item < iter__r->stop : iter__item > iter__r->stop)) {               \
            if (!(self->iter__reversed && iter__item == iter__r->stop))                            \
                return GEN_RETURNED;                                                               \
            self->iter__reversed = false; /* the last */                                           \
        } else if (iter__size(iter__r->step) == 1 || iter__left > iter__size(iter__r->step))       \
            iter__r->start =                                                                       \
                (T)((uintmax_t)iter__item + (self->iter__reversed ? 0u - (uintmax_t)iter__r->step  \
                                                                  : (uintmax_t)iter__r->step));    \
        else                                                                                       \
            iter__r->start = iter__r->stop;                                                        \
        ITER__YIELD(iter__out, iter__item);                                                        \
    }                                                                                              \
    ITER__DEFINE(NAME)                                                                             \
    GEN__UNUSED static inline uintmax_t NAME##_length(struct NAME##_value iter__v)                 \
    {                                                                                              \
        if (iter__v.step > 0)                                                                      \
            return iter__v.start < iter__v.stop                                                    \
                       ? iter__steps((uintmax_t)iter__v.stop - (uintmax_t)iter__v.start - 1,       \
                                     iter__v.step) +                                               \
                             1                                                                     \
                       : 0;                                                                        \
        return iter__v.step < 0 && iter__v.start > iter__v.stop                                    \
                   ? iter__steps((uintmax_t)iter__v.start - (uintmax_t)iter__v.stop - 1,           \
                                 iter__v.step) +                                                   \
                         1                                                                         \
                   : 0;                                                                            \
    }                                                                                              \
    GEN__UNUSED static inline T NAME##_iter__item(struct NAME##_value iter__v, uintmax_t iter__i)  \
    {                                                                                              \
        return (T)((uintmax_t)iter__v.start + iter__i * (uintmax_t)iter__v.step);                  \
    }                                                                                              \
    GEN__UNUSED static inline bool NAME##_at(struct NAME##_value iter__v, intmax_t iter__i,        \
                                             T *iter__out)                                         \
    {                                                                                              \
        const uintmax_t iter__length = NAME##_length(iter__v);                                     \
        const uintmax_t iter__at =                                                                 \
            iter__i < 0 ? iter__length - iter__size(iter__i) : (uintmax_t)iter__i;                 \
        if (iter__i < 0 ? iter__size(iter__i) > iter__length : iter__at >= iter__length)           \
            return false;                                                                          \
        *iter__out = NAME##_iter__item(iter__v, iter__at);                                         \
        return true;                                                                               \
    }                                                                                              \
    GEN__UNUSED static inline bool NAME##_index(struct NAME##_value iter__v, T iter__x,            \
                                                uintmax_t *iter__out)                              \
    {                                                                                              \
        const uintmax_t iter__from = iter__v.step > 0                                              \
                                         ? (uintmax_t)iter__x - (uintmax_t)iter__v.start           \
                                         : (uintmax_t)iter__v.start - (uintmax_t)iter__x;          \
        if (iter__v.step == 0 ||                                                                   \
            (iter__v.step > 0 ? iter__x < iter__v.start || iter__x >= iter__v.stop                 \
                              : iter__x > iter__v.start || iter__x <= iter__v.stop))               \
            return false;                                                                          \
        *iter__out = iter__steps(iter__from, iter__v.step);                                        \
        return *iter__out * iter__size(iter__v.step) == iter__from;                                \
    }                                                                                              \
    GEN__UNUSED static inline bool NAME##_contains(struct NAME##_value iter__v, T iter__x)         \
    {                                                                                              \
        uintmax_t iter__i = 0;                                                                     \
        return NAME##_index(iter__v, iter__x, &iter__i);                                           \
    }                                                                                              \
    GEN__UNUSED static inline bool NAME##_equal(struct NAME##_value iter__v,                       \
                                                struct NAME##_value iter__w)                       \
    {                                                                                              \
        const uintmax_t iter__length = NAME##_length(iter__v);                                     \
        return iter__length == NAME##_length(iter__w) &&                                           \
               (iter__length == 0 || (iter__v.start == iter__w.start &&                            \
                                      (iter__length == 1 || iter__v.step == iter__w.step)));       \
    }                                                                                              \
    GEN__UNUSED static inline struct NAME NAME##_iter(struct NAME##_value iter__v)                 \
    {                                                                                              \
        struct NAME iter__it = {{0, 0}, {0, 0, 0}, false};                                         \
        iter__it.range = iter__v;                                                                  \
        return iter__it;                                                                           \
    }                                                                                              \
    GEN__UNUSED static inline struct NAME NAME##_reversed(struct NAME##_value iter__v)             \
    {                                                                                              \
        struct NAME iter__it = NAME##_iter(iter__v);                                               \
        const uintmax_t iter__length = NAME##_length(iter__v);                                     \
        if (iter__length > 0) {                                                                    \
            iter__it.range.start = NAME##_iter__item(iter__v, iter__length - 1);                   \
            iter__it.range.stop = iter__v.start;                                                   \
            iter__it.iter__reversed = true;                                                        \
        }                                                                                          \
        return iter__it;                                                                           \
    }                                                                                              \
    struct NAME

/* iter_define_count(NAME, T)                       count(start, step), of any integer type T
 * Members: start, and step, where Python's 1 has to be said. Past the end of T: ITER_EOVERFLOW. */
#define iter_define_count(NAME, T)                                                                 \
    gen_declare(NAME, T);                                                                          \
    struct NAME {                                                                                  \
        struct gen gen;                                                                            \
        T start;                                                                                   \
        intmax_t step;                                                                             \
        bool iter__over;                                                                           \
    };                                                                                             \
    ITER__STEP_AS(NAME, iter__io, iter__out)                                                       \
    {                                                                                              \
        const bool iter__signed = !((T)-1 > (T)1);                                                 \
        const uintmax_t iter__most =                                                               \
            UINTMAX_MAX >> (8 * (sizeof(uintmax_t) - sizeof(T))) >> (iter__signed ? 1 : 0);        \
        const uintmax_t iter__least = iter__signed ? ~iter__most : 0;                              \
        const T iter__item = self->start;                                                          \
        if (self->iter__over)                                                                      \
            return iter__raise(iter__io, ITER_EOVERFLOW);                                          \
        if (iter__size(self->step) > (self->step > 0 ? iter__most - (uintmax_t)iter__item          \
                                                     : (uintmax_t)iter__item - iter__least))       \
            self->iter__over = true;                                                               \
        else                                                                                       \
            self->start = (T)((uintmax_t)iter__item + (uintmax_t)self->step);                      \
        ITER__YIELD(iter__out, iter__item);                                                        \
    }                                                                                              \
    ITER__DEFINE(NAME)                                                                             \
    struct NAME

/* iter_define_map(NAME, SOURCE, T, x, expression)  map(lambda x: expression, source); yields T */
#define iter_define_map(NAME, SOURCE, T, x, ...)                                                   \
    gen_declare(NAME, T);                                                                          \
    ITER__FRAME(NAME, SOURCE, void *arg;);                                                         \
    ITER__LAMBDA(NAME, T, SOURCE, x, __VA_ARGS__)                                                  \
    ITER__STEP_AS(NAME, iter__io, iter__out)                                                       \
    {                                                                                              \
        ITER_ITEM(SOURCE) iter__item = GEN__ZERO;                                                  \
        const enum gen_status iter__st = SOURCE##_gen__pull(&self->source, iter__io, &iter__item); \
        if (iter__st == GEN_YIELDED) {                                                             \
            const ITER_ITEM(NAME) iter__result = NAME##_iter__call(self, iter__item);              \
            ITER__YIELD(iter__out, iter__result);                                                  \
        }                                                                                          \
        return iter__st;                                                                           \
    }                                                                                              \
    ITER__DEFINE(NAME)                                                                             \
    struct NAME

/* iter_define_filter(NAME, SOURCE, x, expression)     filter(lambda x: expression, source)
 * iter_define_takewhile(NAME, SOURCE, x, expression)  takewhile
 * iter_define_dropwhile(NAME, SOURCE, x, expression)  dropwhile */
#define iter_define_filter(NAME, SOURCE, x, ...)                                                   \
    ITER__DEFINE_SELECTOR(NAME, SOURCE, ITER__ON_FALSE_SKIP, x, __VA_ARGS__)
#define iter_define_takewhile(NAME, SOURCE, x, ...)                                                \
    ITER__DEFINE_SELECTOR(NAME, SOURCE, ITER__ON_FALSE_END, x, __VA_ARGS__)
#define iter_define_dropwhile(NAME, SOURCE, x, ...)                                                \
    ITER__DEFINE_SELECTOR(NAME, SOURCE, ITER__ON_TRUE_DROP, x, __VA_ARGS__)

/* iter_define_islice(NAME, SOURCE)                 islice(source, start, stop, step)
 * Members: start, stop, step, as those of struct iter_islice. */
#define iter_define_islice(NAME, SOURCE)                                                           \
    gen_declare(NAME, ITER_ITEM(SOURCE));                                                          \
    ITER__FRAME(NAME, SOURCE, size_t start, stop, step;);                                          \
    ITER__STEP_AS(NAME, iter__io, iter__out)                                                       \
    {                                                                                              \
        ITER__ISLICE_STEP(SOURCE##_gen__pull, &self->source, iter__io, iter__out);                 \
    }                                                                                              \
    ITER__DEFINE(NAME)                                                                             \
    struct NAME

/* iter_define_enumerate(NAME, SOURCE)              enumerate(source, start)
 * Yields struct NAME_item {size_t index; T value}. Member: start. */
#define iter_define_enumerate(NAME, SOURCE)                                                        \
    struct NAME##_item {                                                                           \
        size_t index;                                                                              \
        ITER_ITEM(SOURCE) value;                                                                   \
    };                                                                                             \
    gen_declare(NAME, struct NAME##_item);                                                         \
    ITER__FRAME(NAME, SOURCE, size_t start;);                                                      \
    ITER__STEP_AS(NAME, iter__io, iter__out)                                                       \
    {                                                                                              \
        struct NAME##_item iter__item = GEN__ZERO;                                                 \
        const enum gen_status iter__st =                                                           \
            SOURCE##_gen__pull(&self->source, iter__io, &iter__item.value);                        \
        if (iter__st == GEN_YIELDED) {                                                             \
            iter__item.index = self->start++;                                                      \
            ITER__YIELD(iter__out, iter__item);                                                    \
        }                                                                                          \
        return iter__st;                                                                           \
    }                                                                                              \
    ITER__DEFINE(NAME)                                                                             \
    struct NAME

/* iter_define_zip(NAME, FIRST, SECOND)             zip(first, second)
 * Yields struct NAME_item {first, second}. The sources are the members `first` and `second`. */
#define iter_define_zip(NAME, FIRST, SECOND)                                                       \
    struct NAME##_item {                                                                           \
        ITER_ITEM(FIRST) first;                                                                    \
        ITER_ITEM(SECOND) second;                                                                  \
    };                                                                                             \
    gen_declare(NAME, struct NAME##_item);                                                         \
    struct NAME {                                                                                  \
        struct gen gen;                                                                            \
        struct FIRST first;                                                                        \
        struct SECOND second;                                                                      \
        ITER_ITEM(FIRST) iter__item; /* kept if second raises */                                   \
        bool iter__has;                                                                            \
    };                                                                                             \
    ITER__STEP_AS(NAME, iter__io, iter__out)                                                       \
    {                                                                                              \
        struct NAME##_item iter__pair = GEN__ZERO;                                                 \
        enum gen_status iter__st;                                                                  \
        if (!self->iter__has) {                                                                    \
            iter__st = FIRST##_gen__pull(&self->first, iter__io, &self->iter__item);               \
            if (iter__st != GEN_YIELDED)                                                           \
                return iter__st;                                                                   \
        }                                                                                          \
        iter__st = SECOND##_gen__pull(&self->second, iter__io, &iter__pair.second);                \
        self->iter__has = iter__st == GEN_RAISED;                                                  \
        if (iter__st == GEN_YIELDED) {                                                             \
            iter__pair.first = self->iter__item;                                                   \
            ITER__YIELD(iter__out, iter__pair);                                                    \
        }                                                                                          \
        return iter__st;                                                                           \
    }                                                                                              \
    ITER__DEFINE(NAME)                                                                             \
    struct NAME

/* iter_define_chain(NAME, FIRST, SECOND)           chain(first, second), which yield the same type
 * The sources are the members `first` and `second`. */
#define iter_define_chain(NAME, FIRST, SECOND)                                                     \
    gen_declare(NAME, ITER_ITEM(FIRST));                                                           \
    struct NAME {                                                                                  \
        struct gen gen;                                                                            \
        struct FIRST first;                                                                        \
        struct SECOND second;                                                                      \
        bool iter__second;                                                                         \
    };                                                                                             \
    ITER__STEP_AS(NAME, iter__io, iter__out)                                                       \
    {                                                                                              \
        if (!self->iter__second) {                                                                 \
            const enum gen_status iter__st = FIRST##_gen__pull(&self->first, iter__io, iter__out); \
            if (iter__st != GEN_RETURNED)                                                          \
                return iter__st;                                                                   \
            self->iter__second = true;                                                             \
        }                                                                                          \
        return SECOND##_gen__pull(&self->second, iter__io, iter__out);                             \
    }                                                                                              \
    ITER__DEFINE(NAME)                                                                             \
    struct NAME

/* iter_define_accumulate(NAME, SOURCE, T, total, x, expression)
 *                                                  accumulate(source, lambda total, x: expression)
 * Yields T, which an item converts to. accumulate(..., initial=i): .total = i, .initial = true. */
#define iter_define_accumulate(NAME, SOURCE, T, total_, x, ...)                                    \
    gen_declare(NAME, T);                                                                          \
    ITER__FRAME(NAME, SOURCE, void *arg; T total; bool initial, iter__begun;);                     \
    GEN__UNUSED static inline T NAME##_iter__call(const struct NAME *self, T total_,               \
                                                  ITER_ITEM(SOURCE) x)                             \
    {                                                                                              \
        (void)self, (void)total_, (void)x;                                                         \
        return (__VA_ARGS__);                                                                      \
    }                                                                                              \
    ITER__STEP_AS(NAME, iter__io, iter__out)                                                       \
    {                                                                                              \
        if (self->iter__begun || !self->initial) {                                                 \
            ITER_ITEM(SOURCE) iter__item = GEN__ZERO;                                              \
            const enum gen_status iter__st =                                                       \
                SOURCE##_gen__pull(&self->source, iter__io, &iter__item);                          \
            if (iter__st != GEN_YIELDED)                                                           \
                return iter__st;                                                                   \
            self->total = self->iter__begun ? NAME##_iter__call(self, self->total, iter__item)     \
                                            : (T)iter__item;                                       \
        }                                                                                          \
        self->iter__begun = true;                                                                  \
        ITER__YIELD(iter__out, self->total);                                                       \
    }                                                                                              \
    ITER__DEFINE(NAME)                                                                             \
    struct NAME

/* ==== 6. Cost and limits =====================================================================
 *
 * Memory: what the frames show. Time: a static one over sources that the compiler sees is the loop
 * written by hand; a dynamic one costs a call through a pointer, for itself and each source.
 *
 * - An expression iter_X(...) that is evaluated again makes the same frames anew: once for each
 *   itertool that is in use, so not in a loop that goes on using the last one. In C++ a compound
 *   literal ends with its statement: there use the frames, `struct iter_X`, or the static form.
 * - An argument with commas in braces goes into parentheses: iter_cycle(it, ((int[3]){0, 0, 0})).
 * - gen_yield_from and gen_for_in want a type that a dynamic one does not have: use
 *   gen_yield_from_any(iter_X_any(&self->x)) and iter_for_in. gen_each has no such wish.
 * - Where CPython's lose what they hold, or end, when a source raises (zip, compress, batched,
 *   islice), these keep it and go on; a source that is a generator has ended then anyway. Those of
 *   CPython's that ask a source again after their own end (zip, map, filter) do not here.
 * - gen_where does not tell lines: an itertool has none.
 * - A source that is given to two itertools is shared by them, as in Python.
 * - To close the source of a static one: SOURCE_close(&it.source), with `it` a frame of yours.
 */

/* ============================================================================================= */
/* ==== 7. The machinery. Users need not read on. ============================================== */
/* ============================================================================================= */

/* -- Preprocessor ----------------------------------------------------------------------------- */

#define ITER__COUNT(...) ITER__9TH(__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define ITER__9TH(a, b, c, d, e, f, g, h, n, ...) n
#define ITER__LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define ITER__NEW(NAME, ...) ITER__NEW_(NAME, __VA_ARGS__)
#define ITER__NEW_(NAME, ...) NAME##_any(&(struct NAME){.gen = {0, 0}, __VA_ARGS__})
#define ITER__OF(...) ITER__OF_(__VA_ARGS__)
#define ITER__OF_(NAME, ...) NAME##_any(&(struct NAME)GEN__FRAME_AFTER_1(__VA_ARGS__))
#define ITER__ONE(T) .item = &(T){0}, .size = sizeof(T)

#define ITER__ROOM_OVER(NAME, it, room)                                                            \
    ITER__NEW(NAME, .source = (it), .items = (room), .size = sizeof((room)[0]),                    \
              .capacity = ITER__LENGTH(room))
#define ITER__COUNTER(from, by, ...) ITER__NEW(iter_count, .start = (from), .step = (by))
#define ITER__REPEAT(T, value, n, ...)                                                             \
    ITER__NEW(iter_repeat, .item = &(T){value}, .size = sizeof(T), .times = (n))
#define ITER__ISLICE_1(it, b) ITER__NEW(iter_islice, .source = (it), .stop = (b))
#define ITER__ISLICE_2(it, a, b) ITER__NEW(iter_islice, .source = (it), .start = (a), .stop = (b))
#define ITER__ISLICE_3(it, a, b, c)                                                                \
    ITER__NEW(iter_islice, .source = (it), .start = (a), .stop = (b), .step = (c))
#define ITER__SELECT(NAME, T, p, it, a, ...)                                                       \
    ITER__NEW(NAME, .source = (it), .predicate = (p), .arg = (a), ITER__ONE(T))
#define ITER__MAP(T, U, f, it, a, ...)                                                             \
    ITER__NEW(iter_map, .source = (it), .function = (f), .arg = (a), .item = &(T){0},              \
              .result = &(U){0})
#define ITER__ENUMERATE(T, i, v, it, from, ...)                                                    \
    ITER__NEW(iter_enumerate, .source = (it), .start = (from),                                     \
              .index = offsetof(T, i) + 0 * sizeof(&((T *)0)->i == (size_t *)0),                   \
              .value = offsetof(T, v))
#define ITER__ACCUMULATE(T, f, it, a, ...)                                                         \
    ITER__NEW(iter_accumulate, .source = (it), .function = (f), .arg = (a), .item = &(T){0},       \
              .total = &(T){0}, .size = sizeof(T))
#define ITER__GROUPBY(T, same, it, a, ...)                                                         \
    ITER__NEW(iter_groupby, .source = (it), .relation = (same), .arg = (a), .items = (T[2]){0},    \
              .size = sizeof(T))
#define ITER__ARRANGE(NAME, array, k, n)                                                           \
    ITER__NEW(NAME, .pool = (array), .count = ITER__LENGTH(array), .r = (k),                       \
              .size = sizeof((array)[0]), .indices = (size_t[(n) + 1]){0})

#define ITER__RANGE_1(b)                                                                           \
    {                                                                                              \
        0, (b), 1                                                                                  \
    }
#define ITER__RANGE_2(a, b)                                                                        \
    {                                                                                              \
        (a), (b), 1                                                                                \
    }
#define ITER__RANGE_3(a, b, c)                                                                     \
    {                                                                                              \
        (a), (b), (c)                                                                              \
    }

#define ITER__FIELDS(T, ...) GEN__CAT(ITER__FIELDS_, ITER__COUNT(__VA_ARGS__))(T, __VA_ARGS__)
#define ITER__FIELDS_2(T, m, it)                                                                   \
    {                                                                                              \
        (it), offsetof(T, m)                                                                       \
    }
#define ITER__FIELDS_4(T, m, it, ...) ITER__FIELDS_2(T, m, it), ITER__FIELDS_2(T, __VA_ARGS__)
#define ITER__FIELDS_6(T, m, it, ...) ITER__FIELDS_2(T, m, it), ITER__FIELDS_4(T, __VA_ARGS__)
#define ITER__FIELDS_8(T, m, it, ...) ITER__FIELDS_2(T, m, it), ITER__FIELDS_6(T, __VA_ARGS__)

#define ITER__POOLS(...) GEN__CAT(ITER__POOLS_, ITER__COUNT(__VA_ARGS__))(__VA_ARGS__)
#define ITER__POOLS_1(a)                                                                           \
    {                                                                                              \
        (a), ITER__LENGTH(a)                                                                       \
    }
#define ITER__POOLS_2(a, ...) ITER__POOLS_1(a), ITER__POOLS_1(__VA_ARGS__)
#define ITER__POOLS_3(a, ...) ITER__POOLS_1(a), ITER__POOLS_2(__VA_ARGS__)
#define ITER__POOLS_4(a, ...) ITER__POOLS_1(a), ITER__POOLS_3(__VA_ARGS__)
#define ITER__POOLS_5(a, ...) ITER__POOLS_1(a), ITER__POOLS_4(__VA_ARGS__)
#define ITER__POOLS_6(a, ...) ITER__POOLS_1(a), ITER__POOLS_5(__VA_ARGS__)
#define ITER__POOLS_7(a, ...) ITER__POOLS_1(a), ITER__POOLS_6(__VA_ARGS__)
#define ITER__POOLS_8(a, ...) ITER__POOLS_1(a), ITER__POOLS_7(__VA_ARGS__)

/* -- What an itertool is ---------------------------------------------------------------------- */

/* Not a body, which an exception would end and whose switch would come between a loop and the
 * compiler, but a function that makes one step: its frame says what is left, and nothing is done on
 * the first step that is not done on each. It answers YIELDED, RETURNED or RAISED. */
#define ITER__STEP(NAME) ITER__STEP_AS(NAME, io, out)
#define ITER__STEP_AS(NAME, io, out)                                                               \
    GEN__UNUSED static inline enum gen_status NAME##_iter__step(                                   \
        struct NAME *const self, struct gen_io *const io, NAME##_gen__item *const out)

/* What gen_define makes of a body, of a step. */
#define ITER__DEFINE(NAME)                                                                         \
    enum gen_status NAME##_gen__body(struct NAME *iter__self, struct gen_io *iter__io,             \
                                     NAME##_gen__item *iter__out,                                  \
                                     const NAME##_gen__sent *iter__in)                             \
    {                                                                                              \
        (void)iter__in;                                                                            \
        if (iter__self->gen.gen__label != GEN__CREATED &&                                          \
            iter__self->gen.gen__label != ITER__SUSPENDED)                                         \
            return GEN__NO_LABEL;                                                                  \
        iter__self->gen.gen__label = GEN__RUNNING;                                                 \
        return iter__leave(&iter__self->gen, iter__io,                                             \
                           NAME##_iter__step(iter__self, iter__io, iter__out));                    \
    }                                                                                              \
    struct gen_where NAME##_gen__where(const struct gen *iter__g)                                  \
    {                                                                                              \
        struct gen_where iter__where;                                                              \
        (void)iter__g;                                                                             \
        iter__where.name = #NAME;                                                                  \
        iter__where.file = __FILE__;                                                               \
        iter__where.line = 0;                                                                      \
        return iter__where;                                                                        \
    }

#define ITER__FRAME(NAME, SOURCE, ...)                                                             \
    struct NAME {                                                                                  \
        struct gen gen;                                                                            \
        struct SOURCE source;                                                                      \
        __VA_ARGS__                                                                                \
    }

#define ITER__LAMBDA(NAME, T, SOURCE, x, ...)                                                      \
    GEN__UNUSED static inline T NAME##_iter__call(const struct NAME *self, ITER_ITEM(SOURCE) x)    \
    {                                                                                              \
        (void)self, (void)x;                                                                       \
        return (__VA_ARGS__);                                                                      \
    }

#define ITER__YIELD(out, item)                                                                     \
    do {                                                                                           \
        if ((out) != NULL)                                                                         \
            *(out) = (item);                                                                       \
        return GEN_YIELDED;                                                                        \
    } while (0)

/* The label of one that has begun and not ended. */
enum { ITER__SUSPENDED = 4 + GEN__UNGUARDED };

/* Member by member: compilers then keep both out of memory. */
static inline enum gen_status iter__leave(struct gen *g, const struct gen_io *io,
                                          enum gen_status st)
{
    g->gen__label = st == GEN_RETURNED ? (uint16_t)GEN__CLOSED : (uint16_t)ITER__SUSPENDED;
    g->gen__error = st == GEN_RAISED ? (int16_t)io->exc.code : (int16_t)0;
    return st;
}

static inline const char *iter_error_name(int code)
{
    switch (code) {
    case ITER_ESTEP:
        return "ITER_ESTEP: the step of a range is 0";
    case ITER_EFULL:
        return "ITER_EFULL: no room for another item";
    case ITER_EOVERFLOW:
        return "ITER_EOVERFLOW: a count at the end of its type";
    case ITER_ESIZE:
        return "ITER_ESIZE: batches have at least one item";
    case ITER_EEMPTY:
        return "ITER_EEMPTY: min or max of nothing";
    default:
        return gen_error_name(code);
    }
}

static inline enum gen_status iter__raise(struct gen_io *io, int code)
{
    io->exc = gen__exception(code, iter_error_name(code));
    return GEN_RAISED;
}

/* What NAME_gen__pull is for a generator: next(source), where an error is io's. */
static inline enum gen_status iter__pull(struct gen_any source, struct gen_io *io, void *out)
{
    struct gen_io inner;
    enum gen_status st;
    gen__io_init(&inner, NULL, out);
    inner.context = io->context;
    st = source.resume(source.frame, &inner);
    if (st == GEN_PENDING)
        st = gen__refuse(gen__ask(source).gen, &inner, GEN_EPENDING, NULL);
    if (st == GEN_RAISED)
        io->exc = inner.exc;
    return st;
}

/* No memcpy here, as there may be none. gcc -O3 takes the wide stores of its own making, which it
 * guards with the size, for ours. */
#if defined(__GNUC__) && __GNUC__ >= 7 && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif
static inline void iter__copy(void *to, const void *from, size_t size)
{
    size_t i;
    if (to != NULL)
        for (i = 0; i < size; i++)
            ((unsigned char *)to)[i] = ((const unsigned char *)from)[i];
}
#if defined(__GNUC__) && __GNUC__ >= 7 && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

static inline void *iter__slot(void *items, size_t size, size_t i)
{
    return (char *)items + i * size;
}

static inline const void *iter__const_slot(const void *items, size_t size, size_t i)
{
    return (const char *)items + i * size;
}

/* The size of a step, and how many of them there are in a distance. */
static inline uintmax_t iter__size(intmax_t step)
{
    return step < 0 ? 0u - (uintmax_t)step : (uintmax_t)step;
}

static inline uintmax_t iter__steps(uintmax_t distance, intmax_t step)
{
    const uintmax_t size = iter__size(step);
    return size == 1 ? distance : distance / size;
}

struct iter__loop {
    struct gen_any it;
    struct gen_io io;
    bool once;
};

static inline struct iter__loop iter__loop_begin(struct gen_any it)
{
    struct iter__loop loop;
    loop.it = it;
    loop.once = true;
    gen__io_init(&loop.io, NULL, NULL);
    return loop;
}

static inline bool iter__loop_next(struct iter__loop *loop, void *item)
{
    return iter__pull(loop->it, &loop->io, item) == GEN_YIELDED;
}

static inline void iter__loop_end(struct iter__loop *loop)
{
    loop->once = false;
    if (loop->io.exc.code != 0)
        GEN_UNHANDLED(loop->io.exc);
}

#define ITER__FOR(loop, T, x, it)                                                                  \
    for (struct iter__loop loop = iter__loop_begin(it); loop.once; iter__loop_end(&loop))          \
        for (T x = GEN__ZERO; iter__loop_next(&loop, &x);)

/* -- Steps of the dynamic ones ---------------------------------------------------------------- */

iter_define_range(iter_range, int);
iter_define_count(iter_count, int);

ITER__STEP(iter_array)
{
    (void)io;
    if (self->count == 0)
        return GEN_RETURNED;
    iter__copy(out, self->items, self->size);
    self->items = iter__const_slot(self->items, self->size, 1);
    self->count--;
    return GEN_YIELDED;
}
ITER__DEFINE(iter_array)

ITER__STEP(iter_repeat)
{
    (void)io;
    if (self->times == 0)
        return GEN_RETURNED;
    if (self->times != ITER_FOREVER)
        self->times--;
    iter__copy(out, self->item, self->size);
    return GEN_YIELDED;
}
ITER__DEFINE(iter_repeat)

ITER__STEP(iter_cycle)
{
    void *to;
    if (!self->iter__ended) {
        const bool full = self->iter__count == self->capacity;
        void *item = full ? NULL : iter__slot(self->items, self->size, self->iter__count);
        enum gen_status st = iter__pull(self->source, io, item);
        if (st == GEN_RAISED)
            return st;
        if (st == GEN_YIELDED) {
            if (full)
                return iter__raise(io, ITER_EFULL);
            self->iter__count++;
            iter__copy(out, item, self->size);
            return st;
        }
        self->iter__ended = true;
    }
    if (self->iter__count == 0)
        return GEN_RETURNED;
    to = iter__slot(self->items, self->size, self->iter__at);
    self->iter__at = self->iter__at + 1 == self->iter__count ? 0 : self->iter__at + 1;
    iter__copy(out, to, self->size);
    return GEN_YIELDED;
}
ITER__DEFINE(iter_cycle)

ITER__STEP(iter_chain)
{
    for (; self->count > 0; self->sources++, self->count--) {
        enum gen_status st = iter__pull(*self->sources, io, out);
        if (st != GEN_RETURNED)
            return st;
    }
    return GEN_RETURNED;
}
ITER__DEFINE(iter_chain)

ITER__STEP(iter_chain_from_iterable)
{
    enum gen_status st = GEN_YIELDED;
    for (;;) {
        if (self->iter__current.resume != NULL) {
            st = iter__pull(self->iter__current, io, out);
            if (st != GEN_RETURNED)
                return st;
            self->iter__current.resume = NULL;
        }
        st = iter__pull(self->source, io, &self->iter__current);
        if (st != GEN_YIELDED)
            return st;
    }
}
ITER__DEFINE(iter_chain_from_iterable)

/* start and stop are counted from where the source stands, so nothing overflows. */
#define ITER__ISLICE_STEP(pull, from, io, out)                                                     \
    for (;;) {                                                                                     \
        const bool iter__skip = self->start > 0;                                                   \
        enum gen_status iter__st;                                                                  \
        if (!iter__skip && self->stop == 0)                                                        \
            return GEN_RETURNED;                                                                   \
        iter__st = pull((from), io, iter__skip ? NULL : out);                                      \
        if (iter__st != GEN_YIELDED)                                                               \
            return iter__st;                                                                       \
        if (self->stop != ITER_FOREVER && self->stop > 0)                                          \
            self->stop--;                                                                          \
        if (!iter__skip) {                                                                         \
            self->start = self->step > 1 ? self->step - 1 : 0;                                     \
            if (self->start > self->stop)                                                          \
                self->start = self->stop;                                                          \
            return iter__st;                                                                       \
        }                                                                                          \
        self->start--;                                                                             \
    }

ITER__STEP(iter_islice)
{
    ITER__ISLICE_STEP(iter__pull, self->source, io, out);
}
ITER__DEFINE(iter_islice)

/* Looks at each item in a place of its own, so that *out changes with what is yielded only. */
#define ITER__SELECTOR_STEP(NAME, wanted, found, else_)                                            \
    ITER__STEP(NAME)                                                                               \
    {                                                                                              \
        while (!self->iter__dropped) {                                                             \
            enum gen_status st = iter__pull(self->source, io, self->item);                         \
            if (st != GEN_YIELDED)                                                                 \
                return st;                                                                         \
            if (self->predicate(self->item, self->arg) == (wanted)) {                              \
                found;                                                                             \
                iter__copy(out, self->item, self->size);                                           \
                return st;                                                                         \
            }                                                                                      \
            else_;                                                                                 \
        }                                                                                          \
        return iter__pull(self->source, io, out);                                                  \
    }                                                                                              \
    ITER__DEFINE(NAME)                                                                             \
    struct NAME

ITER__SELECTOR_STEP(iter_filter, true, (void)0, (void)0);
ITER__SELECTOR_STEP(iter_filterfalse, false, (void)0, (void)0);
ITER__SELECTOR_STEP(iter_takewhile, true, (void)0, return GEN_RETURNED);
ITER__SELECTOR_STEP(iter_dropwhile, false, self->iter__dropped = true, (void)0);

ITER__STEP(iter_compress)
{
    enum gen_status st = GEN_YIELDED;
    bool selected = false;
    do {
        if (!self->iter__has)
            st = iter__pull(self->data, io, self->item);
        if (st != GEN_YIELDED)
            return st;
        self->iter__has = true;
        st = iter__pull(self->selectors, io, &selected);
        if (st != GEN_YIELDED)
            return st;
        self->iter__has = false;
    } while (!selected);
    iter__copy(out, self->item, self->size);
    return GEN_YIELDED;
}
ITER__DEFINE(iter_compress)

ITER__STEP(iter_map)
{
    enum gen_status st = iter__pull(self->source, io, self->item);
    if (st == GEN_YIELDED)
        self->function(self->item, out != NULL ? (void *)out : self->result, self->arg);
    return st;
}
ITER__DEFINE(iter_map)

/* iter__at: after an error it goes on with the source that raised it. */
ITER__STEP(iter_zip)
{
    for (; self->iter__at < self->count; self->iter__at++) {
        const struct iter_field *f = &self->fields[self->iter__at];
        enum gen_status st = iter__pull(f->source, io, iter__slot(self->item, 1, f->offset));
        if (st != GEN_YIELDED)
            return st;
    }
    if (self->count == 0)
        return GEN_RETURNED;
    self->iter__at = 0;
    iter__copy(out, self->item, self->size);
    return GEN_YIELDED;
}
ITER__DEFINE(iter_zip)

ITER__STEP(iter_zip_longest)
{
    size_t i, left = 0;
    if (self->iter__at == 0)
        iter__copy(self->item, self->fill, self->size);
    for (; self->iter__at < self->count; self->iter__at++) {
        struct iter_field *f = &self->fields[self->iter__at];
        if (f->source.resume != NULL) {
            enum gen_status st = iter__pull(f->source, io, iter__slot(self->item, 1, f->offset));
            if (st == GEN_RAISED)
                return st;
            if (st == GEN_RETURNED)
                f->source.resume = NULL; /* at its end */
        }
    }
    for (i = 0; i < self->count; i++)
        left += self->fields[i].source.resume != NULL;
    if (left == 0)
        return GEN_RETURNED;
    self->iter__at = 0;
    iter__copy(out, self->item, self->size);
    return GEN_YIELDED;
}
ITER__DEFINE(iter_zip_longest)

ITER__STEP(iter_enumerate)
{
    enum gen_status st = iter__pull(self->source, io, out ? (char *)out + self->value : NULL);
    if (st == GEN_YIELDED) {
        if (out != NULL)
            iter__copy((char *)out + self->index, &self->start, sizeof self->start);
        self->start++;
    }
    return st;
}
ITER__DEFINE(iter_enumerate)

ITER__STEP(iter_accumulate)
{
    if (!self->iter__begun && self->initial != NULL)
        iter__copy(self->total, self->initial, self->size);
    else {
        enum gen_status st = iter__pull(self->source, io, self->item);
        if (st != GEN_YIELDED)
            return st;
        if (self->iter__begun)
            self->function(self->total, self->item, self->arg);
        else
            iter__copy(self->total, self->item, self->size);
    }
    self->iter__begun = true;
    iter__copy(out, self->total, self->size);
    return GEN_YIELDED;
}
ITER__DEFINE(iter_accumulate)

ITER__STEP(iter_pairwise)
{
    void *const next = iter__slot(self->items, self->size, 1);
    enum gen_status st = GEN_YIELDED;
    if (!self->iter__begun)
        st = iter__pull(self->source, io, self->items);
    if (st != GEN_YIELDED)
        return st;
    self->iter__begun = true;
    st = iter__pull(self->source, io, next);
    if (st != GEN_YIELDED)
        return st;
    iter__copy(out, self->items, 2 * self->size);
    iter__copy(self->items, next, self->size);
    return st;
}
ITER__DEFINE(iter_pairwise)

ITER__STEP(iter_batched)
{
    if (self->capacity == 0)
        return iter__raise(io, ITER_ESIZE);
    for (; self->iter__count < self->capacity; self->iter__count++) {
        enum gen_status st =
            iter__pull(self->source, io, iter__slot(self->items, self->size, self->iter__count));
        if (st == GEN_RAISED)
            return st;
        if (st == GEN_RETURNED)
            break;
    }
    if (self->iter__count == 0)
        return GEN_RETURNED;
    if (out != NULL) {
        out->items = self->items;
        out->count = self->iter__count;
    }
    self->iter__count = 0;
    return GEN_YIELDED;
}
ITER__DEFINE(iter_batched)

/* The item to come, unless it is there. */
static inline enum gen_status iter__look_ahead(struct iter_groupby *g, struct gen_io *io)
{
    enum gen_status st = GEN_YIELDED;
    if (!g->iter__has)
        st = iter__pull(g->source, io, iter__slot(g->items, g->size, 1));
    g->iter__has = st == GEN_YIELDED;
    return st;
}

static inline bool iter__same_group(const struct iter_groupby *g)
{
    return g->relation(g->items, iter__slot(g->items, g->size, 1), g->arg);
}

ITER__STEP(iter_group_items)
{
    struct iter_groupby *const g = self->iter__of;
    enum gen_status st = iter__look_ahead(g, io);
    if (st != GEN_YIELDED)
        return st;
    if (!iter__same_group(g))
        return GEN_RETURNED;
    iter__copy(out, iter__slot(g->items, g->size, 1), g->size);
    g->iter__has = false;
    return GEN_YIELDED;
}
ITER__DEFINE(iter_group_items)

ITER__STEP(iter_groupby)
{
    for (;;) {
        enum gen_status st = iter__look_ahead(self, io);
        if (st != GEN_YIELDED)
            return st;
        if (!self->iter__begun || !iter__same_group(self))
            break;
        self->iter__has = false;
    }
    self->iter__begun = true;
    iter__copy(self->items, iter__slot(self->items, self->size, 1), self->size);
    self->iter__items.gen = gen__at(GEN__CREATED);
    self->iter__items.iter__of = self;
    if (out != NULL) {
        out->key = self->items;
        out->items = iter_group_items_any(&self->iter__items);
    }
    return GEN_YIELDED;
}
ITER__DEFINE(iter_groupby)

static inline struct gen_any iter_tee_init(struct iter_tee *tee, struct iter_tees *t)
{
    tee->gen = gen__at(GEN__CREATED);
    tee->iter__of = t;
    tee->iter__behind = 0;
    tee->iter__next = t->iter__tees;
    t->iter__tees = tee;
    return iter_tee_any(tee);
}

ITER__STEP(iter_tee)
{
    struct iter_tees *const t = self->iter__of;
    const size_t behind = self->iter__behind;
    struct iter_tee *other;
    void *item;
    if (behind > 0) {
        const size_t at =
            t->iter__end < behind ? t->capacity - (behind - t->iter__end) : t->iter__end - behind;
        self->iter__behind--;
        iter__copy(out, iter__slot(t->items, t->size, at), t->size);
        return GEN_YIELDED;
    }
    for (other = t->iter__tees; other != NULL; other = other->iter__next)
        if (other->iter__behind == t->capacity && gen_state(other) != GEN_CLOSED)
            return iter__raise(io, ITER_EFULL);
    item = iter__slot(t->items, t->size, t->iter__end);
    {
        enum gen_status st = iter__pull(t->source, io, item);
        if (st != GEN_YIELDED)
            return st;
    }
    for (other = t->iter__tees; other != NULL; other = other->iter__next)
        if (other != self)
            other->iter__behind++;
    t->iter__end = t->iter__end + 1 == t->capacity ? 0 : t->iter__end + 1;
    iter__copy(out, item, t->size);
    return GEN_YIELDED;
}
ITER__DEFINE(iter_tee)

/* -- Steps of the combinatoric ones ----------------------------------------------------------- */

/* out[i] = pool[index], or index */
static inline void iter__put(void *out, size_t i, const void *pool, size_t size, size_t index)
{
    if (out == NULL)
        return;
    if (size == 0)
        iter__copy(iter__slot(out, sizeof index, i), &index, sizeof index);
    else
        iter__copy(iter__slot(out, size, i), iter__const_slot(pool, size, index), size);
}

ITER__STEP(iter_product)
{
    const size_t r = self->count * self->repeat;
    size_t i;
    (void)io;
    if (!self->iter__begun) {
        self->iter__begun = true;
        for (i = 0; i < r; i++) {
            self->indices[i] = 0;
            if (self->pools[i % self->count].count == 0)
                return GEN_RETURNED;
        }
    } else
        for (i = r;; self->indices[i] = 0) {
            if (i-- == 0)
                return GEN_RETURNED;
            if (++self->indices[i] < self->pools[i % self->count].count)
                break;
        }
    for (i = 0; i < r; i++)
        iter__put(out, i, self->pools[i % self->count].items, self->size, self->indices[i]);
    return GEN_YIELDED;
}
ITER__DEFINE(iter_product)

#define ITER__PUT_ARRANGED()                                                                       \
    do {                                                                                           \
        for (i = 0; i < self->r; i++)                                                              \
            iter__put(out, i, self->pool, self->size, self->indices[i]);                           \
        return GEN_YIELDED;                                                                        \
    } while (0)

/* cycles[i]: how many items have yet to take the place i. */
ITER__STEP(iter_permutations)
{
    const size_t n = self->count, r = self->r;
    size_t *const at = self->indices, *const cycles = self->indices + n;
    size_t i, j, moved;
    (void)io;
    if (!self->iter__begun) {
        self->iter__begun = true;
        if (r > n)
            return GEN_RETURNED;
        for (i = 0; i < n; i++)
            at[i] = i;
        for (i = 0; i < r; i++)
            cycles[i] = n - i;
        ITER__PUT_ARRANGED();
    }
    for (i = r; i-- > 0;) {
        moved = at[i];
        if (--cycles[i] > 0) {
            j = n - cycles[i];
            at[i] = at[j];
            at[j] = moved;
            ITER__PUT_ARRANGED();
        }
        for (j = i; j + 1 < n; j++)
            at[j] = at[j + 1];
        at[n - 1] = moved;
        cycles[i] = n - i;
    }
    return GEN_RETURNED;
}
ITER__DEFINE(iter_permutations)

ITER__STEP(iter_combinations)
{
    const size_t n = self->count, r = self->r;
    size_t *const at = self->indices;
    size_t i;
    (void)io;
    if (!self->iter__begun) {
        self->iter__begun = true;
        if (r > n)
            return GEN_RETURNED;
        for (i = 0; i < r; i++)
            at[i] = i;
    } else {
        i = r;
        do
            if (i-- == 0)
                return GEN_RETURNED;
        while (at[i] == n - r + i);
        for (at[i]++; i + 1 < r; i++)
            at[i + 1] = at[i] + 1;
    }
    ITER__PUT_ARRANGED();
}
ITER__DEFINE(iter_combinations)

ITER__STEP(iter_combinations_with_replacement)
{
    const size_t n = self->count, r = self->r;
    size_t *const at = self->indices;
    size_t i;
    (void)io;
    if (!self->iter__begun) {
        self->iter__begun = true;
        if (n == 0 && r > 0)
            return GEN_RETURNED;
        for (i = 0; i < r; i++)
            at[i] = 0;
    } else {
        i = r;
        do
            if (i-- == 0)
                return GEN_RETURNED;
        while (at[i] == n - 1);
        for (at[i]++; i + 1 < r; i++)
            at[i + 1] = at[i];
    }
    ITER__PUT_ARRANGED();
}
ITER__DEFINE(iter_combinations_with_replacement)

/* -- Steps of the static ones ----------------------------------------------------------------- */

#define ITER__DEFINE_SELECTOR(NAME, SOURCE, RULE, x, ...)                                          \
    gen_declare(NAME, ITER_ITEM(SOURCE));                                                          \
    ITER__FRAME(NAME, SOURCE, void *arg; bool iter__dropped;);                                     \
    ITER__LAMBDA(NAME, bool, SOURCE, x, __VA_ARGS__)                                               \
    ITER__STEP_AS(NAME, iter__io, iter__out)                                                       \
    {                                                                                              \
        for (;;) {                                                                                 \
            ITER_ITEM(SOURCE) iter__item = GEN__ZERO;                                              \
            const enum gen_status iter__st =                                                       \
                SOURCE##_gen__pull(&self->source, iter__io, &iter__item);                          \
            if (iter__st != GEN_YIELDED)                                                           \
                return iter__st;                                                                   \
            RULE(NAME##_iter__call(self, iter__item))                                              \
        }                                                                                          \
    }                                                                                              \
    ITER__DEFINE(NAME)                                                                             \
    struct NAME

#define ITER__ON_FALSE_SKIP(holds)                                                                 \
    if (holds)                                                                                     \
        ITER__YIELD(iter__out, iter__item);
#define ITER__ON_FALSE_END(holds)                                                                  \
    if (!(holds))                                                                                  \
        return GEN_RETURNED;                                                                       \
    ITER__YIELD(iter__out, iter__item);
#define ITER__ON_TRUE_DROP(holds)                                                                  \
    if (self->iter__dropped || !(holds)) {                                                         \
        self->iter__dropped = true;                                                                \
        ITER__YIELD(iter__out, iter__item);                                                        \
    }

/* -- Consumers -------------------------------------------------------------------------------- */

static inline int iter_list_of(struct gen_any it, void *items, size_t capacity, size_t size,
                               size_t *count)
{
    struct gen_io io;
    gen__io_init(&io, NULL, NULL);
    for (*count = 0; *count < capacity; ++*count)
        if (iter__pull(it, &io, iter__slot(items, size, *count)) != GEN_YIELDED)
            break;
    return io.exc.code;
}

static inline int iter_reduce(struct gen_any it, void *total, iter_fold *f, void *item, void *arg)
{
    struct gen_io io;
    gen__io_init(&io, NULL, NULL);
    while (iter__pull(it, &io, item) == GEN_YIELDED)
        f(total, item, arg);
    return io.exc.code;
}

/* Is there an item for which p is `wanted`? */
static inline int iter__find(struct gen_any it, bool *found, bool wanted, iter_predicate *p,
                             void *item, void *arg)
{
    struct gen_io io;
    gen__io_init(&io, NULL, NULL);
    *found = false;
    while (!*found && iter__pull(it, &io, item) == GEN_YIELDED)
        *found = p(item, arg) == wanted;
    return io.exc.code;
}

static inline int iter_any(struct gen_any it, bool *result, iter_predicate *p, void *item,
                           void *arg)
{
    return iter__find(it, result, true, p, item, arg);
}

static inline int iter_all(struct gen_any it, bool *result, iter_predicate *p, void *item,
                           void *arg)
{
    int code = iter__find(it, result, false, p, item, arg);
    *result = !*result;
    return code;
}

static inline int iter__best(struct gen_any it, void *best, bool least, iter_relation *less,
                             void *item, size_t size, void *arg)
{
    struct gen_io io;
    enum gen_status st;
    gen__io_init(&io, NULL, NULL);
    st = iter__pull(it, &io, best);
    if (st == GEN_RETURNED)
        return ITER_EEMPTY;
    while (st == GEN_YIELDED && (st = iter__pull(it, &io, item)) == GEN_YIELDED)
        if (least ? less(item, best, arg) : less(best, item, arg))
            iter__copy(best, item, size);
    return io.exc.code;
}

static inline int iter_min(struct gen_any it, void *best, iter_relation *less, void *item,
                           size_t size, void *arg)
{
    return iter__best(it, best, true, less, item, size, arg);
}

static inline int iter_max(struct gen_any it, void *best, iter_relation *less, void *item,
                           size_t size, void *arg)
{
    return iter__best(it, best, false, less, item, size, arg);
}

#endif
