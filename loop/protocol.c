/* Transports, and the connections and servers that make them. */
#include "loop/protocol.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "loop/address.h"
#include "loop/source.h"

enum { READ_SIZE = 65536, FIRST_ROOM = 4096, HIGH = 65536, WRITE_LIMIT = 16 << 20, BACKLOG = 100 };

/* What loop_dump calls them is what tells them apart when the loop closes. */
static const char a_transport[] = "transport", a_connecting[] = "connecting", a_server[] = "server";

struct transport {
    struct loop__watch watch;
    struct protocol *protocol;
    struct task_call life; /* connection_made, then connection_lost */
    struct loop_connecting *connecting;
    struct loop_server *server;
    struct transport *next, *prev; /* of the server's */
    char *out;                     /* what waits: `size` bytes from out + begin */
    size_t begin, size, room;
    size_t high, low, limit;
    int code; /* of connection_lost */
    bool made, paused_reading, paused_writing;
    bool ended;   /* the peer's EOF has come */
    bool eof;     /* ours is to be sent */
    bool closing; /* nothing more is read, or taken to be written */
    bool lost;    /* and connection_lost is due */
};

/* -- Watching ---------------------------------------------------------------------------------- */

/* What libev finds becomes a call of the next turn: in order, timed, and in no task. */
static void on_event(struct ev_loop *ev, ev_io *io, int events)
{
    struct loop__watch *w = io->data;
    (void)ev;
    w->events |= events;
    loop__call_next(w->loop, &w->call, w->fn, w->owner);
}

static void watch_init(struct loop__watch *w, struct loop *loop, int fd, const char *kind,
                       void (*fn)(void *owner), void (*end)(void *owner), void *owner)
{
    w->loop = loop;
    w->fn = fn;
    w->end = end;
    w->owner = owner;
    w->events = 0;
    ev_io_init(&w->io, on_event, fd, 0);
    w->io.data = w;
    loop__list(loop, &w->resource, kind, fd);
}

static void watch(struct loop__watch *w, int events)
{
    if (events == (w->io.events & (EV_READ | EV_WRITE)) && ev_is_active(&w->io) == (events != 0))
        return;
    ev_io_stop(w->loop->ev, &w->io);
    ev_io_set(&w->io, w->io.fd, events);
    if (events != 0)
        ev_io_start(w->loop->ev, &w->io);
}

static void watch_close(struct loop__watch *w)
{
    ev_io_stop(w->loop->ev, &w->io);
    (void)task_call_cancel(&w->call);
    loop__unlist(w->loop, &w->resource);
    (void)close(w->io.fd);
}

/* -- The end of the loop ----------------------------------------------------------------------- */

struct ending {
    struct loop_service service;
    struct loop *loop;
};

/* Everything of ours that is open is on the loop's list. */
static struct loop__watch *first_open(const struct loop *loop)
{
    struct loop_resource *r = loop->loop__resources;
    while (r != NULL && r->kind != a_transport && r->kind != a_connecting && r->kind != a_server)
        r = r->loop__next;
    return r ? TASK__OF(struct loop__watch, resource, r) : NULL;
}

static void end_all(struct loop_service *service)
{
    struct ending *ending = TASK__OF(struct ending, service, service);
    struct loop__watch *w;
    while ((w = first_open(ending->loop)) != NULL)
        w->end(w->owner);
    free(ending);
}

/* Before anything is opened: may it be, and will it be ended? */
static int may_open(struct loop *loop)
{
    const struct loop_service *service;
    struct ending *ending;
    if (loop_is_closed(loop))
        return LOOP_ECLOSED;
    if (loop__wrong_thread(loop))
        return LOOP_ETHREAD;
    for (service = loop->loop__services; service != NULL; service = service->loop__next)
        if (service->close == end_all)
            return 0;
    ending = calloc(1, sizeof *ending);
    if (ending == NULL)
        return ENOMEM;
    ending->service.close = end_all;
    ending->loop = loop;
    loop_add_service(loop, &ending->service);
    return 0;
}

/* -- The life of a transport ------------------------------------------------------------------- */

static void server_left(struct loop_server *server, struct transport *t);
static void connected(struct loop_connecting *c, int code);

static struct loop *loop_of(const struct transport *t)
{
    return t->watch.loop;
}

static bool reads(const struct transport *t)
{
    return !t->closing && !t->paused_reading && !t->ended;
}

static void update(struct transport *t)
{
    if (t->made && !t->lost)
        watch(&t->watch, (reads(t) ? EV_READ : 0) | (t->size > 0 ? EV_WRITE : 0));
}

static void on_lost(void *arg)
{
    struct transport *t = arg;
    struct protocol *p = t->protocol;
    t->protocol = NULL;
    p->transport = NULL;
    if (p->ops->connection_lost != NULL)
        p->ops->connection_lost(p, t->code);
    watch_close(&t->watch);
    if (t->server != NULL)
        server_left(t->server, t);
    free(t);
}

/* Who waits for connection_made is ready before connection_lost is. */
static void on_made(void *arg)
{
    struct transport *t = arg;
    struct protocol *p = t->protocol;
    if (p->ops->connection_made != NULL)
        p->ops->connection_made(p, t);
    t->made = true;
    update(t);
    if (t->connecting != NULL)
        connected(t->connecting, 0);
    if (t->lost)
        (void)task_call_soon(&loop_of(t)->scheduler, &t->life, on_lost, t);
}

static void drop_buffer(struct transport *t)
{
    free(t->out);
    t->out = NULL;
    t->begin = t->size = t->room = 0;
}

static void lose(struct transport *t, int code)
{
    if (t->lost)
        return;
    t->lost = t->closing = true;
    t->code = code;
    drop_buffer(t);
    watch(&t->watch, 0);
    if (t->made)
        (void)task_call_soon(&loop_of(t)->scheduler, &t->life, on_lost, t);
}

/* Of the loop. All calls have been made by then, or are made here. */
static void end_transport(void *arg)
{
    struct transport *t = arg;
    if (!t->made) {
        (void)task_call_cancel(&t->life);
        on_made(t);
    }
    lose(t, LOOP_ECLOSED);
    (void)task_call_cancel(&t->life);
    on_lost(t);
}

void transport_close(struct transport *t)
{
    if (t == NULL || t->closing)
        return;
    t->closing = true;
    if (t->size == 0)
        lose(t, 0);
    else
        update(t);
}

void transport_abort(struct transport *t)
{
    if (t != NULL)
        lose(t, 0);
}

bool transport_is_closing(const struct transport *t)
{
    return t == NULL || t->closing;
}

/* -- Reading ----------------------------------------------------------------------------------- */

static void on_eof(struct transport *t)
{
    struct protocol *p = t->protocol;
    t->ended = true;
    if (p->ops->eof_received != NULL && p->ops->eof_received(p))
        update(t);
    else
        transport_close(t);
}

/* One recv for each event, so that no connection starves the others. */
static void receive(struct transport *t, void *data, size_t size)
{
    struct protocol *p = t->protocol;
    const bool buffered = p->ops->get_buffer != NULL;
    ssize_t n = recv(t->watch.io.fd, data, size, 0);
    if (n == 0)
        on_eof(t);
    else if (n < 0) {
        if (!loop__again(errno))
            lose(t, errno);
    } else if (buffered && p->ops->buffer_updated != NULL)
        p->ops->buffer_updated(p, (size_t)n);
    else if (!buffered && p->ops->data_received != NULL)
        p->ops->data_received(p, data, (size_t)n);
}

static void receive_lent(struct transport *t)
{
    char data[READ_SIZE];
    receive(t, data, sizeof data);
}

static void on_readable(struct transport *t)
{
    struct protocol *p = t->protocol;
    size_t size = 0;
    void *data;
    if (p->ops->get_buffer == NULL) {
        receive_lent(t);
        return;
    }
    data = p->ops->get_buffer(p, 0, &size);
    if (!reads(t) || t->protocol != p)
        return; /* it thought better of it */
    if (data == NULL || size == 0)
        lose(t, ENOBUFS);
    else
        receive(t, data, size);
}

void transport_pause_reading(struct transport *t)
{
    if (t == NULL)
        return;
    t->paused_reading = true;
    update(t);
}

void transport_resume_reading(struct transport *t)
{
    if (t == NULL)
        return;
    t->paused_reading = false;
    update(t);
}

bool transport_is_reading(const struct transport *t)
{
    return t != NULL && reads(t);
}

/* -- Writing ----------------------------------------------------------------------------------- */

static void pause_if_high(struct transport *t)
{
    struct task_scheduler *s = &loop_of(t)->scheduler;
    struct protocol *p = t->protocol;
    struct task *const current = s->current;
    if (t->paused_writing || t->size <= t->high)
        return;
    t->paused_writing = true;
    s->current = NULL; /* it may be a task that writes */
    if (p->ops->pause_writing != NULL)
        p->ops->pause_writing(p);
    s->current = current;
}

static void resume_if_low(struct transport *t)
{
    struct protocol *p = t->protocol;
    if (!t->paused_writing || t->size > t->low)
        return;
    t->paused_writing = false;
    if (p->ops->resume_writing != NULL)
        p->ops->resume_writing(p);
}

static void on_writable(struct transport *t)
{
    ssize_t n = send(t->watch.io.fd, t->out + t->begin, t->size, MSG_NOSIGNAL);
    if (n < 0) {
        if (!loop__again(errno))
            lose(t, errno);
        return;
    }
    t->begin += (size_t)n;
    t->size -= (size_t)n;
    resume_if_low(t); /* which may write, close, abort */
    if (t->lost || t->size > 0)
        return;
    drop_buffer(t);
    update(t);
    if (t->closing)
        lose(t, 0);
    else if (t->eof && shutdown(t->watch.io.fd, SHUT_WR) != 0)
        lose(t, errno);
}

static void on_ready(void *arg)
{
    struct transport *t = arg;
    const int events = t->watch.events;
    t->watch.events = 0;
    if ((events & EV_READ) && reads(t))
        on_readable(t);
    if ((events & EV_WRITE) && t->size > 0)
        on_writable(t);
}

/* Room for n more bytes behind those that wait. What is moved is at most what has been sent since
 * the last move, or what it grows by: so each byte costs O(1). */
static bool reserve(struct transport *t, size_t n)
{
    size_t room = t->room * 2;
    char *out;
    if (n <= t->room - t->begin - t->size)
        return true;
    if (t->begin >= t->size && n <= t->room - t->size) {
        memcpy(t->out, t->out + t->begin, t->size);
        t->begin = 0;
        return true;
    }
    if (room < t->size + n)
        room = t->size + n;
    if (room < FIRST_ROOM)
        room = FIRST_ROOM;
    out = malloc(room);
    if (out == NULL)
        return false;
    if (t->size > 0)
        memcpy(out, t->out + t->begin, t->size);
    free(t->out);
    t->out = out;
    t->begin = 0;
    t->room = room;
    return true;
}

/* Takes all but the first `skip` bytes. */
static void append(struct transport *t, const struct iovec *parts, int count, size_t skip)
{
    for (int i = 0; i < count; i++) {
        size_t n = parts[i].iov_len;
        if (skip >= n) {
            skip -= n;
            continue;
        }
        n -= skip;
        memcpy(t->out + t->begin + t->size, (const char *)parts[i].iov_base + skip, n);
        t->size += n;
        skip = 0;
    }
}

static ssize_t send_now(int fd, const struct iovec *parts, int count)
{
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts,
                             .msg_iovlen = (size_t)(count < IOV_MAX ? count : IOV_MAX)};
    ssize_t n = count == 1 ? send(fd, parts->iov_base, parts->iov_len, MSG_NOSIGNAL)
                           : sendmsg(fd, &message, MSG_NOSIGNAL);
    return n < 0 && loop__again(errno) ? 0 : n;
}

int transport_writelines(struct transport *t, const struct iovec *parts, int count)
{
    size_t total = 0, sent = 0;
    if (t == NULL || t->closing)
        return EPIPE;
    if (t->eof)
        return GEN_EBADSTATE;
    for (int i = 0; i < count; i++) {
        if (parts[i].iov_len > SIZE_MAX - total)
            return ENOBUFS;
        total += parts[i].iov_len;
    }
    if (total == 0)
        return 0;
    if (t->size > t->limit || total > t->limit - t->size)
        return ENOBUFS;
    if (t->size == 0) {
        ssize_t n = send_now(t->watch.io.fd, parts, count);
        if (n < 0) {
            const int code = errno;
            lose(t, code);
            return code;
        }
        sent = (size_t)n;
        if (sent == total)
            return 0;
    }
    if (!reserve(t, total - sent)) {
        if (sent > 0)
            lose(t, ENOMEM); /* a part has gone, so nothing may follow it */
        return ENOMEM;
    }
    append(t, parts, count, sent);
    update(t);
    pause_if_high(t);
    return 0;
}

int transport_write(struct transport *t, const void *data, size_t size)
{
    const struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
    return transport_writelines(t, &part, 1);
}

int transport_write_eof(struct transport *t)
{
    if (t == NULL)
        return EPIPE;
    if (t->closing || t->eof)
        return t->lost ? EPIPE : 0;
    t->eof = true;
    return t->size > 0 || shutdown(t->watch.io.fd, SHUT_WR) == 0 ? 0 : errno;
}

int transport_set_write_buffer_limits(struct transport *t, size_t high, size_t low)
{
    if (t == NULL)
        return EPIPE;
    if (high == TRANSPORT_DEFAULT)
        high = low == TRANSPORT_DEFAULT ? HIGH : low <= SIZE_MAX / 4 ? 4 * low : SIZE_MAX;
    if (low == TRANSPORT_DEFAULT)
        low = high / 4;
    if (high == 0)
        low = 0;
    if (low > high)
        return EINVAL;
    t->high = high;
    t->low = low;
    if (!t->lost)
        pause_if_high(t);
    return 0;
}

void transport_get_write_buffer_limits(const struct transport *t, size_t *high, size_t *low)
{
    *high = t ? t->high : 0;
    *low = t ? t->low : 0;
}

void transport_set_write_limit(struct transport *t, size_t size)
{
    if (t != NULL)
        t->limit = size;
}

size_t transport_get_write_buffer_size(const struct transport *t)
{
    return t ? t->size : 0;
}

/* -- Asking ------------------------------------------------------------------------------------ */

union address {
    union loop_address ip;
    struct sockaddr any;
    struct sockaddr_un local;
};

static int address_name(const struct transport *t, int (*get)(int, struct sockaddr *, socklen_t *),
                        char *name, size_t size)
{
    union address address = {.local = {.sun_family = 0}};
    socklen_t length = sizeof address;
    int n;
    if (t == NULL)
        return EPIPE;
    if (get(t->watch.io.fd, &address.any, &length) != 0)
        return errno;
    if (address.any.sa_family != AF_UNIX)
        return loop_address_name(&address.ip, name, size);
    n = snprintf(name, size, "%.*s", (int)sizeof address.local.sun_path, address.local.sun_path);
    return n < 0 || (size_t)n >= size ? ENOSPC : 0;
}

int transport_peername(const struct transport *t, char *name, size_t size)
{
    return address_name(t, getpeername, name, size);
}

int transport_sockname(const struct transport *t, char *name, size_t size)
{
    return address_name(t, getsockname, name, size);
}

int transport_fd(const struct transport *t)
{
    return t ? t->watch.io.fd : -1;
}

int transport_set_protocol(struct transport *t, struct protocol *p)
{
    if (t == NULL || t->protocol == NULL)
        return EPIPE;
    if (p->transport == t)
        return 0;
    if (p->transport != NULL)
        return GEN_EBADSTATE;
    t->protocol->transport = NULL;
    t->protocol = p;
    p->transport = t;
    return 0;
}

struct protocol *transport_get_protocol(const struct transport *t)
{
    return t ? t->protocol : NULL;
}

/* -- A transport begins ------------------------------------------------------------------------ */

/* 0, or GEN_EBADSTATE. `t` is all zero. */
static int start(struct transport *t, struct loop *loop, struct protocol *p, int fd)
{
    const int on = 1;
    if (p->transport != NULL)
        return GEN_EBADSTATE;
    watch_init(&t->watch, loop, fd, a_transport, on_ready, end_transport, t);
    t->protocol = p;
    p->transport = t;
    t->high = HIGH;
    t->low = HIGH / 4;
    t->limit = WRITE_LIMIT;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* asyncio does, too */
    (void)task_call_soon(&loop->scheduler, &t->life, on_made, t);
    return 0;
}

int transport_open(struct loop *loop, struct protocol *p, int fd)
{
    struct transport *t;
    int code = may_open(loop);
    if (code != 0)
        return code;
    t = calloc(1, sizeof *t);
    if (t == NULL)
        return ENOMEM;
    code = start(t, loop, p, fd);
    if (code != 0)
        free(t);
    return code;
}

/* The factory is asked when nothing can fail any more but itself. Takes over t and fd. */
static int start_new(struct transport *t, struct loop *loop, protocol_factory *factory, void *arg,
                     struct protocol **made, int fd)
{
    int code;
    *made = factory(arg);
    code = *made == NULL ? ENOMEM : start(t, loop, *made, fd);
    if (code != 0) {
        (void)close(fd);
        free(t);
    }
    return code;
}

/* -- Addresses --------------------------------------------------------------------------------- */

/* Calls a->done, which may be at once. For literal addresses, and NULL. */
static void resolve(struct loop__addresses *a, const char *host, int port, int flags)
{
    struct addrinfo *list = NULL;
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | flags,
                                   .ai_socktype = SOCK_STREAM};
    char service[16];
    int code = EINVAL;
    if (port >= 0 && port <= 65535) {
        (void)snprintf(service, sizeof service, "%d", port);
        switch (getaddrinfo(host, service, &hints, &list)) {
        case 0:
            code = 0;
            break;
        case EAI_MEMORY:
            code = ENOMEM;
            break;
        case EAI_SYSTEM:
            code = errno;
            break;
        default:
            break;
        }
    }
    a->done(a, code, list);
}

/* A path as the only address of a list. 0, EINVAL, ENAMETOOLONG. */
static int path_address(struct addrinfo *list, struct sockaddr_un *address, const char *path)
{
    memset(list, 0, sizeof *list);
    memset(address, 0, sizeof *address);
    if (path == NULL || path[0] == '\0')
        return EINVAL;
    if (strlen(path) >= sizeof address->sun_path)
        return ENAMETOOLONG;
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, strlen(path));
    list->ai_family = AF_UNIX;
    list->ai_socktype = SOCK_STREAM;
    list->ai_addr = (struct sockaddr *)(void *)address;
    list->ai_addrlen = sizeof *address;
    return 0;
}

static int open_socket(const struct addrinfo *a)
{
    return socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
}

/* -- Connecting -------------------------------------------------------------------------------- */

static void drop_addresses(struct loop_connecting *c)
{
    if (c->loop__list != NULL)
        freeaddrinfo(c->loop__list);
    c->loop__list = c->loop__next = NULL;
}

/* It is over, well or not. */
static void connected(struct loop_connecting *c, int code)
{
    drop_addresses(c);
    c->loop__loop = NULL;
    c->loop__transport = NULL;
    if (code == 0)
        loop__done(&c->connected, 0);
    else
        loop__fail(&c->connected, code);
}

/* Nobody waits any more. */
static void give_up(struct task_source *source)
{
    struct loop_connecting *c = TASK__OF(struct loop_connecting, connected, source);
    struct transport *t = c->loop__transport;
    if (t != NULL) {
        t->connecting = NULL;
        transport_close(t);
    } else if (c->loop__watch.resource.kind != NULL)
        watch_close(&c->loop__watch);
    drop_addresses(c);
    c->loop__loop = NULL;
    c->loop__transport = NULL;
}

static void end_connecting(void *arg)
{
    struct loop_connecting *c = arg;
    watch_close(&c->loop__watch);
    connected(c, LOOP_ECLOSED);
}

static void established(struct loop_connecting *c, int fd)
{
    struct transport *t = calloc(1, sizeof *t);
    int code = ENOMEM;
    if (t == NULL)
        (void)close(fd);
    else
        code = start_new(t, c->loop__loop, c->loop__factory, c->loop__arg, &c->protocol, fd);
    if (code != 0) {
        connected(c, code);
        return;
    }
    t->connecting = c;
    c->loop__transport = t;
}

static void on_connected(void *arg);

/* True: it is connected, or on the way. The first failure is told in the end. */
static bool attempt(struct loop_connecting *c, const struct addrinfo *a)
{
    const int fd = open_socket(a);
    if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0) {
        established(c, fd);
        return true;
    }
    if (fd >= 0 && (errno == EINPROGRESS || errno == EINTR)) {
        watch_init(&c->loop__watch, c->loop__loop, fd, a_connecting, on_connected, end_connecting,
                   c);
        watch(&c->loop__watch, EV_WRITE);
        return true;
    }
    if (c->loop__code == 0)
        c->loop__code = errno;
    if (fd >= 0)
        (void)close(fd);
    return false;
}

static void try_next(struct loop_connecting *c)
{
    while (c->loop__next != NULL) {
        const struct addrinfo *a = c->loop__next;
        c->loop__next = a->ai_next;
        if (attempt(c, a))
            return;
    }
    connected(c, c->loop__code);
}

static void on_connected(void *arg)
{
    struct loop_connecting *c = arg;
    struct loop__watch *w = &c->loop__watch;
    int code = 0;
    socklen_t size = sizeof code;
    if (getsockopt(w->io.fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0)
        code = errno;
    if (code == 0) {
        ev_io_stop(w->loop->ev, &w->io);
        loop__unlist(w->loop, &w->resource);
        established(c, w->io.fd);
        return;
    }
    if (c->loop__code == 0)
        c->loop__code = code;
    watch_close(w);
    try_next(c);
}

static void on_addresses(struct loop__addresses *a, int code, struct addrinfo *list)
{
    struct loop_connecting *c = TASK__OF(struct loop_connecting, loop__addresses, a);
    c->loop__list = c->loop__next = list;
    if (code != 0)
        connected(c, code);
    else
        try_next(c);
}

static int begin_connecting(struct loop *loop, struct loop_connecting *c, protocol_factory *factory,
                            void *arg)
{
    int code = may_open(loop);
    if (code != 0)
        return code;
    if (c->loop__loop != NULL)
        return GEN_EBADSTATE;
    memset(c, 0, sizeof *c);
    loop__source_init(&c->connected, give_up);
    c->loop__loop = loop;
    c->loop__factory = factory;
    c->loop__arg = arg;
    c->loop__addresses.done = on_addresses;
    return 0;
}

int loop_begin_connection(struct loop *loop, struct loop_connecting *c, protocol_factory *factory,
                          void *arg, const char *host, int port)
{
    int code = begin_connecting(loop, c, factory, arg);
    if (code == 0)
        resolve(&c->loop__addresses, host, port, 0);
    return code;
}

int loop_begin_unix_connection(struct loop *loop, struct loop_connecting *c,
                               protocol_factory *factory, void *arg, const char *path)
{
    struct addrinfo list;
    struct sockaddr_un address;
    int code = begin_connecting(loop, c, factory, arg);
    if (code != 0)
        return code;
    c->loop__code = path_address(&list, &address, path);
    if (c->loop__code != 0 || !attempt(c, &list))
        connected(c, c->loop__code);
    return 0;
}

/* Waits for what has begun, if it has. */
static bool await_begun(void *context, int code, struct task_source *source)
{
    return code != 0 ? loop__settle(context, code, 0) : task__await(context, &source->future);
}

bool loop__create_connection(void *context, struct loop_connecting *c, protocol_factory *factory,
                             void *arg, const char *host, int port)
{
    if (!task__may_wait(context))
        return false;
    return await_begun(context,
                       loop_begin_connection(loop__of(context), c, factory, arg, host, port),
                       &c->connected);
}

bool loop__create_unix_connection(void *context, struct loop_connecting *c,
                                  protocol_factory *factory, void *arg, const char *path)
{
    if (!task__may_wait(context))
        return false;
    return await_begun(context,
                       loop_begin_unix_connection(loop__of(context), c, factory, arg, path),
                       &c->connected);
}

/* -- Accepting --------------------------------------------------------------------------------- */

static void on_retry(void *arg)
{
    struct loop__listener *l = arg;
    watch(&l->watch, EV_READ);
}

/* Those who wait in the backlog must not be lost, nor spin the loop: look away for a second. */
static void pause_accepting(struct loop__listener *l, int code)
{
    struct loop *loop = l->server->loop__loop;
    const struct loop_exception e = {"a server cannot accept, and pauses", NULL, {code, NULL}};
    watch(&l->watch, 0);
    (void)loop_call_later(loop, &l->retry, 1, on_retry, l);
    loop_call_exception_handler(loop, &e);
}

/* What does not go away by accepting the next one. */
static bool must_pause(int code)
{
    switch (code) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
        return true;
    default: /* EAGAIN, and what happened to a connection before it was taken */
        return false;
    }
}

static void end_if_drained(struct loop_server *server);

static void accepted(struct loop_server *server, struct transport *t, int fd)
{
    struct loop *loop = server->loop__loop;
    struct protocol *p;
    int code;
    server->connections++; /* the factory may close the server */
    code = start_new(t, loop, server->loop__factory, server->loop__arg, &p, fd);
    if (code == GEN_EBADSTATE) {
        const struct loop_exception e = {
            "a server's factory gave a protocol that has a connection", NULL, {code, NULL}};
        loop_call_exception_handler(loop, &e);
    }
    if (code != 0) {
        server->connections--;
        end_if_drained(server);
        return;
    }
    t->server = server;
    t->next = server->loop__all;
    if (t->next != NULL)
        t->next->prev = t;
    server->loop__all = t;
}

static void end_listener(void *arg)
{
    loop_server_close(((struct loop__listener *)arg)->server);
}

static void on_acceptable(void *arg)
{
    struct loop__listener *l = arg;
    struct loop_server *server = l->server;
    struct transport *t =
        NULL; /* there before the connection is taken, which would be lost without */
    int code = 0;
    for (int i = 0; i < server->backlog && server->sockets > 0; i++) {
        int fd;
        t = calloc(1, sizeof *t);
        if (t == NULL) {
            code = ENOMEM;
            break;
        }
        fd = accept4(l->watch.io.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            code = errno;
            free(t);
            break;
        }
        accepted(server, t, fd);
    }
    if (must_pause(code))
        pause_accepting(l, code);
}

/* -- Servers ----------------------------------------------------------------------------------- */

/* Nothing of a server is left: its memory may go when those who wait have gone on. */
static void end_if_drained(struct loop_server *server)
{
    if (server->sockets > 0 || server->connections > 0 || server->loop__loop == NULL)
        return;
    server->loop__loop = NULL;
    (void)task_future_set(&server->loop__ended);
    loop__fail(&server->loop__serving, GEN_CANCELLED);
    (void)task__wake_first(&server->loop__drained);
}

static void server_left(struct loop_server *server, struct transport *t)
{
    if (t->prev != NULL)
        t->prev->next = t->next;
    else
        server->loop__all = t->next;
    if (t->next != NULL)
        t->next->prev = t->prev;
    server->connections--;
    end_if_drained(server);
}

/* The path is removed if it is still this socket that has it. */
static void remove_path(const struct loop_server *server)
{
    union address address = {.local = {.sun_family = 0}};
    socklen_t length = sizeof address;
    struct stat st;
    if (server->loop__file == 0 ||
        getsockname(loop_server_fd(server, 0), &address.any, &length) != 0)
        return;
    if (stat(address.local.sun_path, &st) == 0 && st.st_ino == server->loop__file)
        (void)unlink(address.local.sun_path);
}

static void close_listeners(struct loop_server *server)
{
    remove_path(server);
    while (server->sockets > 0) {
        struct loop__listener *l = &server->loop__listeners[--server->sockets];
        (void)task_call_cancel(&l->retry);
        watch_close(&l->watch);
    }
}

void loop_server_close(struct loop_server *server)
{
    close_listeners(server);
    end_if_drained(server);
}

void loop_server_close_clients(struct loop_server *server)
{
    for (struct transport *t = server->loop__all; t != NULL; t = t->next)
        transport_close(t);
}

void loop_server_abort_clients(struct loop_server *server)
{
    for (struct transport *t = server->loop__all; t != NULL; t = t->next)
        transport_abort(t);
}

int loop_server_fd(const struct loop_server *server, size_t i)
{
    return i < server->sockets ? server->loop__listeners[i].watch.io.fd : -1;
}

/* 0 or an errno code. The server's port, if it has one already, is that of all its sockets. */
static int bind_and_listen(const struct loop_server *server, int fd, const struct addrinfo *a)
{
    const int on = 1;
    union address address = {.local = {.sun_family = 0}};
    memcpy(&address, a->ai_addr, a->ai_addrlen);
    if (server->port != 0 && a->ai_family == AF_INET)
        address.ip.v4.sin_port = htons((uint16_t)server->port);
    if (server->port != 0 && a->ai_family == AF_INET6)
        address.ip.v6.sin6_port = htons((uint16_t)server->port);
    if ((a->ai_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
        (server->reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, &address.any, a->ai_addrlen) != 0 || listen(fd, server->backlog) != 0)
        return errno;
    return 0;
}

static int add_socket(struct loop_server *server, const struct addrinfo *a)
{
    struct loop__listener *l = &server->loop__listeners[server->sockets];
    union address address = {.local = {.sun_family = 0}};
    socklen_t length = sizeof address;
    int fd, code;
    if (server->sockets == LOOP_SERVER_SOCKETS)
        return ENOSPC;
    fd = open_socket(a);
    if (fd < 0)
        return errno;
    code = bind_and_listen(server, fd, a);
    if (code == 0 && getsockname(fd, &address.any, &length) != 0)
        code = errno;
    if (code != 0) {
        (void)close(fd);
        return code;
    }
    if (a->ai_family != AF_UNIX)
        server->port = loop_address_port(&address.ip);
    l->server = server;
    watch_init(&l->watch, server->loop__loop, fd, a_server, on_acceptable, end_listener, l);
    watch(&l->watch, EV_READ);
    server->sockets++;
    return 0;
}

static void listen_on(struct loop_server *server, int code, const struct addrinfo *list)
{
    int skipped = 0;
    for (; code == 0 && list != NULL; list = list->ai_next) {
        code = add_socket(server, list);
        if (code == EAFNOSUPPORT || code == EADDRNOTAVAIL) { /* no IPv6 here, say */
            skipped = code;
            code = 0;
        }
    }
    if (code == 0 && server->sockets == 0)
        code = skipped;
    if (code == 0) {
        loop__done(&server->created, 0);
        return;
    }
    close_listeners(server);
    server->loop__loop = NULL;
    loop__fail(&server->created, code);
}

static void on_server_addresses(struct loop__addresses *a, int code, struct addrinfo *list)
{
    listen_on(TASK__OF(struct loop_server, loop__addresses, a), code, list);
    if (list != NULL)
        freeaddrinfo(list);
}

/* Who serves is cancelled: he goes on when nothing is left that needs the server's memory. */
static void serving_cancelled(struct task_source *source, struct task *t)
{
    struct loop_server *server = TASK__OF(struct loop_server, loop__serving, source);
    loop_server_close(server);
    loop_server_abort_clients(server);
    if (server->loop__loop == NULL) {
        task__ready(&t->task__node);
        return;
    }
    t->task__node.task__flags |= TASK__FIRM;
    task__wait(&t->task__node, &server->loop__drained);
}

static int begin_server(struct loop *loop, struct loop_server *server, protocol_factory *factory,
                        void *arg)
{
    const struct loop_server options = {.backlog = server->backlog,
                                        .reuse_port = server->reuse_port};
    int code = may_open(loop);
    if (code != 0)
        return code;
    if (server->loop__loop != NULL)
        return GEN_EBADSTATE;
    *server = options;
    if (server->backlog <= 0)
        server->backlog = BACKLOG;
    loop__source_init(&server->created, NULL);
    loop__source_init(&server->loop__serving, NULL);
    server->loop__serving.cancelled = serving_cancelled;
    server->loop__loop = loop;
    server->loop__factory = factory;
    server->loop__arg = arg;
    server->loop__addresses.done = on_server_addresses;
    return 0;
}

int loop_begin_server(struct loop *loop, struct loop_server *server, protocol_factory *factory,
                      void *arg, const char *host, int port)
{
    int code = begin_server(loop, server, factory, arg);
    if (code == 0)
        resolve(&server->loop__addresses, host, port, AI_PASSIVE);
    return code;
}

int loop_begin_unix_server(struct loop *loop, struct loop_server *server, protocol_factory *factory,
                           void *arg, const char *path)
{
    struct addrinfo list;
    struct sockaddr_un address;
    struct stat st;
    int code = begin_server(loop, server, factory, arg), bad;
    if (code != 0)
        return code;
    bad = path_address(&list, &address, path);
    if (bad == 0 && lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
        (void)unlink(path); /* as asyncio does; bind tells if it cannot */
    listen_on(server, bad, &list);
    if (server->sockets > 0 && stat(path, &st) == 0)
        server->loop__file = st.st_ino;
    return 0;
}

bool loop__create_server(void *context, struct loop_server *server, protocol_factory *factory,
                         void *arg, const char *host, int port)
{
    if (!task__may_wait(context))
        return false;
    return await_begun(context,
                       loop_begin_server(loop__of(context), server, factory, arg, host, port),
                       &server->created);
}

bool loop__create_unix_server(void *context, struct loop_server *server, protocol_factory *factory,
                              void *arg, const char *path)
{
    if (!task__may_wait(context))
        return false;
    return await_begun(context,
                       loop_begin_unix_server(loop__of(context), server, factory, arg, path),
                       &server->created);
}

bool loop__wait_closed(void *context, struct loop_server *server)
{
    if (context == NULL)
        return false;
    if (server->loop__loop == NULL)
        return loop__settle(context, 0, 0);
    return task__await(context, &server->loop__ended);
}

bool loop__serve_forever(void *context, struct loop_server *server)
{
    if (context == NULL)
        return false;
    if (server->sockets == 0 || loop__waited_for(&server->loop__serving) ||
        server->loop__drained.task__waiters != NULL)
        return loop__settle(context, GEN_EBADSTATE, 0);
    return task__await(context, &server->loop__serving.future);
}
