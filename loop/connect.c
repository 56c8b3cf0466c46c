/* How a connection is made: the host's addresses are raced (RFC 8305). */
#include "loop/connect.h"

#include <stdlib.h>
#include <unistd.h>

#include "loop/address.h"
#include "loop/name.h"
#include "loop/portable.h"
#include "loop/source.h"

/* The most addresses that are tried. */
enum { ADDRESSES = 16 };
static const double STAGGER = 0.25; /* seconds from one attempt to the next */

struct attempt {
    ev_io writable; /* its fd is the socket */
    struct loop_resource resource;
    struct loop__connector *connector; /* NULL: it is not under way */
};

struct loop__connector {
    struct loop *loop;
    void (*done)(void *arg, struct loop *loop, int code, int fd);
    void *arg;
    struct loop_lookup lookup;
    struct addrinfo *list;
    const struct addrinfo *order[ADDRESSES];
    struct attempt attempts[ADDRESSES];
    size_t count, next, running;
    struct task_call call; /* the next attempt; in the end, `done` */
    int code;              /* of the first that failed */
    int fd;                /* of the one that has won; -1: none */
};

/* Gives up an attempt, without its socket if that is wanted. */
static void stop_attempt(struct attempt *a, bool keep)
{
    if (a->connector == NULL)
        return;
    ev_io_stop(a->connector->loop->ev, &a->writable);
    loop__unlist(a->connector->loop, &a->resource);
    if (!keep)
        (void)close(a->writable.fd);
    a->connector->running--;
    a->connector = NULL;
}

static void stop(struct loop__connector *c)
{
    if (c->list != NULL)
        loop_freeaddrinfo(c->list);
    else
        loop__lookup_cancel(&c->lookup);
    c->list = NULL;
    (void)task_call_cancel(&c->call);
    for (size_t i = 0; i < c->count; i++)
        stop_attempt(&c->attempts[i], false);
}

static void tell(void *arg)
{
    const struct loop__connector c = *(struct loop__connector *)arg;
    free(arg);
    c.done(c.arg, c.loop, c.code, c.fd);
}

static void settle(struct loop__connector *c, int code, int fd)
{
    stop(c);
    c->code = code;
    c->fd = fd;
    loop__call_next(c->loop, &c->call, tell, c);
}

static void note_failure(struct loop__connector *c, int code)
{
    if (c->code == 0)
        c->code = code;
}

static void start_next(void *arg);

static void on_connected(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct attempt *a = watcher->data;
    struct loop__connector *c = a->connector;
    int code = 0;
    socklen_t size = sizeof code;
    (void)ev, (void)events;
    if (getsockopt(watcher->fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0)
        code = errno;
    stop_attempt(a, code == 0);
    if (code == 0) {
        settle(c, 0, watcher->fd);
        return;
    }
    note_failure(c, code);
    (void)task_call_cancel(&c->call);
    start_next(c);
}

/* 0: it is under way or, with *won, done; or why not. */
static int start_attempt(struct loop__connector *c, const struct addrinfo *to, struct attempt *a,
                         bool *won)
{
    int fd = loop__socket(to->ai_family, SOCK_STREAM);
    if (fd < 0)
        return errno;
    *won = connect(fd, to->ai_addr, to->ai_addrlen) == 0;
    if (!*won && errno != EINPROGRESS && errno != EINTR) { /* which goes on as well */
        const int code = errno;
        (void)close(fd);
        return code;
    }
    ev_io_init(&a->writable, on_connected, fd, EV_WRITE);
    a->writable.data = a;
    a->connector = c;
    c->running++;
    loop__list(c->loop, &a->resource, "connecting", fd);
    if (!*won)
        ev_io_start(c->loop->ev, &a->writable);
    return 0;
}

static void start_next(void *arg)
{
    struct loop__connector *c = arg;
    while (c->next < c->count) {
        struct attempt *a = &c->attempts[c->next];
        bool won = false;
        int code = start_attempt(c, c->order[c->next++], a, &won);
        if (won) {
            stop_attempt(a, true);
            settle(c, 0, a->writable.fd);
            return;
        }
        if (code == 0) {
            if (c->next < c->count)
                (void)loop_call_later(c->loop, &c->call, STAGGER, start_next, c);
            return;
        }
        note_failure(c, code);
    }
    if (c->running == 0)
        settle(c, c->code, -1);
}

/* The families take turns, beginning with that of the first. */
static void sort_addresses(struct loop__connector *c)
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
    struct loop__connector *c = TASK__OF(struct loop__connector, lookup, lookup);
    c->list = list;
    c->code = code;
    if (code != 0) {
        tell(c); /* now, as the loop may be closing */
        return;
    }
    sort_addresses(c);
    start_next(c);
}

struct loop__connector *loop__connect(struct loop *loop, const char *host, int port,
                                      void (*done)(void *arg, struct loop *loop, int code, int fd),
                                      void *arg)
{
    struct loop__connector *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->loop = loop;
    c->done = done;
    c->arg = arg;
    c->fd = -1;
    c->lookup.done = on_looked_up;
    loop__lookup(loop, &c->lookup, host, port, AF_UNSPEC, SOCK_STREAM, 0);
    return c;
}

void loop__connect_cancel(struct loop__connector *c)
{
    if (c == NULL)
        return;
    stop(c);
    if (c->fd >= 0)
        (void)close(c->fd);
    free(c);
}

int loop__connect_unix(const char *path, int *fd)
{
    struct loop_sockaddr to;
    int code = loop_sockaddr_unix(&to, path);
    if (code != 0)
        return code;
    *fd = loop__socket(AF_UNIX, SOCK_STREAM);
    if (*fd < 0)
        return errno;
    if (connect(*fd, &to.address.any, to.size) != 0) {
        code = errno;
        (void)close(*fd);
    }
    return code;
}
