/* Downloads twenty flags in threads: a pool's map, then submit and as_completed for five of them.
 * Usage: flags_threads base_url directory. In Python:
 *
 *     with futures.ThreadPoolExecutor(workers) as executor:
 *         res = executor.map(download_one, sorted(cc_list))
 *
 *     with futures.ThreadPoolExecutor(max_workers=3) as executor:
 *         for cc in sorted(cc_list):
 *             future = executor.submit(download_one, cc)
 *             print('Scheduled for {}: {}'.format(cc, future))
 *         for future in futures.as_completed(to_do):
 *             print('{} result: {!r}'.format(future, future.result()))
 *
 * Here it is a task that waits for the threads. Ctrl-C takes back what has not begun, and tells the
 * threads to stop, as nobody else can stop them.
 *
 * Link: -lcurl
 * Needs: curl/curl.h */
#include "examples/http/flags.h"
#include "loop/executor.h"
#include "loop/signal.h"
#include "task/wait.h"

enum { MAX_WORKERS = 20, FEW = 5, FEW_WORKERS = 3 };
enum { FLAG_EFAILED = GEN_EUSER }; /* see download.why */

static atomic_bool interrupted;

static int stopped(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)arg, (void)a, (void)b, (void)c, (void)d;
    return atomic_load(&interrupted);
}

struct download {
    const char *cc, *base_url, *directory;
    char why[CURL_ERROR_SIZE]; /* it failed; "": it did not */
};

/* In a thread. */
static int download_one(void *arg)
{
    struct download *d = (struct download *)arg;
    struct http_body image = {.limit = FLAG_LIMIT};
    int code;
    if (!get_flag(&image, d->base_url, d->cc, stopped, d->why))
        return FLAG_EFAILED;
    show(d->cc);
    code = save_flag(&image, d->directory, d->cc);
    http_body_free(&image);
    if (code != 0)
        snprintf(d->why, sizeof d->why, "%s: %s", d->directory, strerror(code));
    return code == 0 ? 0 : FLAG_EFAILED;
}

static void downloads_init(struct download *downloads, int count, const char *base_url,
                           const char *directory)
{
    for (int i = 0; i < count; i++)
        downloads[i] = (struct download){
            .cc = pop20_cc[i], .base_url = base_url, .directory = directory, .why = ""};
}

/* The first, as it is the one that map raises. */
static void print_failure(const struct download *downloads, int count)
{
    int i = 0;
    while (i < count && downloads[i].why[0] == '\0')
        i++;
    if (i < count && !atomic_load(&interrupted))
        fprintf(stderr, "\nflags_threads: %s: %s\n", downloads[i].cc, downloads[i].why);
}

/* executor.map */
gen_declare(download_many, void);
struct download_many {
    struct gen gen;
    struct gen_unwind unwind[1];
    const char *base_url, *directory;
    double t0;
    struct loop_executor executor;
    struct loop_work work;
    struct download downloads[POP20];
};
gen_define(download_many)
{
    int code;
    gen_begin();
    self->t0 = seconds_now();
    code = loop_executor_open(&self->executor, MAX_WORKERS);
    if (code != 0)
        gen_raise(code);
    downloads_init(self->downloads, POP20, self->base_url, self->directory);
    gen_try_finally {
        loop_map(&self->executor, &self->work, download_one, self->downloads, POP20,
                 sizeof self->downloads[0]);
        printf("\n%d flags downloaded in %.2fs\n", POP20, seconds_now() - self->t0);
    }
    gen_finally {
        print_failure(self->downloads, POP20);
        loop_executor_shutdown(&self->executor, true, true);
    }
    gen_end_finally
    gen_end();
}

/* executor.submit and as_completed */
gen_declare(download_few, void);
struct download_few {
    struct gen gen;
    struct gen_unwind unwind[2];
    const char *base_url, *directory;
    struct loop_executor executor;
    struct loop_work works[FEW];
    struct download downloads[FEW];
    struct task_slot slots[FEW], *slot;
    struct task_completed completed;
    int i;
};
gen_define(download_few)
{
    int code;
    gen_begin();
    code = loop_executor_open(&self->executor, FEW_WORKERS);
    if (code != 0)
        gen_raise(code);
    downloads_init(self->downloads, FEW, self->base_url, self->directory);
    gen_try_finally {
        for (int i = 0; i < FEW; i++) {
            code = loop_submit(&self->executor, loop_running(), &self->works[i], download_one,
                               &self->downloads[i]);
            if (code != 0)
                gen_raise(code);
            printf("Scheduled for %s: <work state=%s>\n", self->downloads[i].cc,
                   loop_work_state_name(loop_work_state(&self->works[i])));
            self->slots[i].future = &self->works[i].future;
        }
        task_as_completed(&self->completed, self->slots, FEW);
        gen_for_await (self->slot, task_completed, &self->completed) {
            const struct gen_exc failed = task_error(self->slot->future);
            self->i = (int)(self->slot - self->slots);
            if (failed.code != 0)
                gen_raise(failed.code, failed.text);
            printf("<work state=%s> result: %s\n",
                   loop_work_state_name(loop_work_state(&self->works[self->i])),
                   self->downloads[self->i].cc);
        }
        gen_end_for
    }
    gen_finally {
        for (int i = 0; i < FEW; i++)
            loop_work_cancel(&self->works[i]);
        for (self->i = 0; self->i < FEW; self->i++)
            loop_work_join(&self->works[self->i]);
        print_failure(self->downloads, FEW);
        loop_executor_shutdown(&self->executor, true, true);
    }
    gen_end_finally
    gen_end();
}

static void interrupt(void *task)
{
    atomic_store(&interrupted, true);
    task_cancel((struct task *)task);
}

gen_declare(both, void);
struct both {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct loop_signal_handler interrupt;
    struct download_many many;
    struct download_few few;
};
gen_define(both)
{
    int code;
    gen_begin();
    code = loop_add_signal_handler(loop_running(), &self->interrupt, SIGINT, interrupt,
                                   task_current());
    if (code != 0)
        gen_raise(code);
    gen_try_finally {
        gen_await(download_many, &self->many);
        gen_await(download_few, &self->few);
    }
    gen_finally {
        loop_remove_signal_handler(&self->interrupt);
    }
    gen_end_finally
    gen_end();
}

int main(int argc, char **argv)
{
    static struct both both;
    int code;
    if (argc != 3 || strlen(argv[1]) >= FLAG_URL || strlen(argv[2]) >= FLAG_URL) {
        fprintf(stderr, "usage: %s base_url directory\n", argv[0]);
        return 2;
    }
    both.many.base_url = both.few.base_url = argv[1];
    both.many.directory = both.few.directory = argv[2];
    if (http_init() != CURLE_OK) {
        fprintf(stderr, "flags_threads: libcurl does not start\n");
        return 1;
    }
    code = loop_run(both_any(&both));
    http_exit();
    if (atomic_load(&interrupted))
        fprintf(stderr, "\nflags_threads: interrupted\n");
    else if (code != 0 && code != FLAG_EFAILED)
        fprintf(stderr, "flags_threads: %s\n", loop_error_name(code));
    return atomic_load(&interrupted) ? 128 + SIGINT : code != 0;
}
