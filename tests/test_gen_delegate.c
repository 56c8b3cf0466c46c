/* yield from in its three forms, gen_stack, closing through delegates, gen_for_in, recursion. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gen.h"

enum { EFIRST = GEN_EUSER, ESECOND, ETHIRD };
enum form { STATIC, ANY, NEW, FORMS };
enum at_close { OBEY, RETURN, RAISE, IGNORE };

/* What ran, in order, one letter each. */
static char trace[64];

static void mark(char c)
{
    size_t n = strlen(trace);
    assert_true(n + 1 < sizeof trace);
    trace[n] = c;
    trace[n + 1] = '\0';
}
static void clear(void)
{
    trace[0] = '\0';
}

/* Yields what it was last sent; 100 makes it return, 200 raise; ESECOND it catches. */
gen_declare(worker, int, int);
struct worker {
    struct gen gen;
    int last, result;
    enum at_close at_close;
};
gen_define(worker)
{
    gen_begin();
    for (;;) {
        gen_try {
            gen_yield(self->last);
            self->last = gen_sent ? *gen_sent : -1;
            if (self->last == 100)
                gen_return(101);
            if (self->last == 200)
                gen_raise(EFIRST, "worker");
        }
        gen_except (ESECOND) {
            self->last = ESECOND;
        }
        gen_except (GEN_EXIT) {
            mark('w');
            if (self->at_close == OBEY)
                gen_reraise();
            if (self->at_close == RETURN)
                gen_stop();
            if (self->at_close == RAISE)
                gen_raise(ETHIRD, "closing");
        }
        gen_end_try
    }
    gen_end();
}

/* Delegates to a worker in one of the forms, and tells what became of it. */
gen_declare(boss, int, int);
struct boss {
    struct gen gen;
    enum form form;
    enum at_close at_close;
    bool keeps;
    int got;
    struct gen_exc caught;
    struct worker child;
    struct gen_any it;
};
gen_define(boss)
{
    gen_begin();
    gen_try {
        if (self->form == STATIC) {
            self->child.at_close = self->at_close;
            gen_yield_from(worker, &self->child);
            self->got = self->child.result;
        } else if (self->form == ANY) {
            self->child.at_close = self->at_close;
            self->it = worker_any(&self->child);
            gen_yield_from_any(self->it);
            self->got = self->child.result;
        } else {
            gen_yield_from_new(worker, .at_close = self->at_close);
            self->got = gen_returned(worker)->result;
        }
        mark('r');
    }
    gen_except_all {
        mark('b');
        self->caught = gen_caught;
        if (!self->keeps)
            gen_reraise();
    }
    gen_end_try
    gen_yield(1000);
    gen_end();
}

#ifndef STACK_ROOM
#define STACK_ROOM 4096 /* less where a target has less */
#endif
static char room[STACK_ROOM];
static struct gen_stack stack;

static struct gen_any start_boss(enum form form, enum at_close at_close, bool keeps)
{
    clear();
    gen_stack_init(&stack, room, sizeof room);
    return gen_start(&stack, boss, .form = form, .at_close = at_close, .keeps = keeps);
}
static struct boss *the_boss(void)
{
    return gen_stack_root(&stack, boss);
}
static int next_of(struct gen_any it)
{
    int x = 0;
    assert_true(gen_any_next(it, &x));
    return x;
}
static int send_to(struct gen_any it, int value)
{
    int x = 0;
    assert_int_equal(gen_any_send(it, &value, &x), GEN_YIELDED);
    return x;
}

/* Starts its child itself, is sent a value, and then delegates. */
gen_declare(late, int, int);
struct late {
    struct gen gen;
    enum form form;
    struct worker child;
    struct gen_any it;
};
gen_define(late)
{
    gen_begin();
    self->child.last = 7;
    (void)worker_next(&self->child, NULL);
    self->it = worker_any(&self->child);
    gen_yield(1);
    assert_int_equal(*gen_sent, 55);
    if (self->form == STATIC)
        gen_yield_from(worker, &self->child);
    else if (self->form == ANY)
        gen_yield_from_any(self->it);
    else
        gen_yield_from_new(worker);
    gen_end();
}

gen_declare(range, int);
struct range {
    struct gen gen;
    int i, n, fails;
};
gen_define(range)
{
    gen_begin();
    for (self->i = 0; self->i < self->n; self->i++)
        gen_yield(self->i);
    if (self->fails)
        gen_raise(self->fails, "range");
    gen_end();
}

/* Sums what src yields; tells what src raised. */
gen_declare(summer, int);
struct summer {
    struct gen gen;
    struct range *src;
    int x, sum, stop_at;
    struct gen_exc caught;
};
gen_define(summer)
{
    gen_begin();
    gen_try {
        gen_for_in (self->x, range, self->src) {
            if (self->x == 1)
                continue;
            if (self->stop_at && self->x == self->stop_at)
                break;
            self->sum += self->x;
            gen_yield(self->sum);
        }
        mark('e');
    }
    gen_except_any {
        self->caught = gen_caught;
    }
    gen_end_try
    gen_end();
}

/* A sent generator over a child that is sent nothing. */
gen_declare(wrapper, int, int);
struct wrapper {
    struct gen gen;
    enum form form;
    struct range child;
    struct gen_any it;
};
gen_define(wrapper)
{
    gen_begin();
    if (self->form == STATIC) {
        self->child.n = 3;
        gen_yield_from(range, &self->child);
    } else if (self->form == ANY) {
        self->child.n = 3;
        self->it = range_any(&self->child);
        gen_yield_from_any(self->it);
    } else {
        gen_yield_from_new(range, .n = 3);
    }
    gen_end();
}

/* A child that meddles with its parent. */
gen_declare(parent, int);
gen_declare(meddler, int);
struct meddler {
    struct gen gen;
    struct parent *parent;
    int refused;
};
struct parent {
    struct gen gen;
    enum form form;
    struct meddler child;
    int refused;
};
gen_define(parent)
{
    gen_begin();
    if (self->form == STATIC) {
        self->child.parent = self;
        gen_yield_from(meddler, &self->child);
        self->refused = self->child.refused;
    } else {
        gen_yield_from_new(meddler, .parent = self);
        self->refused = gen_returned(meddler)->refused;
    }
    gen_end();
}
static int meddle(struct parent *p)
{
    int refused = gen_state(p) == GEN_RUNNING;
    refused += !parent_next(p, NULL) && gen_error(p) == GEN_ERUNNING;
    refused += parent_throw(p, EFIRST, NULL) == GEN_RAISED && gen_error(p) == GEN_ERUNNING;
    refused += parent_close(p) == GEN_ERUNNING;
    return refused + (gen_state(p) == GEN_RUNNING);
}
gen_define(meddler)
{
    gen_begin();
    self->refused += meddle(self->parent);
    gen_yield(1);
    self->refused += meddle(self->parent);
    gen_end();
}

/* A frame that meddles with the stack it is on. */
gen_declare(snake, int);
struct snake {
    struct gen gen;
    int depth;
};
static struct gen_any snakes;
static int bitten;
static void bite(void)
{
    int x = 77;
    bitten += !gen_any_next(snakes, &x) && gen_any_error(snakes) == GEN_ERUNNING;
    bitten += gen_any_send(snakes, NULL, &x) == GEN_RAISED;
    bitten += gen_any_throw(snakes, EFIRST, &x) == GEN_RAISED;
    bitten += gen_any_close(snakes) == GEN_ERUNNING;
    bitten += gen_any_error(snakes) == GEN_ERUNNING;
    bitten += gen_stack_state(&stack) == GEN_RUNNING && x == 77;
}
gen_define(snake)
{
    gen_begin();
    bite();
    if (self->depth > 0)
        gen_yield_from_new(snake, .depth = self->depth - 1);
    gen_yield(self->depth);
    bite();
    gen_end();
}

/* Three levels; the middle one pushes another child in its finally, which yields. */
gen_declare(top, int);
struct top {
    struct gen gen;
    struct gen_exc caught;
    bool nested;
};
gen_declare(middle, int);
struct middle {
    struct gen gen;
    struct gen_unwind unwind[1];
};
gen_define(middle)
{
    gen_begin();
    gen_try_finally {
        gen_yield_from_new(worker);
    }
    gen_finally {
        mark('f');
        gen_yield_from_new(range, .n = 5);
        mark('g');
    }
    gen_end_finally
    gen_end();
}
gen_declare(passer, int);
struct passer {
    struct gen gen;
    struct middle child;
};
gen_define(passer)
{
    gen_begin();
    gen_try {
        gen_yield_from(middle, &self->child);
    }
    gen_except (GEN_EIGNORED) {
        mark('i');
        gen_reraise();
    }
    gen_end_try
    gen_end();
}
gen_define(top)
{
    gen_begin();
    gen_try {
        if (self->nested)
            gen_yield_from_new(passer);
        else
            gen_yield_from_new(middle);
        mark('r');
    }
    gen_except_all {
        mark('t');
        self->caught = gen_caught;
    }
    gen_end_try
    gen_end();
}

/* A frame on a stack over a static child that pushes. */
gen_declare(pusher, int, int);
struct pusher {
    struct gen gen;
    int got;
};
gen_define(pusher)
{
    gen_begin();
    gen_try {
        gen_yield_from_new(worker, .last = 3);
        self->got = gen_returned(worker)->result;
        gen_yield(self->got);
    }
    gen_except_all {
        mark('p');
        gen_reraise();
    }
    gen_end_try
    gen_end();
}
gen_declare(holder, int, int);
struct holder {
    struct gen gen;
    struct pusher child;
    struct gen_exc caught;
};
gen_define(holder)
{
    gen_begin();
    gen_try {
        gen_yield_from(pusher, &self->child);
        mark('r');
    }
    gen_except_all {
        mark('h');
        self->caught = gen_caught;
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

/* Delegates to a generator that stands on a stack of its own. */
gen_declare(borrower, int, int);
struct borrower {
    struct gen gen;
    struct gen_any it;
};
gen_define(borrower)
{
    gen_begin();
    gen_yield_from_any(self->it);
    gen_end();
}

gen_declare(tower, int);
struct tower {
    struct gen gen;
    int depth, fails;
};
static long closed_floors;
gen_define(tower)
{
    gen_begin();
    gen_try {
        if (self->depth > 0)
            gen_yield_from_new(tower, .depth = self->depth - 1, .fails = self->fails);
        else if (self->fails)
            gen_raise(self->fails, "ground");
        gen_yield(self->depth);
    }
    gen_except_all {
        closed_floors++;
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

gen_declare(tree, int);
struct tree {
    struct gen gen;
    int low, high;
};
gen_define(tree)
{
    gen_begin();
    if (self->low < self->high) {
        gen_yield_from_new(tree, .low = self->low, .high = (self->low + self->high) / 2);
        gen_yield((self->low + self->high) / 2);
        gen_yield_from_new(tree, .low = (self->low + self->high) / 2 + 1, .high = self->high);
    }
    gen_end();
}

static void delegation_passes_everything_through(void **state)
{
    (void)state;
    for (int form = 0; form < FORMS; form++) {
        struct gen_any it = start_boss((enum form)form, OBEY, true);
        int x = 0;
        assert_int_equal(gen_stack_state(&stack), GEN_CREATED);
        assert_int_equal(next_of(it), 0);
        assert_int_equal(gen_stack_state(&stack), GEN_SUSPENDED);
        assert_int_equal(send_to(it, 5), 5);
        assert_int_equal(next_of(it), -1);
        assert_int_equal(gen_any_throw(it, ESECOND, &x), GEN_YIELDED);
        assert_int_equal(x, ESECOND);
        assert_int_equal(send_to(it, 100), 1000);
        assert_int_equal(the_boss()->got, 101);
        assert_string_equal(trace, "r");
        assert_false(gen_any_next(it, &x));
        assert_int_equal(gen_stack_state(&stack), GEN_CLOSED);
        assert_int_equal(gen_stack_error(&stack), 0);
    }
}

static void an_error_of_the_child_is_raised_at_the_yield_from(void **state)
{
    (void)state;
    for (int form = 0; form < FORMS; form++) {
        struct gen_any it = start_boss((enum form)form, OBEY, true);
        int x = 0;
        (void)next_of(it);
        assert_int_equal(send_to(it, 200), 1000);
        assert_int_equal(the_boss()->caught.code, EFIRST);
        assert_string_equal(the_boss()->caught.text, "worker");
        it = start_boss((enum form)form, OBEY, false);
        (void)next_of(it);
        assert_int_equal(gen_any_throw(it, GEN_STOP, &x), GEN_RAISED);
        assert_int_equal(the_boss()->caught.code, GEN_ESTOP);
        assert_int_equal(gen_stack_error(&stack), GEN_ESTOP);
        assert_int_equal(gen_stack_state(&stack), GEN_CLOSED);
    }
}

static void close_closes_the_child_first(void **state)
{
    (void)state;
    for (int form = 0; form < FORMS; form++) {
        struct gen_any it = start_boss((enum form)form, OBEY, false);
        (void)next_of(it);
        assert_int_equal(gen_any_close(it), 0);
        assert_string_equal(trace, "wb");
        assert_int_equal(the_boss()->caught.code, GEN_EXIT);
        assert_int_equal(gen_stack_state(&stack), GEN_CLOSED);
        assert_int_equal(gen_stack_error(&stack), 0);

        it = start_boss((enum form)form, RETURN, false);
        (void)next_of(it);
        assert_int_equal(gen_any_close(it), 0);
        assert_string_equal(trace, "wb");
        assert_int_equal(the_boss()->caught.code, GEN_EXIT);

        it = start_boss((enum form)form, RAISE, false);
        (void)next_of(it);
        assert_int_equal(gen_any_close(it), ETHIRD);
        assert_string_equal(trace, "wb");
        assert_string_equal(the_boss()->caught.text, "closing");
        assert_int_equal(gen_stack_error(&stack), ETHIRD);

        it = start_boss((enum form)form, OBEY, true);
        (void)next_of(it);
        assert_int_equal(gen_any_close(it), GEN_EIGNORED);
        assert_int_equal(gen_stack_state(&stack), GEN_SUSPENDED);
        assert_false(gen_any_next(it, NULL));
        assert_int_equal(gen_any_error(it), 0);
    }
}

static void a_child_that_ignores_the_exit_is_eignored_here(void **state)
{
    (void)state;
    for (int form = 0; form < FORMS; form++) {
        struct gen_any it = start_boss((enum form)form, IGNORE, false);
        (void)next_of(it);
        assert_int_equal(gen_any_close(it), GEN_EIGNORED);
        assert_int_equal(the_boss()->caught.code, GEN_EIGNORED);
        assert_int_equal(gen_stack_state(&stack), GEN_CLOSED);
        assert_int_equal(gen_stack_error(&stack), GEN_EIGNORED);
        if (form != NEW) {
            assert_int_equal(gen_state(&the_boss()->child), GEN_SUSPENDED);
            assert_int_equal(gen_error(&the_boss()->child), GEN_EIGNORED);
        }
    }
}

static void a_running_delegator_refuses(void **state)
{
    struct parent p = {.form = STATIC};
    (void)state;
    assert_true(parent_next(&p, NULL));
    assert_int_equal(gen_error(&p), 0);
    assert_int_equal(p.child.refused, 5);
    assert_int_equal(parent_step(&p, NULL), GEN_RETURNED);
    assert_int_equal(p.refused, 10);
    assert_int_equal(gen_error(&p), 0);
}

static void for_in_goes_on_after_suspensions(void **state)
{
    struct range src = {.n = 4};
    struct summer g = {.src = &src};
    int x = 0, got = 0;
    (void)state;
    clear();
    gen_each (x, summer, &g)
        got = got * 10 + x;
    assert_int_equal(got, 25);
    assert_string_equal(trace, "e");
    assert_int_equal(gen_state(&src), GEN_CLOSED);
}

static void for_in_raises_what_its_source_raises(void **state)
{
    struct range src = {.n = 1, .fails = EFIRST};
    struct summer g = {.src = &src};
    (void)state;
    clear();
    assert_true(summer_next(&g, NULL));
    assert_int_equal(summer_step(&g, NULL), GEN_RETURNED);
    assert_int_equal(g.caught.code, EFIRST);
    assert_string_equal(g.caught.text, "range");
    assert_string_equal(trace, "");
}

static void break_leaves_the_source_of_for_in_open(void **state)
{
    struct range src = {.n = 9};
    struct summer g = {.src = &src, .stop_at = 3};
    int x = 0;
    (void)state;
    clear();
    gen_each (x, summer, &g)
        continue;
    assert_string_equal(trace, "e");
    assert_int_equal(g.sum, 2);
    assert_int_equal(gen_state(&src), GEN_SUSPENDED);
    assert_true(range_next(&src, &x));
    assert_int_equal(x, 4);
}

static void a_full_stack_and_none_are_errors_at_the_yield_from(void **state)
{
    struct boss without = {.form = NEW, .keeps = true};
    struct gen_stack small;
    struct gen_any it;
    char little[sizeof(struct boss) + 256];
    int x = 0, stage = 0;
    (void)state;
    assert_true(boss_next(&without, &x));
    assert_int_equal(x, 1000);
    assert_int_equal(without.caught.code, GEN_ENOSTACK);

    for (size_t size = 0; size <= sizeof little; size++) {
        gen_stack_init(&small, little, size);
        it = gen_start(&small, boss, .form = NEW, .keeps = true);
        if (gen_stack_root(&small, boss) == NULL) {
            assert_int_equal(stage, 0);
            assert_int_equal(gen_stack_state(&small), GEN_CREATED);
            assert_false(gen_any_next(it, &x));
            assert_int_equal(gen_stack_error(&small), GEN_ENOMEM);
            assert_int_equal(gen_stack_state(&small), GEN_CLOSED);
            assert_int_equal(gen_any_close(it), 0);
        } else if (next_of(it) == 1000) {
            assert_int_equal(gen_stack_root(&small, boss)->caught.code, GEN_ENOMEM);
            assert_true(stage <= 1);
            stage = 1;
        } else {
            assert_true(stage >= 1);
            stage = 2;
        }
    }
    assert_int_equal(stage, 2);
}

static void a_buffer_may_begin_at_any_address(void **state)
{
    (void)state;
    for (size_t skip = 0; skip < 17; skip++) {
        struct gen_any it;
        int x = 0, sum = 0;
        gen_stack_init(&stack, room + skip, sizeof room - skip);
        it = gen_start(&stack, tree, .high = 10);
        while (gen_any_next(it, &x))
            sum += x;
        assert_int_equal(sum, 45);
        assert_int_equal(gen_stack_error(&stack), 0);
    }
}

static void a_stack_can_be_started_again(void **state)
{
    (void)state;
    gen_stack_init(&stack, room, sizeof room);
    for (int i = 0; i < 1000; i++) {
        struct gen_any it = gen_start(&stack, tower, .depth = 5);
        assert_int_equal(next_of(it), 0);
        assert_int_equal(next_of(it), 1);
    }
}

static void where_of_a_stack_is_its_innermost_frame(void **state)
{
    struct gen_any it = start_boss(NEW, OBEY, false);
    struct boss outer = {.form = STATIC};
    (void)state;
    assert_string_equal(gen_any_where(it).name, "boss");
    assert_int_equal(gen_any_where(it).line, 0);
    (void)next_of(it);
    assert_string_equal(gen_any_where(it).name, "worker");
    assert_true(gen_any_where(it).line > 0);
    assert_true(boss_next(&outer, NULL));
    assert_true(boss_where(&outer).line > 0);
    assert_string_equal(boss_where(&outer).name, "boss");
}

static void a_tree_is_walked_in_order(void **state)
{
    struct gen_any it;
    int x = 0, expected = 0;
    (void)state;
    gen_stack_init(&stack, room, sizeof room);
    it = gen_start(&stack, tree, .high = 1000);
    while (gen_any_next(it, &x))
        assert_int_equal(x, expected++);
    assert_int_equal(expected, 1000);
}

static void recursion_a_million_deep(void **state)
{
    enum { DEEP = 1000000 };
    size_t size = (size_t)(DEEP + 2) * 64;
    void *buffer = malloc(size);
    struct gen_stack s;
    struct gen_any it;
    int x = 0, expected = 0;
    (void)state;
    assert_non_null(buffer);
    gen_stack_init(&s, buffer, size);
    it = gen_start(&s, tower, .depth = DEEP);
    while (gen_any_next(it, &x))
        if (x != expected++)
            fail_msg("%d, not %d", x, expected - 1);
    assert_int_equal(expected, DEEP + 1);
    assert_int_equal(gen_stack_error(&s), 0);

    closed_floors = 0;
    it = gen_start(&s, tower, .depth = DEEP);
    assert_true(gen_any_next(it, NULL));
    assert_int_equal(gen_any_close(it), 0);
    assert_int_equal(closed_floors, DEEP + 1);
    assert_int_equal(gen_stack_state(&s), GEN_CLOSED);

    closed_floors = 0;
    it = gen_start(&s, tower, .depth = DEEP);
    assert_true(gen_any_next(it, NULL));
    assert_int_equal(gen_any_throw(it, ESECOND, NULL), GEN_RAISED);
    assert_int_equal(closed_floors, DEEP + 1);
    assert_int_equal(gen_stack_error(&s), ESECOND);

    closed_floors = 0;
    it = gen_start(&s, tower, .depth = DEEP, .fails = EFIRST);
    assert_false(gen_any_next(it, NULL));
    assert_int_equal(closed_floors, DEEP + 1);
    assert_int_equal(gen_stack_error(&s), EFIRST);

    gen_stack_init(&s, buffer, size / 100);
    it = gen_start(&s, tower, .depth = DEEP);
    assert_false(gen_any_next(it, NULL));
    assert_int_equal(gen_stack_error(&s), GEN_ENOMEM);
    free(buffer);
}

static void case_01_the_first_step_into_a_delegate_is_next(void **state)
{
    (void)state;
    for (int form = 0; form < FORMS; form++) {
        struct gen_any it;
        gen_stack_init(&stack, room, sizeof room);
        it = gen_start(&stack, late, .form = (enum form)form);
        assert_int_equal(next_of(it), 1);
        assert_int_equal(send_to(it, 55), form == NEW ? 0 : -1);
        assert_int_equal(send_to(it, 8), 8);
    }
}

static void case_02_a_source_closed_before_just_ends(void **state)
{
    struct range src = {.n = 0, .fails = EFIRST};
    struct summer g = {.src = &src};
    struct boss b = {.form = STATIC}, a = {.form = ANY};
    int x = 0;
    (void)state;
    assert_false(range_next(&src, NULL));
    assert_int_equal(gen_error(&src), EFIRST);
    clear();
    assert_int_equal(summer_step(&g, NULL), GEN_RETURNED);
    assert_string_equal(trace, "e");
    assert_int_equal(g.caught.code, 0);
    assert_int_equal(worker_throw(&b.child, EFIRST, NULL), GEN_RAISED);
    assert_true(boss_next(&b, &x));
    assert_int_equal(x, 1000);
    assert_int_equal(b.caught.code, 0);
    a.child = b.child;
    assert_true(boss_next(&a, &x));
    assert_int_equal(x, 1000);
    assert_int_equal(a.caught.code, 0);
}

static void case_03_a_created_any_refuses_what_it_is_sent(void **state)
{
    struct worker w = {.last = 1};
    struct gen_any it = worker_any(&w);
    int x = 99, five = 5;
    (void)state;
    assert_int_equal(gen_any_send(it, &five, &x), GEN_RAISED);
    assert_int_equal(gen_error(&w), GEN_ESTARTED);
    assert_int_equal(gen_state(&w), GEN_CREATED);
    assert_int_equal(next_of(it), 1);
    it = start_boss(NEW, OBEY, false);
    assert_int_equal(gen_any_send(it, &five, &x), GEN_RAISED);
    assert_int_equal(gen_stack_error(&stack), GEN_ESTARTED);
    assert_int_equal(gen_any_error(it), GEN_ESTARTED);
    assert_int_equal(gen_stack_state(&stack), GEN_CREATED);
    assert_int_equal(x, 99);
    assert_int_equal(next_of(it), 0);
    assert_int_equal(gen_stack_error(&stack), 0);
}

static void case_06_frames_below_the_top_are_running(void **state)
{
    struct gen_any it;
    (void)state;
    gen_stack_init(&stack, room, sizeof room);
    it = gen_start(&stack, parent, .form = NEW);
    assert_int_equal(next_of(it), 1);
    assert_int_equal(gen_stack_error(&stack), 0);
    assert_int_equal(gen_stack_state(&stack), GEN_SUSPENDED);
    assert_false(gen_any_next(it, NULL));
    assert_int_equal(gen_stack_root(&stack, parent)->refused, 10);
    assert_int_equal(gen_stack_error(&stack), 0);
}

static void case_07_exit_ignored_by_a_pushed_child(void **state)
{
    (void)state;
    for (int nested = 0; nested < 2; nested++) {
        struct gen_any it;
        clear();
        gen_stack_init(&stack, room, sizeof room);
        it = gen_start(&stack, top, .nested = nested != 0);
        assert_int_equal(next_of(it), 0);
        assert_int_equal(gen_any_close(it), 0);
        assert_int_equal(gen_stack_root(&stack, top)->caught.code, GEN_EIGNORED);
        assert_string_equal(trace, nested ? "wfit" : "wft");
        assert_int_equal(gen_stack_state(&stack), GEN_CLOSED);
    }
}

static void case_08_an_any_may_stand_for_a_stack(void **state)
{
    struct gen_any it = start_boss(NEW, OBEY, false);
    struct borrower b = {.it = it}, ignored = {.it = it};
    int x = 0;
    (void)state;
    assert_true(borrower_next(&b, &x));
    assert_int_equal(borrower_send(&b, 9, &x), GEN_YIELDED);
    assert_int_equal(x, 9);
    assert_int_equal(borrower_throw(&b, ESECOND, &x), GEN_YIELDED);
    assert_int_equal(x, ESECOND);
    assert_int_equal(borrower_close(&b), 0);
    assert_string_equal(trace, "wb");
    assert_int_equal(gen_stack_state(&stack), GEN_CLOSED);
    assert_int_equal(gen_any_error(it), 0);
    assert_int_equal(gen_any_throw(it, GEN_EXIT, NULL), GEN_RAISED);
    assert_int_equal(gen_any_close(it), 0);

    it = start_boss(NEW, IGNORE, true);
    assert_true(borrower_next(&ignored, &x));
    assert_int_equal(borrower_close(&ignored), GEN_EIGNORED);
    assert_int_equal(gen_any_error(it), GEN_EIGNORED);
    assert_int_equal(gen_stack_state(&stack), GEN_SUSPENDED);
}

static void case_13_a_driven_stack_refuses(void **state)
{
    (void)state;
    bitten = 0;
    gen_stack_init(&stack, room, sizeof room);
    snakes = gen_start(&stack, snake, .depth = 2);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(next_of(snakes), i);
        assert_int_equal(gen_stack_error(&stack), 0);
        assert_int_equal(gen_stack_state(&stack), GEN_SUSPENDED);
    }
    assert_false(gen_any_next(snakes, NULL));
    assert_int_equal(gen_stack_error(&stack), 0);
    assert_int_equal(bitten, 6 * 6);
}

static void case_15_what_a_static_child_pushes_is_innermost(void **state)
{
    struct gen_any it;
    int x = 0;
    (void)state;
    clear();
    gen_stack_init(&stack, room, sizeof room);
    it = gen_start(&stack, holder);
    assert_int_equal(next_of(it), 3);
    assert_string_equal(gen_any_where(it).name, "worker");
    assert_int_equal(send_to(it, 6), 6);
    assert_int_equal(gen_any_throw(it, ESECOND, &x), GEN_YIELDED);
    assert_int_equal(x, ESECOND);
    assert_int_equal(send_to(it, 100), 101);
    assert_int_equal(gen_any_throw(it, EFIRST, &x), GEN_RAISED);
    assert_string_equal(trace, "ph");

    clear();
    it = gen_start(&stack, holder);
    (void)next_of(it);
    assert_int_equal(gen_any_throw(it, EFIRST, &x), GEN_RAISED);
    assert_string_equal(trace, "ph");
    assert_int_equal(gen_stack_error(&stack), EFIRST);

    clear();
    it = gen_start(&stack, holder);
    (void)next_of(it);
    assert_int_equal(gen_any_close(it), 0);
    assert_string_equal(trace, "wph");
    assert_int_equal(gen_stack_root(&stack, holder)->caught.code, GEN_EXIT);
}

static void case_17_the_text_travels_with_its_code(void **state)
{
    (void)state;
    for (int form = 0; form < FORMS; form++) {
        struct gen_any it = start_boss((enum form)form, OBEY, false);
        struct gen_io io;
        (void)next_of(it);
        memset(&io, 0, sizeof io);
        io.exc.code = ETHIRD;
        io.exc.text = "thrown";
        assert_int_equal(it.resume(it.frame, &io), GEN_RAISED);
        assert_int_equal(io.exc.code, ETHIRD);
        assert_string_equal(io.exc.text, "thrown");

        it = start_boss((enum form)form, OBEY, false);
        (void)next_of(it);
        io.exc.code = GEN_EXIT;
        io.exc.text = "leave";
        assert_int_equal(it.resume(it.frame, &io), GEN_RAISED);
        assert_int_equal(io.exc.code, GEN_EXIT);
        assert_string_equal(io.exc.text, "leave");
        assert_string_equal(the_boss()->caught.text, "leave");
    }
}

static void case_19_no_field_and_no_sent_type(void **state)
{
    (void)state;
    gen_for (n, tower) {
        assert_int_equal(n, 0);
        mark('1');
    }
    for (int form = 0; form < FORMS; form++) {
        struct gen_any it;
        int x = 9, five = 5;
        gen_stack_init(&stack, room, sizeof room);
        it = gen_start(&stack, wrapper, .form = (enum form)form);
        assert_int_equal(next_of(it), 0);
        assert_int_equal(send_to(it, 5), 1);
        assert_int_equal(next_of(it), 2);
        assert_int_equal(gen_any_send(it, &five, &x), GEN_RETURNED);
        assert_int_equal(x, 9);
    }
    gen_stack_init(&stack, room, sizeof room);
    assert_int_equal(next_of(gen_start(&stack, tower)), 0);
}

static void case_20_codes_pass_through_delegates(void **state)
{
    static const int ends[] = {INT16_MAX, INT16_MIN};
    (void)state;
    for (int form = 0; form < FORMS; form++)
        for (int i = 0; i < 2; i++) {
            struct gen_any it = start_boss((enum form)form, OBEY, false);
            (void)next_of(it);
            assert_int_equal(gen_any_throw(it, ends[i], NULL), GEN_RAISED);
            assert_int_equal(the_boss()->caught.code, ends[i]);
            assert_int_equal(gen_stack_error(&stack), ends[i]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delegation_passes_everything_through),
        cmocka_unit_test(an_error_of_the_child_is_raised_at_the_yield_from),
        cmocka_unit_test(close_closes_the_child_first),
        cmocka_unit_test(a_child_that_ignores_the_exit_is_eignored_here),
        cmocka_unit_test(a_running_delegator_refuses),
        cmocka_unit_test(for_in_goes_on_after_suspensions),
        cmocka_unit_test(for_in_raises_what_its_source_raises),
        cmocka_unit_test(break_leaves_the_source_of_for_in_open),
        cmocka_unit_test(a_full_stack_and_none_are_errors_at_the_yield_from),
        cmocka_unit_test(a_buffer_may_begin_at_any_address),
        cmocka_unit_test(a_stack_can_be_started_again),
        cmocka_unit_test(where_of_a_stack_is_its_innermost_frame),
        cmocka_unit_test(a_tree_is_walked_in_order),
        cmocka_unit_test(recursion_a_million_deep),
        cmocka_unit_test(case_01_the_first_step_into_a_delegate_is_next),
        cmocka_unit_test(case_02_a_source_closed_before_just_ends),
        cmocka_unit_test(case_03_a_created_any_refuses_what_it_is_sent),
        cmocka_unit_test(case_06_frames_below_the_top_are_running),
        cmocka_unit_test(case_07_exit_ignored_by_a_pushed_child),
        cmocka_unit_test(case_08_an_any_may_stand_for_a_stack),
        cmocka_unit_test(case_13_a_driven_stack_refuses),
        cmocka_unit_test(case_15_what_a_static_child_pushes_is_innermost),
        cmocka_unit_test(case_17_the_text_travels_with_its_code),
        cmocka_unit_test(case_19_no_field_and_no_sent_type),
        cmocka_unit_test(case_20_codes_pass_through_delegates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
