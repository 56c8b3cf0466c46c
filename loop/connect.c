/* How a connection is made: the host's addresses are raced (RFC 8305). */
#include <stdlib.h>
#include <unistd.h>

#include "loop/address.h"
#include "loop/name.h"
#include "loop/source.h"
#include "loop/stream.h"

/* The most addresses that are tried. */
enum { ADDRESSES = 16 };
static const double STAGGER = 0.25; /* seconds from one attempt to the next */

struct attempt {
    ev_io writable; /* its fd is the socket; -1: there is none */
    struct stream__connector *connector;
};

struct stream__connector {
    struct stream *stream;
    struct loop *loop;
    struct loop_lookup lookup;
    struct addrinfo *list;
    const struct addrinfo *order[ADDRESSES];
    struct attempt attempts[ADDRESSES];
    size_t count, next, running;
    struct task_call timer;
    int code; /* of the first that failed */
};

static void start_next(void *arg);

/* Gives up an attempt, without its socket if that is wanted. */
static void stop_attempt(struct attempt *a, bool keep)
{
    if (a->connector == NULL)
        return;
    ev_io_stop(a->connector->loop->ev, &a->writable);
    if (!keep)
        (void)close(a->writable.fd);
    a->connector->running--;
    a->connector = NULL;
}

static void release(struct stream__connector *c)
{
    if (c->list != NULL)
        loop_freeaddrinfo(c->list);
    else
        loop__lookup_cancel(&c->lookup);
    (void)task_call_cancel(&c->timer);
    for (size_t i = 0; i < c->count; i++)
        stop_attempt(&c->attempts[i], false);
    c->stream->stream__connector = NULL;
    free(c);
}

static void give_up(struct stream__connector *c, int code)
{
    struct stream *s = c->stream;
    release(c);
    loop__fail(&s->stream__writing, code);
}

void stream__stop_connecting(struct stream *s)
{
    if (s->stream__connector != NULL)
        give_up(s->stream__connector, EBADF);
}

static void win(struct stream__connector *c, int fd)
{
    struct stream *s = c->stream;
    struct loop *loop = c->loop;
    release(c);
    loop__done(&s->stream__writing, 0); /* while that is there: opening clears it */
    stream__open(loop, s, fd);
}

static void note_failure(struct stream__connector *c, int code)
{
    if (c->code == 0)
        c->code = code;
}

static void on_connected(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct attempt *a = watcher->data;
    struct stream__connector *c = a->connector;
    int code = 0;
    socklen_t size = sizeof code;
    (void)ev, (void)events;
    if (getsockopt(watcher->fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0)
        code = errno;
    stop_attempt(a, code == 0);
    if (code == 0) {
        win(c, watcher->fd);
        return;
    }
    note_failure(c, code);
    (void)task_call_cancel(&c->timer);
    start_next(c);
}

/* 0: under way or, with *won, done; or why not. */
static int start_attempt(struct stream__connector *c, const struct addrinfo *to, struct attempt *a,
                         bool *won)
{
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    *won = connect(fd, to->ai_addr, to->ai_addrlen) == 0;
    if (!*won && errno != EINPROGRESS) {
        const int code = errno;
        (void)close(fd);
        return code;
    }
    ev_io_init(&a->writable, on_connected, fd, EV_WRITE);
    a->writable.data = a;
    a->connector = c;
    c->running++;
    if (!*won)
        ev_io_start(c->loop->ev, &a->writable);
    return 0;
}

static void start_next(void *arg)
{
    struct stream__connector *c = arg;
    while (c->next < c->count) {
        struct attempt *a = &c->attempts[c->next];
        bool won = false;
        int code = start_attempt(c, c->order[c->next++], a, &won);
        if (won) {
            stop_attempt(a, true);
            win(c, a->writable.fd);
            return;
        }
        if (code == 0) {
            if (c->next < c->count)
                (void)loop_call_later(c->loop, &c->timer, STAGGER, start_next, c);
            return;
        }
        note_failure(c, code);
    }
    if (c->running == 0)
        give_up(c, c->code);
}

/* The families take turns, beginning with that of the first. */
static void sort_addresses(struct stream__connector *c)
{
    const struct addrinfo *same = c->list, *other = c->list;
    const int family = c->list->ai_family;
    while ((same != NULL || other != NULL) && c->count < ADDRESSES) {
        while (same != NULL && same->ai_family != family)
            same = same->ai_next;
        if (same != NULL) {
            c->order[c->count++] = same;
            same = same->ai_next;
        }
        while (other != NULL && other->ai_family == family)
            other = other->ai_next;
        if (other != NULL && c->count < ADDRESSES) {
            c->order[c->count++] = other;
            other = other->ai_next;
        }
    }
}

static void on_looked_up(struct loop_lookup *lookup, int code, struct addrinfo *list)
{
    struct stream__connector *c = TASK__OF(struct stream__connector, lookup, lookup);
    c->list = list;
    if (code != 0) {
        give_up(c, code);
        return;
    }
    sort_addresses(c);
    start_next(c);
}

static void connecting_cancelled(struct task_source *source, struct task *t)
{
    release(TASK__OF(struct stream, stream__writing, source)->stream__connector);
    task__ready(&t->task__node);
}

bool stream__connect(void *context, struct stream *s, const char *host, int port)
{
    struct stream__connector *c;
    if (s->stream__loop != NULL || s->stream__connector != NULL)
        return loop__settle(context, EISCONN, 0);
    if (!task__may_wait(context))
        return false;
    c = calloc(1, sizeof *c);
    if (c == NULL)
        return loop__settle(context, ENOMEM, 0);
    memset(s, 0, sizeof *s);
    loop__source_init(&s->stream__writing, NULL);
    s->stream__writing.cancelled = connecting_cancelled;
    s->stream__connector = c;
    c->stream = s;
    c->loop = loop__of(context);
    c->lookup.done = on_looked_up;
    loop__lookup(c->loop, &c->lookup, host, port, AF_UNSPEC, SOCK_STREAM, 0);
    return loop__wait(context, &s->stream__writing);
}

bool stream__connect_unix(void *context, struct stream *s, const char *path)
{
    struct loop_sockaddr to;
    int fd, code = loop_sockaddr_unix(&to, path);
    if (code != 0 || s->stream__loop != NULL || s->stream__connector != NULL)
        return loop__settle(context, code ? code : EISCONN, 0);
    if (!task__may_wait(context))
        return false;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return loop__settle(context, errno, 0);
    if (connect(fd, &to.address.any, to.size) != 0) { /* it never has to wait */
        code = errno;
        (void)close(fd);
        return loop__settle(context, code, 0);
    }
    stream__open(loop__of(context), s, fd);
    return loop__settle(context, 0, 0);
}
