/* Processes: start, plumb, communicate, wait, signals, ends; with pidfds, and again without. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#endif

#include "loop/process.h"
#include "loop_scene.h"

enum { MIB = 1 << 20 };

/* Neither a descriptor nor a zombie is left. */
static int after_process(void **state)
{
    if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD) {
        printf("a child is left\n");
        return -1;
    }
    return after_test(state);
}

#define PROCESS_TEST(function) cmocka_unit_test_setup_teardown(function, before_test, after_process)

/* -- One process, from its start to its end ---------------------------------------------------- */

gen_declare(job, void);
struct job {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope net;
    struct process process;
    struct process_communicate io;
    char *const *argv;
    struct process_options with;
    int returncode, waited;
    int closed, aside[3]; /* which of our 0, 1 and 2 are closed meanwhile, as bits */
    int low;              /* how many of these were open again */
    char out[512], err[512];
};

static void close_stdio(struct job *j)
{
    for (int i = 0; i < 3; i++)
        if (j->closed >> i & 1) {
            j->aside[i] = fcntl(i, F_DUPFD_CLOEXEC, 100);
            (void)close(i);
        }
}

static void reopen_stdio(struct job *j)
{
    for (int i = 0; i < 3; i++)
        if (j->closed >> i & 1) {
            j->low += fcntl(i, F_GETFD) != -1;
            (void)dup2(j->aside[i], i);
            (void)close(j->aside[i]);
        }
}

gen_define(job)
{
    gen_begin();
    close_stdio(self);
    if (self->io.out.data == NULL) {
        self->io.out.data = self->out;
        self->io.out.room = sizeof self->out;
    }
    self->io.err.data = self->err;
    self->io.err.room = sizeof self->err;
    self->returncode = self->waited = 9999;
    task_timeout (&self->net, 20) {
        gen_try_finally {
            if (self->with.shell != NULL)
                process_shell(&self->process, self->with.shell, .in = self->with.in,
                              .out = self->with.out, .err = self->with.err, .env = self->with.env,
                              .cwd = self->with.cwd);
            else
                process_exec(&self->process, self->argv, .in = self->with.in, .out = self->with.out,
                             .err = self->with.err, .keep_fds = self->with.keep_fds,
                             .new_session = self->with.new_session, .cwd = self->with.cwd);
            reopen_stdio(self);
            process_communicate(&self->io, &self->process);
            process_wait(self->waited, &self->process);
        }
        gen_finally {
            self->returncode = self->process.returncode;
            process_close(&self->process);
        }
        gen_end_finally
    }
    task_end_scope
    gen_end();
}

static int run(struct job *j)
{
    return loop_run(job_any(j));
}

#define ARGV(...) ((char *[]){__VA_ARGS__, NULL})

static void exit_codes(void **state)
{
    static const struct {
        char *argv[4];
        int returncode;
    } programs[] = {
        {{"true", NULL}, 0},
        {{"false", NULL}, 1},
        {{"/bin/true", NULL}, 0},
        {{"sh", "-c", "exit 3", NULL}, 3},
        {{"sh", "-c", "exit 255", NULL}, 255},
        {{"sh", "-c", "kill -9 $$", NULL}, -SIGKILL},
        {{"sh", "-c", "kill -TERM $$", NULL}, -SIGTERM},
    };
    (void)state;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        struct job j = {.argv = programs[i].argv};
        assert_int_equal(run(&j), 0);
        assert_int_equal(j.returncode, programs[i].returncode);
        assert_int_equal(j.waited, programs[i].returncode);
    }
}

static void failed_starts_are_raised(void **state)
{
    char *none[] = {NULL};
    const struct {
        struct job job;
        int code;
    } cases[] = {
        {{.argv = ARGV("/no/such/program")}, ENOENT},
        {{.argv = ARGV("no-such-program")}, ENOENT},
        {{.argv = ARGV("/etc/passwd")}, EACCES},
        {{.argv = ARGV("/dev/null/true")}, ENOTDIR},
        {{.argv = ARGV("true"), .with = {.cwd = "/no/such/place"}}, ENOENT},
        {{.argv = ARGV("true"), .with = {.cwd = "/etc/passwd"}}, ENOTDIR},
        {{.argv = ARGV("true"), .with = {.in = 12345}}, EBADF},
        {{.argv = ARGV("true"), .with = {.out = PROCESS_STDOUT}}, EINVAL},
        {{.argv = ARGV("true"), .with = {.in = PROCESS_PIPE, .out = -4}}, EINVAL},
        {{.argv = none}, EINVAL},
        {{.argv = NULL}, EINVAL},
        {{.argv = ARGV("/no/such/program"),
          .with = {.in = PROCESS_PIPE, .out = PROCESS_PIPE, .err = PROCESS_PIPE}},
         ENOENT},
        {{.argv = ARGV("true"), .io = {.input = "x", .input_size = 1}}, EBADF},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct job j = cases[i].job;
        assert_int_equal(run(&j), cases[i].code);
    }
}

static void environment_and_directory(void **state)
{
    char *env[] = {"MINE=mine", "PATH=/usr/bin:/bin", NULL};
    struct job j = {.with = {.shell = "pwd; echo $MINE $OURS",
                             .cwd = "/",
                             .env = env,
                             .out = PROCESS_PIPE}},
               k = {.with = {.shell = "echo $OURS", .out = PROCESS_PIPE}};
    (void)state;
    assert_int_equal(setenv("OURS", "ours", 1), 0);
    assert_int_equal(run(&j), 0);
    assert_string_equal(j.out, "/\nmine\n");
    assert_int_equal(run(&k), 0);
    assert_string_equal(k.out, "ours\n");
}

static void new_session(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct job j = {.argv = ARGV("cut", "-d ", "-f1,6", "/proc/self/stat"),
                        .with = {.new_session = i, .out = PROCESS_PIPE}};
        long pid = 0, session = 0;
        assert_int_equal(run(&j), 0);
        assert_int_equal(sscanf(j.out, "%ld %ld", &pid, &session), 2);
        assert_int_equal(session, i ? pid : (long)getsid(0));
    }
}

/* -- Communicating ----------------------------------------------------------------------------- */

static char sent[10 * MIB], got[10 * MIB + 1];

static void ten_mebibytes_through_cat(void **state)
{
    struct job j = {.argv = ARGV("cat"),
                    .with = {.in = PROCESS_PIPE, .out = PROCESS_PIPE},
                    .io = {.input = sent, .input_size = sizeof sent}};
    (void)state;
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (char)(i * 2654435761U >> 13);
    memset(got, 0, sizeof got);
    j.io.out.data = got;
    j.io.out.room = sizeof sent; /* to the byte */
    assert_int_equal(run(&j), 0);
    assert_int_equal(j.returncode, 0);
    assert_int_equal(j.io.out.size, sizeof sent);
    assert_memory_equal(got, sent, sizeof sent);
}

static void both_outputs(void **state)
{
    struct job j = {.with = {.shell = "echo out; echo err >&2; cat >&2",
                             .in = PROCESS_PIPE,
                             .out = PROCESS_PIPE,
                             .err = PROCESS_PIPE},
                    .io = {.input = "in", .input_size = 2}};
    (void)state;
    assert_int_equal(run(&j), 0);
    assert_string_equal(j.out, "out\n");
    assert_string_equal(j.err, "err\nin");
    assert_int_equal(j.io.err.size, 6);
}

static void stderr_goes_where_stdout_does(void **state)
{
    struct job j = {.with = {.shell = "echo 1; echo 2 >&2; echo 3",
                             .out = PROCESS_PIPE,
                             .err = PROCESS_STDOUT}},
               k = {.with = {.shell = "echo 1; echo 2 >&2; cat; echo 3",
                             .in = PROCESS_NULL,
                             .out = PROCESS_NULL,
                             .err = PROCESS_PIPE}};
    (void)state;
    assert_int_equal(run(&j), 0);
    assert_string_equal(j.out, "1\n2\n3\n");
    assert_int_equal(j.io.err.size, 0);
    assert_int_equal(run(&k), 0);
    assert_int_equal(k.io.out.size, 0);
    assert_string_equal(k.err, "2\n");
}

static void what_there_is_no_room_for_is_read(void **state)
{
    char small[4];
    struct job j = {.with = {.shell = "printf 0123456789; head -c 1000000 /dev/zero; exit 5",
                             .out = PROCESS_PIPE},
                    .io = {.out = {.data = small, .room = sizeof small}}};
    (void)state;
    assert_int_equal(run(&j), PROCESS_ELIMIT);
    assert_int_equal(j.io.out.size, 1000010);
    assert_memory_equal(small, "0123", 4);
    assert_int_equal(j.returncode, 5);
    assert_memory_equal(loop_error_name(PROCESS_ELIMIT), "PROCESS_ELIMIT: ", 16);
}

/* The child does not want what it is given. */
static void stdin_is_closed_early(void **state)
{
    char *const *programs[] = {ARGV("true"), ARGV("sh", "-c", "exec <&-; echo closed; exit 4")};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct job j = {.argv = programs[i],
                        .with = {.in = PROCESS_PIPE, .out = PROCESS_PIPE},
                        .io = {.input = sent, .input_size = MIB}};
        assert_int_equal(run(&j), 0);
        assert_int_equal(j.returncode, i ? 4 : 0);
        assert_string_equal(j.out, i ? "closed\n" : "");
    }
}

/* A cancel leaves what has come, and what is to come. */
gen_declare(twice, void);
struct twice {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope net, scope;
    struct process process;
    struct process_communicate io;
    int to[2];
    char first[8], second[8];
    struct task task;
    struct watcher {
        struct gen gen;
        struct twice *of;
    } watcher;
};
gen_declare(watcher, void);
gen_define(watcher)
{
    gen_begin();
    gen_wait_until(self->of->io.out.size == 3);
    task_scope_cancel(&self->of->scope);
    gen_end();
}
gen_define(twice)
{
    gen_begin();
    assert_int_equal(pipe2(self->to, O_CLOEXEC), 0);
    self->watcher.of = self;
    task_timeout (&self->net, 20) {
        process_exec(&self->process, ARGV("cat"), .in = self->to[0], .out = PROCESS_PIPE);
        (void)close(self->to[0]);
        assert_int_equal(write(self->to[1], "one", 3), 3);
        start(loop_running(), &self->task, watcher_any(&self->watcher));
        self->io.out.data = self->first;
        self->io.out.room = sizeof self->first;
        task_scope (&self->scope) {
            process_communicate(&self->io, &self->process);
        }
        task_end_scope
        assert_int_equal(self->io.out.size, 3);
        assert_memory_equal(self->first, "one", 3);
        assert_int_equal(write(self->to[1], "two", 3), 3);
        (void)close(self->to[1]);
        self->io.out.data = self->second;
        process_communicate(&self->io, &self->process);
        assert_int_equal(self->io.out.size, 3);
        assert_memory_equal(self->second, "two", 3);
        assert_int_equal(self->process.returncode, 0);
    }
    task_end_scope
    gen_end();
}

static void a_cancelled_communicate_goes_on(void **state)
{
    struct twice t = {.to = {-1, -1}};
    (void)state;
    assert_int_equal(loop_run(twice_any(&t)), 0);
}

/* -- Waiting ----------------------------------------------------------------------------------- */

enum { WAITERS = 10 };

gen_declare(waiter, void);
struct waiter {
    struct gen gen;
    struct process *process;
    int code;
};
gen_define(waiter)
{
    gen_begin();
    process_wait(self->code, self->process);
    gen_end();
}

gen_declare(waited, void);
struct waited {
    struct gen gen;
    struct gen_unwind unwind[3];
    struct task_scope net, scope;
    struct task_group group;
    struct process process;
    struct task tasks[WAITERS];
    struct waiter waiters[WAITERS];
    int code;
    bool expired;
};
gen_define(waited)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        process_exec(&self->process, ARGV("sh", "-c", "read line; exit 6"), .in = PROCESS_PIPE);
        task_group (&self->group) {
            for (int i = 0; i < WAITERS; i++) {
                self->waiters[i].process = &self->process;
                (void)task_group_start(&self->group, &self->tasks[i], waiter_any(&self->waiters[i]),
                                       "waiter");
            }
            task_sleep(0);
            (void)task_cancel(&self->tasks[3]); /* is not the others' affair */
            task_move_on (&self->scope, 0) {
                process_wait(self->code, &self->process);
            }
            task_end_scope
            self->expired = task_scope_expired(&self->scope);
            assert_false(task_done(&self->process.future));
            stream_close(&self->process.in);
            process_wait(self->code, &self->process);
        }
        task_end_group
        task_await(&self->process.future); /* it is done, and stays so */
    }
    task_end_scope
    assert_int_equal(process_kill(&self->process), ESRCH);
    process_close(&self->process);
    gen_end();
}

static void ten_wait_and_cancels_lose_nothing(void **state)
{
    struct waited w = {.code = -1};
    (void)state;
    for (int i = 0; i < WAITERS; i++)
        w.waiters[i].code = -1;
    assert_int_equal(loop_run(waited_any(&w)), 0);
    assert_true(w.expired);
    assert_int_equal(w.code, 6);
    for (int i = 0; i < WAITERS; i++)
        assert_int_equal(w.waiters[i].code, i == 3 ? -1 : 6);
}

static void none_was_started(void **state)
{
    struct process p = {.pid = 0};
    struct waiter w = {.process = &p};
    (void)state;
    assert_int_equal(loop_run(waiter_any(&w)), GEN_EBADSTATE);
    assert_int_equal(process_terminate(&p), ESRCH);
    process_close(&p);
}

/* Many at once, of which each is told its own. */
enum { MANY = 40 };

gen_declare(many, void);
struct many {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope net;
    struct process all[MANY];
    char text[MANY][24];
    int count, i, code, wrong;
};
gen_define(many)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        for (self->i = 0; self->i < self->count; self->i++) {
            (void)snprintf(self->text[self->i], sizeof self->text[0], "exit %d", self->i);
            process_shell(&self->all[self->i], self->text[self->i]);
        }
        while (self->i-- > 0) {
            process_wait(self->code, &self->all[self->i]);
            self->wrong += self->code != self->i;
        }
    }
    task_end_scope
    gen_end();
}

static void each_is_told_its_own(void **state)
{
    struct many m = {.count = MANY};
    (void)state;
    assert_int_equal(loop_run(many_any(&m)), 0);
    assert_int_equal(m.wrong, 0);
}

static void *run_many(void *arg)
{
    static int failed = 1;
    struct many *m = arg;
    return loop_run(many_any(m)) == 0 && m->wrong == 0 ? NULL : &failed;
}

static void two_loops_in_two_threads(void **state)
{
    static struct many m[2];
    pthread_t threads[2];
    void *failed;
    (void)state;
    memset(m, 0, sizeof m);
    for (int i = 0; i < 2; i++) {
        m[i].count = 15;
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, &m[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

/* -- Other people's children ------------------------------------------------------------------- */

static void others_are_left_alone(void **state)
{
    struct many m = {.count = 10};
    struct job j = {.with = {.shell = "exit 3"}};
    int status = 0;
    siginfo_t info;
    const pid_t child = fork();
    (void)state;
    assert_true(child >= 0);
    if (child == 0)
        _exit(7);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(run(&j), 0);
    assert_int_equal(loop_run(many_any(&m)), 0);
    assert_int_equal(waitpid(child, &status, WNOHANG), child);
    assert_int_equal(WEXITSTATUS(status), 7);
}

static void a_lost_status_is_told(void **state)
{
    struct job j = {.argv = ARGV("true")};
    (void)state;
    assert_true(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    assert_int_equal(run(&j), ECHILD);
    assert_true(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
}

/* -- Signals ----------------------------------------------------------------------------------- */

gen_declare(signalled, void);
struct signalled {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope net;
    struct process process;
    int how, code;
};
gen_define(signalled)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        process_exec(&self->process, ARGV("cat"), .in = PROCESS_PIPE);
        assert_int_equal(process_send_signal(&self->process, 12345), EINVAL);
        assert_int_equal(process_send_signal(&self->process, 0), 0);
        assert_int_equal(self->how == 0   ? process_terminate(&self->process)
                         : self->how == 1 ? process_kill(&self->process)
                                          : process_send_signal(&self->process, SIGUSR2),
                         0);
        process_wait(self->code, &self->process);
        assert_int_equal(process_send_signal(&self->process, 0), ESRCH);
        process_close(&self->process);
    }
    task_end_scope
    gen_end();
}

static void signals_are_sent(void **state)
{
    const int codes[] = {-SIGTERM, -SIGKILL, -SIGUSR2};
    (void)state;
    for (int how = 0; how < 3; how++) {
        struct signalled s = {.how = how};
        assert_int_equal(loop_run(signalled_any(&s)), 0);
        assert_int_equal(s.code, codes[how]);
    }
}

/* No signal is blocked in the child; SIGPIPE is not ignored there, and what else is, is. */
static void dispositions_in_the_child(void **state)
{
    struct job j = {.argv = ARGV("sed", "-n", "/^Sig[BIC]/p", "/proc/self/status"),
                    .with = {.out = PROCESS_PIPE}};
    unsigned long long blocked = 1, ignored = 0, caught = 1;
    sigset_t some, before;
    void (*pipe_before)(int) = signal(SIGPIPE, SIG_IGN);
    void (*usr2_before)(int) = signal(SIGUSR2, SIG_IGN);
    (void)state;
    (void)sigemptyset(&some);
    (void)sigaddset(&some, SIGUSR1);
    (void)sigaddset(&some, SIGTERM);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &some, &before), 0);
    assert_int_equal(run(&j), 0);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
    (void)signal(SIGPIPE, pipe_before);
    (void)signal(SIGUSR2, usr2_before);
    assert_int_equal(
        sscanf(j.out, "SigBlk: %llx SigIgn: %llx SigCgt: %llx", &blocked, &ignored, &caught), 3);
    assert_true(blocked == 0);
    assert_true(caught == 0);
    assert_true((ignored >> (SIGPIPE - 1) & 1) == 0);
    assert_true((ignored >> (SIGUSR2 - 1) & 1) == 1);
}

/* -- Descriptors ------------------------------------------------------------------------------- */

static void nothing_but_stdio_is_inherited(void **state)
{
    const int other = fcntl(0, F_DUPFD, 77); /* not close-on-exec */
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    char first[512] = "";
    (void)state;
    assert_int_equal(other, 77);
    for (int i = 0; i < 3; i++) {
        struct job j = {.argv = ARGV("ls", "/proc/self/fd"),
                        .with = {.in = i < 2 ? PROCESS_PIPE : null,
                                 .out = PROCESS_PIPE,
                                 .err = PROCESS_PIPE,
                                 .keep_fds = i > 0}};
        assert_int_equal(run(&j), 0);
        assert_string_equal(j.err, "");
        if (i == 0)
            assert_string_equal(j.out, "0\n1\n2\n3\n"); /* 3 is ls's own */
        else if (i == 1) {
            assert_non_null(strstr(j.out, "77\n"));
            (void)strcpy(first, j.out);
        } else
            assert_string_equal(j.out, first);
    }
    assert_int_equal(close(null), 0);
    assert_int_equal(close(other), 0);
}

/* Our own 0, 1 and 2 are closed, so that what is opened would come to lie there. */
static void stdio_may_be_closed(void **state)
{
    (void)state;
    (void)fflush(stdout);
    for (int closed = 0; closed < 8; closed++) {
        struct job j = {.with = {.shell = "cat; echo err >&2",
                                 .in = PROCESS_PIPE,
                                 .out = PROCESS_PIPE,
                                 .err = PROCESS_PIPE},
                        .io = {.input = "in", .input_size = 2},
                        .closed = closed};
        assert_int_equal(run(&j), 0);
        assert_int_equal(j.low, 0);
        assert_string_equal(j.out, "in");
        assert_string_equal(j.err, "err\n");
    }
}

/* stdout is our stderr, and stderr our stdout. */
static void stdio_may_be_exchanged(void **state)
{
    struct job j = {.with = {.shell = "echo out; echo err >&2", .out = 2, .err = 1}};
    int aside[3], ends[3][2], code;
    char one[8] = "", two[8] = "";
    (void)state;
    (void)fflush(stdout);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(pipe2(ends[i], O_CLOEXEC), 0);
        aside[i] = fcntl(i, F_DUPFD_CLOEXEC, 100);
        (void)dup2(ends[i][1], i);
    }
    code = run(&j);
    for (int i = 1; i < 3; i++) {
        (void)dup2(aside[i], i);
        (void)close(aside[i]);
        (void)close(ends[i][1]);
    }
    assert_int_equal(code, 0);
    assert_int_equal(read(ends[1][0], one, sizeof one - 1), 4);
    assert_int_equal(read(ends[2][0], two, sizeof two - 1), 4);
    assert_string_equal(one, "err\n");
    assert_string_equal(two, "out\n");
    for (int i = 1; i < 3; i++)
        (void)close(ends[i][0]);
}

/* -- Closing ----------------------------------------------------------------------------------- */

gen_declare(closer, void);
struct closer {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope net;
    struct process process;
    struct waiter waiter;
    struct task task;
    int code, raised;
    pid_t pid;
    bool wait_for_end;
};
gen_define(closer)
{
    gen_begin();
    task_timeout (&self->net, 20) {
        process_exec(&self->process, ARGV("sleep", "1000"), .in = PROCESS_PIPE,
                     .out = PROCESS_PIPE);
        self->pid = self->process.pid;
        RAISES(GEN_EBADSTATE, process_exec(&self->process, ARGV("cat")));
        self->waiter.process = &self->process;
        start(loop_running(), &self->task, waiter_any(&self->waiter));
        task_sleep(0);
        process_close(&self->process);
        process_close(&self->process);
        memset(&self->process, 0xa5, sizeof self->process); /* is ours again */
        gen_wait_until(task_done(&self->task.future));
        self->raised = task_error(&self->task.future).code;
        if (self->wait_for_end) /* the loop takes what is left of it */
            gen_wait_until(kill(self->pid, 0) != 0);
        for (size_t i = 0; i < sizeof self->process; i++)
            assert_int_equal(((const unsigned char *)&self->process)[i], 0xa5);
    }
    task_end_scope
    gen_end();
}

static void close_kills(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct closer c = {.wait_for_end = i};
        assert_int_equal(loop_run(closer_any(&c)), 0);
        assert_int_equal(c.raised, TASK_ECANCELLED);
    }
}

gen_declare(leaver, void);
struct leaver {
    struct gen gen;
    struct process all[3];
    int i;
};
gen_define(leaver)
{
    gen_begin();
    for (self->i = 0; self->i < 3; self->i++)
        process_exec(&self->all[self->i], ARGV("sleep", "1000"));
    gen_end();
}

static void count_exceptions(struct loop *loop, const struct loop_exception *e, void *arg)
{
    (void)loop;
    assert_int_equal(e->exc.code, GEN_EBADSTATE);
    ++*(int *)arg;
}

static void what_is_left_ends_with_the_loop(void **state)
{
    struct loop loop;
    struct leaver l = {.i = 0};
    int count = 0;
    (void)state;
    assert_int_equal(loop_open(&loop, NULL), 0);
    loop_set_exception_handler(&loop, count_exceptions, &count);
    assert_int_equal(loop_run_until_complete(&loop, leaver_any(&l)), 0);
    assert_int_equal(loop_close(&loop), 0);
    assert_int_equal(count, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(kill(l.all[i].pid, 0), -1);
}

/* A process may be used again, when it has been closed; who awaits it already, awaits the next. */
gen_declare(early, void);
struct early {
    struct gen gen;
    struct process *process;
    int returncode;
};
gen_define(early)
{
    gen_begin();
    task_await(&self->process->future);
    self->returncode = self->process->returncode;
    gen_end();
}

gen_declare(again, void);
struct again {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope net;
    struct process process;
    struct early early;
    struct task task;
    int i, code, refused;
};
gen_define(again)
{
    gen_begin();
    self->early.process = &self->process;
    start(loop_running(), &self->task, early_any(&self->early));
    task_sleep(0);
    task_timeout (&self->net, 20) {
        for (self->i = 0; self->i < 3; self->i++) {
            process_shell(&self->process, self->i == 1 ? "exit 1" : "exit 2", .in = PROCESS_PIPE);
            process_wait(self->code, &self->process);
            assert_int_equal(self->code, self->i == 1 ? 1 : 2);
            gen_try {
                process_exec(&self->process, ARGV("true"));
            }
            gen_except_any {
                self->refused += gen_caught.code == GEN_EBADSTATE;
            }
            gen_end_try
            process_close(&self->process);
        }
        task_await(&self->task.future);
    }
    task_end_scope
    gen_end();
}

static void a_process_may_be_used_again(void **state)
{
    struct again a = {.code = -1};
    (void)state;
    assert_int_equal(loop_run(again_any(&a)), 0);
    assert_int_equal(a.refused, 3);
    assert_int_equal(a.early.returncode, 2);
}

/* A cancelled task starts nothing. */
gen_declare(cancelled, void);
struct cancelled {
    struct gen gen;
    struct process process;
};
gen_define(cancelled)
{
    gen_begin();
    (void)task_cancel(task_current());
    process_exec(&self->process, ARGV("true"));
    gen_end();
}

static void the_cancelled_start_nothing(void **state)
{
    struct cancelled c = {.process = {.pid = 0}};
    (void)state;
    assert_int_equal(loop_run(cancelled_any(&c)), GEN_CANCELLED);
    assert_int_equal(c.process.pid, 0);
}

/* -- A kernel without pidfds ------------------------------------------------------------------- */

static bool without_pidfds;

/* From now on the two system calls give ENOSYS here. */
static bool forbid_pidfds(void)
{
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_send_signal)
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_send_signal, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof code / sizeof code[0], code};
    without_pidfds = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                     prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
#endif
    return without_pidfds;
}

/* Is the path tested that is meant? The thread that waits is one more; a pidfd one descriptor more. */
gen_declare(counted, void);
struct counted {
    struct gen gen;
    struct process process;
    int before, after, code;
};
gen_define(counted)
{
    gen_begin();
    self->before = open_descriptors();
    process_exec(&self->process, ARGV("sh", "-c", "read x"), .in = PROCESS_PIPE);
    self->after = open_descriptors();
    process_close(&self->process);
    gen_end();
}

static void the_path_is_the_one_meant(void **state)
{
    struct counted c = {.before = 0};
    bool pidfds = !without_pidfds;
    (void)state;
#ifdef SYS_pidfd_open
    if (pidfds) {
        const long fd = syscall(SYS_pidfd_open, getpid(), 0);
        pidfds = fd >= 0;
        if (pidfds)
            (void)close((int)fd);
    }
#else
    pidfds = false;
#endif
#ifdef LOOP_PORTABLE
    pidfds = false;
#endif
    assert_int_equal(loop_run(counted_any(&c)), 0);
    assert_int_equal(c.after - c.before, pidfds ? 2 : 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROCESS_TEST(the_path_is_the_one_meant),
        PROCESS_TEST(exit_codes),
        PROCESS_TEST(failed_starts_are_raised),
        PROCESS_TEST(environment_and_directory),
        PROCESS_TEST(new_session),
        PROCESS_TEST(ten_mebibytes_through_cat),
        PROCESS_TEST(both_outputs),
        PROCESS_TEST(stderr_goes_where_stdout_does),
        PROCESS_TEST(what_there_is_no_room_for_is_read),
        PROCESS_TEST(stdin_is_closed_early),
        PROCESS_TEST(a_cancelled_communicate_goes_on),
        PROCESS_TEST(ten_wait_and_cancels_lose_nothing),
        PROCESS_TEST(none_was_started),
        PROCESS_TEST(each_is_told_its_own),
        PROCESS_TEST(two_loops_in_two_threads),
        PROCESS_TEST(others_are_left_alone),
        PROCESS_TEST(a_lost_status_is_told),
        PROCESS_TEST(signals_are_sent),
        PROCESS_TEST(dispositions_in_the_child),
        PROCESS_TEST(nothing_but_stdio_is_inherited),
        PROCESS_TEST(stdio_may_be_closed),
        PROCESS_TEST(stdio_may_be_exchanged),
        PROCESS_TEST(close_kills),
        PROCESS_TEST(what_is_left_ends_with_the_loop),
        PROCESS_TEST(a_process_may_be_used_again),
        PROCESS_TEST(the_cancelled_start_nothing),
    };
    int failed = cmocka_run_group_tests_name("with pidfds", tests, NULL, NULL);
    if (forbid_pidfds())
        failed += cmocka_run_group_tests_name("without pidfds", tests, NULL, NULL);
    else
        printf("skipped: the kernel has no pidfds, or they cannot be forbidden\n");
    return failed;
}
