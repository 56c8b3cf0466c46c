/* Crawls a site with any number of crawlers, here and on other machines, that share a queue in Redis.
 * Usage: redis [-n pages] [-c connections] [-r] [-p] redis url
 *
 *     redis /run/redis.sock http://127.0.0.1:8080/ &           crawls
 *     redis /run/redis.sock http://127.0.0.1:8080/             helps; both end when all is done
 *     redis -p /run/redis.sock http://127.0.0.1:8080/          prints what was found, and forgets it
 *
 * Each page is in one place always: in the list `queue`, or in `working` while a crawler has it, or
 * done. What takes it from one to the next is one command or one script, which Redis runs undisturbed
 * by others: so no page is lost, and none is indexed twice. Whoever has done the last page puts an
 * empty address into the queue, which tells all that it is over.
 *
 * A crawler that is interrupted gives its pages back. What one had that was killed is in `working`; -r
 * puts that into the queue again, when no other runs.
 *
 * Link: -lcurl -lhiredis
 * Needs: curl/curl.h hiredis/hiredis.h redis-server */
#include <unistd.h>

#include "examples/crawler/crawl.h"
#include "examples/status.h"
#include "examples/crawler/redis.h"
#include "examples/http/fetch.h"
#include "loop/loop.h"

enum { CONNECTIONS = 2, MOST_CONNECTIONS = 32, KEY = 1024 };

/* The keys of a crawl, in the order in which the scripts have them. */
enum { SEEN, QUEUE, WORKING, PAGES, WORDS, KEYS };
static const char *const key_names[KEYS] = {"seen", "queue", "working", "pages", "words"};

/* ARGV: the first page. */
static const char seed_script[] = "if redis.call('SADD', KEYS[1], ARGV[1]) == 1 then\n"
                                  "    redis.call('LPUSH', KEYS[2], ARGV[1])\n"
                                  "end\n";

/* ARGV: a page; what there is to say of it; how many pages there may be; then links, and words of its
 * index. */
static const char done_script[] =
    "for i = 4, #ARGV do\n"
    "    local n, word = string.match(ARGV[i], '^W(%d+) (.+)$')\n"
    "    if word then\n"
    "        redis.call('ZINCRBY', KEYS[5], n, word)\n"
    "    elseif redis.call('SCARD', KEYS[1]) < tonumber(ARGV[3]) and\n"
    "           redis.call('SADD', KEYS[1], ARGV[i]) == 1 then\n"
    "        redis.call('LPUSH', KEYS[2], ARGV[i])\n"
    "    end\n"
    "end\n"
    "redis.call('HSET', KEYS[4], ARGV[1], ARGV[2])\n"
    "redis.call('LREM', KEYS[3], 1, ARGV[1])\n"
    "if redis.call('LLEN', KEYS[2]) == 0 and redis.call('LLEN', KEYS[3]) == 0 then\n"
    "    redis.call('LPUSH', KEYS[2], '')\n"
    "end\n";

/* ARGV: a page, which is the next to be taken again. */
static const char give_back_script[] = "if redis.call('LREM', KEYS[3], 1, ARGV[1]) == 1 then\n"
                                       "    redis.call('RPUSH', KEYS[2], ARGV[1])\n"
                                       "end\n";

static const char recover_script[] =
    "while redis.call('LMOVE', KEYS[3], KEYS[2], 'LEFT', 'RIGHT') do end\n";

struct crawler;

/* One page at a time. Its own connection is for the command that blocks. */
gen_declare(worker, void);
struct worker {
    struct gen gen;
    struct gen_unwind unwind[3];
    struct crawler *crawler;
    struct redis redis;
    struct redis_command take, command;
    struct task_scope shield;
    struct fetch fetch;
    long long id;    /* of its connection, for CLIENT UNBLOCK */
    const char *url; /* the page that it has, or NULL */
};

gen_declare(print, void);
struct print {
    struct gen gen;
    struct crawler *crawler;
    long long to_do;
};

gen_declare(crawler, void);
struct crawler {
    struct gen gen;
    struct gen_unwind unwind[3];
    const char *address;
    char *root;
    size_t max_pages, connections;
    bool prints, recovers;
    size_t failed;
    struct redis redis;
    struct redis_command command;
    struct fetch_session session;
    struct task_group group;
    struct worker workers[MOST_CONNECTIONS];
    struct task tasks[MOST_CONNECTIONS];
    struct crawl crawl; /* what is printed */
    struct print print;
    char keys[KEYS][KEY];
};

/* -- The commands ------------------------------------------------------------------------------ */

/* EVAL of a script with the crawl's keys; its other arguments are words[EVAL_WORDS] and so on. */
enum { EVAL_WORDS = 3 + KEYS };

static void send_script(struct crawler *c, struct redis_command *command, const char *script,
                        const char **words, size_t count)
{
    words[0] = "EVAL";
    words[1] = script;
    words[2] = "5";
    for (size_t i = 0; i < KEYS; i++)
        words[3 + i] = c->keys[i];
    redis_send_argv(command, &c->redis, (int)(EVAL_WORDS + count), words);
}

static void send_script_of(struct crawler *c, struct redis_command *command, const char *script,
                           const char *page)
{
    const char *words[EVAL_WORDS + 1];
    words[EVAL_WORDS] = page;
    send_script(c, command, script, words, 1);
}

/* Sends what has become of a page, with its index. 0, ENOMEM. */
static int send_index(struct worker *w, const char *index, size_t size)
{
    char result[CURL_ERROR_SIZE + 32], pages[24];
    const char **words;
    size_t records = 0, links = 0, total = 0, argc = 3;
    char **urls;
    struct record r;
    int code = ENOMEM;
    for (const char *at = index; at < index + size; records++)
        at = record_read(at, &r);
    words = (const char **)malloc((EVAL_WORDS + 3 + records) * sizeof *words);
    urls = (char **)malloc((1 + records) * sizeof *urls);
    if (words != NULL && urls != NULL) {
        for (const char *at = index, *next; at < index + size; at = next) {
            next = record_read(at, &r);
            if (r.kind == 'W') {
                total += r.n;
                words[EVAL_WORDS + argc++] = at;
                continue;
            }
            urls[links] = url_join(w->url, r.text);
            if (urls[links] == NULL)
                continue;
            if (url_same_host(urls[links], w->url))
                words[EVAL_WORDS + argc++] = urls[links];
            links++;
        }
        snprintf(result, sizeof result, "%d %zu %s", w->fetch.status, total, w->fetch.why);
        snprintf(pages, sizeof pages, "%zu", w->crawler->max_pages);
        words[EVAL_WORDS] = w->url;
        words[EVAL_WORDS + 1] = result;
        words[EVAL_WORDS + 2] = pages;
        send_script(w->crawler, &w->command, done_script, words, argc);
        while (links > 0)
            free(urls[--links]);
        code = 0;
    }
    free(urls);
    free(words);
    return code;
}

static int send_done(struct worker *w)
{
    const struct http_body *const html = &w->fetch.body;
    size_t size = 0;
    char *index = NULL;
    int code = 0;
    if (w->fetch.status == 200) {
        index = (char *)malloc(PAGE_INDEX_ROOM(html->size));
        code = index ? page_index(html->data, html->size, index, &size) : ENOMEM;
    } else if (w->fetch.location != NULL) {
        index = page_redirect(w->fetch.location, &size);
        code = index ? 0 : ENOMEM;
    }
    if (code == 0)
        code = send_index(w, index ? index : "", size);
    free(index);
    return code;
}

/* -- A worker ---------------------------------------------------------------------------------- */

gen_define(worker)
{
    struct crawler *const c = self->crawler;
    int code;
    gen_begin();
    gen_try_finally {
        redis_connect(&self->redis, loop_running(), c->address);
        redis(&self->command, &self->redis, "CLIENT ID");
        self->id = self->command.reply->integer;
        for (;;) {
            redis_send(&self->take, &self->redis, "BLMOVE %s %s RIGHT LEFT 0", c->keys[QUEUE],
                       c->keys[WORKING]);
            gen_try {
                task_await(&self->take.done);
            }
            gen_except (GEN_CANCELLED) {
                /* Redis ends the command, or a page is there, to be given back below. Again, if Redis
                 * has not seen yet what it shall end. */
                task_shield (&self->shield) {
                    while (task_state(&self->take.done) == TASK_PENDING) {
                        redis(&self->command, &c->redis, "CLIENT UNBLOCK %lld", self->id);
                    }
                }
                task_end_scope
                if (self->take.reply == NULL || self->take.reply->type == REDIS_REPLY_NIL)
                    gen_raise(GEN_CANCELLED);
            }
            gen_end_try
            if (self->take.reply->type != REDIS_REPLY_STRING)
                continue; /* ended by somebody else */
            self->url = self->take.reply->str;
            if (self->url[0] == '\0')
                break;
            gen_try {
                fetch(&self->fetch, &c->session, self->url);
            }
            gen_except (FETCH_EFAILED) {
                c->failed++;
                fprintf(stderr, "redis: %s: %s\n", self->url, self->fetch.why);
            }
            gen_except (FETCH_ELIMIT) {
                c->failed++;
                snprintf(self->fetch.why, sizeof self->fetch.why, "the page is too large");
                fprintf(stderr, "redis: %s: %s\n", self->url, self->fetch.why);
            }
            gen_end_try
            code = send_done(self);
            if (code != 0)
                gen_raise(code);
            gen_await(redis_command, &self->command);
            self->url = NULL;
            fetch_free(&self->fetch);
        }
    }
    gen_finally {
        fetch_free(&self->fetch);
        if (self->url != NULL) {
            send_script_of(c, &self->command, give_back_script, self->url);
            gen_await(redis_command, &self->command);
        }
        redis_close(&self->redis);
        redis_free(&self->take);
        redis_free(&self->command);
    }
    gen_end_finally
    gen_end();
}

/* -- The report -------------------------------------------------------------------------------- */

/* HGETALL pages: an address, and "200 12 " or "0 0 Connection refused". */
static int read_pages(struct crawl *crawl, const redisReply *reply)
{
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        struct page *const page = crawl_add_page(crawl, reply->element[i]->str);
        char *at = reply->element[i + 1]->str;
        if (page == NULL)
            return ENOMEM;
        page->status = (int)strtol(at, &at, 10);
        page->words = strtoul(at, &at, 10);
        if (page->status == 0 && (page->why = strdup(at + 1)) == NULL)
            return ENOMEM;
    }
    return 0;
}

/* ZRANGE words 0 -1 WITHSCORES */
static int read_words(struct crawl *crawl, const redisReply *reply)
{
    for (size_t i = 0; i + 1 < reply->elements; i += 2)
        if (counter_add(&crawl->words, reply->element[i]->str, strlen(reply->element[i]->str),
                        strtoul(reply->element[i + 1]->str, NULL, 10)) == 0)
            return ENOMEM;
    return 0;
}

gen_define(print)
{
    struct crawler *const c = self->crawler;
    int code;
    gen_begin();
    redis(&c->command, &c->redis, "HGETALL %s", c->keys[PAGES]);
    code = read_pages(&c->crawl, c->command.reply);
    if (code != 0)
        gen_raise(code);
    redis(&c->command, &c->redis, "ZRANGE %s 0 -1 WITHSCORES", c->keys[WORDS]);
    code = read_words(&c->crawl, c->command.reply);
    if (code != 0)
        gen_raise(code);
    redis(&c->command, &c->redis, "EVAL %s 2 %s %s",
          "local n = redis.call('LLEN', KEYS[1]) + redis.call('LLEN', KEYS[2])\n"
          "if redis.call('LINDEX', KEYS[1], -1) == '' then n = n - 1 end\n"
          "return n\n",
          c->keys[QUEUE], c->keys[WORKING]);
    self->to_do = c->command.reply->integer;
    c->failed = crawl_report(&c->crawl, "redis");
    if (self->to_do > 0)
        printf("%lld pages to do\n", self->to_do);
    else
        redis(&c->command, &c->redis, "DEL %s %s %s %s %s", c->keys[SEEN], c->keys[QUEUE],
              c->keys[WORKING], c->keys[PAGES], c->keys[WORDS]);
    gen_end();
}

gen_define(crawler)
{
    int code;
    gen_begin();
    gen_try_finally {
        gen_try {
            redis_connect(&self->redis, loop_running(), self->address);
            if (self->prints) {
                self->print.crawler = self;
                gen_await(print, &self->print);
                gen_stop();
            }
            if (self->recovers) {
                send_script_of(self, &self->command, recover_script, "");
                gen_await(redis_command, &self->command);
            }
            send_script_of(self, &self->command, seed_script, self->root);
            gen_await(redis_command, &self->command);
            code = fetch_session_open(&self->session, loop_running(), 0);
            if (code != 0)
                gen_raise(code);
            self->session.limit = CRAWL_PAGE_LIMIT;
            self->session.redirects = 0;
            task_group (&self->group) {
                for (size_t i = 0; i < self->connections; i++) {
                    self->workers[i].crawler = self;
                    task_group_start(&self->group, &self->tasks[i], worker_any(&self->workers[i]),
                                     NULL);
                }
            }
            task_end_group
        }
        gen_except (REDIS_EFAILED) {
            fprintf(stderr, "redis: %s: %s\n", self->address, gen_caught.text);
            self->failed++;
        }
        gen_end_try
    }
    gen_finally {
        fetch_session_close(&self->session);
        redis_close(&self->redis);
        redis_free(&self->command);
    }
    gen_end_finally
    gen_end();
}

/* False: why not, is told. */
static bool parse_options(int argc, char **argv, struct crawler *crawler)
{
    bool well = true;
    int c;
    crawler->connections = CONNECTIONS;
    crawler->max_pages = CRAWL_PAGES;
    while ((c = getopt(argc, argv, "n:c:rp")) != -1)
        if (c == 'n')
            well = (crawler->max_pages = crawl_number(optarg, CRAWL_MOST)) > 0 && well;
        else if (c == 'c')
            well = (crawler->connections = crawl_number(optarg, MOST_CONNECTIONS)) > 0 && well;
        else if (c == 'r')
            crawler->recovers = true;
        else if (c == 'p')
            crawler->prints = true;
        else
            well = false;
    if (!well || argc - optind != 2) {
        fprintf(stderr,
                "usage: %s [options] redis url, redis being host:port or a socket's path\n"
                "  -n N    at most N pages (%d)\n"
                "  -c N    at most N at once, 1 to %d (%d)\n"
                "  -r      takes up what was left by crawlers that were killed\n"
                "  -p      prints what was found\n",
                argv[0], CRAWL_PAGES, MOST_CONNECTIONS, CONNECTIONS);
        return false;
    }
    crawler->address = argv[optind];
    crawler->root = url_join(NULL, argv[optind + 1]);
    if (crawler->root != NULL && strlen(crawler->root) < KEY - 32)
        return true;
    fprintf(stderr, "redis: %s: not the address of a page\n", argv[optind + 1]);
    free(crawler->root);
    return false;
}

int main(int argc, char **argv)
{
    static struct crawler crawler;
    int code;
    if (!parse_options(argc, argv, &crawler))
        return 2;
    for (size_t i = 0; i < KEYS; i++)
        snprintf(crawler.keys[i], KEY, "crawl:{%s}:%s", crawler.root, key_names[i]);
    if (http_init() != CURLE_OK) {
        fprintf(stderr, "redis: libcurl does not start\n");
        return 1;
    }
    code = loop_run(crawler_any(&crawler));
    crawl_close(&crawler.crawl);
    free(crawler.root);
    http_exit();
    code = exit_status("redis", code);
    return code != 0 ? code : crawler.failed > 0;
}
