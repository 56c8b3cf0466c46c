/* Crawls a site, a task for each page, and makes the index by itself or in a pool of processes.
 * Usage: tasks [-n pages] [-c connections] [-w workers] url
 *
 * The tasks are those of one group, which grows as links are found, and is left when the last page
 * has been dealt with. A semaphore is for politeness: so many pages are asked for at once. libcurl's
 * sockets are the loop's. Without workers the loop has to wait while a page's index is made.
 *
 * Link: -lcurl
 * Needs: curl/curl.h */
#include <unistd.h>

#include "examples/crawler/crawl.h"
#include "examples/status.h"
#include "examples/http/fetch.h"
#include "loop/process_pool.h"
#include "task/lock.h"

enum { CONNECTIONS = 5, MOST_CONNECTIONS = 100, MOST_WORKERS = 64 };

struct crawler;

/* One page. */
gen_declare(crawl_page, void);
struct crawl_page {
    struct gen gen;
    struct gen_unwind unwind[3];
    struct crawler *crawler;
    struct page *page;
    struct fetch fetch;
    struct process_job job;
    char *index;
    size_t index_size;
};

gen_declare(crawler, void);
struct crawler {
    struct gen gen;
    struct gen_unwind unwind[2];
    size_t connections, workers; /* 0 workers: no pool */
    struct crawl crawl;
    struct fetch_session session;
    struct task_semaphore polite;
    struct process_pool pool;
    struct task_group group;
    size_t started;
};

/* A task for each page that has none yet. */
static int start_new(struct crawler *c)
{
    for (; c->started < c->crawl.count; c->started++)
        if (task_group_spawn(&c->group, crawl_page, .crawler = c,
                             .page = c->crawl.pages[c->started]) == NULL)
            return ENOMEM;
    return 0;
}

gen_define(crawl_page)
{
    struct crawler *const c = self->crawler;
    const struct http_body *const html = &self->fetch.body;
    int code;
    gen_begin();
    gen_try_finally {
        gen_try {
            task_with_semaphore (&c->polite) {
                fetch(&self->fetch, &c->session, self->page->url);
            }
            task_end_semaphore
            if (self->fetch.status == 200) {
                self->index_size = PAGE_INDEX_ROOM(html->size);
                self->index = (char *)malloc(self->index_size);
                if (self->index == NULL)
                    gen_raise(ENOMEM);
                if (c->workers > 0) {
                    process_pool_run(&c->pool, &self->job, page_index, html->data, html->size,
                                     self->index, self->index_size);
                    self->index_size = self->job.out_size;
                } else {
                    code = page_index(html->data, html->size, self->index, &self->index_size);
                    if (code != 0)
                        gen_raise(code);
                }
            } else if (self->fetch.location != NULL) {
                self->index = page_redirect(self->fetch.location, &self->index_size);
                if (self->index == NULL)
                    gen_raise(ENOMEM);
            }
            if (self->index != NULL) {
                code = crawl_add(&c->crawl, self->page, self->index, self->index_size);
                if (code == 0)
                    code = start_new(c);
                if (code != 0)
                    gen_raise(code);
            }
            self->page->status = self->fetch.status;
        }
        gen_except (FETCH_EFAILED) {
            self->page->why = strdup(self->fetch.why);
        }
        gen_except (FETCH_ELIMIT) {
            self->page->why = strdup("the page is too large");
        }
        gen_except (EXECUTOR_EDIED) {
            self->page->why = strdup("the worker that had it died");
        }
        gen_end_try
    }
    gen_finally {
        fetch_free(&self->fetch);
        free(self->index);
    }
    gen_end_finally
    gen_end();
}

gen_define(crawler)
{
    int code = 0;
    gen_begin();
    if (self->workers > 0)
        code = process_pool_open(&self->pool, loop_running(), self->workers);
    if (code == 0)
        code = fetch_session_open(&self->session, loop_running(), 0);
    if (code != 0)
        gen_raise(code);
    self->session.limit = CRAWL_PAGE_LIMIT;
    self->session.redirects = 0;
    task_semaphore_init(&self->polite, (uint32_t)self->connections, (uint32_t)self->connections);
    gen_try_finally {
        task_group (&self->group) {
            code = start_new(self);
            if (code != 0)
                gen_raise(code);
        }
        task_end_group
    }
    gen_finally {
        fetch_session_close(&self->session);
        process_pool_close(&self->pool);
    }
    gen_end_finally
    gen_end();
}

static bool parse_options(int argc, char **argv, struct crawler *crawler, size_t *pages)
{
    bool well = true;
    int c;
    crawler->connections = CONNECTIONS;
    *pages = CRAWL_PAGES;
    while ((c = getopt(argc, argv, "n:c:w:")) != -1)
        if (c == 'n')
            well = (*pages = crawl_number(optarg, CRAWL_MOST)) > 0 && well;
        else if (c == 'c')
            well = (crawler->connections = crawl_number(optarg, MOST_CONNECTIONS)) > 0 && well;
        else if (c == 'w')
            well = (crawler->workers = crawl_number(optarg, MOST_WORKERS)) > 0 && well;
        else
            well = false;
    return well && argc - optind == 1;
}

int main(int argc, char **argv)
{
    static struct crawler crawler;
    size_t pages, failed;
    int code;
    if (!parse_options(argc, argv, &crawler, &pages)) {
        fprintf(stderr,
                "usage: %s [options] url\n"
                "  -n N    at most N pages (%d)\n"
                "  -c N    at most N at once, 1 to %d (%d)\n"
                "  -w N    N processes make the index, 1 to %d\n",
                argv[0], CRAWL_PAGES, MOST_CONNECTIONS, CONNECTIONS, MOST_WORKERS);
        return 2;
    }
    if (http_init() != CURLE_OK) {
        fprintf(stderr, "tasks: libcurl does not start\n");
        return 1;
    }
    code = crawl_open(&crawler.crawl, argv[optind], pages);
    if (code == EINVAL) {
        fprintf(stderr, "tasks: %s: not the address of a page\n", argv[optind]);
        http_exit();
        return 1;
    }
    if (code == 0)
        code = loop_run(crawler_any(&crawler));
    failed = crawl_report(&crawler.crawl, "tasks");
    crawl_close(&crawler.crawl);
    http_exit();
    code = exit_status("tasks", code);
    return code != 0 ? code : failed > 0;
}
