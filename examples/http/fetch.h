/* fetch.h - HTTP by libcurl's multi interface, driven by the loop; aiohttp's ClientSession.
 *
 *     struct fetch_session session;  struct fetch fetch;               in the frame, all zero
 *
 *     fetch_session_open(&self->session, loop_running(), 100);
 *     fetch(&self->fetch, &self->session, url);                        await session.get(url)
 *     puts(self->fetch.body.data);
 *     fetch_free(&self->fetch);
 *     fetch_session_close(&self->session);
 *
 * libcurl says which sockets it wants to be told of, and when it wants to be called; the loop calls
 * it. So all transfers of a session run in the loop's thread, share connections, block nobody. */
#ifndef EXAMPLES_FETCH_H
#define EXAMPLES_FETCH_H

#include "examples/http/http.h"
#include "loop/descriptor.h"

enum {
    FETCH_EFAILED = GEN_EUSER + 500, /* the text is libcurl's, and more of it is in `why` */
    FETCH_ELIMIT                     /* the body is larger than the session's limit */
};

/* Memory of the caller's, all zero at first, which must not move while it is open. */
struct fetch_session {
    size_t limit;   /* rw: of a body, in bytes; 16 MiB at first */
    long redirects; /* rw: how many a fetch follows; 10 at first; 0: see a fetch's `location` */
    CURLM *fetch__multi;
    struct loop *fetch__loop;
    struct task_call fetch__timer;
    struct fetch *fetch__running;
    bool fetch__broken;
};

/* At most `connections` at once (0: any number); transfers beyond wait for one. 0, or ENOMEM. */
static inline int fetch_session_open(struct fetch_session *session, struct loop *loop,
                                     long connections);

/* Closes its connections. No fetch may run. Again is harmless. */
static inline void fetch_session_close(struct fetch_session *session);

/* One transfer; all zero at first, and free for another when it is over. */
gen_declare(fetch, void);
struct fetch {
    struct gen gen;
    struct gen_unwind unwind[1];
    int status;            /* ro: HTTP's: 200, 404, ... */
    struct http_body body; /* the caller's, if nothing was raised: see fetch_free */
    char *location; /* the same: where a redirection points to that was not followed, or NULL */
    char why[CURL_ERROR_SIZE];
    struct fetch_session *fetch__session;
    const char *fetch__url;
    CURL *fetch__easy;
    struct task_future fetch__done;
    struct fetch *fetch__next, **fetch__link;
};

/* GETs the url, follows `redirects`, and goes on when all of the body is there, whatever the
 * status. FETCH_EFAILED, FETCH_ELIMIT, ENOMEM; when there is no memory for a socket's watches, all
 * fetches of the session fail, and those to come. A cancel removes the transfer from libcurl at
 * once, which closes its connection. */
#define fetch(f, session, url)                                                                     \
    do {                                                                                           \
        fetch__init((f), (session), (url));                                                        \
        gen_await(fetch, (f));                                                                     \
    } while (0)

static inline void fetch_free(struct fetch *f)
{
    http_body_free(&f->body);
    free(f->location);
    f->location = NULL;
}

/* ==== The machinery ========================================================================== */

static inline void fetch__init(struct fetch *f, struct fetch_session *session, const char *url)
{
    const struct fetch zero = {.fetch__session = session, .fetch__url = url};
    fetch_free(f);
    *f = zero;
}

static inline void fetch__over(struct fetch *f, CURLcode code)
{
    char *location = NULL;
    code = http_result(f->fetch__easy, code, &f->body, f->why, &f->status);
    if (code == CURLE_OK)
        curl_easy_getinfo(f->fetch__easy, CURLINFO_REDIRECT_URL, &location);
    if (location != NULL && (f->location = strdup(location)) == NULL)
        code = CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK)
        task_future_set(&f->fetch__done);
    else
        task_future_fail(&f->fetch__done,
                         code == CURLE_FILESIZE_EXCEEDED ? FETCH_ELIMIT
                         : code == CURLE_OUT_OF_MEMORY   ? ENOMEM
                                                         : FETCH_EFAILED,
                         curl_easy_strerror(code));
}

/* Something happened to a socket, or it is time. */
static inline void fetch__drive(struct fetch_session *session, curl_socket_t fd, int events)
{
    int number;
    const CURLMsg *message;
    CURLMcode code;
    if (session->fetch__broken)
        return;
    code = curl_multi_socket_action(session->fetch__multi, fd, events, &number);
    while ((message = curl_multi_info_read(session->fetch__multi, &number)) != NULL) {
        char *f;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &f);
        fetch__over((struct fetch *)(void *)f, message->data.result);
    }
    if (code == CURLM_OK)
        return;
    session->fetch__broken =
        true; /* no transfer of this session goes on, and libcurl starts none */
    for (struct fetch *f = session->fetch__running; f != NULL; f = f->fetch__next)
        task_future_fail(&f->fetch__done, FETCH_EFAILED, curl_multi_strerror(code));
}

/* A socket of libcurl's, and the two watches that it may want. */
struct fetch__socket {
    struct fetch_session *session;
    curl_socket_t fd;
    struct loop_watch in, out;
};

static inline void fetch__on_in(void *arg)
{
    struct fetch__socket *s = (struct fetch__socket *)arg;
    fetch__drive(s->session, s->fd, CURL_CSELECT_IN);
}

static inline void fetch__on_out(void *arg)
{
    struct fetch__socket *s = (struct fetch__socket *)arg;
    fetch__drive(s->session, s->fd, CURL_CSELECT_OUT);
}

/* CURLMOPT_SOCKETFUNCTION. -1 ends all transfers. */
static inline int fetch__watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct fetch_session *session = (struct fetch_session *)arg;
    struct fetch__socket *s = (struct fetch__socket *)known;
    int code = 0;
    (void)easy;
    if (s == NULL) {
        if (what == CURL_POLL_REMOVE)
            return 0;
        s = (struct fetch__socket *)calloc(1, sizeof *s);
        if (s == NULL)
            return -1;
        s->session = session;
        s->fd = fd;
        if (curl_multi_assign(session->fetch__multi, fd, s) != CURLM_OK) {
            free(s);
            return -1;
        }
    }
    loop_remove_reader(&s->in);
    loop_remove_writer(&s->out);
    if (what == CURL_POLL_REMOVE) {
        free(s);
        return 0;
    }
    if (what & CURL_POLL_IN)
        code = loop_add_reader(session->fetch__loop, &s->in, fd, fetch__on_in, s);
    if (code == 0 && (what & CURL_POLL_OUT))
        code = loop_add_writer(session->fetch__loop, &s->out, fd, fetch__on_out, s);
    return code == 0 ? 0 : -1;
}

static inline void fetch__on_time(void *arg)
{
    fetch__drive((struct fetch_session *)arg, CURL_SOCKET_TIMEOUT, 0);
}

/* CURLMOPT_TIMERFUNCTION: one timer, set anew; -1: none. */
static inline int fetch__time(CURLM *multi, long milliseconds, void *arg)
{
    struct fetch_session *session = (struct fetch_session *)arg;
    (void)multi;
    task_call_cancel(&session->fetch__timer);
    if (milliseconds < 0)
        return 0;
    return loop_call_later(session->fetch__loop, &session->fetch__timer,
                           (double)milliseconds / 1000, fetch__on_time, session) == 0
               ? 0
               : -1;
}

static inline int fetch_session_open(struct fetch_session *session, struct loop *loop,
                                     long connections)
{
    const struct fetch_session zero = {.limit = 16 << 20, .redirects = 10, .fetch__loop = loop};
    CURLM *multi = curl_multi_init();
    *session = zero;
    session->fetch__multi = multi;
    if (multi == NULL)
        return ENOMEM;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, fetch__watch);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, session);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, fetch__time);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, session);
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
    return 0;
}

static inline void fetch_session_close(struct fetch_session *session)
{
    curl_multi_cleanup(session->fetch__multi);
    session->fetch__multi = NULL;
    task_call_cancel(&session->fetch__timer);
}

/* libcurl takes its first step in a call of the loop's, which it asks for here. */
static inline void fetch__begin(struct fetch *f)
{
    struct fetch_session *session = f->fetch__session;
    CURLMcode code;
    f->body.limit = session->limit;
    f->fetch__easy = http_easy(f->fetch__url, &f->body, f->why);
    if (f->fetch__easy == NULL) {
        task_future_fail(&f->fetch__done, ENOMEM, NULL);
        return;
    }
    curl_easy_setopt(f->fetch__easy, CURLOPT_PRIVATE, f);
    curl_easy_setopt(f->fetch__easy, CURLOPT_FOLLOWLOCATION, (long)(session->redirects > 0));
    curl_easy_setopt(f->fetch__easy, CURLOPT_MAXREDIRS, session->redirects);
    code = curl_multi_add_handle(session->fetch__multi, f->fetch__easy);
    if (code != CURLM_OK) {
        task_future_fail(&f->fetch__done, FETCH_EFAILED, curl_multi_strerror(code));
        return;
    }
    f->fetch__next = session->fetch__running;
    f->fetch__link = &session->fetch__running;
    session->fetch__running = f;
    if (f->fetch__next != NULL)
        f->fetch__next->fetch__link = &f->fetch__next;
}

static inline void fetch__end(struct fetch *f)
{
    if (f->fetch__link != NULL) {
        *f->fetch__link = f->fetch__next;
        if (f->fetch__next != NULL)
            f->fetch__next->fetch__link = f->fetch__link;
        f->fetch__link = NULL;
        curl_multi_remove_handle(f->fetch__session->fetch__multi, f->fetch__easy);
    }
    curl_easy_cleanup(f->fetch__easy);
    f->fetch__easy = NULL;
    if (task_state(&f->fetch__done) != TASK_DONE)
        fetch_free(f);
}

gen_define(fetch)
{
    gen_begin();
    gen_try_finally {
        fetch__begin(self);
        task_await(&self->fetch__done);
    }
    gen_finally {
        fetch__end(self);
    }
    gen_end_finally
    gen_end();
}

#endif
