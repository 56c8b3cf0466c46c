/* Downloads twenty flags in tasks, all at once, and waits for all of them.
 * Usage: flags_wait base_url directory. In Python:
 *
 *     async def download_one(cc):
 *         image = await get_flag(cc)
 *         show(cc)
 *         save_flag(image, cc.lower() + '.gif')
 *
 *     to_do = [asyncio.create_task(download_one(cc)) for cc in sorted(cc_list)]
 *     done, _ = await asyncio.wait(to_do)
 *
 * wait raises nothing: what failed is to be asked for.
 *
 * Link: -lcurl
 * Needs: curl/curl.h */
#include "examples/http/flags_fetch.h"
#include "examples/status.h"
#include "loop/loop.h"
#include "task/wait.h"

gen_declare(download_one, void);
struct download_one {
    struct gen gen;
    struct gen_unwind unwind[1];
    const char *directory;
    struct get_flag_async get;
};
gen_define(download_one)
{
    int code;
    gen_begin();
    gen_await(get_flag_async, &self->get);
    show(self->get.cc);
    code = save_flag(&self->get.fetch.body, self->directory, self->get.cc);
    fetch_free(&self->get.fetch);
    if (code != 0)
        gen_raise(code);
    gen_end();
}

gen_declare(download_many, void);
struct download_many {
    struct gen gen;
    struct gen_unwind unwind[2];
    const char *base_url, *directory;
    struct fetch_session session;
    struct download_one downloads[POP20];
    struct task to_do[POP20];
    struct task_slot slots[POP20];
    struct task_wait wait;
    struct task_scope shield;
    int result;
};

static void start_all(struct download_many *self, struct loop *loop)
{
    for (int i = 0; i < POP20; i++) {
        struct download_one *d = &self->downloads[i];
        d->directory = self->directory;
        d->get.session = &self->session;
        d->get.base_url = self->base_url;
        d->get.cc = pop20_cc[i];
        task_start(&loop->scheduler, &self->to_do[i], download_one_any(d), d->get.cc);
        self->slots[i].future = &self->to_do[i].future;
    }
}

/* How many went well; of the others it is told why. */
static int count_done(struct download_many *self)
{
    int count = 0;
    for (int i = 0; i < POP20; i++) {
        const struct gen_exc exc = task_error(&self->to_do[i].future);
        const char *why = self->downloads[i].get.fetch.why;
        if (exc.code == 0)
            count++;
        else
            fprintf(stderr, "\nflags_wait: %s: %s\n", pop20_cc[i],
                    why[0] != '\0' ? why : loop_error_name(exc.code));
    }
    return count;
}

gen_define(download_many)
{
    gen_begin();
    if (fetch_session_open(&self->session, loop_running(), 0) != 0)
        gen_raise(ENOMEM);
    self->session.limit = FLAG_LIMIT;
    gen_try_finally {
        start_all(self, loop_running());
        task_wait(&self->wait, self->slots, POP20, TASK_ALL_COMPLETED);
        gen_return(count_done(self));
    }
    gen_finally { /* interrupted: none goes on */
        for (int i = 0; i < POP20; i++)
            task_cancel(&self->to_do[i]);
        task_shield (&self->shield) {
            task_wait(&self->wait, self->slots, POP20, TASK_ALL_COMPLETED);
        }
        task_end_scope
        fetch_session_close(&self->session);
    }
    gen_end_finally
    gen_end();
}

int main(int argc, char **argv)
{
    static struct download_many many;
    const double t0 = seconds_now();
    int code;
    if (argc != 3 || strlen(argv[1]) >= FLAG_URL || strlen(argv[2]) >= FLAG_URL) {
        fprintf(stderr, "usage: %s base_url directory\n", argv[0]);
        return 2;
    }
    many.base_url = argv[1];
    many.directory = argv[2];
    if (http_init() != CURLE_OK) {
        fprintf(stderr, "flags_wait: libcurl does not start\n");
        return 1;
    }
    code = loop_run(download_many_any(&many));
    http_exit();
    if (code == 0)
        printf("\n%d flags downloaded in %.2fs\n", many.result, seconds_now() - t0);
    code = exit_status("flags_wait", code);
    return code != 0 ? code : many.result < POP20;
}
