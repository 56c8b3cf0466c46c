/* SHA-256 of a dozen 1 MiB arrays, in a pool of processes. Usage: sha256 [workers]. In Python:
 *
 *     with futures.ProcessPoolExecutor(workers) as executor:
 *         actual_workers = executor._max_workers
 *         to_do = (executor.submit(sha, SIZE) for i in range(JOBS))
 *         for future in futures.as_completed(to_do):
 *             res = future.result()
 *             print(res)
 *
 * Each job fills its array with numbers of a generator of its own, not of randrange, so that the
 * digests are the same in each run. The digests are OpenSSL's, as hashlib's are.
 *
 * Link: -lcrypto
 * Needs: openssl/ssl.h */
#include <openssl/evp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "examples/status.h"
#include "loop/process_pool.h"
#include "task/wait.h"

enum { JOBS = 12, SIZE = 1 << 20, DIGEST = 32, MAX_WORKERS = 64 };

enum { SHA_EFAILED = GEN_EUSER };

/* What a worker gets, and what it gives back. */
struct job {
    uint32_t seed;
    size_t size;
};

/* In a worker: data = bytearray(...); hashlib.new('sha256') */
static int sha(const void *in, size_t in_size, void *out, size_t *out_size)
{
    const struct job *job = (const struct job *)in;
    uint32_t x = job->seed;
    unsigned char *data = (unsigned char *)malloc(job->size);
    unsigned int size = 0;
    int well;
    (void)in_size;
    if (data == NULL)
        return ENOMEM;
    for (size_t i = 0; i < job->size; i++) {
        x = x * 1664525u + 1013904223u;
        data[i] = (unsigned char)(x >> 24);
    }
    well = EVP_Digest(data, job->size, (unsigned char *)out, &size, EVP_sha256(), NULL);
    free(data);
    *out_size = size;
    return well ? 0 : SHA_EFAILED;
}

/* executor.submit(sha, SIZE): a task for each, as a pool's function is waited for in one. */
gen_declare(submit, void);
struct submit {
    struct gen gen;
    struct process_pool *executor;
    struct job in;
    struct process_job job;
    unsigned char result[DIGEST];
};
gen_define(submit)
{
    gen_begin();
    process_pool_run(self->executor, &self->job, sha, &self->in, sizeof self->in, self->result,
                     sizeof self->result);
    gen_end();
}

gen_declare(program, void);
struct program {
    struct gen gen;
    struct gen_unwind unwind[3];
    size_t workers, actual_workers;
    struct process_pool executor;
    struct submit jobs[JOBS];
    struct task tasks[JOBS];
    struct task_slot slots[JOBS], *future;
    struct task_completed to_do;
    struct task_group group;
};
gen_define(program)
{
    struct gen_exc error;
    gen_begin();
    self->executor = (struct process_pool){0};
    if ((error.code = process_pool_open(&self->executor, loop_running(), self->workers)) != 0)
        gen_raise(error.code, "no workers");
    self->actual_workers = self->executor.workers;
    gen_try_finally {
        task_group (&self->group) {
            for (size_t i = 0; i < JOBS; i++) {
                self->jobs[i].executor = &self->executor;
                self->jobs[i].in = (struct job){.seed = (uint32_t)i, .size = SIZE};
                task_group_start(&self->group, &self->tasks[i], submit_any(&self->jobs[i]), NULL);
                self->slots[i].future = &self->tasks[i].future;
            }
            task_as_completed(&self->to_do, self->slots, JOBS);
            gen_for_await (self->future, task_completed, &self->to_do) {
                const struct submit *const job = &self->jobs[self->future - self->slots];
                error = task_error(self->future->future);
                if (error.code != 0)
                    gen_raise(error.code, error.text);
                for (size_t i = 0; i < job->job.out_size; i++)
                    printf("%02x", (unsigned)job->result[i]);
                printf("\n");
            }
            gen_end_for
        }
        task_end_group
    }
    gen_finally {
        process_pool_close(&self->executor);
    }
    gen_end_finally
    gen_end();
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    static struct program program;
    const double t0 = seconds_now();
    int code;
    if (argc == 2) {
        char *end;
        const long workers = strtol(argv[1], &end, 10);
        if (end == argv[1] || *end != '\0' || workers < 1 || workers > MAX_WORKERS)
            argc = 3;
        program.workers = (size_t)workers;
    }
    if (argc > 2) {
        fprintf(stderr, "usage: %s [workers], 1 to %d\n", argv[0], MAX_WORKERS);
        return 2;
    }
    code = loop_run(program_any(&program));
    if (code == SHA_EFAILED) {
        fprintf(stderr, "sha256: OpenSSL does not hash\n");
        return 1;
    }
    if (code == 0)
        printf("%zu workers, elapsed time: %.2fs\n", program.actual_workers, seconds_now() - t0);
    return exit_status("sha256", code);
}
