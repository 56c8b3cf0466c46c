/* A connection: connect, read, write, close. */
#include "loop/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/address.h"
#include "loop/source.h"

/* -- Reading ----------------------------------------------------------------------------------- */

/* The watcher stays on from one read to the next; it stops when nobody reads. */
static void on_readable(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct stream *s = watcher->data;
    ssize_t n;
    (void)events;
    if (s->stream__reading.future.task__waiters == NULL) {
        ev_io_stop(ev, watcher);
        return;
    }
    n = recv(s->fd, s->stream__in, s->stream__room, 0);
    if (n >= 0)
        loop__done(&s->stream__reading, (size_t)n);
    else if (!loop__again(errno))
        loop__fail(&s->stream__reading, errno);
}

static void stop_reading(struct task_source *source)
{
    struct stream *s = TASK__OF(struct stream, stream__reading, source);
    ev_io_stop(s->stream__loop->ev, &s->stream__readable);
}

bool stream__read(void *context, struct stream *s, void *buffer, size_t size)
{
    if (context == NULL)
        return false;
    if (s->stream__loop == NULL)
        return loop__settle(context, EBADF, 0);
    if (s->stream__reading.future.task__waiters != NULL)
        return loop__settle(context, GEN_EBADSTATE, 0);
    if (size == 0)
        return loop__settle(context, 0, 0);
    s->stream__in = buffer;
    s->stream__room = size;
    if (!loop__wait(context, &s->stream__reading))
        return false;
    ev_io_start(s->stream__loop->ev, &s->stream__readable);
    return true;
}

/* -- Writing ----------------------------------------------------------------------------------- */

/* Sends what it can. Returns 0, EAGAIN with some left, or why it failed. */
static int send_some(struct stream *s)
{
    while (s->stream__left > 0) {
        ssize_t n = send(s->fd, s->stream__out, s->stream__left, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return loop__again(errno) ? EAGAIN : errno;
        s->stream__out += n;
        s->stream__left -= (size_t)n;
    }
    return 0;
}

static void stop_writing(struct task_source *source)
{
    struct stream *s = TASK__OF(struct stream, stream__writing, source);
    ev_io_stop(s->stream__loop->ev, &s->stream__writable);
    if (s->stream__connecting)
        stream_close(s);
}

static void on_writable(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct stream *s = watcher->data;
    bool connecting = s->stream__connecting;
    int code = 0;
    (void)events;
    if (connecting) {
        socklen_t size = sizeof code;
        if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0)
            code = errno;
        s->stream__connecting = false;
    } else
        code = send_some(s);
    if (code == EAGAIN)
        return;
    ev_io_stop(ev, watcher);
    if (code == 0)
        loop__done(&s->stream__writing, 0);
    else
        loop__fail(&s->stream__writing, code);
    if (code != 0 && connecting)
        stream_close(s);
}

/* Waits for on_writable to have done its work. */
static bool await_writable(void *context, struct stream *s)
{
    if (!loop__wait(context, &s->stream__writing))
        return false;
    ev_io_start(s->stream__loop->ev, &s->stream__writable);
    return true;
}

bool stream__write(void *context, struct stream *s, const void *data, size_t size)
{
    int code;
    if (context == NULL)
        return false;
    if (s->stream__loop == NULL)
        return loop__settle(context, EBADF, 0);
    if (s->stream__writing.future.task__waiters != NULL)
        return loop__settle(context, GEN_EBADSTATE, 0);
    if (!task__may_wait(context))
        return false;
    s->stream__out = data;
    s->stream__left = size;
    code = send_some(s);
    return code == EAGAIN ? await_writable(context, s) : loop__settle(context, code, 0);
}

/* -- Opening and closing ----------------------------------------------------------------------- */

void stream__open(struct loop *loop, struct stream *s, int fd)
{
    const int on = 1;
    memset(s, 0, sizeof *s);
    s->stream__loop = loop;
    s->fd = fd;
    loop__source_init(&s->stream__reading, stop_reading);
    loop__source_init(&s->stream__writing, stop_writing);
    ev_io_init(&s->stream__readable, on_readable, fd, EV_READ);
    ev_io_init(&s->stream__writable, on_writable, fd, EV_WRITE);
    s->stream__readable.data = s->stream__writable.data = s;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* asyncio does, too */
}

void stream_close(struct stream *s)
{
    struct loop *loop = s->stream__loop;
    if (loop == NULL)
        return;
    ev_io_stop(loop->ev, &s->stream__readable);
    ev_io_stop(loop->ev, &s->stream__writable);
    (void)close(s->fd);
    s->stream__loop = NULL;
    loop__fail(&s->stream__reading, EBADF);
    loop__fail(&s->stream__writing, EBADF);
    stream__resume_accepting(loop); /* there is a descriptor again */
}

bool stream__connect(void *context, struct stream *s, const char *host, int port)
{
    union loop_address address;
    socklen_t size;
    int fd, code;
    if (context == NULL || !task__may_wait(context))
        return false;
    code = loop_address(&address, &size, host ? host : "127.0.0.1", port);
    if (code != 0)
        return loop__settle(context, code, 0);
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return loop__settle(context, errno, 0);
    stream__open(loop__of(context), s, fd);
    if (connect(fd, &address.any, size) == 0)
        return false;
    if (errno == EINPROGRESS) {
        s->stream__connecting = true;
        return await_writable(context, s);
    }
    code = errno;
    stream_close(s);
    return loop__settle(context, code, 0);
}

int stream_write_eof(struct stream *s)
{
    if (s->stream__loop == NULL)
        return EBADF;
    return shutdown(s->fd, SHUT_WR) == 0 ? 0 : errno;
}

int stream_peer_name(const struct stream *s, char *name, size_t size)
{
    union loop_address address = {{0}};
    socklen_t length = sizeof address;
    if (s->stream__loop == NULL)
        return EBADF;
    if (getpeername(s->fd, &address.any, &length) != 0)
        return errno;
    return loop_address_name(&address, name, size);
}
