/* Streams over pipes, terminals and stdio. */
#include "loop/stream.h"

#include "loop/portable.h"

static ssize_t pipe_receive(struct stream *s, void *buffer, size_t size)
{
    return read(s->fd, buffer, size);
}

static ssize_t pipe_send(struct stream *s, const void *data, size_t size)
{
    struct loop__quiet quiet;
    ssize_t n;
    int code;
    loop__quiet_begin(&quiet);
    n = write(s->fd, data, size);
    code = n < 0 ? errno : 0;
    loop__quiet_end(&quiet, code);
    errno = code;
    return n;
}

/* There is no end of one direction but closing. */
static int pipe_write_eof(struct stream *s)
{
    (void)s;
    return ENOTSUP;
}

static void pipe_close(struct stream *s)
{
    (void)close(s->fd);
}

static const struct stream__transport pipe_transport = {
    .receive = pipe_receive, .send = pipe_send, .write_eof = pipe_write_eof, .close = pipe_close};

/* The descriptor stays open, with the flags that it had. */
static void stdio_close(struct stream *s)
{
    (void)fcntl(s->fd, F_SETFL, (int)(intptr_t)s->stream__below);
}

static const struct stream__transport stdio_transport = {
    .receive = pipe_receive, .send = pipe_send, .write_eof = pipe_write_eof, .close = stdio_close};

void stream__open_pipe(struct loop *loop, struct stream *s, int fd)
{
    stream__open_on(loop, s, fd, &pipe_transport);
}

int stream__open_stdio(struct loop *loop, struct stream *s, int fd)
{
    const int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
        return errno;
    stream__open_on(loop, s, fd, &stdio_transport);
    s->stream__below = (void *)(intptr_t)flags;
    return 0;
}
