/* Locks, events, semaphores, conditions, barriers: order, hand-over, and cancels at every point. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "virtual_time.h"
#include "task/lock.h"

enum { EMINE = GEN_EUSER, COUNT = 4 };

static struct task tasks[COUNT];
static struct task_lock lock;
static struct task_event event;
static struct task_semaphore semaphore;
static struct task_condition condition, other_condition;
static struct task_barrier barrier;
static struct task_call calls[2];

static int setup(void **state)
{
    static const struct task fresh_task;
    static const struct task_lock fresh_lock;
    static const struct task_event fresh_event;
    static const struct task_call fresh_call;
    size_t i;
    for (i = 0; i < COUNT; i++)
        tasks[i] = fresh_task;
    lock = fresh_lock;
    event = fresh_event;
    calls[0] = calls[1] = fresh_call;
    task_semaphore_init(&semaphore, 2, 2);
    task_condition_init(&condition, &lock);
    task_condition_init(&other_condition, &lock);
    task_barrier_init(&barrier, 3);
    return virtual_setup(state);
}

/* Each event with the second of it: 102 is event 1 at 2 s; -102, that 1 was cancelled then. */
static void note_at(int what)
{
    const int now = (int)(clock_now / SECOND);
    note(what < 0 ? 100 * what - now : 100 * what + now);
}

/* Calls fn(arg) after so many seconds. */
static void at(double seconds, void (*fn)(void *), void *arg)
{
    struct task_call *call = &calls[calls[0].task__fn != NULL];
    assert_int_equal(task_call_at(&sched, call, clock_now + task_ticks(seconds), fn, arg), 0);
}

static void cancel_task(void *t)
{
    assert_true(task_cancel((struct task *)t, "the user left"));
}

gen_declare(pause, void);
struct pause {
    struct gen gen;
    double seconds;
};
gen_define(pause)
{
    gen_begin();
    task_sleep(self->seconds);
    gen_end();
}

/* Also while there are tasks that wait for what does not come. */
static void run_for(double seconds)
{
    struct task t = {0};
    struct pause f = {.seconds = seconds};
    task_start(&sched, &t, pause_any(&f), NULL);
    task_run(&sched, &t.future);
}

/* -- Lock ------------------------------------------------------------------------------------- */

/* Event id: has the lock; id + 10: has released it; -id: cancelled. */
gen_declare(locker, void);
struct locker {
    struct gen gen;
    struct gen_unwind unwind[1];
    int id;
    double before, seconds;
};
gen_define(locker)
{
    gen_begin();
    gen_try {
        task_sleep(self->before);
        task_with_lock (&lock) {
            assert_ptr_equal(lock.owner, task_current());
            note_at(self->id);
            task_sleep(self->seconds);
        }
        task_end_lock
        note_at(self->id + 10);
    }
    gen_except (GEN_CANCELLED) {
        assert_true(lock.owner != task_current());
        note_at(-self->id);
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

static struct locker lockers[COUNT];

static void start_lockers(size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        lockers[i] = (struct locker){.id = 1 + (int)i, .seconds = 1};
        task_start(&sched, &tasks[i], locker_any(&lockers[i]), NULL);
    }
}

static void rule_34_a_lock_is_first_in_first_out(void **state)
{
    (void)state;
    start_lockers(3);
    run_all();
    assert_notes(100, 1101, 201, 1202, 302, 1303);
    assert_null(lock.owner);
}

/* Releases, and acquires it again at once. */
gen_declare(greedy, void);
struct greedy {
    struct gen gen;
    int times;
};
gen_define(greedy)
{
    gen_begin();
    for (; self->times > 0; self->times--) {
        task_lock_acquire(&lock);
        note_at(9);
        task_sleep(1);
        assert_int_equal(task_lock_release(&lock), 0);
    }
    gen_end();
}

/* It is the waiter's from the release on: nobody comes in between, the last owner neither. */
static void rule_34_a_new_acquire_waits_behind_those_who_wait(void **state)
{
    struct greedy f = {.times = 3};
    (void)state;
    task_start(&sched, &tasks[3], greedy_any(&f), NULL);
    start_lockers(2);
    run_all();
    assert_notes(900, 101, 1102, 202, 1203, 903, 904);
}

static void rule_34_release_of_a_free_lock_is_refused(void **state)
{
    (void)state;
    assert_int_equal(task_lock_release(&lock), GEN_EBADSTATE);
    start_lockers(1);
    run_all();
    assert_int_equal(task_lock_release(&lock), GEN_EBADSTATE);
}

static void a_cancel_of_one_who_waits_for_a_lock(void **state)
{
    (void)state;
    start_lockers(3);
    at(0.5, cancel_task, &tasks[1]);
    run_all();
    assert_notes(100, -200, 1101, 301, 1302);
}

static void cancel_the_next(void *arg)
{
    (void)arg;
    assert_int_equal(task_lock_release(&lock), 0); /* as the owner would: it may be anybody */
    assert_ptr_equal(lock.owner, &tasks[0]);
    cancel_task(&tasks[0]);
}

gen_declare(acquirer, void);
struct acquirer {
    struct gen gen;
};
gen_define(acquirer)
{
    gen_begin();
    task_lock_acquire(&lock);
    note_at(7);
    gen_end();
}

/* asyncio's cancelled one passes it on; here his wait is over, so he has the lock until the cancel
 * is raised by his next wait. */
static void rule_34_a_cancel_of_one_who_was_handed_the_lock(void **state)
{
    struct acquirer f = {{0, 0}};
    (void)state;
    task_start(&sched, &tasks[3], acquirer_any(&f), NULL);
    start_lockers(2);
    at(1, cancel_the_next, NULL);
    run_all();
    assert_notes(700, 101, -101, 201, 1202);
    assert_null(lock.owner);
}

static void a_cancel_of_one_who_has_the_lock(void **state)
{
    (void)state;
    start_lockers(2);
    at(0.5, cancel_task, &tasks[0]);
    run_all();
    assert_notes(100, -100, 200, 1201);
}

static void all_who_wait_for_a_lock_are_cancelled(void **state)
{
    (void)state;
    start_lockers(4);
    task_run_once(&sched);
    task_run_once(&sched);
    task_cancel_all(&sched, &tasks[0]);
    run_all();
    assert_notes(100, -400, -300, -200, 1101);
    assert_null(lock.owner);
    assert_null(lock.task__waiters.task__waiters);
}

/* What is free is had without a wait, so a cancel does not come in between. */
gen_declare(cancelled, void);
struct cancelled {
    struct gen gen;
};
gen_define(cancelled)
{
    gen_begin();
    cancel_task(task_current());
    task_lock_acquire(&lock);
    note_at(1);
    task_semaphore_acquire(&semaphore);
    note_at(2);
    task_event_set(&event);
    task_event_wait(&event);
    note_at(3);
    gen_try {
        task_condition_wait(&condition);
    }
    gen_except (GEN_CANCELLED) {
        assert_ptr_equal(lock.owner, task_current());
    }
    gen_end_try
    assert_int_equal(task_lock_release(&lock), 0);
    task_sleep(0);
    note_at(4); /* never */
    gen_end();
}

static void rule_23_what_is_to_be_had_takes_no_turn(void **state)
{
    struct cancelled f = {{0, 0}};
    (void)state;
    task_start(&sched, &tasks[0], cancelled_any(&f), NULL);
    task_run_once(&sched);
    assert_notes(100, 200, 300);
    assert_int_equal(task_state(&tasks[0].future), TASK_CANCELLED);
}

/* What has to be waited for is not begun to be. */
gen_declare(late, void);
struct late {
    struct gen gen;
    uint32_t index;
};
gen_define(late)
{
    gen_begin();
    cancel_task(task_current());
    gen_try {
        task_lock_acquire(&lock);
    }
    gen_except (GEN_CANCELLED) {
        note(1);
    }
    gen_end_try
    gen_try {
        task_semaphore_acquire(&semaphore);
    }
    gen_except (GEN_CANCELLED) {
        note(2);
    }
    gen_end_try
    gen_try {
        task_event_wait(&event);
    }
    gen_except (GEN_CANCELLED) {
        note(3);
    }
    gen_end_try
    task_barrier_wait(self->index, &barrier);
    gen_end();
}

static void rule_17_a_cancelled_task_does_not_begin_to_wait(void **state)
{
    struct late f = {.index = 77};
    (void)state;
    lock.owner = &tasks[3];
    task_semaphore_init(&semaphore, 0, 2);
    task_start(&sched, &tasks[0], late_any(&f), NULL);
    task_run_once(&sched);
    assert_notes(1, 2, 3);
    assert_int_equal(task_state(&tasks[0].future), TASK_CANCELLED);
    assert_ptr_equal(lock.owner, &tasks[3]);
    assert_int_equal(barrier.waiting, 0);
}

gen_declare(twice, void);
struct twice {
    struct gen gen;
};
gen_define(twice)
{
    gen_begin();
    task_lock_acquire(&lock);
    gen_try {
        task_lock_acquire(&lock);
    }
    gen_except (GEN_EBADSTATE) {
        note(1);
    }
    gen_end_try
    assert_int_equal(task_lock_release(&lock), 0);
    gen_end();
}

/* asyncio waits for itself, for ever. */
static void a_lock_that_one_has_already(void **state)
{
    struct twice f = {{0, 0}};
    (void)state;
    task_start(&sched, &tasks[0], twice_any(&f), NULL);
    task_run_once(&sched);
    assert_notes(1);
    assert_null(lock.owner);
}

/* Leaves a lock and a semaphore each way there is. */
gen_declare(leaver, void);
struct leaver {
    struct gen gen;
    struct gen_unwind unwind[2];
    int how, round, result;
};
enum { END, BREAK, CONTINUE, RETURN, STOP, RAISE, WAYS };
gen_define(leaver)
{
    gen_begin();
    for (; self->round < 2; self->round++) {
        task_with_semaphore (&semaphore) {
            task_with_lock (&lock) {
                assert_int_equal(semaphore.value, 1);
                task_sleep(1);
                if (self->how == BREAK)
                    break;
                if (self->how == CONTINUE)
                    continue;
                if (self->how == RETURN)
                    gen_return(5);
                if (self->how == STOP)
                    gen_stop();
                if (self->how == RAISE)
                    gen_raise(EMINE, "raised");
            }
            task_end_lock
            note_at(1);
        }
        task_end_semaphore
        assert_int_equal(semaphore.value, 2);
        note_at(2);
    }
    note_at(3);
    gen_end();
}

static void run_leaver(int how, int result, int code)
{
    struct task t = {0};
    struct leaver f = {.how = how};
    clock_now = 0;
    notes_count = 0;
    task_start(&sched, &t, leaver_any(&f), NULL);
    run_all();
    assert_int_equal(f.result, result);
    assert_int_equal(task_error(&t.future).code, code);
    assert_null(lock.owner);
    assert_int_equal(semaphore.value, 2);
}

static void every_way_out_releases(void **state)
{
    (void)state;
    run_leaver(END, 0, 0);
    assert_notes(101, 201, 102, 202, 302);
    run_leaver(BREAK, 0, 0);
    assert_notes(301);
    run_leaver(CONTINUE, 0, 0);
    assert_notes(302);
    run_leaver(RETURN, 5, 0);
    assert_int_equal(notes_count, 0);
    run_leaver(STOP, 0, 0);
    assert_int_equal(notes_count, 0);
    run_leaver(RAISE, 0, EMINE);
    assert_int_equal(notes_count, 0);
}

/* -- Event ------------------------------------------------------------------------------------ */

gen_declare(watcher, void);
struct watcher {
    struct gen gen;
    int id;
};
gen_define(watcher)
{
    gen_begin();
    gen_try {
        task_event_wait(&event);
        note_at(self->id);
    }
    gen_except (GEN_CANCELLED) {
        note_at(-self->id);
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

static struct watcher watchers[COUNT];

static void start_watchers(void)
{
    size_t i;
    for (i = 0; i < 3; i++) {
        watchers[i] = (struct watcher){.id = 1 + (int)i};
        task_start(&sched, &tasks[i], watcher_any(&watchers[i]), NULL);
    }
    task_run_once(&sched);
    assert_int_equal(notes_count, 0);
}

static void rule_36_set_wakes_all(void **state)
{
    (void)state;
    start_watchers();
    assert_false(task_event_is_set(&event));
    task_event_set(&event);
    task_event_set(&event);
    assert_true(task_event_is_set(&event));
    task_run_once(&sched);
    assert_notes(100, 200, 300);
    watchers[0] = (struct watcher){.id = 4};
    task_start(&sched, &tasks[0], watcher_any(&watchers[0]), NULL);
    task_run_once(&sched);
    assert_notes(100, 200, 300, 400); /* stays set */
}

static void rule_36_set_and_clear_at_once_wakes_those_who_wait(void **state)
{
    (void)state;
    start_watchers();
    task_event_set(&event);
    task_event_clear(&event);
    task_event_clear(&event);
    assert_false(task_event_is_set(&event));
    watchers[3] = (struct watcher){.id = 4};
    task_start(&sched, &tasks[3], watcher_any(&watchers[3]), NULL); /* comes too late */
    task_run_once(&sched);
    assert_notes(100, 200, 300);
    cancel_task(&tasks[3]);
    run_all();
    assert_notes(100, 200, 300, -400);
}

static void a_cancel_of_one_who_waits_for_an_event(void **state)
{
    (void)state;
    start_watchers();
    cancel_task(&tasks[1]);
    task_event_set(&event);
    cancel_task(&tasks[2]); /* too late: his wait is over */
    run_all();
    assert_notes(-200, 100, 300);
    assert_int_equal(task_state(&tasks[2].future), TASK_DONE);
}

/* -- Semaphore -------------------------------------------------------------------------------- */

gen_declare(user, void);
struct user {
    struct gen gen;
    struct gen_unwind unwind[1];
    int id;
};
gen_define(user)
{
    gen_begin();
    gen_try {
        task_with_semaphore (&semaphore) {
            note_at(self->id);
            task_sleep(self->id);
        }
        task_end_semaphore
        note_at(self->id + 10);
    }
    gen_except (GEN_CANCELLED) {
        note_at(-self->id);
        gen_reraise();
    }
    gen_end_try
    gen_end();
}

static struct user users[COUNT];

static void start_users(size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        users[i] = (struct user){.id = 1 + (int)i};
        task_start(&sched, &tasks[i], user_any(&users[i]), NULL);
    }
}

static void rule_35_a_semaphore_is_first_in_first_out(void **state)
{
    (void)state;
    start_users(4);
    run_all();
    assert_notes(100, 200, 1101, 301, 1202, 402, 1304, 1406);
    assert_int_equal(semaphore.value, 2);
}

static void release_and_start_another(void *arg)
{
    (void)arg;
    assert_int_equal(task_semaphore_release(&semaphore), 0);
    assert_int_equal(semaphore.value, 0); /* it is the third one's */
    users[3] = (struct user){.id = 4};
    task_start(&sched, &tasks[3], user_any(&users[3]), NULL);
}

static void rule_35_a_new_acquire_waits_behind_those_who_wait(void **state)
{
    (void)state;
    start_users(3);
    at(0.5, release_and_start_another, NULL);
    semaphore.bound = UINT32_MAX;
    run_all();
    assert_notes(100, 200, 300, 1101, 401, 1202, 1303, 1405);
    assert_int_equal(semaphore.value, 3);
}

static void rule_35_a_release_beyond_the_bound_is_refused(void **state)
{
    (void)state;
    assert_int_equal(task_semaphore_release(&semaphore), GEN_EBADSTATE);
    assert_int_equal(semaphore.value, 2);
    task_semaphore_init(&semaphore, 0, UINT32_MAX); /* one that is not bounded */
    assert_int_equal(task_semaphore_release(&semaphore), 0);
    assert_int_equal(task_semaphore_release(&semaphore), 0);
    assert_int_equal(semaphore.value, 2);
}

static void a_cancel_of_one_who_waits_for_a_semaphore(void **state)
{
    (void)state;
    start_users(4);
    at(0.5, cancel_task, &tasks[2]);
    run_all();
    assert_notes(100, 200, -300, 1101, 401, 1202, 1405);
    assert_int_equal(semaphore.value, 2);
}

static void cancel_the_third(void *arg)
{
    (void)arg;
    assert_int_equal(task_semaphore_release(&semaphore), 0);
    cancel_task(&tasks[2]);
}

/* asyncio's cancelled one gives the token back before he runs; here he has it until he leaves. */
static void rule_35_a_cancel_of_one_who_was_handed_a_token(void **state)
{
    (void)state;
    semaphore.bound = UINT32_MAX;
    start_users(4);
    at(0.5, cancel_the_third, NULL);
    run_all();
    assert_notes(100, 200, 300, -300, 400, 1101, 1202, 1404);
    assert_int_equal(semaphore.value, 3);
}

static void a_cancel_of_one_who_has_a_token(void **state)
{
    (void)state;
    start_users(3);
    at(0.5, cancel_task, &tasks[1]);
    run_all();
    assert_notes(100, 200, -200, 300, 1101, 1303);
    assert_int_equal(semaphore.value, 2);
}

/* -- Condition -------------------------------------------------------------------------------- */

static int ready_for; /* guarded by the lock */

/* Waits until it is called for: event id: waits; id + 10: goes on; -id: cancelled. */
gen_declare(guest, void);
struct guest {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_condition *condition;
    int id;
};
gen_define(guest)
{
    gen_begin();
    task_with_lock (&lock) {
        note_at(self->id);
        gen_try {
            task_condition_wait(self->condition);
            note_at(self->id + 10);
        }
        gen_except (GEN_CANCELLED) {
            note_at(-self->id);
            assert_ptr_equal(lock.owner, task_current());
            gen_reraise();
        }
        gen_end_try
        assert_ptr_equal(lock.owner, task_current());
        task_sleep(1);
    }
    task_end_lock
    gen_end();
}

static struct guest guests[3];

static void start_guests(void)
{
    size_t i;
    for (i = 0; i < 3; i++) {
        guests[i] = (struct guest){.condition = &condition, .id = 1 + (int)i};
        task_start(&sched, &tasks[i], guest_any(&guests[i]), NULL);
    }
}

/* Notifies after a second, and keeps the lock for another. */
gen_declare(host, void);
struct host {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_condition *condition;
    size_t count;
    int ready;
    struct task *cancels;
};
gen_define(host)
{
    gen_begin();
    task_sleep(1);
    task_with_lock (&lock) {
        ready_for += self->ready;
        assert_int_equal(task_condition_notify(self->condition, self->count), 0);
        if (self->cancels != NULL)
            cancel_task(self->cancels);
        note_at(9);
        task_sleep(1);
    }
    task_end_lock
    gen_end();
}

static void run_host(size_t count, struct task *cancels)
{
    struct host f = {.condition = &condition, .count = count, .cancels = cancels};
    start_guests();
    task_start(&sched, &tasks[3], host_any(&f), NULL);
    run_for(9);
}

static void notify_wakes_as_many_as_it_says_in_order(void **state)
{
    (void)state;
    run_host(2, NULL);
    assert_notes(100, 200, 300, 901, 1102, 1203); /* each has the lock for a second */
    assert_false(task_done(&tasks[2].future));
    lock.owner = &tasks[3];
    assert_int_equal(task_condition_notify(&condition, SIZE_MAX), 0); /* more than there are */
    assert_int_equal(task_lock_release(&lock), 0);
    run_all();
    assert_notes(100, 200, 300, 901, 1102, 1203, 1309);
    assert_null(lock.owner);
}

static void notify_of_nobody(void **state)
{
    (void)state;
    run_host(0, NULL);
    assert_notes(100, 200, 300, 901);
    task_cancel_all(&sched, NULL);
    run_all();
    assert_notes(100, 200, 300, 901, -309, -209, -109);
    assert_null(lock.owner);
}

static void rule_36_a_condition_needs_its_lock(void **state)
{
    struct guest f = {.condition = &condition, .id = 1};
    struct task_lock another = {0};
    (void)state;
    assert_int_equal(task_condition_notify(&condition, 1), GEN_EBADSTATE);
    task_condition_init(&condition, &another);
    task_start(&sched, &tasks[0], guest_any(&f), NULL); /* which has `lock` */
    run_all();
    assert_int_equal(task_error(&tasks[0].future).code, GEN_EBADSTATE);
    assert_null(lock.owner);
}

/* The host has the lock until 2, so that is when the cancelled one goes on. */
static void rule_36_a_cancelled_wait_acquires_the_lock_again(void **state)
{
    (void)state;
    at(1.5, cancel_task, &tasks[1]);
    run_host(0, NULL);
    assert_notes(100, 200, 300, 901, -202);
    assert_null(lock.owner);
    assert_int_equal(task_state(&tasks[1].future), TASK_CANCELLED);
    task_cancel_all(&sched, NULL);
    run_all();
}

static void a_cancelled_wait_whose_lock_is_free(void **state)
{
    (void)state;
    start_guests();
    at(0.5, cancel_task, &tasks[0]);
    at(0.5, cancel_task, &tasks[2]); /* is next for the lock that the first now has */
    run_for(9);
    assert_notes(100, 200, 300, -100, -300);
    cancel_task(&tasks[1]);
    run_all();
    assert_null(lock.owner);
}

/* asyncio's cancelled one passes the notification on; here who has it is not cancelled. */
static void rule_36_one_who_was_notified_is_not_cancelled(void **state)
{
    (void)state;
    run_host(1, &tasks[0]);
    assert_notes(100, 200, 300, 901, 1102);
    assert_int_equal(task_state(&tasks[0].future), TASK_CANCELLED); /* by his next wait */
    assert_null(lock.owner);
    task_cancel_all(&sched, NULL);
    run_all();
}

static void two_conditions_of_one_lock(void **state)
{
    (void)state;
    start_guests();
    guests[0].condition = &other_condition;
    task_run_once(&sched);
    lock.owner = &tasks[3];
    assert_int_equal(task_condition_notify(&condition, 3), 0);
    assert_int_equal(task_lock_release(&lock), 0);
    task_run(&sched, &tasks[2].future);
    assert_notes(100, 200, 300, 1200, 1301);
    cancel_task(&tasks[0]);
    run_all();
}

gen_declare(patient, void);
struct patient {
    struct gen gen;
    struct gen_unwind unwind[1];
    int id;
};
gen_define(patient)
{
    gen_begin();
    task_with_lock (&lock) {
        task_condition_wait_for(&condition, ready_for >= self->id);
        note_at(self->id);
    }
    task_end_lock
    gen_end();
}

static void wait_for_what_is_to_be_true(void **state)
{
    struct patient f[3] = {{.id = 0}, {.id = 2}, {.id = 1}};
    struct host h[2] = {{.condition = &condition, .count = 9, .ready = 1},
                        {.condition = &condition, .count = 9, .ready = 1}};
    struct task second = {0};
    size_t i;
    (void)state;
    ready_for = 0;
    for (i = 0; i < 3; i++)
        task_start(&sched, &tasks[i], patient_any(&f[i]), NULL);
    task_start(&sched, &tasks[3], host_any(&h[0]), NULL);
    task_start(&sched, &second, host_any(&h[1]), NULL);
    run_all();
    assert_notes(0, 901, 102, 902, 203);
}

/* -- Barrier ---------------------------------------------------------------------------------- */

/* Event id: comes; id + 10: goes on; -id: cancelled; the index, or the code raised. */
gen_declare(party, void);
struct party {
    struct gen gen;
    int id, rounds;
    uint32_t index;
};
gen_define(party)
{
    gen_begin();
    gen_try {
        for (; self->rounds > 0; self->rounds--) {
            task_barrier_wait(self->index, &barrier);
            note_at(self->id);
            note((int)self->index);
        }
    }
    gen_except (GEN_CANCELLED) {
        note_at(-self->id);
        gen_reraise();
    }
    gen_except_any {
        note_at(self->id);
        note(gen_caught.code);
    }
    gen_end_try
    gen_end();
}

static struct party parties[COUNT];

static void start_party(size_t i, int rounds)
{
    parties[i] = (struct party){.id = 1 + (int)i, .rounds = rounds, .index = 77};
    task_start(&sched, &tasks[i], party_any(&parties[i]), NULL);
    task_run_once(&sched);
}

/* The last who comes goes on at once. */
static void rule_37_a_barrier_gives_each_an_index(void **state)
{
    (void)state;
    start_party(0, 1);
    start_party(1, 1);
    assert_int_equal(barrier.waiting, 2);
    assert_int_equal(notes_count, 0);
    start_party(2, 1);
    assert_int_equal(barrier.waiting, 0);
    run_all();
    assert_notes(300, 2, 100, 0, 200, 1);
}

static void rule_37_a_barrier_may_be_used_again(void **state)
{
    (void)state;
    start_party(0, 2);
    start_party(1, 2);
    start_party(2, 2);
    run_all();
    assert_notes(300, 2, 100, 0, 200, 1, /* the second comes last to the second round */
                 200, 2, 300, 0, 100, 1);
}

static void a_barrier_of_one(void **state)
{
    (void)state;
    task_barrier_init(&barrier, 1);
    start_party(0, 2);
    assert_notes(100, 0, 100, 0);
}

static void rule_37_reset_breaks_those_who_wait(void **state)
{
    (void)state;
    start_party(0, 1);
    start_party(1, 1);
    task_barrier_reset(&barrier);
    assert_int_equal(barrier.waiting, 0);
    assert_false(barrier.broken);
    run_all();
    assert_notes(100, TASK_EBROKEN, 200, TASK_EBROKEN);
    notes_count = 0;
    start_party(0, 1);
    start_party(1, 1);
    start_party(2, 1);
    run_all();
    assert_notes(300, 2, 100, 0, 200, 1);
}

static void rule_37_abort_breaks_those_who_come_too(void **state)
{
    (void)state;
    start_party(0, 1);
    task_barrier_abort(&barrier);
    assert_true(barrier.broken);
    start_party(1, 1);
    run_all();
    assert_notes(100, TASK_EBROKEN, 200, TASK_EBROKEN);
    task_barrier_reset(&barrier);
    assert_false(barrier.broken);
    start_party(0, 1);
    assert_int_equal(barrier.waiting, 1);
    task_barrier_abort(&barrier);
    run_all();
}

/* asyncio's barrier drains first; here those who are through are through, whatever comes then. */
static void rule_37_abort_is_too_late_for_a_full_barrier(void **state)
{
    (void)state;
    start_party(0, 1);
    start_party(1, 1);
    start_party(2, 1);
    task_barrier_abort(&barrier);
    cancel_task(&tasks[1]);
    run_all();
    assert_notes(300, 2, 100, 0, 200, 1);
}

static void a_cancel_of_one_who_waits_at_a_barrier(void **state)
{
    (void)state;
    start_party(0, 1);
    start_party(1, 1);
    cancel_task(&tasks[0]);
    assert_int_equal(barrier.waiting, 1);
    start_party(2, 1);
    assert_notes(-100);
    start_party(3, 1);
    run_all();
    assert_notes(-100, 400, 2, 200, 0, 300, 1);
}

/* -- Outside of a task ------------------------------------------------------------------------ */

gen_declare(bare, void);
struct bare {
    struct gen gen;
};
gen_define(bare)
{
    gen_begin();
    task_condition_wait(&condition);
    gen_end();
}

static void a_wait_outside_of_a_task(void **state)
{
    struct bare e = {{0, 0}};
    struct acquirer f = {{0, 0}};
    struct user g = {.id = 1};
    struct guest h = {.condition = &condition, .id = 1};
    struct party i = {.id = 1, .rounds = 1};
    (void)state;
    assert_int_equal(acquirer_step(&f, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&f), GEN_EBADSTATE);
    assert_int_equal(user_step(&g, NULL), GEN_RAISED);
    assert_int_equal(guest_step(&h, NULL), GEN_RAISED);
    assert_int_equal(bare_step(&e, NULL), GEN_RAISED);
    assert_int_equal(gen_error(&e), GEN_EBADSTATE);
    assert_int_equal(party_step(&i, NULL), GEN_RETURNED);
    assert_notes(100, GEN_EBADSTATE);
    assert_null(lock.owner);
    assert_int_equal(semaphore.value, 2);
    assert_int_equal(barrier.waiting, 0);
}

#define lock_test(f) cmocka_unit_test_setup_teardown(f, setup, virtual_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        lock_test(rule_34_a_lock_is_first_in_first_out),
        lock_test(rule_34_a_new_acquire_waits_behind_those_who_wait),
        lock_test(rule_34_release_of_a_free_lock_is_refused),
        lock_test(a_cancel_of_one_who_waits_for_a_lock),
        lock_test(rule_34_a_cancel_of_one_who_was_handed_the_lock),
        lock_test(a_cancel_of_one_who_has_the_lock),
        lock_test(all_who_wait_for_a_lock_are_cancelled),
        lock_test(rule_23_what_is_to_be_had_takes_no_turn),
        lock_test(rule_17_a_cancelled_task_does_not_begin_to_wait),
        lock_test(a_lock_that_one_has_already),
        lock_test(every_way_out_releases),
        lock_test(rule_36_set_wakes_all),
        lock_test(rule_36_set_and_clear_at_once_wakes_those_who_wait),
        lock_test(a_cancel_of_one_who_waits_for_an_event),
        lock_test(rule_35_a_semaphore_is_first_in_first_out),
        lock_test(rule_35_a_new_acquire_waits_behind_those_who_wait),
        lock_test(rule_35_a_release_beyond_the_bound_is_refused),
        lock_test(a_cancel_of_one_who_waits_for_a_semaphore),
        lock_test(rule_35_a_cancel_of_one_who_was_handed_a_token),
        lock_test(a_cancel_of_one_who_has_a_token),
        lock_test(notify_wakes_as_many_as_it_says_in_order),
        lock_test(notify_of_nobody),
        lock_test(rule_36_a_condition_needs_its_lock),
        lock_test(rule_36_a_cancelled_wait_acquires_the_lock_again),
        lock_test(a_cancelled_wait_whose_lock_is_free),
        lock_test(rule_36_one_who_was_notified_is_not_cancelled),
        lock_test(two_conditions_of_one_lock),
        lock_test(wait_for_what_is_to_be_true),
        lock_test(rule_37_a_barrier_gives_each_an_index),
        lock_test(rule_37_a_barrier_may_be_used_again),
        lock_test(a_barrier_of_one),
        lock_test(rule_37_reset_breaks_those_who_wait),
        lock_test(rule_37_abort_breaks_those_who_come_too),
        lock_test(rule_37_abort_is_too_late_for_a_full_barrier),
        lock_test(a_cancel_of_one_who_waits_at_a_barrier),
        lock_test(a_wait_outside_of_a_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
