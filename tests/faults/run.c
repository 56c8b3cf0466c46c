/* faults [SCENARIO [CALL NUMBER FAULT]] - runs scenarios, each in a process of its own, with each of
 * the library's calls failing in turn; or with one of them, to see what comes of it. -l: lists them.
 * FAULTS_ALL in the environment: goes on after what is wrong, but for a crash or a hang. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

extern const struct scenario *const scenarios[];

enum { MOST_NOTES = 64, HUNG = 30 /* seconds */ };

static int notes[MOST_NOTES];
static size_t note_count;
static const char *violation;
static bool talkative;

static int open_descriptors(void)
{
    DIR *all = opendir("/proc/self/fd");
    int n = 0;
    while (all != NULL && readdir(all) != NULL)
        n++;
    if (all != NULL)
        (void)closedir(all);
    return n;
}

void note(int code)
{
    if (talkative)
        printf("  raised: %s\n", loop_error_name(code));
    if (note_count < MOST_NOTES)
        notes[note_count++] = code;
}

void violated(const char *what)
{
    if (talkative)
        printf("  violated: %s\n", what);
    if (violation == NULL)
        violation = what;
}

char sent[200000];

void expect_bytes(const char *data, size_t from, size_t size)
{
    if (memcmp(data, sent + from, size) != 0)
        violated("a wrong byte");
}

static void on_exception(struct loop *loop, const struct loop_exception *e, void *arg)
{
    (void)loop, (void)arg;
    if (talkative)
        printf("  reported: %s: %s\n", e->message, e->name ? e->name : "?");
    note(e->exc.code);
}

/* -- One run ----------------------------------------------------------------------------------- */

static bool noted(int code)
{
    for (size_t i = 0; i < note_count; i++)
        if (notes[i] == code)
            return true;
    return false;
}

static bool has_name(int code)
{
    const char *name = loop_error_name(code);
    return code > 0 && code < GEN_EUSER && strncmp(name, "Unknown", 7) != 0 &&
           strcmp(name, "an unknown code") != 0;
}

/* A broken connection says the one, and then the other. */
static bool is_of_the_end(int code)
{
    return code == ECONNRESET || code == EPIPE;
}

static bool noted_as(int code)
{
    return noted(code) || (is_of_the_end(code) && (noted(ECONNRESET) || noted(EPIPE)));
}

static void judge(const struct scenario *s, const struct fault *f)
{
    const bool complete = *s->complete;
    for (size_t i = 0; i < note_count; i++)
        if (!has_name(notes[i]))
            violated("an error without a name");
    if (noted(TASK_ETIMEOUT) && !(f != NULL && f->lasting && noted(f->code)))
        violated("it hangs");
    if (!complete && note_count == 0 && !(f != NULL && f->code != 0 && f->code == s->silent))
        violated("not complete, and nobody was told");
    if (f == NULL || f->harmless) {
        if (!complete)
            violated("what does no harm did some");
        for (size_t i = 0; i < note_count; i++) /* of a pause somebody may be told */
            if (f == NULL || !f->slow || notes[i] != f->code)
                violated("what does no harm was raised");
    }
    if (f != NULL && note_count > 0 && !noted_as(f->code) && !noted_as(s->instead[0]) &&
        !noted_as(s->instead[1]))
        violated("the error that was raised is another one");
}

/* What was violated, or NULL. */
static const char *run(const struct scenario *s, size_t call, unsigned number, size_t fault)
{
    static struct loop loop;
    const int descriptors = open_descriptors();
    const struct fault *f = NULL;
    int code;
    plan->call = call;
    plan->fault = fault;
    plan->number = number;
    atomic_store(&plan->injected, 0);
    for (size_t i = 0; i < MOST_CALLS; i++)
        atomic_store(&plan->calls[i], 0);
    atomic_store(&allocated, 0);
    note_count = 0;
    violation = NULL;
    (void)alarm(HUNG);
    code = loop_open(&loop, NULL);
    if (code == 0) {
        struct gen_any coroutine;
        if (s->before != NULL)
            s->before();
        coroutine = s->begin();
        loop_set_exception_handler(&loop, on_exception, NULL);
        atomic_store(&plan->armed, true);
        code = loop_run_until_complete(&loop, coroutine);
        if (code != 0)
            note(code);
        (void)loop_close(&loop);
        atomic_store(&plan->armed, false);
    } else
        note(code);
    (void)alarm(0);
    if (s->end != NULL)
        s->end();
    if (atomic_load(&plan->injected) > 0)
        f = &faulty_calls[call].faults[fault];
    judge(s, f);
    if (atomic_load(&allocated) != 0)
        violated("memory was lost, or released twice");
    if (open_descriptors() != descriptors)
        violated("a descriptor was lost");
    plan->runs++;
    plan->injected_in_all += f != NULL;
    return violation;
}

/* -- All runs of a scenario -------------------------------------------------------------------- */

static void print_run(const struct scenario *s, const char *what)
{
    const struct faulty_call *c = &faulty_calls[plan->call];
    if (plan->number == 0)
        printf("scenario %s, untouched: %s\n", s->name, what);
    else
        printf("scenario %s, call %s number %u, fault %s: %s\n", s->name, c->name, plan->number,
               c->faults[plan->fault].name, what);
    for (size_t i = 0; i < note_count; i++)
        printf("    %s\n", loop_error_name(notes[i]));
    (void)fflush(stdout);
}

/* Each call of one kind fails so, until there are no more. */
static int fail_each(const struct scenario *s, size_t call, size_t fault, unsigned usual)
{
    const struct fault *f = &faulty_calls[call].faults[fault];
    int failures = 0;
    for (unsigned number = 1;; number++) {
        const char *what;
        if (f->slow && number > 1 && number < usual)
            number = usual;
        what = run(s, call, number, fault);
        if (what != NULL) {
            print_run(s, what);
            failures++;
            if (getenv("FAULTS_ALL") == NULL)
                return failures;
        }
        if (atomic_load(&plan->calls[call]) < number || (f->slow && number >= usual))
            return failures;
    }
}

static int fail_all(const struct scenario *s)
{
    unsigned usual[MOST_CALLS];
    int failures = 0;
    for (int i = 0; i < 2; i++) { /* once more, as a first time may open what then stays */
        const char *what = run(s, 0, 0, 0);
        if (what != NULL && i > 0) {
            print_run(s, what);
            return 1;
        }
    }
    for (size_t call = 0; call < faulty_call_count; call++)
        usual[call] = atomic_load(&plan->calls[call]);
    for (size_t call = 0; call < faulty_call_count; call++)
        for (size_t fault = 0; usual[call] > 0 && fault < faulty_calls[call].count; fault++) {
            failures += fail_each(s, call, fault, usual[call]);
            if (failures > 0 && getenv("FAULTS_ALL") == NULL)
                return failures;
        }
    return failures;
}

/* -- Scenarios --------------------------------------------------------------------------------- */

/* In a process of its own: true if it went well. */
static bool try_scenario(const struct scenario *s)
{
    pid_t child;
    int status = 0;
    (void)fflush(stdout);
    plan->runs = plan->injected_in_all = 0;
    child = fork();
    if (child == 0) {
        if (s->prepare != NULL)
            s->prepare();
        exit(fail_all(s) == 0 ? 0 : 1);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
        note_count = 0;
        print_run(s,
                  WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "it hangs" : "it crashes");
    }
    printf("%-12s %5u runs, %5u faults%s\n", s->name, plan->runs, plan->injected_in_all,
           child > 0 && status == 0 ? "" : ": FAILED");
    return child > 0 && status == 0;
}

static int index_of_call(const char *name)
{
    for (size_t i = 0; i < faulty_call_count; i++)
        if (strcmp(faulty_calls[i].name, name) == 0)
            return (int)i;
    return -1;
}

static int index_of_fault(int call, const char *name)
{
    for (size_t i = 0; call >= 0 && i < faulty_calls[call].count; i++)
        if (strcmp(faulty_calls[call].faults[i].name, name) == 0)
            return (int)i;
    return -1;
}

static int one(const struct scenario *s, const char *call, const char *number, const char *fault)
{
    const int c = index_of_call(call), f = index_of_fault(c, fault);
    const char *what;
    if (f < 0) {
        printf("no such call or fault: %s %s\n", call, fault);
        return 2;
    }
    if (s->prepare != NULL)
        s->prepare();
    talkative = true;
    what = run(s, (size_t)c, (unsigned)atoi(number), (size_t)f);
    print_run(s, what ? what : "well");
    return what != NULL;
}

int main(int argc, char **argv)
{
    int failures = 0;
    plan = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (plan == MAP_FAILED)
        return 2;
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (char)(i * 2654435761U >> 13);
    for (size_t i = 0; scenarios[i] != NULL; i++) {
        if (argc > 1 && strcmp(argv[1], "-l") == 0)
            (void)puts(scenarios[i]->name);
        if (argc > 1 && strcmp(argv[1], scenarios[i]->name) != 0)
            continue;
        if (argc > 4)
            return one(scenarios[i], argv[2], argv[3], argv[4]);
        failures += !try_scenario(scenarios[i]);
    }
    return failures != 0;
}
