/* Downloads twenty flags in tasks, some of them at a time, and counts how they went.
 * Usage: flags_tasks [-v] [-l LIMIT] [-m CONCURRENT] base_url directory. In Python:
 *
 *     async def download_one(cc, base_url, semaphore, verbose):
 *         try:
 *             async with semaphore:
 *                 image = await get_flag(base_url, cc)
 *         except web.HTTPNotFound: ...
 *         except Exception as exc:
 *             raise FetchError(cc) from exc
 *
 *     for future in tqdm.tqdm(asyncio.as_completed(to_do), total=len(cc_list)): ...
 *
 * A flag is saved by a thread, as a disk may be slow; a save that fails counts as an error too.
 *
 * Link: -lcurl
 * Needs: curl/curl.h */
#include <getopt.h>
#include <unistd.h>

#include "examples/http/flags_fetch.h"
#include "examples/status.h"
#include "loop/executor.h"
#include "task/lock.h"
#include "task/wait.h"

/* Low, to avoid errors from the remote site, such as 503 - Service Temporarily Unavailable. */
enum { DEFAULT_CONCUR_REQ = 5, MAX_CONCUR_REQ = 1000 };

enum { FETCH_ERROR = GEN_EUSER };

enum http_status { STATUS_OK, STATUS_NOT_FOUND, STATUS_ERROR, STATUSES };

struct options {
    const char *base_url, *directory;
    long limit, concur_req;
    bool verbose;
};

gen_declare(download_one, void);
struct download_one {
    struct gen gen;
    struct gen_unwind unwind[2];
    const struct options *options;
    const char *cc;
    struct task_semaphore *semaphore;
    struct get_flag_async get;
    struct loop_work save;
    struct gen_exc cause; /* of a FETCH_ERROR */
    enum http_status result;
};

static int save(void *arg)
{
    struct download_one *d = (struct download_one *)arg;
    return save_flag(&d->get.fetch.body, d->options->directory, d->cc);
}

gen_define(download_one)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            task_with_semaphore (self->semaphore) {
                gen_await(get_flag_async, &self->get);
            }
            task_end_semaphore
            loop_to_thread(&self->save, save, self);
            self->result = STATUS_OK;
        }
        gen_except (HTTP_NOT_FOUND) {
            self->result = STATUS_NOT_FOUND;
        }
        gen_except_any {
            self->cause = gen_caught;
            gen_raise(FETCH_ERROR, self->cc); /* raise FetchError(cc) from exc */
        }
        gen_end_try
    }
    gen_finally {
        fetch_free(&self->get.fetch);
    }
    gen_end_finally
    if (self->options->verbose)
        printf("%s %s\n", self->cc, self->result == STATUS_OK ? "OK" : "not found");
    gen_end();
}

/* exc.__cause__, in the most words there are. */
static const char *cause(const struct download_one *d)
{
    if (d->get.fetch.why[0] != '\0')
        return d->get.fetch.why;
    return d->cause.text ? d->cause.text : loop_error_name(d->cause.code);
}

/* On a terminal only. */
static void show_progress(size_t done, size_t total)
{
    enum { WIDTH = 40 };
    static const char full[] = "########################################";
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r%3zu%%|%-*.*s| %zu/%zu%s", done * 100 / total, WIDTH,
            (int)(done * WIDTH / total), full, done, total, done == total ? "\n" : "");
}

gen_declare(downloader, void);
struct downloader {
    struct gen gen;
    struct gen_unwind unwind[3];
    struct options options;
    struct fetch_session session;
    struct task_semaphore semaphore;
    size_t total, done;
    struct download_one downloads[POP20];
    struct task to_do[POP20];
    struct task_slot slots[POP20], *slot;
    struct task_completed completed;
    struct task_wait wait;
    struct task_scope shield;
    size_t counter[STATUSES];
};

static void start_all(struct downloader *self, struct loop *loop)
{
    for (size_t i = 0; i < self->total; i++) {
        struct download_one *d = &self->downloads[i];
        d->options = &self->options;
        d->semaphore = &self->semaphore;
        d->cc = d->get.cc = pop20_cc[i];
        d->get.base_url = self->options.base_url;
        d->get.session = &self->session;
        task_start(&loop->scheduler, &self->to_do[i], download_one_any(d), d->cc);
        self->slots[i].future = &self->to_do[i].future;
    }
}

gen_define(downloader)
{
    gen_begin();
    self->total = (size_t)self->options.limit;
    task_semaphore_init(&self->semaphore, (uint32_t)self->options.concur_req, UINT32_MAX);
    if (fetch_session_open(&self->session, loop_running(), 0) != 0)
        gen_raise(ENOMEM);
    self->session.limit = FLAG_LIMIT;
    gen_try_finally {
        start_all(self, loop_running());
        task_as_completed(&self->completed, self->slots, self->total);
        gen_for_await (self->slot, task_completed, &self->completed) {
            const struct download_one *d = &self->downloads[self->slot - self->slots];
            const struct gen_exc exc = task_error(self->slot->future);
            if (exc.code != 0 && self->options.verbose)
                printf("*** Error for %s: %s\n", exc.text, cause(d));
            self->counter[exc.code == 0 ? d->result : STATUS_ERROR]++;
            self->done++;
            if (!self->options.verbose)
                show_progress(self->done, self->total);
        }
        gen_end_for
    }
    gen_finally { /* interrupted: none goes on */
        for (size_t i = 0; i < self->total; i++)
            task_cancel(&self->to_do[i]);
        task_shield (&self->shield) {
            task_wait(&self->wait, self->slots, self->total, TASK_ALL_COMPLETED);
        }
        task_end_scope
        fetch_session_close(&self->session);
    }
    gen_end_finally
    gen_end();
}

/* A number from 1 to `most`; 0: it is none. */
static long number(const char *text, long most)
{
    char *end;
    long value = strtol(text, &end, 10);
    return end == text || *end != '\0' || value < 1 || value > most ? 0 : value;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {{"verbose", no_argument, NULL, 'v'},
                                          {"limit", required_argument, NULL, 'l'},
                                          {"max-req", required_argument, NULL, 'm'},
                                          {NULL, 0, NULL, 0}};
    int c;
    options->limit = POP20;
    options->concur_req = DEFAULT_CONCUR_REQ;
    while ((c = getopt_long(argc, argv, "vl:m:", names, NULL)) != -1)
        if (c == 'v')
            options->verbose = true;
        else if (c == 'l')
            options->limit = number(optarg, POP20);
        else if (c == 'm')
            options->concur_req = number(optarg, MAX_CONCUR_REQ);
        else
            return false;
    if (argc - optind != 2 || options->limit == 0 || options->concur_req == 0)
        return false;
    options->base_url = argv[optind];
    options->directory = argv[optind + 1];
    return strlen(options->base_url) < FLAG_URL && strlen(options->directory) < FLAG_URL;
}

int main(int argc, char **argv)
{
    static struct downloader downloader;
    const double t0 = seconds_now();
    int code;
    if (!parse_options(argc, argv, &downloader.options)) {
        fprintf(stderr,
                "usage: %s [options] base_url directory\n"
                "  -v, --verbose          tell of each flag\n"
                "  -l, --limit N          only the first N flags, 1 to %d\n"
                "  -m, --max-req N        N requests at once, 1 to %d (%d)\n",
                argv[0], POP20, MAX_CONCUR_REQ, DEFAULT_CONCUR_REQ);
        return 2;
    }
    if (http_init() != CURLE_OK) {
        fprintf(stderr, "flags_tasks: libcurl does not start\n");
        return 1;
    }
    code = loop_run(downloader_any(&downloader));
    http_exit();
    printf("%zu flags downloaded.\n%zu not found.\n%zu errors.\nElapsed time: %.2fs\n",
           downloader.counter[STATUS_OK], downloader.counter[STATUS_NOT_FOUND],
           downloader.counter[STATUS_ERROR], seconds_now() - t0);
    if (code == 0 && downloader.counter[STATUS_ERROR] > 0)
        fprintf(stderr, "flags_tasks: not all could be downloaded\n");
    code = exit_status("flags_tasks", code);
    return code != 0 ? code : downloader.counter[STATUS_ERROR] > 0;
}
