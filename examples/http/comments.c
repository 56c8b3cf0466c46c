/* Counts the comments of the top stories of Hacker News, again and again, by a task for each story
 * and each comment. Usage: comments [options] url. It is that of a server with topstories.json and
 * item/ID.json, as https://hacker-news.firebaseio.com/v0. In Python:
 *
 *     async def post_number_of_comments(loop, session, fetcher, post_id):
 *         response = await fetcher.fetch(session, URL_TEMPLATE.format(post_id))
 *         if response is None or 'kids' not in response:
 *             return 0
 *         tasks = [post_number_of_comments(loop, session, fetcher, kid_id)
 *                  for kid_id in response['kids']]
 *         results = await asyncio.gather(*tasks)
 *         return len(response['kids']) + sum(results)
 *
 * gather lets the other tasks go on when one fails; here a group around it cancels them. jansson
 * reads the JSON, as it says where a text is broken and keeps all 64 bits of a number.
 *
 * Link: -lcurl -ljansson
 * Needs: curl/curl.h jansson.h */
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <time.h>

#include "examples/http/fetch.h"
#include "examples/status.h"
#include "loop/loop.h"
#include "task/wait.h"

enum { URL = 1024, CONNECTIONS = 100 };

/* BoomException, and the rest of what may go wrong. */
enum { BOOM = GEN_EUSER, RANDOM_GENERIC, BAD_STATUS, BAD_JSON };

struct options {
    const char *url;
    double period, timeout;
    long limit, polls, maximum_fetches, random;
    bool verbose;
};

static struct options options = {
    .period = 5, .timeout = 10, .limit = 5, .polls = 0, .maximum_fetches = 1000, .random = 0};

__attribute__((format(printf, 1, 2))) static void log_info(const char *format, ...)
{
    char now[16];
    const time_t t = time(NULL);
    va_list args;
    va_start(args, format);
    strftime(now, sizeof now, "[%H:%M:%S]", localtime(&t));
    printf("%s ", now);
    vprintf(format, args);
    printf("\n");
    fflush(stdout);
    va_end(args);
}

#define log_debug(...) (options.verbose ? log_info(__VA_ARGS__) : (void)0)

static const char *text_of(struct gen_exc exc)
{
    return exc.text ? exc.text : loop_error_name(exc.code);
}

/* -- URLFetcher: counts the fetches of an iteration -------------------------------------------- */

struct url_fetcher {
    struct fetch_session *session;
    long fetch_counter;
};

gen_declare(url_fetcher_fetch, void);
struct url_fetcher_fetch {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct url_fetcher *fetcher;
    struct task_scope scope;
    struct fetch fetch;
    json_t *result; /* the caller's */
    char url[URL];
};

static json_t *parse(const struct fetch *f)
{
    json_error_t error;
    json_t *json = json_loadb(f->body.data, f->body.size, JSON_DECODE_ANY, &error);
    if (json == NULL)
        log_info("Line %d, column %d: %s", error.line, error.column, error.text);
    return json;
}

gen_define(url_fetcher_fetch)
{
    gen_begin();
    gen_try_finally {
        task_timeout (&self->scope, options.timeout) {
            if (++self->fetcher->fetch_counter > options.maximum_fetches)
                gen_raise(BOOM, "BOOM!");
            if (options.random > 0 && rand() % options.random == 0)
                gen_raise(RANDOM_GENERIC, "Random generic exception");
            fetch(&self->fetch, self->fetcher->session, self->url);
        }
        task_end_scope
        if (self->fetch.status != 200)
            gen_raise(BAD_STATUS, "the server has no such page");
        self->result = parse(&self->fetch);
        if (self->result == NULL)
            gen_raise(BAD_JSON, "what came is no JSON");
    }
    gen_finally {
        fetch_free(&self->fetch);
    }
    gen_end_finally
    gen_end();
}

/* -- A post: a story or a comment, and those below it ------------------------------------------ */

gen_declare(post_number_of_comments, void);
gen_declare(gather_posts, void);

/* `result` is the sum over the first `count` of the ids. */
struct gather_posts {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct url_fetcher *fetcher;
    const json_t *ids; /* the caller's */
    size_t count;
    struct post_task *posts; /* the caller's to free, in any case */
    struct task_slot *slots;
    struct task_group group;
    struct task_wait gather;
    long long result;
};

struct post_number_of_comments {
    struct gen gen;
    struct gen_unwind unwind[1];
    long long id;
    struct url_fetcher_fetch get;
    struct gather_posts kids;
    long long result;
};

struct post_task {
    struct task task;
    struct post_number_of_comments post;
};

static bool are_ids(const json_t *ids)
{
    for (size_t i = 0; i < json_array_size(ids); i++)
        if (!json_is_integer(json_array_get(ids, i)))
            return false;
    return json_is_array(ids);
}

static void start_post(struct gather_posts *self, size_t i)
{
    struct post_task *p = &self->posts[i];
    p->post.id = json_integer_value(json_array_get(self->ids, i));
    p->post.get.fetcher = p->post.kids.fetcher = self->fetcher;
    task_group_start(&self->group, &p->task, post_number_of_comments_any(&p->post), "post");
    self->slots[i].future = &p->task.future;
}

gen_define(gather_posts)
{
    gen_begin();
    if (self->count == 0)
        gen_stop();
    gen_try_finally {
        self->posts = calloc(self->count, sizeof *self->posts);
        self->slots = calloc(self->count, sizeof *self->slots);
        if (self->posts == NULL || self->slots == NULL)
            gen_raise(ENOMEM);
        task_group (&self->group) {
            for (size_t i = 0; i < self->count; i++)
                start_post(self, i);
            task_gather(&self->gather, self->slots, self->count);
        }
        task_end_group
        for (size_t i = 0; i < self->count; i++)
            self->result += self->posts[i].post.result;
    }
    gen_finally {
        free(self->slots);
    }
    gen_end_finally
    gen_end();
}

gen_define(post_number_of_comments)
{
    const json_t *kids;
    gen_begin();
    gen_try_finally {
        gen_try {
            snprintf(self->get.url, URL, "%s/item/%lld.json", options.url, self->id);
            gen_await(url_fetcher_fetch, &self->get);
        }
        gen_except (BOOM) {
            log_info("Error retrieving post %lld: %s", self->id, gen_caught.text);
            gen_reraise();
        }
        gen_end_try
        if (!json_is_object(self->get.result) && !json_is_null(self->get.result))
            gen_raise(BAD_JSON, "a post is neither an object nor null");
        kids = json_object_get(self->get.result, "kids");
        if (kids == NULL) /* the base case: there are no comments */
            gen_stop();
        if (!are_ids(kids))
            gen_raise(BAD_JSON, "the kids of a post are no numbers");
        self->kids.ids = kids;
        self->kids.count = json_array_size(kids);
        gen_await(gather_posts, &self->kids);
        self->result = (long long)self->kids.count + self->kids.result;
        log_debug("%6lld > %lld comments", self->id, self->result);
    }
    gen_finally {
        free(self->kids.posts);
        json_decref(self->get.result);
    }
    gen_end_finally
    gen_end();
}

/* -- The top stories, again and again ---------------------------------------------------------- */

gen_declare(get_comments_of_top_stories, void);
struct get_comments_of_top_stories {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct url_fetcher fetcher;
    long iteration;
    struct url_fetcher_fetch get;
    struct gather_posts stories;
};
gen_define(get_comments_of_top_stories)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            self->get.fetcher = self->stories.fetcher = &self->fetcher;
            snprintf(self->get.url, URL, "%s/topstories.json", options.url);
            gen_await(url_fetcher_fetch, &self->get);
            if (!are_ids(self->get.result))
                gen_raise(BAD_JSON, "the top stories are no numbers");
        }
        gen_except_any {
            log_info("Error retrieving top stories: %s", text_of(gen_caught));
            gen_reraise();
        }
        gen_end_try
        gen_try {
            self->stories.ids = self->get.result;
            self->stories.count = json_array_size(self->get.result);
            if (self->stories.count > (size_t)options.limit)
                self->stories.count = (size_t)options.limit;
            gen_await(gather_posts, &self->stories);
        }
        gen_except_any {
            log_info("Error retrieving comments for top stories: %s", text_of(gen_caught));
            gen_reraise();
        }
        gen_end_try
        for (size_t i = 0; i < self->stories.count; i++)
            log_info("Post %lld has %lld comments (%ld)", self->stories.posts[i].post.id,
                     self->stories.posts[i].post.result, self->iteration);
    }
    gen_finally {
        free(self->stories.posts);
        json_decref(self->get.result);
    }
    gen_end_finally
    gen_end();
}

/* One iteration. What goes wrong ends here: it is counted, as the callback in Python does. */
gen_declare(calculate, void);
struct calculate {
    struct gen gen;
    long iteration, *errors;
    struct fetch_session *session;
    double began;
    struct get_comments_of_top_stories get;
};
gen_define(calculate)
{
    gen_begin();
    gen_try {
        self->began = loop_time(loop_running());
        self->get.fetcher.session = self->session;
        self->get.iteration = self->iteration;
        gen_await(get_comments_of_top_stories, &self->get);
        log_info("> Calculating comments took %.2f seconds and %ld fetches",
                 loop_time(loop_running()) - self->began, self->get.fetcher.fetch_counter);
    }
    gen_except (BOOM) {
        log_debug("Adding %s to errors", gen_caught.text);
        ++*self->errors;
    }
    gen_except_any {
        log_info("Unexpected error: %s", text_of(gen_caught));
        ++*self->errors;
    }
    gen_end_try
    gen_end();
}

gen_declare(poll_top_stories, void);
struct poll_top_stories {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct fetch_session session;
    struct task_group group;
    long iteration, errors;
};
gen_define(poll_top_stories)
{
    gen_begin();
    if (fetch_session_open(&self->session, loop_running(), CONNECTIONS) != 0)
        gen_raise(ENOMEM);
    gen_try_finally {
        task_group (&self->group) {
            for (self->iteration = 1;; self->iteration++) {
                if (self->errors > 0) {
                    log_info("Error detected, quitting");
                    break;
                }
                log_info("Calculating comments for top %ld stories. (%ld)", options.limit,
                         self->iteration);
                if (task_group_spawn(&self->group, calculate, .iteration = self->iteration,
                                     .errors = &self->errors, .session = &self->session) == NULL)
                    gen_raise(ENOMEM);
                if (self->iteration == options.polls)
                    break;
                log_info("Waiting for %g seconds...", options.period);
                task_sleep(options.period);
            }
        }
        task_end_group
    }
    gen_finally {
        fetch_session_close(&self->session);
    }
    gen_end_finally
    gen_end();
}

/* -- Options ----------------------------------------------------------------------------------- */

static bool is_count(const char *text, long *value)
{
    char *end;
    *value = strtol(text, &end, 10);
    return end != text && *end == '\0' && *value >= 0 && *value <= 1000000000;
}

static bool is_seconds(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && *value >= 0 && isfinite(*value);
}

static bool parse_options(int argc, char **argv)
{
    static const struct option names[] = {
        {"period", required_argument, NULL, 'p'},  {"limit", required_argument, NULL, 'l'},
        {"verbose", no_argument, NULL, 'v'},       {"timeout", required_argument, NULL, 't'},
        {"fetches", required_argument, NULL, 'f'}, {"polls", required_argument, NULL, 'n'},
        {"random", required_argument, NULL, 'r'},  {NULL, 0, NULL, 0}};
    bool well = true;
    int c;
    while (well && (c = getopt_long(argc, argv, "p:l:v", names, NULL)) != -1)
        switch (c) {
        case 'p':
            well = is_seconds(optarg, &options.period);
            break;
        case 'l':
            well = is_count(optarg, &options.limit);
            break;
        case 'v':
            options.verbose = true;
            break;
        case 't':
            well = is_seconds(optarg, &options.timeout);
            break;
        case 'f':
            well = is_count(optarg, &options.maximum_fetches);
            break;
        case 'n':
            well = is_count(optarg, &options.polls);
            break;
        case 'r':
            well = is_count(optarg, &options.random);
            break;
        default:
            well = false;
        }
    options.url = argv[optind];
    return well && argc - optind == 1 && strlen(options.url) < URL - 64;
}

static void usage(const char *program)
{
    fprintf(stderr,
            "usage: %s [options] url\n"
            "  -p, --period SECONDS   between polls (5)\n"
            "  -l, --limit N          stories to count the comments of (5)\n"
            "  -v, --verbose          detailed output\n"
            "  --timeout SECONDS      for each fetch (10)\n"
            "  --fetches N            BOOM! beyond so many in a poll (1000)\n"
            "  --polls N              how often; 0: until Ctrl-C or an error (0)\n"
            "  --random N             one fetch of N raises an error (0: none)\n",
            program);
}

int main(int argc, char **argv)
{
    static struct poll_top_stories poll;
    int code;
    if (!parse_options(argc, argv)) {
        usage(argv[0]);
        return 2;
    }
    srand((unsigned)time(NULL));
    if (http_init() != CURLE_OK) {
        fprintf(stderr, "comments: libcurl does not start\n");
        return 1;
    }
    code = loop_run(poll_top_stories_any(&poll));
    http_exit();
    if (code == 0 && poll.errors > 0)
        fprintf(stderr, "comments: there were errors\n");
    code = exit_status("comments", code);
    return code != 0 ? code : poll.errors > 0;
}
