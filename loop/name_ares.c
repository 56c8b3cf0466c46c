/* The resolver of c-ares: one channel for a loop, its sockets watched by libev, its timeouts calls. */
#include "loop/resolver.h"

#ifdef LOOP__ARES
#include <ares.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

struct query {
    struct loop__query query;
    bool canonical;
};

struct server_socket {
    ev_io io;
    struct loop_resource resource;
    struct loop__resolver *resolver;
    struct server_socket *next;
};

struct loop__resolver {
    struct loop *loop;
    ares_channel channel;
    struct server_socket *sockets;
    struct task_call timeout;
};

static int code_of(int status)
{
    switch (status) {
    case ARES_SUCCESS:
        return 0;
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
    case ARES_EBADNAME:
    case ARES_ENONAME:
        return NAME_ENONAME;
    case ARES_ETIMEOUT:
    case ARES_ECONNREFUSED:
    case ARES_ESERVFAIL:
    case ARES_EREFUSED:
        return NAME_EAGAIN;
    case ARES_ENOMEM:
        return ENOMEM;
    case ARES_EBADFAMILY:
    case ARES_EBADFLAGS:
    case ARES_EBADSTR:
        return EINVAL;
    default:
        return NAME_EFAIL;
    }
}

/* -- The channel ------------------------------------------------------------------------------- */

/* After all that has been asked of c-ares: when does it want to be called at the latest? */
static void on_timeout(void *arg);
static void schedule(struct loop__resolver *r)
{
    struct timeval t;
    (void)task_call_cancel(&r->timeout);
    if (ares_timeout(r->channel, NULL, &t) != NULL)
        (void)loop_call_later(r->loop, &r->timeout, (double)t.tv_sec + (double)t.tv_usec * 1e-6,
                              on_timeout, r);
}

static void on_timeout(void *arg)
{
    struct loop__resolver *r = arg;
    ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    schedule(r);
}

static void on_socket(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct server_socket *s = watcher->data; /* which may go in the next call */
    struct loop__resolver *r = s->resolver;
    const int fd = watcher->fd;
    (void)ev;
    ares_process_fd(r->channel, events & EV_READ ? fd : ARES_SOCKET_BAD,
                    events & EV_WRITE ? fd : ARES_SOCKET_BAD);
    schedule(r);
}

/* What c-ares wants to know of a socket; nothing: it is about to be closed. Without memory to watch
 * it, the question will time out. */
static void on_state(void *arg, ares_socket_t fd, int readable, int writable)
{
    struct loop__resolver *r = arg;
    struct server_socket **link = &r->sockets, *s;
    while (*link != NULL && (*link)->io.fd != fd)
        link = &(*link)->next;
    s = *link;
    if (s == NULL) {
        if ((!readable && !writable) || (s = calloc(1, sizeof *s)) == NULL)
            return;
        s->resolver = r;
        s->io.data = s;
        ev_init(&s->io, on_socket);
        loop__list(r->loop, &s->resource, "name server", fd);
        *link = s;
    }
    ev_io_stop(r->loop->ev, &s->io);
    if (readable || writable) {
        ev_io_set(&s->io, fd, (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0));
        ev_io_start(r->loop->ev, &s->io);
        return;
    }
    *link = s->next;
    loop__unlist(r->loop, &s->resource);
    free(s);
}

static pthread_once_t library = PTHREAD_ONCE_INIT;

static void init_library(void)
{
    (void)ares_library_init(ARES_LIB_INIT_ALL);
}

/* 0, or an error. */
static int open_channel(struct loop__names *names, double timeout, int tries)
{
    struct ares_options options;
    int mask = ARES_OPT_SOCK_STATE_CB, status;
    struct loop__resolver *r = calloc(1, sizeof *r);
    if (r == NULL)
        return ENOMEM;
    (void)pthread_once(&library, init_library);
    memset(&options, 0, sizeof options);
    options.sock_state_cb = on_state;
    options.sock_state_cb_data = r;
    if (timeout > 0) {
        options.timeout = (int)(timeout * 1e3) + 1;
        mask |= ARES_OPT_TIMEOUTMS;
    }
    if (tries > 0) {
        options.tries = tries;
        mask |= ARES_OPT_TRIES;
    }
    r->loop = names->loop;
    status = ares_init_options(&r->channel, &options, mask);
    if (status != ARES_SUCCESS) {
        free(r);
        return code_of(status);
    }
    names->resolver = r;
    return 0;
}

/* Those who still wait have been told: what c-ares says now, nobody hears. */
void loop__resolver_close(struct loop__names *names)
{
    ares_destroy(names->resolver->channel);
    (void)task_call_cancel(&names->resolver->timeout);
    free(names->resolver);
    names->resolver = NULL;
}

int loop__resolver_set_dns(struct loop__names *names, const char *servers, double timeout,
                           int tries)
{
    int code;
    if (names->resolver != NULL)
        loop__resolver_close(names);
    code = open_channel(names, timeout, tries);
    if (code != 0)
        return code;
    code = code_of(ares_set_servers_ports_csv(names->resolver->channel, servers));
    if (code != 0)
        loop__resolver_close(names);
    return code;
}

/* -- Questions --------------------------------------------------------------------------------- */

/* A single question cannot be taken back: its answer will find nobody. */
void loop__resolver_cancel(struct loop__query *query)
{
    (void)query;
}

/* 0, or an error. */
static int new_query(struct loop__names *names, struct loop_lookup *l, struct query **query)
{
    int code = names->resolver ? 0 : open_channel(names, 0, 0);
    if (code != 0)
        return code;
    *query = calloc(1, sizeof **query);
    if (*query == NULL)
        return ENOMEM;
    (*query)->query.lookup = l;
    l->loop__query = &(*query)->query;
    return 0;
}

/* The name at the end of the aliases. */
static const char *canonical_name(const struct ares_addrinfo *result)
{
    const struct ares_addrinfo_cname *alias = result->cnames;
    while (alias != NULL && alias->next != NULL)
        alias = alias->next;
    return alias != NULL && alias->name != NULL ? alias->name : result->name;
}

static int take_addresses(const struct query *q, const struct ares_addrinfo *result,
                          struct addrinfo **list)
{
    const char *canonical = q->canonical ? canonical_name(result) : NULL;
    struct addrinfo **end = list;
    for (const struct ares_addrinfo_node *a = result->nodes; a != NULL; a = a->ai_next) {
        if (loop__add_address(&end, a->ai_addr, a->ai_addrlen, a->ai_protocol, canonical) != 0) {
            loop_freeaddrinfo(*list);
            *list = NULL;
            return ENOMEM;
        }
        canonical = NULL;
    }
    return *list ? 0 : (int)NAME_ENONAME;
}

static void on_addresses(void *arg, int status, int timeouts, struct ares_addrinfo *result)
{
    struct query *q = arg;
    struct addrinfo *list = NULL;
    (void)timeouts;
    if (q->query.lookup != NULL) {
        int code = code_of(status);
        if (code == 0)
            code = take_addresses(q, result, &list);
        loop__answer(q->query.lookup, code, list);
    }
    ares_freeaddrinfo(result);
    free(q);
}

int loop__resolver_addresses(struct loop__names *names, struct loop_lookup *l, const char *host,
                             int family, int socktype, int flags)
{
    const struct ares_addrinfo_hints hints = {.ai_flags =
                                                  flags & AI_CANONNAME ? ARES_AI_CANONNAME : 0,
                                              .ai_family = family,
                                              .ai_socktype = socktype};
    struct query *q;
    int code = new_query(names, l, &q);
    if (code != 0)
        return code;
    q->canonical = flags & AI_CANONNAME;
    ares_getaddrinfo(names->resolver->channel, host, NULL, &hints, on_addresses, q);
    schedule(names->resolver);
    return 0;
}

static void on_name(void *arg, int status, int timeouts, char *host, char *service)
{
    struct query *q = arg;
    (void)timeouts, (void)service;
    if (q->query.lookup != NULL) {
        int code = code_of(status);
        if (code == 0)
            code = loop__answer_host(q->query.lookup, host);
        loop__answer(q->query.lookup, code, NULL);
    }
    free(q);
}

int loop__resolver_name(struct loop__names *names, struct loop_lookup *l,
                        const struct sockaddr *address, socklen_t length, int flags)
{
    struct query *q;
    int code = new_query(names, l, &q);
    if (code != 0)
        return code;
    ares_getnameinfo(names->resolver->channel, address, length,
                     ARES_NI_LOOKUPHOST | (flags & NI_NAMEREQD ? ARES_NI_NAMEREQD : 0) |
                         (flags & NI_NOFQDN ? ARES_NI_NOFQDN : 0),
                     on_name, q);
    schedule(names->resolver);
    return 0;
}

#else
typedef int loop__no_ares; /* C wants something in every file */
#endif
