/* faults.h - system calls and allocations of the loop library that fail when they are told to.
 *
 * A scenario is a coroutine that uses the library. It is run once for each call that the library
 * makes and each way in which that call can fail: "recv number 7, EAGAIN". What is interrupted, has
 * to wait or comes in pieces does no harm: all is done, and nobody is told. Otherwise, either all is
 * done, or an error with a name is raised at a line that waited, or reported: the one that was put
 * in, not another. Never is there a wrong byte, a hang, a crash, or memory or a descriptor lost.
 *
 * accept4's EMFILE is tried for the first and the last call only, as a server then pauses for a
 * second. A broken connection stays so: the socket is shut down, too. faults.c has the calls, run.c
 * runs, scenario_*.c are the scenarios.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <string.h>

#include "loop/loop.h"

/* -- For scenarios ----------------------------------------------------------------------------- */

struct scenario {
    const char *name;
    void (*prepare)(void);         /* once, before all runs; may be NULL */
    void (*before)(void);          /* before each run; may be NULL */
    struct gen_any (*begin)(void); /* a coroutine, from the beginning */
    const bool *complete;          /* has everything been done? */
    void (*end)(void);             /* after each run; may be NULL */
    int instead[2];                /* errors that may stand for others; or 0 */
    int silent;                    /* one that nobody need be told of; or 0 */
};

/* A scenario whose coroutine is `client`. Its frame says in `complete` whether everything is done. */
#define SCENARIO(NAME, ...)                                                                        \
    static struct client scene;                                                                    \
    static struct gen_any begin(void)                                                              \
    {                                                                                              \
        memset(&scene, 0, sizeof scene);                                                           \
        return client_any(&scene);                                                                 \
    }                                                                                              \
    extern const struct scenario NAME;                                                             \
    const struct scenario NAME = {.begin = begin, .complete = &scene.complete, __VA_ARGS__}

enum { LIMIT = 4 }; /* seconds that a run may take: the deadline of a scenario's outermost scope */

/* An error that was raised at a line of the scenario. */
void note(int code);

/* What must never be, whatever has failed. */
void violated(const char *what);

/* The bytes that are sent: no two pieces of them are alike. And those that have come are a part. */
extern char sent[200000];
void expect_bytes(const char *data, size_t from, size_t size);

/* Awaits a task that has been started, and notes how it failed. */
#define JOIN(task)                                                                                 \
    do {                                                                                           \
        gen_try {                                                                                  \
            task_await(&(task)->future);                                                           \
        }                                                                                          \
        gen_except (TASK_ECANCELLED) {                                                             \
        }                                                                                          \
        gen_except_any {                                                                           \
            note(gen_caught.code);                                                                 \
        }                                                                                          \
        gen_end_try                                                                                \
    } while (0)

/* -- Between faults.c and run.c ---------------------------------------------------------------- */

struct fault {
    const char *name; /* "EINTR" */
    int code;         /* errno's, to be noted somewhere; 0: a part only is read or written */
    int value;        /* what the call returns, where that is not -1 */
    bool harmless;    /* the scenario is complete all the same, and nobody is told */
    bool lasting;     /* the calls after it fail, too */
    bool slow;        /* costs a second: for the first and the last call only */
};

struct faulty_call {
    const char *name;
    const struct fault *faults;
    size_t count;
};
extern const struct faulty_call faulty_calls[];
extern const size_t faulty_call_count;

/* Which call fails, and what has been called; for all processes of a run. */
enum { MOST_CALLS = 64 };
struct plan {
    atomic_bool armed;
    atomic_uint calls[MOST_CALLS];
    size_t call, fault;
    unsigned number;      /* from 1 on; 0: none fails */
    atomic_uint injected; /* in this run */
    unsigned runs, injected_in_all;
};
extern struct plan *plan;

extern atomic_long allocated; /* blocks of this process */

#endif
