/* Queues: order, waiting both ways, rendezvous, join, shutdown; a cancel loses no item. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "virtual_time.h"
#include "task/queue.h"

enum { COUNT = 4, ROOM = 2 };

task_queue_declare(numbers, int);

static struct numbers queue;
static int room[ROOM];
static struct task tasks[COUNT];

static int setup(void **state)
{
    static const struct task fresh_task;
    size_t i;
    for (i = 0; i < COUNT; i++)
        tasks[i] = fresh_task;
    task_queue_init(&queue, room, ROOM);
    return virtual_setup(state);
}

/* Puts item, item + 1, ...: notes each when it is put; -1000 - item when it is cancelled; else what
 * is raised. */
gen_declare(putter, void);
struct putter {
    struct gen gen;
    int item, times;
    double seconds;
};
gen_define(putter)
{
    gen_begin();
    gen_try {
        for (; self->times > 0; self->times--) {
            task_queue_put(&queue, self->item);
            note(self->item++);
            if (self->seconds > 0)
                task_sleep(self->seconds);
        }
    }
    gen_except (GEN_CANCELLED) {
        note(-1000 - self->item);
        gen_reraise();
    }
    gen_except_any {
        note(gen_caught.code);
    }
    gen_end_try
    gen_end();
}

/* Gets so many: notes -item for each, -1000 when it is cancelled. */
gen_declare(getter, void);
struct getter {
    struct gen gen;
    int item, times;
    double seconds;
};
gen_define(getter)
{
    gen_begin();
    gen_try {
        for (; self->times > 0; self->times--) {
            if (self->seconds > 0)
                task_sleep(self->seconds);
            task_queue_get(self->item, &queue);
            note(-self->item);
        }
    }
    gen_except (GEN_CANCELLED) {
        note(-1000);
        gen_reraise();
    }
    gen_except_any {
        note(gen_caught.code);
    }
    gen_end_try
    gen_end();
}

static struct putter putters[COUNT];
static struct getter getters[COUNT];

/* Starts task i, and lets it come to its wait. */
static void put(size_t i, int item, int times)
{
    putters[i] = (struct putter){.item = item, .times = times};
    task_start(&sched, &tasks[i], putter_any(&putters[i]), NULL);
    task_run_once(&sched);
}

static void get(size_t i, int times)
{
    getters[i] = (struct getter){.times = times};
    task_start(&sched, &tasks[i], getter_any(&getters[i]), NULL);
    task_run_once(&sched);
}

static bool try_put(int item)
{
    return task_queue_try_put(&queue, item);
}

/* What is in it, in the order it comes out. */
#define assert_items(...)                                                                          \
    do {                                                                                           \
        const int items[] = {__VA_ARGS__};                                                         \
        size_t at_;                                                                                \
        int item_ = 0;                                                                             \
        for (at_ = 0; at_ < sizeof items / sizeof items[0]; at_++) {                               \
            assert_true(task_queue_try_get(item_, &queue));                                        \
            assert_int_equal(item_, items[at_]);                                                   \
        }                                                                                          \
        assert_false(task_queue_try_get(item_, &queue));                                           \
    } while (0)

/* -- Order ------------------------------------------------------------------------------------ */

static void first_in_first_out(void **state)
{
    int round;
    (void)state;
    for (round = 0; round < 3; round++) { /* over the end of the room */
        assert_true(try_put(1));
        assert_items(1);
        assert_true(try_put(2));
        assert_true(try_put(3));
        assert_false(try_put(4));
        assert_int_equal(queue.queue.count, 2);
        assert_items(2, 3);
    }
}

static void last_in_first_out(void **state)
{
    (void)state;
    task_queue_init_lifo(&queue, room, ROOM);
    assert_true(try_put(1));
    assert_true(try_put(2));
    assert_false(try_put(3));
    assert_items(2, 1);
    put(0, 5, 3); /* the third waits */
    assert_items(6, 7, 5);
    task_run_once(&sched);
    assert_notes(5, 6, 7);
}

static bool smaller(const void *a, const void *b)
{
    return *(const int *)a < *(const int *)b;
}

static void by_priority(void **state)
{
    static int heap[100];
    int i, item = 0;
    (void)state;
    task_queue_init_priority(&queue, heap, 100, smaller);
    for (i = 0; i < 100; i++)
        assert_true(try_put(i * 37 % 100)); /* each number once */
    assert_false(try_put(0));
    for (i = 0; i < 50; i++) {
        assert_true(task_queue_try_get(item, &queue));
        assert_int_equal(item, i);
    }
    assert_true(try_put(7)); /* equal ones */
    assert_true(try_put(75));
    assert_true(try_put(7));
    for (i = 0; i < 53; i++) {
        const int last = item;
        assert_true(task_queue_try_get(item, &queue));
        assert_true(i == 0 || last <= item);
    }
    assert_int_equal(item, 99);
    assert_false(task_queue_try_get(item, &queue));
}

static void by_priority_when_it_is_full(void **state)
{
    (void)state;
    task_queue_init_priority(&queue, room, ROOM, smaller);
    put(0, 5, 3); /* 7 waits */
    put(1, 1, 1); /* and 1, behind it: who waits is not in the queue */
    assert_items(5, 6, 1, 7);
    task_run_once(&sched);
    assert_notes(5, 6, 7, 1);
}

struct job {
    char name[24];
    double weight;
    void *self;
};
task_queue_declare(jobs, struct job);

gen_declare(worker, void);
struct worker {
    struct gen gen;
    struct jobs *jobs;
    struct job job;
};
gen_define(worker)
{
    gen_begin();
    task_queue_get(self->job, self->jobs);
    note((int)self->job.weight);
    task_queue_get(self->job, self->jobs);
    note((int)self->job.weight);
    gen_end();
}

static void items_of_any_size(void **state)
{
    struct jobs jobs;
    struct job memory[3], job = {"the first", 1, &job}, got = {"", 0, NULL};
    struct worker f = {.jobs = &jobs};
    (void)state;
    task_queue_init(&jobs, memory, 3);
    assert_true(task_queue_try_put(&jobs, job));
    job = (struct job){"the second", 2, NULL};
    assert_true(task_queue_try_put(&jobs, job));
    assert_true(task_queue_try_get(got, &jobs));
    assert_string_equal(got.name, "the first");
    assert_ptr_equal(got.self, &job);
    task_start(&sched, &tasks[0], worker_any(&f), NULL);
    task_run_once(&sched);
    job.weight = 3;
    assert_true(task_queue_try_put(&jobs, job)); /* right into the frame of who waits */
    assert_int_equal((int)f.job.weight, 3);
    assert_int_equal(jobs.queue.count, 0);
    task_run_once(&sched);
    assert_notes(2, 3);
    assert_string_equal(f.job.name, "the second");
}

/* -- Waiting ---------------------------------------------------------------------------------- */

static void rule_23_a_queue_with_items_takes_no_turn(void **state)
{
    (void)state;
    put(0, 1, 2);
    get(1, 2);
    assert_notes(1, 2, -1, -2);
}

static void put_waits_while_it_is_full(void **state)
{
    (void)state;
    put(0, 1, 4);
    assert_notes(1, 2);
    assert_false(try_put(9)); /* who waits is before him */
    get(1, 1);
    assert_notes(1, 2, -1);
    assert_int_equal(queue.queue.count, 2); /* the third is in */
    task_run_once(&sched);
    assert_notes(1, 2, -1, 3);
    get(1, 3);
    run_all();
    assert_notes(1, 2, -1, 3, -2, -3, -4, 4);
}

static void get_waits_while_it_is_empty(void **state)
{
    (void)state;
    get(0, 3);
    assert_int_equal(notes_count, 0);
    assert_true(try_put(1)); /* it is his at once */
    assert_int_equal(queue.queue.count, 0);
    assert_true(try_put(2));
    assert_int_equal(queue.queue.count, 1);
    task_run_once(&sched);
    assert_notes(-1, -2);
    put(1, 3, 1);
    task_run_once(&sched);
    assert_notes(-1, -2, 3, -3);
}

static void rule_38_who_waits_is_served_first_in_first_out(void **state)
{
    (void)state;
    get(0, 1);
    get(1, 1);
    put(2, 1, 2);
    run_all();
    assert_int_equal(getters[0].item, 1);
    assert_int_equal(getters[1].item, 2);
    notes_count = 0;
    assert_true(try_put(3) && try_put(4));
    put(2, 5, 1);
    put(3, 6, 1);
    assert_items(3, 4, 5, 6);
    run_all();
    assert_notes(5, 6);
}

static void a_rendezvous(void **state)
{
    int item = 0;
    (void)state;
    task_queue_init(&queue, (int *)NULL, 0);
    assert_false(try_put(1));
    assert_false(task_queue_try_get(item, &queue));
    put(0, 1, 2);
    assert_int_equal(notes_count, 0); /* waits for who gets it */
    get(1, 2);
    run_all();
    assert_notes(-1, 1, 2, -2);
    get(1, 1);
    assert_true(try_put(5)); /* he is there already */
    run_all();
    assert_int_equal(getters[1].item, 5);
    put(0, 6, 1);
    assert_true(task_queue_try_get(item, &queue));
    assert_int_equal(item, 6);
    run_all();
    assert_int_equal(queue.queue.unfinished, 4);
}

static void a_producer_faster_than_its_consumer(void **state)
{
    (void)state;
    getters[1] = (struct getter){.times = 5, .seconds = 1};
    task_start(&sched, &tasks[1], getter_any(&getters[1]), NULL);
    put(0, 1, 5);
    run_all();
    assert_notes(1, 2, -1, 3, -2, 4, -3, 5, -4, -5);
    assert_int_equal(clock_now, 5 * SECOND);
}

/* -- Cancelling ------------------------------------------------------------------------------- */

static void rule_38_a_cancel_of_one_who_waits_to_put(void **state)
{
    (void)state;
    put(0, 1, 3); /* 3 waits */
    put(1, 4, 1);
    assert_true(task_cancel(&tasks[0]));
    task_run_once(&sched);
    assert_notes(1, 2, -1003);
    assert_items(1, 2, 4); /* his is not put, the one behind him goes on */
    run_all();
    assert_int_equal(queue.queue.unfinished, 3);
}

static void rule_38_a_cancel_of_one_who_waits_to_get(void **state)
{
    (void)state;
    get(0, 1);
    get(1, 1);
    assert_true(task_cancel(&tasks[0]));
    put(2, 1, 1);
    run_all();
    assert_notes(-1000, 1, -1);
    assert_int_equal(getters[1].item, 1);
}

/* asyncio's cancelled one wakes the next and leaves the item in the queue; here he has it, and the
 * cancel is raised by his next wait. */
static void rule_38_a_cancel_of_one_who_was_given_an_item(void **state)
{
    (void)state;
    get(0, 2);
    get(1, 1);
    assert_true(try_put(1));
    assert_true(task_cancel(&tasks[0]));
    task_run_once(&sched);
    assert_notes(-1, -1000);
    assert_true(try_put(2)); /* the second's */
    run_all();
    assert_notes(-1, -1000, -2);
    assert_int_equal(queue.queue.count, 0);
}

static void rule_38_a_cancel_of_one_whose_item_was_taken(void **state)
{
    (void)state;
    put(0, 1, 4); /* 3 waits */
    assert_items(1, 2, 3);
    assert_true(task_cancel(&tasks[0]));
    run_all();
    assert_notes(1, 2, 3, 4); /* what is to be had at once is no wait */
    assert_items(4);
}

/* Cancels at every point of a hand-over: what was put is what was got and what is left. */
static void every_item_is_in_one_place(void **state)
{
    int point, put_or_get, item = 0, sum;
    size_t i;
    (void)state;
    for (point = 0; point < 6; point++)
        for (put_or_get = 0; put_or_get < 2; put_or_get++) {
            notes_count = 0;
            sum = 0;
            putters[0] = (struct putter){.item = 1, .times = 6};
            getters[1] = (struct getter){.times = 5};
            task_start(&sched, &tasks[0], putter_any(&putters[0]), NULL);
            task_start(&sched, &tasks[1], getter_any(&getters[1]), NULL);
            for (i = 0; (int)i < point && !task_done(&tasks[0].future); i++)
                task_run_once(&sched);
            (void)task_cancel(&tasks[put_or_get]);
            task_run_once(&sched);
            task_cancel_all(&sched, NULL);
            run_all();
            while (task_queue_try_get(item, &queue))
                note(-item);
            for (i = 0; i < notes_count; i++)
                if (notes[i] > -1000)
                    sum += notes[i];
            assert_int_equal(sum, 0);
        }
}

/* -- Join and shutdown ------------------------------------------------------------------------ */

gen_declare(joiner, void);
struct joiner {
    struct gen gen;
    int id;
};
gen_define(joiner)
{
    gen_begin();
    task_queue_join(&queue);
    note(self->id);
    gen_end();
}

static void join(size_t i, struct joiner *f)
{
    *f = (struct joiner){.id = 70 + (int)i};
    task_start(&sched, &tasks[i], joiner_any(f), NULL);
    task_run_once(&sched);
}

static void join_waits_until_all_is_dealt_with(void **state)
{
    struct joiner f[2];
    (void)state;
    join(0, &f[0]);
    assert_notes(70); /* nothing was put */
    assert_true(try_put(1) && try_put(2));
    join(0, &f[0]);
    join(1, &f[1]);
    assert_items(1, 2);
    assert_int_equal(queue.queue.unfinished, 2);
    assert_int_equal(task_queue_task_done(&queue), 0);
    assert_true(try_put(3));
    assert_int_equal(task_queue_task_done(&queue), 0);
    assert_items(3);
    assert_notes(70);
    assert_int_equal(task_queue_task_done(&queue), 0);
    task_run_once(&sched);
    assert_notes(70, 70, 71);
}

static void rule_38_task_done_too_often_is_refused(void **state)
{
    (void)state;
    assert_int_equal(task_queue_task_done(&queue), GEN_EBADSTATE);
    assert_true(try_put(1));
    assert_int_equal(task_queue_task_done(&queue), 0);
    assert_int_equal(task_queue_task_done(&queue), GEN_EBADSTATE);
    assert_int_equal(queue.queue.unfinished, 0);
}

static void what_waits_to_be_put_is_not_yet_unfinished(void **state)
{
    (void)state;
    put(0, 1, 3);
    assert_int_equal(queue.queue.unfinished, 2);
    assert_items(1, 2, 3);
    assert_int_equal(queue.queue.unfinished, 3);
    run_all();
}

static void a_cancel_of_one_who_joins(void **state)
{
    struct joiner f;
    (void)state;
    assert_true(try_put(1));
    join(0, &f);
    assert_true(task_cancel(&tasks[0]));
    run_all();
    assert_int_equal(task_state(&tasks[0].future), TASK_CANCELLED);
    assert_int_equal(task_queue_task_done(&queue), 0);
    assert_int_equal(notes_count, 0);
}

static void rule_38_shutdown_lets_the_getters_drain_it(void **state)
{
    int item;
    (void)state;
    put(0, 1, 3); /* 3 waits */
    task_queue_shutdown(&queue, false);
    assert_true(queue.queue.shut);
    assert_false(try_put(9));
    put(1, 4, 1);
    assert_notes(1, 2, TASK_ESHUTDOWN, TASK_ESHUTDOWN);
    get(2, 3);
    assert_notes(1, 2, TASK_ESHUTDOWN, TASK_ESHUTDOWN, -1, -2, TASK_ESHUTDOWN);
    task_queue_shutdown(&queue, false);
    assert_false(task_queue_try_get(item, &queue));
    assert_false(try_put(9)); /* though there is room */
}

static void rule_38_shutdown_ends_the_wait_of_getters(void **state)
{
    (void)state;
    get(0, 1);
    get(1, 1);
    task_queue_shutdown(&queue, false);
    assert_int_equal(notes_count, 0); /* never from within */
    run_all();
    assert_notes(TASK_ESHUTDOWN, TASK_ESHUTDOWN);
}

static void rule_38_an_immediate_shutdown_drains_it_itself(void **state)
{
    struct joiner f;
    (void)state;
    put(0, 1, 3); /* 3 waits */
    join(1, &f);
    task_queue_shutdown(&queue, true);
    assert_int_equal(queue.queue.count, 0);
    assert_int_equal(queue.queue.unfinished, 0);
    run_all();
    assert_notes(1, 2, TASK_ESHUTDOWN, 71);
    get(2, 1);
    assert_notes(1, 2, TASK_ESHUTDOWN, 71, TASK_ESHUTDOWN);
}

/* An item that somebody has got and not yet dealt with is still to be joined. */
static void an_immediate_shutdown_and_what_is_dealt_with(void **state)
{
    struct joiner f;
    int item;
    (void)state;
    assert_true(try_put(1) && try_put(2));
    assert_true(task_queue_try_get(item, &queue));
    join(0, &f);
    task_queue_shutdown(&queue, true);
    assert_int_equal(queue.queue.unfinished, 1);
    assert_false(task_done(&tasks[0].future));
    assert_int_equal(task_queue_task_done(&queue), 0);
    run_all();
    assert_notes(70);
}

static void a_cancel_after_the_shutdown(void **state)
{
    (void)state;
    get(0, 1);
    task_queue_shutdown(&queue, false);
    assert_true(task_cancel(&tasks[0])); /* too late: his wait is over */
    run_all();
    assert_notes(TASK_ESHUTDOWN);
}

static void a_wait_outside_of_a_task(void **state)
{
    struct getter f = {.times = 1};
    struct putter g = {.times = 1};
    struct joiner h = {.id = 1};
    (void)state;
    assert_true(try_put(1));
    assert_int_equal(getter_step(&f, NULL), GEN_RETURNED);
    assert_int_equal(putter_step(&g, NULL), GEN_RETURNED);
    assert_notes(GEN_EBADSTATE, GEN_EBADSTATE);
    assert_int_equal(joiner_step(&h, NULL), GEN_RAISED);
    assert_int_equal(queue.queue.count, 1);
}

#define queue_test(f) cmocka_unit_test_setup_teardown(f, setup, virtual_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        queue_test(first_in_first_out),
        queue_test(last_in_first_out),
        queue_test(by_priority),
        queue_test(by_priority_when_it_is_full),
        queue_test(items_of_any_size),
        queue_test(rule_23_a_queue_with_items_takes_no_turn),
        queue_test(put_waits_while_it_is_full),
        queue_test(get_waits_while_it_is_empty),
        queue_test(rule_38_who_waits_is_served_first_in_first_out),
        queue_test(a_rendezvous),
        queue_test(a_producer_faster_than_its_consumer),
        queue_test(rule_38_a_cancel_of_one_who_waits_to_put),
        queue_test(rule_38_a_cancel_of_one_who_waits_to_get),
        queue_test(rule_38_a_cancel_of_one_who_was_given_an_item),
        queue_test(rule_38_a_cancel_of_one_whose_item_was_taken),
        queue_test(every_item_is_in_one_place),
        queue_test(join_waits_until_all_is_dealt_with),
        queue_test(rule_38_task_done_too_often_is_refused),
        queue_test(what_waits_to_be_put_is_not_yet_unfinished),
        queue_test(a_cancel_of_one_who_joins),
        queue_test(rule_38_shutdown_lets_the_getters_drain_it),
        queue_test(rule_38_shutdown_ends_the_wait_of_getters),
        queue_test(rule_38_an_immediate_shutdown_drains_it_itself),
        queue_test(an_immediate_shutdown_and_what_is_dealt_with),
        queue_test(a_cancel_after_the_shutdown),
        queue_test(a_wait_outside_of_a_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
