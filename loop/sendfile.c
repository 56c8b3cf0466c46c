/* A file through a stream: a step of the stream's, as a handshake is, so that nothing gets
 * between. */
#include "loop/sendfile.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loop/source.h"

enum { COPY = 16 * 1024, ROUND = 1024 * 1024 };

void stream__sending_init(struct stream_sending *sending, struct stream *s, int file, off_t offset,
                          size_t count)
{
    struct loop_watch *w = &sending->stream__watch;
    memset(sending, 0, sizeof *sending);
    sending->stream__of = s;
    w->loop__file = file;
    w->loop__offset = offset;
    w->loop__size = count;
}

/* What is read and not taken is read again the next time: for TLS these have to be the same
 * bytes. */
static int copy_some(struct stream *s, struct loop_watch *w)
{
    char data[COPY];
    const size_t size = w->loop__size < sizeof data ? w->loop__size : sizeof data;
    ssize_t n = pread(w->loop__file, data, size, w->loop__offset);
    if (n == 0)
        w->loop__size = 0;
    if (n > 0)
        n = s->stream__transport->send(s, data, (size_t)n);
    if (n < 0)
        return errno == EINTR ? 0 : loop__again(errno) ? EAGAIN : errno;
    w->loop__offset += n;
    w->loop__size -= (size_t)n;
    w->loop__count += (size_t)n;
    return 0;
}

static int copy(struct stream *s, struct loop_watch *w)
{
    const size_t before = w->loop__count;
    int code = 0;
    while (code == 0 && w->loop__size > 0 && w->loop__count - before < ROUND)
        code = copy_some(s, w);
    return code == 0 && w->loop__size > 0 ? EAGAIN : code;
}

/* The step. No write is under way, so stream__out is free to say of what. */
static int send_some(struct stream *s)
{
    struct stream_sending *sending = (struct stream_sending *)(uintptr_t)s->stream__out;
    struct loop_watch *w = &sending->stream__watch;
    const bool plain = s->stream__below == NULL; /* nothing between us and the descriptor */
    const int code = plain ? loop__send_file(w, true) : copy(s, w);
    sending->sent = w->loop__count;
    return code;
}

bool stream__send_file(void *context, struct stream_sending *sending)
{
    struct stream *s = sending->stream__of;
    struct loop_watch *w = &sending->stream__watch;
    char first;
    const ssize_t any = pread(w->loop__file, &first, 1, w->loop__offset);
    if (any < 0)
        return loop__settle(context, errno, 0);
    if (s->stream__step != NULL)
        return loop__settle(context, GEN_EBADSTATE, 0);
    if (s->stream__no_more)
        return loop__settle(context, EPIPE, 0);
    if (any == 0)
        w->loop__size = 0;
    w->loop__io.fd = s->fd;
    s->stream__out = (const char *)(void *)sending;
    return stream__take_step(context, s, send_some);
}

gen_define(stream_sending)
{
    struct stream *const s = self->stream__of;
    gen_begin();
    do
        stream_flush(s);
    while (s->stream__writer != NULL || buffer__used(&s->stream__output) > 0);
    TASK__WAIT(stream__send_file(gen_context, self));
    gen_end();
}
