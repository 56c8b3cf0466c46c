/* A thread that sleeps is one that the system does not run, so five threads that sleep take no
 * longer than one. In Python:
 *
 *     threads = [Thread(target=time.sleep, args=(5,)) for _ in range(5)]
 *     for thread in threads: thread.start()
 *     for thread in threads: thread.join()
 *
 * Link: -lpthread
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { THREADS = 5 };

static void *sync_sleep(void *arg)
{
    const struct timespec span = {.tv_nsec = 200000000};
    (void)arg;
    (void)nanosleep(&span, NULL);
    return NULL;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* 0 or an errno code; those that have begun are waited for. */
static int sleep_in_threads(void)
{
    pthread_t threads[THREADS];
    int started, code = 0;
    for (started = 0; started < THREADS; started++) {
        code = pthread_create(&threads[started], NULL, sync_sleep, NULL);
        if (code != 0)
            break;
    }
    while (started > 0)
        pthread_join(threads[--started], NULL);
    return code;
}

/* Ctrl-C is blocked, and looked for between the sleeps. */
static void block_interrupt(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static bool interrupted(void)
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, SIGINT) == 1;
}

int main(void)
{
    const double begin = now();
    double middle, end;
    int code;
    block_interrupt();
    for (int i = 0; i < THREADS && !interrupted(); i++)
        sync_sleep(NULL);
    middle = now();
    code = interrupted() ? 0 : sleep_in_threads();
    end = now();
    if (interrupted()) {
        fprintf(stderr, "sync_sleep: interrupted\n");
        return 128 + SIGINT;
    }
    if (code != 0) {
        fprintf(stderr, "sync_sleep: %s\n", strerror(code));
        return 1;
    }
    printf("one after the other: %.1f s\n", middle - begin);
    printf("in %d threads: %.1f s, which is %s\n", THREADS, end - middle,
           end - middle < middle - begin ? "less" : "no less");
    return 0;
}
