/* A spinner turns in a thread while a slow function runs. A thread cannot be cancelled, so it is
 * asked to end, by an event; examples/tasks/spinner.c is the same with tasks, which can. In Python:
 *
 *     def spin(msg, done):
 *         for char in itertools.cycle('|/-\\'):
 *             ...
 *             if done.wait(.1): break
 *         write(' ' * len(status) + '\x08' * len(status))
 *
 *     done = threading.Event()
 *     spinner = threading.Thread(target=spin, args=('thinking!', done))
 *     spinner.start()
 *     result = slow_function()
 *     done.set()
 *     spinner.join()
 *
 * Link: -lpthread
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* -- threading.Event --------------------------------------------------------------------------- */

struct event {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    bool is_set;
};

static void event_init(struct event *e)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&e->mutex, NULL);
    pthread_cond_init(&e->condition, &attributes);
    pthread_condattr_destroy(&attributes);
    e->is_set = false;
}

static void event_set(struct event *e)
{
    pthread_mutex_lock(&e->mutex);
    e->is_set = true;
    pthread_cond_broadcast(&e->condition);
    pthread_mutex_unlock(&e->mutex);
}

/* Waits until it is set, or so many milliseconds, less than 1000; tells whether it is. */
static bool event_wait(struct event *e, int milliseconds)
{
    struct timespec until;
    bool is_set;
    int code = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += milliseconds * 1000000L;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&e->mutex);
    while (!e->is_set && code != ETIMEDOUT)
        code = pthread_cond_timedwait(&e->condition, &e->mutex, &until);
    is_set = e->is_set;
    pthread_mutex_unlock(&e->mutex);
    return is_set;
}

/* -- The spinner ------------------------------------------------------------------------------- */

struct spin {
    const char *msg;
    struct event done;
};

static void write_times(size_t times, char c)
{
    while (times-- > 0)
        putchar(c);
}

static void *spin(void *arg)
{
    struct spin *self = arg;
    const size_t length = strlen(self->msg) + 2;
    int i = 0;
    do {
        printf("%c %s", "|/-\\"[i++ % 4], self -> msg);
        fflush(stdout);
        write_times(length, '\b');
    } while (!event_wait(&self->done, 100));
    write_times(length, ' ');
    write_times(length, '\b');
    return NULL;
}

/* Pretends to wait a long time for I/O. 0, or EINTR: Ctrl-C came, which all threads block. */
static int slow_function(int *result, const sigset_t *interrupt)
{
    const struct timespec seconds = {.tv_nsec = 500000000};
    *result = 42;
    return sigtimedwait(interrupt, NULL, &seconds) == SIGINT ? EINTR : 0;
}

/* 0 or an errno code. */
static int supervisor(int *result)
{
    struct spin spinner = {.msg = "thinking!"};
    pthread_t thread;
    sigset_t interrupt;
    int code;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(SIG_BLOCK, &interrupt, NULL);
    event_init(&spinner.done);
    printf("spinner object: <Thread(spin, initial)>\n");
    code = pthread_create(&thread, NULL, spin, &spinner);
    if (code == 0) {
        code = slow_function(result, &interrupt);
        event_set(&spinner.done);
        pthread_join(thread, NULL);
    }
    pthread_cond_destroy(&spinner.done.condition);
    pthread_mutex_destroy(&spinner.done.mutex);
    return code;
}

int main(void)
{
    int result = 0;
    const int code = supervisor(&result);
    if (code != 0) {
        fprintf(stderr, "spinner: %s\n", code == EINTR ? "interrupted" : strerror(code));
        return code == EINTR ? 128 + SIGINT : 1;
    }
    printf("Answer: %d\n", result);
    return 0;
}
