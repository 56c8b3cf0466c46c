/* Jobs in other processes: their results, codes, deaths, cancels, and the end of pools. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/process_pool.h"
#include "loop_scene.h"

enum { EMINE = GEN_EUSER, MIB = 1 << 20, DOZEN = 12 };

/* -- What the workers do ----------------------------------------------------------------------- */

/* FNV-1a, of 64 bits. */
static uint64_t hash_of(const unsigned char *data, size_t size)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        h = (h ^ data[i]) * UINT64_C(0x100000001b3);
    return h;
}

static int hash(const void *in, size_t in_size, void *out, size_t *out_size)
{
    *out_size = sizeof(uint64_t);
    *(uint64_t *)out = hash_of(in, in_size);
    return 0;
}

static int echo(const void *in, size_t in_size, void *out, size_t *out_size)
{
    memcpy(out, in, in_size);
    *out_size = in_size;
    return 0;
}

static int whoami(const void *in, size_t in_size, void *out, size_t *out_size)
{
    (void)in, (void)in_size, (void)out_size;
    *(pid_t *)out = getpid();
    return 0;
}

static int return_it(const void *in, size_t in_size, void *out, size_t *out_size)
{
    int code;
    (void)out;
    memcpy(&code, in, in_size);
    *out_size = 0;
    return code;
}

static int boast(const void *in, size_t in_size, void *out, size_t *out_size)
{
    (void)in, (void)in_size, (void)out;
    (*out_size)++;
    return 0;
}

static int die(const void *in, size_t in_size, void *out, size_t *out_size)
{
    (void)out, (void)out_size;
    if (in_size > 0 && *(const int *)in == 0)
        return 0;
    (void)kill(getpid(), SIGKILL);
    return 0;
}

static int leave(const void *in, size_t in_size, void *out, size_t *out_size)
{
    (void)in, (void)in_size, (void)out, (void)out_size;
    _exit(3);
}

/* Speaks for itself on the pool's socket. */
static int lie(const void *in, size_t in_size, void *out, size_t *out_size)
{
    unsigned char junk[64];
    (void)in, (void)in_size, (void)out, (void)out_size;
    memset(junk, 0x7f, sizeof junk);
    return write(3, junk, sizeof junk) < 0 ? errno : 0;
}

/* Says on a named pipe that it runs, and waits on another; then gives back what it got. */
struct gates {
    char running[64], go[64];
};

static int stay(const void *in, size_t in_size, void *out, size_t *out_size)
{
    const struct gates *g = in;
    char byte = 0;
    int fd = open(g->running, O_WRONLY);
    (void)in_size;
    if (fd < 0 || write(fd, &byte, 1) != 1)
        return errno;
    (void)close(fd);
    fd = open(g->go, O_RDONLY);
    if (fd < 0 || read(fd, &byte, 1) != 1)
        return errno;
    (void)close(fd);
    memset(out, 'x', *out_size);
    return 0;
}

/* What of the other process it has: descriptors above its own, signals. */
struct inherited {
    int descriptors;
    bool interrupt_ignored, terminate_default, unblocked;
};

static int look_around(const void *in, size_t in_size, void *out, size_t *out_size)
{
    struct inherited *i = out;
    struct sigaction action;
    sigset_t blocked;
    (void)in, (void)in_size, (void)out_size;
    for (int fd = 4; fd < 256; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            i->descriptors++;
    (void)sigaction(SIGINT, NULL, &action);
    i->interrupt_ignored = action.sa_handler == SIG_IGN;
    (void)sigaction(SIGTERM, NULL, &action);
    i->terminate_default = action.sa_handler == SIG_DFL;
    (void)sigprocmask(SIG_BLOCK, NULL, &blocked);
    i->unblocked = !sigismember(&blocked, SIGTERM) && !sigismember(&blocked, SIGUSR1);
    return 0;
}

/* -- Results ----------------------------------------------------------------------------------- */

gen_declare(hasher, void);
struct hasher {
    struct gen gen;
    struct process_pool pool;
    struct process_job job;
    unsigned char *data;
    uint64_t hashes[DOZEN];
    char *back;
    pid_t pid;
    struct inherited inherited;
};
gen_define(hasher)
{
    gen_begin();
    assert_int_equal(process_pool_open(&self->pool, loop_running(), 3), 0);
    process_pool_map(&self->pool, &self->job, hash, self->data, MIB, self->hashes,
                     sizeof self->hashes[0], DOZEN);
    process_pool_map(&self->pool, &self->job, hash, NULL, 0, NULL, 0, 0);
    process_pool_run(&self->pool, &self->job, echo, self->data, 3 * MIB, self->back, 4 * MIB);
    assert_int_equal(self->job.out_size, 3 * MIB);
    process_pool_run(&self->pool, &self->job, echo, NULL, 0, NULL, 0);
    assert_int_equal(self->job.out_size, 0);
    process_pool_run(&self->pool, &self->job, whoami, NULL, 0, &self->pid, sizeof self->pid);
    process_pool_run(&self->pool, &self->job, look_around, NULL, 0, &self->inherited,
                     sizeof self->inherited);
    process_pool_shutdown(&self->pool);
    gen_end();
}

static void large_jobs_come_back(void **state)
{
    struct hasher h = {.data = malloc(DOZEN * MIB), .back = malloc(4 * MIB)};
    uint32_t x = 1;
    (void)state;
    assert_true(h.data != NULL && h.back != NULL);
    for (size_t i = 0; i < DOZEN * MIB; i++)
        h.data[i] = (unsigned char)((x = x * 1664525 + 1013904223) >> 24);
    assert_int_equal(loop_run(hasher_any(&h)), 0);
    for (size_t i = 0; i < DOZEN; i++)
        assert_true(h.hashes[i] == hash_of(h.data + i * MIB, MIB));
    assert_memory_equal(h.back, h.data, 3 * MIB);
    assert_true(h.pid > 0 && h.pid != getpid());
    assert_int_equal(h.inherited.descriptors, 0);
    assert_true(h.inherited.interrupt_ignored && h.inherited.terminate_default);
    assert_true(h.inherited.unblocked);
    free(h.data);
    free(h.back);
}

/* -- Codes ------------------------------------------------------------------------------------- */

gen_declare(failer, void);
struct failer {
    struct gen gen;
    struct process_pool pool;
    struct process_job job;
    process_pool_function *fn;
    int in, caught;
    pid_t pid;
    char out[128]; /* it has been told of 8 */
};
gen_define(failer)
{
    gen_begin();
    assert_int_equal(process_pool_open(&self->pool, loop_running(), 1), 0);
    gen_try {
        process_pool_run(&self->pool, &self->job, self->fn, &self->in, sizeof self->in, self->out,
                         8);
    }
    gen_except_any {
        self->caught = gen_caught.code;
    }
    gen_end_try
    process_pool_run(&self->pool, &self->job, whoami, NULL, 0, &self->pid, sizeof self->pid);
    process_pool_close(&self->pool);
    gen_end();
}

static void a_failed_job_raises(void **state)
{
    const struct {
        process_pool_function *fn;
        int in, caught;
    } cases[] = {{return_it, EMINE, EMINE},
                 {return_it, ENOENT, ENOENT},
                 {return_it, GEN_CANCELLED, GEN_EBADSTATE},
                 {return_it, 1 << 20, GEN_EBADSTATE},
                 {boast, 0, EMSGSIZE},
                 {die, 1, EXECUTOR_EDIED},
                 {lie, 0, EXECUTOR_EDIED},
                 {leave, 0, EXECUTOR_EDIED}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct failer f = {.fn = cases[i].fn, .in = cases[i].in};
        assert_int_equal(loop_run(failer_any(&f)), 0);
        assert_int_equal(f.caught, cases[i].caught);
        for (size_t at = 8; at < sizeof f.out; at++)
            assert_int_equal(f.out[at], 0);
        assert_true(f.pid > 0); /* the pool goes on, with another worker if need be */
    }
}

gen_declare(mapper, void);
struct mapper {
    struct gen gen;
    struct process_pool pool;
    struct process_job job;
    int in[DOZEN], caught;
    process_pool_function *fn;
};
gen_define(mapper)
{
    gen_begin();
    assert_int_equal(process_pool_open(&self->pool, loop_running(), 2), 0);
    gen_try {
        process_pool_map(&self->pool, &self->job, self->fn, self->in, sizeof self->in[0], NULL, 0,
                         DOZEN);
    }
    gen_except_any {
        self->caught = gen_caught.code;
    }
    gen_end_try
    process_pool_close(&self->pool);
    process_pool_close(&self->pool);
    gen_end();
}

static void a_map_raises_the_first(void **state)
{
    struct mapper m = {.fn = return_it}, dying = {.fn = die};
    (void)state;
    m.in[3] = EMINE + 3;
    m.in[8] = EMINE + 8;
    assert_int_equal(loop_run(mapper_any(&m)), 0);
    assert_int_equal(m.caught, EMINE + 3);
    dying.in[0] = dying.in[1] = dying.in[5] = 1;
    assert_int_equal(loop_run(mapper_any(&dying)), 0);
    assert_int_equal(dying.caught, EXECUTOR_EDIED);
}

gen_declare(runner, void);
struct runner {
    struct gen gen;
    struct process_pool *pool;
    struct process_job job;
    process_pool_function *fn;
    const void *in;
    size_t in_size, out_size;
    char *out;
};
gen_define(runner)
{
    gen_begin();
    process_pool_run(self->pool, &self->job, self->fn, self->in, self->in_size, self->out,
                     self->out_size);
    gen_end();
}

/* A worker that is killed between jobs is noticed, and no job is lost to it. */
gen_declare(killer, void);
struct killer {
    struct gen gen;
    struct process_pool pool;
    struct process_job job;
    pid_t first, second;
    size_t i;
};
gen_define(killer)
{
    gen_begin();
    assert_int_equal(process_pool_open(&self->pool, loop_running(), 1), 0);
    for (self->i = 0; self->i < 5; self->i++) {
        siginfo_t info;
        process_pool_run(&self->pool, &self->job, whoami, NULL, 0, &self->first,
                         sizeof self->first);
        (void)kill(self->first, SIGKILL);
        while (waitid(P_PID, (id_t)self->first, &info, WEXITED | WNOWAIT) != 0)
            ;
        if (self->i % 2 == 0) { /* the loop sees it before the next job, or not */
            task_sleep(0);
            task_sleep(0);
        }
        process_pool_run(&self->pool, &self->job, whoami, NULL, 0, &self->second,
                         sizeof self->second);
        assert_true(self->second > 0 && self->second != self->first);
    }
    process_pool_close(&self->pool);
    gen_end();
}

static void a_dead_worker_is_replaced(void **state)
{
    struct killer k = {.i = 0};
    (void)state;
    assert_int_equal(loop_run(killer_any(&k)), 0);
}

/* Killed while a large job is on its way to it. */
gen_declare(interrupter, void);
struct interrupter {
    struct gen gen;
    struct process_pool pool;
    struct process_job job;
    struct task task;
    struct runner frame;
    pid_t pid;
    char *data;
    int code;
};
gen_define(interrupter)
{
    gen_begin();
    assert_int_equal(process_pool_open(&self->pool, loop_running(), 1), 0);
    process_pool_run(&self->pool, &self->job, whoami, NULL, 0, &self->pid, sizeof self->pid);
    (void)kill(self->pid, SIGSTOP);
    self->frame =
        (struct runner){.pool = &self->pool, .fn = hash, .in = self->data, .in_size = 8 * MIB};
    start(loop_running(), &self->task, runner_any(&self->frame));
    task_sleep(0);
    task_sleep(0);
    assert_false(task_done(&self->task.future));
    (void)kill(self->pid, SIGKILL);
    gen_wait_until(task_done(&self->task.future));
    self->code = task_error(&self->task.future).code;
    process_pool_shutdown(&self->pool);
    gen_end();
}

static void a_death_in_a_transfer_is_raised(void **state)
{
    struct interrupter i = {.data = calloc(8, MIB)};
    (void)state;
    assert_non_null(i.data);
    assert_int_equal(loop_run(interrupter_any(&i)), 0);
    assert_int_equal(i.code, EXECUTOR_EDIED);
    free(i.data);
}

/* -- What cannot be had ------------------------------------------------------------------------ */

/* The lowest descriptors are all that there are from here on. */
static void limit_descriptors(struct rlimit *before, rlim_t more)
{
    struct rlimit limit;
    const int next = dup(0);
    assert_true(next >= 0);
    (void)close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, before), 0);
    limit = *before;
    limit.rlim_cur = (rlim_t)next + more;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

gen_declare(poor, void);
struct poor {
    struct gen gen;
    struct process_pool pool, second;
    struct process_job job;
    struct rlimit limit;
    int opened, code;
    pid_t pid;
};
gen_define(poor)
{
    gen_begin();
    limit_descriptors(&self->limit, 3); /* one worker, and one end of the next */
    self->opened = process_pool_open(&self->second, loop_running(), 3);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &self->limit), 0);
    assert_null(self->second.pool__loop);

    assert_int_equal(process_pool_open(&self->pool, loop_running(), 1), 0);
    RAISES(ENOMEM, process_pool_run(&self->pool, &self->job, hash, "", SIZE_MAX, NULL, 0));
    gen_try {
        process_pool_run(&self->pool, &self->job, leave, NULL, 0, NULL, 0);
    }
    gen_except (EXECUTOR_EDIED) {
        limit_descriptors(&self->limit, 1);
    }
    gen_end_try
    CAUGHT(
        process_pool_run(&self->pool, &self->job, whoami, NULL, 0, &self->pid, sizeof self->pid));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &self->limit), 0);
    process_pool_run(&self->pool, &self->job, whoami, NULL, 0, &self->pid, sizeof self->pid);
    process_pool_shutdown(&self->pool);
    gen_end();
}

static void what_cannot_be_had_is_said(void **state)
{
    struct poor p = {.pid = 0};
    (void)state;
    assert_int_equal(loop_run(poor_any(&p)), 0);
    assert_int_equal(p.opened, EMFILE);
    assert_int_equal(p.code, EMFILE);
    assert_true(p.pid > 0);
}

/* -- Cancels, with one worker, which stays in its first job until it is let go ----------------- */

static char folder[] = "/tmp/poolXXXXXX";
static struct gates gates;

static int make_gates(void **state)
{
    if (before_test(state) != 0 || mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(gates.running, sizeof gates.running, "%s/running", folder);
    (void)snprintf(gates.go, sizeof gates.go, "%s/go", folder);
    return mkfifo(gates.running, 0600) | mkfifo(gates.go, 0600);
}

static int remove_gates(void **state)
{
    (void)unlink(gates.running);
    (void)unlink(gates.go);
    (void)rmdir(folder);
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    return after_test(state);
}

/* Blocks until the worker is in stay(), or lets it go on. */
static void pass(const char *name, int flags)
{
    char byte = 0;
    int fd = open(name, flags);
    assert_true(fd >= 0);
    assert_int_equal(flags == O_RDONLY ? read(fd, &byte, 1) : write(fd, &byte, 1), 1);
    (void)close(fd);
}

enum { RUNNERS = 4 };

gen_declare(canceller, void);
struct canceller {
    struct gen gen;
    struct process_pool pool;
    struct task tasks[RUNNERS], shutting;
    struct runner frames[RUNNERS];
    struct process_job job;
    char out[RUNNERS][100];
    pid_t before, pid;
    bool busy;
    int codes[RUNNERS];
    enum { CANCEL_BOTH, CLOSE, SHUT_DOWN } what;
};

gen_declare(shutter, void);
struct shutter {
    struct gen gen;
    struct process_pool *pool;
};
gen_define(shutter)
{
    gen_begin();
    process_pool_shutdown(self->pool);
    gen_end();
}

gen_define(canceller)
{
    struct task_scheduler *s = &loop_running()->scheduler;
    gen_begin();
    assert_int_equal(process_pool_open(&self->pool, loop_running(), 1), 0);
    process_pool_run(&self->pool, &self->job, whoami, NULL, 0, &self->before, sizeof self->before);
    for (size_t i = 0; i < RUNNERS; i++) {
        self->frames[i].pool = &self->pool;
        self->frames[i].fn = i == 0 ? stay : echo;
        self->frames[i].in = i == 0 ? (const void *)&gates : "second";
        self->frames[i].in_size = i == 0 ? sizeof gates : 6;
        self->frames[i].out = self->out[i];
        self->frames[i].out_size = sizeof self->out[i];
        (void)task_start(s, &self->tasks[i], runner_any(&self->frames[i]), "runner");
    }
    task_sleep(0);
    pass(gates.running, O_RDONLY);
    if (self->what == CANCEL_BOTH) {
        for (size_t i = 0; i < RUNNERS; i++) /* from the middle, too */
            (void)task_cancel(&self->tasks[i ^ 2]);
        task_sleep(0);
        for (size_t i = 0; i < RUNNERS; i++)
            assert_int_equal(task_state(&self->tasks[i].future), TASK_CANCELLED);
        self->busy = self->pool.busy == 1;
        memset(&self->frames, 0xee, sizeof self->frames); /* as if they were gone */
        pass(gates.go, O_WRONLY);
        process_pool_run(&self->pool, &self->job, whoami, NULL, 0, &self->pid, sizeof self->pid);
    } else if (self->what == CLOSE) {
        process_pool_close(&self->pool);
        task_sleep(0);
        for (size_t i = 0; i < RUNNERS; i++)
            self->codes[i] = task_error(&self->tasks[i].future).code;
    } else {
        static struct shutter shutter;
        shutter = (struct shutter){.pool = &self->pool};
        (void)task_start(s, &self->shutting, shutter_any(&shutter), "shutter");
        task_sleep(0);
        gen_try {
            process_pool_run(&self->pool, &self->job, whoami, NULL, 0, &self->pid,
                             sizeof self->pid);
        }
        gen_except (EXECUTOR_ESHUTDOWN) {
            self->busy = !task_done(&self->shutting.future);
        }
        gen_end_try
        pass(gates.go, O_WRONLY);
        task_await(&self->shutting.future);
    }
    process_pool_close(&self->pool);
    gen_end();
}

static void a_cancel_ends_the_wait_at_once(void **state)
{
    struct canceller c = {.what = CANCEL_BOTH};
    const char untouched[100] = {0};
    (void)state;
    assert_int_equal(loop_run(canceller_any(&c)), 0);
    assert_true(c.busy); /* it was left to run, */
    assert_true(c.pid > 0 && c.pid == c.before);
    for (size_t i = 0; i < RUNNERS; i++)
        assert_memory_equal(c.out[i], untouched, 100); /* and its result dropped */
}

static void a_close_raises_in_all_jobs(void **state)
{
    struct canceller c = {.what = CLOSE};
    (void)state;
    assert_int_equal(loop_run(canceller_any(&c)), 0);
    for (size_t i = 0; i < RUNNERS; i++)
        assert_int_equal(c.codes[i], EXECUTOR_ESHUTDOWN);
}

static void a_shutdown_waits_for_all_jobs(void **state)
{
    struct canceller c = {.what = SHUT_DOWN};
    (void)state;
    assert_int_equal(loop_run(canceller_any(&c)), 0);
    assert_true(c.busy); /* no more jobs, and it waited */
    for (size_t i = 0; i < RUNNERS; i++)
        assert_int_equal(task_state(&c.tasks[i].future), TASK_DONE);
    assert_int_equal(c.out[0][99], 'x');
    assert_memory_equal(c.out[1], "second", 6);
}

/* Cancelled on its way there or back, a large job leaves nothing in the way of the next. */
gen_declare(breaker, void);
struct breaker {
    struct gen gen;
    struct process_pool pool;
    struct process_job job;
    struct runner frame;
    struct task task;
    char *in, *out, back[6];
    size_t i, turns;
};
gen_define(breaker)
{
    gen_begin();
    assert_int_equal(process_pool_open(&self->pool, loop_running(), 1), 0);
    for (self->i = 0; self->i < 40; self->i++) {
        self->frame = (struct runner){.pool = &self->pool,
                                      .fn = echo,
                                      .in = self->in,
                                      .in_size = MIB,
                                      .out = self->out,
                                      .out_size = MIB};
        start(loop_running(), &self->task, runner_any(&self->frame));
        for (self->turns = 0; self->turns < self->i * self->i; self->turns++)
            task_sleep(0);
        (void)task_cancel(&self->task);
        gen_wait_until(task_done(&self->task.future));
        process_pool_run(&self->pool, &self->job, echo, "small", 6, self->back, 6);
        assert_string_equal(self->back, "small");
    }
    process_pool_close(&self->pool);
    gen_end();
}

static void a_cancelled_transfer_harms_no_other(void **state)
{
    struct breaker b = {.in = calloc(1, MIB), .out = malloc(MIB)};
    (void)state;
    assert_true(b.in != NULL && b.out != NULL);
    assert_int_equal(loop_run(breaker_any(&b)), 0);
    free(b.in);
    free(b.out);
}

/* -- The end ----------------------------------------------------------------------------------- */

static int nothing(const void *in, size_t in_size, void *out, size_t *out_size)
{
    (void)in, (void)in_size, (void)out, (void)out_size;
    return 0;
}

gen_declare(leaver, void);
struct leaver {
    struct gen gen;
    struct process_pool *pool;
    struct process_job job;
    pid_t *pid;
    int twice;
};
gen_define(leaver)
{
    gen_begin();
    self->twice = process_pool_open(self->pool, loop_running(), 0);
    process_pool_run(self->pool, &self->job, whoami, NULL, 0, self->pid, sizeof *self->pid);
    gen_end();
}

static void a_closing_loop_closes_its_pools(void **state)
{
    struct process_pool pool = {.workers = 0};
    struct loop loop;
    pid_t pid = 0;
    struct leaver l = {.pool = &pool, .pid = &pid}, elsewhere = l;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    assert_int_equal(process_pool_open(&pool, &loop, 2), 0); /* before it runs */
    assert_int_equal(loop_run_until_complete(&loop, leaver_any(&l)), 0);
    assert_int_equal(loop_run(leaver_any(&elsewhere)), LOOP_ETHREAD);
    assert_int_equal(l.twice, GEN_EBADSTATE);
    assert_true(pid > 0);
    assert_int_equal(loop_close(&loop), 0);
    assert_null(pool.pool__loop);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* all have been waited for */
    assert_int_equal(errno, ECHILD);
    assert_int_equal(process_pool_open(&pool, &loop, 1), LOOP_ECLOSED);
}

/* Other children are not the pool's to wait for. */
gen_declare(parent, void);
struct parent {
    struct gen gen;
    struct process_pool pool;
    struct process_job job;
    pid_t child;
    int status;
};
gen_define(parent)
{
    gen_begin();
    self->child = fork();
    assert_true(self->child >= 0);
    if (self->child == 0)
        _exit(7);
    assert_int_equal(process_pool_open(&self->pool, loop_running(), 2), 0);
    gen_try {
        process_pool_run(&self->pool, &self->job, leave, NULL, 0, NULL, 0);
    }
    gen_except (EXECUTOR_EDIED) {
    }
    gen_end_try
    process_pool_run(&self->pool, &self->job, nothing, NULL, 0, NULL, 0);
    process_pool_close(&self->pool);
    assert_int_equal(waitpid(self->child, &self->status, 0), self->child);
    gen_end();
}

static void other_children_are_left_alone(void **state)
{
    struct parent p = {.status = 0};
    (void)state;
    assert_int_equal(loop_run(parent_any(&p)), 0);
    assert_true(WIFEXITED(p.status));
    assert_int_equal(WEXITSTATUS(p.status), 7);
}

#define GATED(function) cmocka_unit_test_setup_teardown(function, make_gates, remove_gates)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(large_jobs_come_back),
        TEST(a_failed_job_raises),
        TEST(a_map_raises_the_first),
        TEST(a_dead_worker_is_replaced),
        TEST(a_death_in_a_transfer_is_raised),
        TEST(what_cannot_be_had_is_said),
        GATED(a_cancel_ends_the_wait_at_once),
        GATED(a_close_raises_in_all_jobs),
        GATED(a_shutdown_waits_for_all_jobs),
        TEST(a_cancelled_transfer_harms_no_other),
        TEST(a_closing_loop_closes_its_pools),
        TEST(other_children_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
