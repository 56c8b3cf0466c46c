/* Datagrams: two watches on a socket, and how it is opened. */
#include "loop/datagram.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/portable.h"
#include "loop/source.h"

static const double RETRY = 0.001;

/* -- Opening and closing ----------------------------------------------------------------------- */

/* 0, or an errno code. */
static int opened(struct loop *loop, struct datagram *d, int fd)
{
    union loop_address address = {.storage = {0}};
    socklen_t size = sizeof address;
    if (getsockname(fd, &address.any, &size) != 0)
        return errno;
    loop__quiet_socket(fd);
    d->datagram__loop = loop;
    d->fd = fd;
    d->port = loop_address_port(&address);
    loop__watch_init(loop, &d->datagram__reading, fd, EV_READ);
    loop__watch_init(loop, &d->datagram__writing, fd, EV_WRITE);
    d->datagram__resource.reading = &d->datagram__reading.loop__source.future;
    d->datagram__resource.writing = &d->datagram__writing.loop__source.future;
    loop__list(loop, &d->datagram__resource, "datagram", fd);
    return 0;
}

static int bind_and_connect(int fd, const struct sockaddr *local, socklen_t local_size,
                            const struct sockaddr *remote, socklen_t remote_size)
{
    if (local != NULL && bind(fd, local, local_size) != 0)
        return errno;
    if (remote != NULL && connect(fd, remote, remote_size) != 0)
        return errno;
    return 0;
}

static int open_socket(struct loop *loop, struct datagram *d, int options,
                       const struct sockaddr *local, socklen_t local_size,
                       const struct sockaddr *remote, socklen_t remote_size)
{
    const int on = 1, family = local ? local->sa_family : remote ? remote->sa_family : AF_UNIX;
    int code = 0, fd = loop__socket(family, SOCK_DGRAM);
    if (fd < 0)
        return errno;
    if (((options & DATAGRAM_BROADCAST) &&
         setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0) ||
        ((options & DATAGRAM_REUSE_PORT) && loop__reuse_port(fd) != 0))
        code = errno;
    if (code == 0)
        code = bind_and_connect(fd, local, local_size, remote, remote_size);
    if (code == 0)
        code = opened(loop, d, fd);
    if (code != 0)
        (void)close(fd);
    return code;
}

/* The first pair that works; otherwise the first pair's error. */
static int open_first(struct loop *loop, struct datagram *d, const struct addrinfo *remotes)
{
    const struct addrinfo none = {.ai_family = AF_UNSPEC};
    int first = 0;
    for (const struct addrinfo *r = remotes ? remotes : &none; r != NULL; r = r->ai_next)
        for (const struct addrinfo *l = d->datagram__local ? d->datagram__local : &none; l != NULL;
             l = l->ai_next) {
            int code;
            if (l != &none && r != &none && l->ai_family != r->ai_family)
                continue;
            code = open_socket(loop, d, d->datagram__options, l->ai_addr, l->ai_addrlen, r->ai_addr,
                               r->ai_addrlen);
            if (code == 0)
                return 0;
            if (first == 0)
                first = code;
        }
    return first ? first : EAFNOSUPPORT;
}

static void stop_opening(struct datagram *d)
{
    loop__lookup_cancel(&d->datagram__lookup);
    loop_freeaddrinfo(d->datagram__local);
    d->datagram__local = NULL;
    d->datagram__opener = NULL;
}

static void end_opening(struct datagram *d, int code)
{
    stop_opening(d);
    if (code == 0)
        loop__done(&d->datagram__opening, 0);
    else
        loop__fail(&d->datagram__opening, code);
}

static void leave_opening(struct task_source *source)
{
    stop_opening(TASK__OF(struct datagram, datagram__opening, source));
}

static void on_remote(struct loop_lookup *lookup, int code, struct addrinfo *list)
{
    struct datagram *d = TASK__OF(struct datagram, datagram__lookup, lookup);
    if (code == 0)
        code = open_first(d->datagram__opener, d, list);
    loop_freeaddrinfo(list);
    end_opening(d, code);
}

static void look_up_remote(struct datagram *d)
{
    d->datagram__lookup.done = on_remote;
    loop__lookup(d->datagram__opener, &d->datagram__lookup, d->datagram__host, d->datagram__port,
                 AF_UNSPEC, SOCK_DGRAM, 0);
}

static void on_local(struct loop_lookup *lookup, int code, struct addrinfo *list)
{
    struct datagram *d = TASK__OF(struct datagram, datagram__lookup, lookup);
    d->datagram__local = list;
    if (code != 0)
        end_opening(d, code);
    else if (d->datagram__host != NULL)
        look_up_remote(d);
    else
        end_opening(d, open_first(d->datagram__opener, d, NULL));
}

bool datagram__open(void *context, struct datagram *d, const char *local_host, int local_port,
                    const char *remote_host, int remote_port, int options)
{
    if (d->datagram__loop != NULL || d->datagram__opener != NULL)
        return loop__settle(context, GEN_EBADSTATE, 0);
    if (!task__may_wait(context))
        return false;
    memset(d, 0, sizeof *d);
    d->datagram__opener = loop__of(context);
    d->datagram__host = remote_host;
    d->datagram__port = remote_port;
    d->datagram__options = options;
    task_source_init(&d->datagram__opening, leave_opening, NULL);
    (void)loop__wait(context, &d->datagram__opening);
    if (local_host == NULL && local_port == 0 && remote_host != NULL) {
        look_up_remote(d);
        return true;
    }
    d->datagram__lookup.done = on_local;
    loop__lookup(d->datagram__opener, &d->datagram__lookup, local_host, local_port,
                 local_host || remote_host ? AF_UNSPEC : AF_INET, SOCK_DGRAM, AI_PASSIVE);
    return true;
}

/* 0, or an errno code; a path of NULL leaves `address` at size 0. */
static int unix_address(struct loop_sockaddr *address, const char *path)
{
    address->size = 0;
    return path ? loop_sockaddr_unix(address, path) : 0;
}

/* 0, and d is all zero; or why not. */
static int prepare(struct loop *loop, struct datagram *d)
{
    const int code = loop__may_begin(loop);
    if (code != 0)
        return code;
    if (d->datagram__loop != NULL || d->datagram__opener != NULL)
        return GEN_EBADSTATE;
    memset(d, 0, sizeof *d);
    return 0;
}

int datagram_open_unix(struct loop *loop, struct datagram *d, const char *local_path,
                       const char *remote_path)
{
    struct loop_sockaddr local, remote;
    int code = prepare(loop, d);
    if (code == 0)
        code = unix_address(&local, local_path);
    if (code == 0)
        code = unix_address(&remote, remote_path);
    if (code == 0)
        code = open_socket(loop, d, 0, local_path ? &local.address.any : NULL, local.size,
                           remote_path ? &remote.address.any : NULL, remote.size);
    return code;
}

int datagram_open_socket(struct loop *loop, struct datagram *d, int fd)
{
    const int flags = fcntl(fd, F_GETFL);
    int code = prepare(loop, d);
    if (code != 0)
        return code;
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
        return errno;
    return opened(loop, d, fd);
}

void datagram_close(struct datagram *d)
{
    struct loop *loop = d->datagram__loop;
    if (d->datagram__opener != NULL)
        end_opening(d, EBADF);
    if (loop == NULL)
        return;
    d->datagram__loop = NULL;
    loop__unlist(loop, &d->datagram__resource);
    (void)task_call_cancel(&d->datagram__retry);
    loop__watch_fail(&d->datagram__reading, EBADF);
    loop__watch_fail(&d->datagram__writing, EBADF);
    (void)close(d->fd);
}

/* -- Receiving --------------------------------------------------------------------------------- */

/* 0 with *n, EAGAIN, or an error; EMSGSIZE with *n, too. */
static int receive(int fd, void *buffer, size_t size, struct loop_sockaddr *from, size_t *n)
{
    struct iovec bytes = {buffer, size};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    ssize_t got;
    if (from != NULL) {
        memset(from, 0, sizeof *from);
        message.msg_name = &from->address;
        message.msg_namelen = sizeof from->address;
    }
    got = recvmsg(fd, &message, 0);
    *n = got > 0 ? (size_t)got : 0;
    if (from != NULL)
        from->size = message.msg_namelen;
    if (got < 0)
        return loop__again(errno) ? EAGAIN : errno;
    return message.msg_flags & MSG_TRUNC ? EMSGSIZE : 0;
}

static int try_to_receive(struct loop_watch *w, bool ready)
{
    (void)ready;
    return receive(w->loop__io.fd, w->loop__in, w->loop__size, w->loop__aside, &w->loop__count);
}

/* 0, or why a task cannot wait. */
static int usable(const struct datagram *d, const struct loop_watch *w)
{
    if (d->datagram__loop == NULL)
        return EBADF;
    return loop__watch_busy(w) ? GEN_EBADSTATE : 0;
}

bool datagram__receive(void *context, struct datagram *d, void *buffer, size_t size,
                       struct loop_sockaddr *from)
{
    struct loop_watch *w = &d->datagram__reading;
    int code = usable(d, w);
    if (code != 0)
        return loop__settle(context, code, 0);
    w->loop__in = buffer;
    w->loop__size = size;
    w->loop__aside = from;
    return loop__watch_try(context, w, try_to_receive);
}

static void on_message(void *arg)
{
    struct datagram *d = arg;
    struct loop_sockaddr from;
    size_t n;
    int code = receive(d->fd, d->datagram__buffer, d->datagram__size, &from, &n);
    if (code != EAGAIN)
        d->datagram__received(d, code, n, &from, d->datagram__arg);
}

int datagram_on_receive(struct datagram *d, void *buffer, size_t size,
                        void (*received)(struct datagram *d, int code, size_t n,
                                         const struct loop_sockaddr *from, void *arg),
                        void *arg)
{
    if (d->datagram__loop == NULL)
        return EBADF;
    if (loop__waited_for(&d->datagram__reading.loop__source))
        return GEN_EBADSTATE;
    (void)loop_remove_reader(&d->datagram__reading);
    if (received == NULL)
        return 0;
    d->datagram__buffer = buffer;
    d->datagram__size = size;
    d->datagram__received = received;
    d->datagram__arg = arg;
    return loop__watch_call(&d->datagram__reading, on_message, d);
}

/* -- Sending ----------------------------------------------------------------------------------- */

static void on_retry(void *arg)
{
    struct datagram *d = arg;
    if (loop__waited_for(&d->datagram__writing.loop__source))
        ev_io_start(d->datagram__loop->ev, &d->datagram__writing.loop__io);
}

static int try_to_send(struct loop_watch *w, bool ready)
{
    const struct loop_sockaddr *to = w->loop__aside;
    ssize_t n = sendto(w->loop__io.fd, w->loop__out, w->loop__size, LOOP__NOSIGNAL,
                       to ? &to->address.any : NULL, to ? to->size : 0);
    if (n >= 0)
        return 0;
    if (!loop__again(errno))
        return errno;
    if (ready && to != NULL && to->address.any.sa_family == AF_UNIX) { /* ready, but not he */
        struct datagram *d = TASK__OF(struct datagram, datagram__writing, w);
        ev_io_stop(d->datagram__loop->ev, &w->loop__io);
        (void)loop_call_later(d->datagram__loop, &d->datagram__retry, RETRY, on_retry, d);
    }
    return EAGAIN;
}

/* 0, or why it cannot be sent. */
static int prepare_to_send(struct datagram *d, const void *data, size_t size,
                           const struct loop_sockaddr *to)
{
    struct loop_watch *w = &d->datagram__writing;
    int code = usable(d, w);
    if (code != 0)
        return code;
    w->loop__out = data;
    w->loop__size = size;
    w->loop__aside = (void *)(uintptr_t)to;
    return 0;
}

bool datagram__send(void *context, struct datagram *d, const void *data, size_t size,
                    const struct loop_sockaddr *to)
{
    int code = prepare_to_send(d, data, size, to);
    if (code != 0)
        return loop__settle(context, code, 0);
    return loop__watch_try(context, &d->datagram__writing, try_to_send);
}

int datagram_sendto(struct datagram *d, const void *data, size_t size,
                    const struct loop_sockaddr *to)
{
    int code = prepare_to_send(d, data, size, to);
    return code ? code : try_to_send(&d->datagram__writing, false);
}

/* -- Names ------------------------------------------------------------------------------------- */

int datagram_local_name(const struct datagram *d, char *name, size_t size)
{
    return d->datagram__loop ? loop__name_of(d->fd, getsockname, name, size) : EBADF;
}

int datagram_peer_name(const struct datagram *d, char *name, size_t size)
{
    return d->datagram__loop ? loop__name_of(d->fd, getpeername, name, size) : EBADF;
}
