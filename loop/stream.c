/* A connection: read, write, close. How it comes about is in stream_connect.c and pipe.c. */
#include "loop/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/address.h"
#include "loop/portable.h"
#include "loop/source.h"

enum { MORE = -1 }; /* beside codes: not yet */

/* -- Sockets ----------------------------------------------------------------------------------- */

static ssize_t socket_receive(struct stream *s, void *buffer, size_t size)
{
    return recv(s->fd, buffer, size, 0);
}

static ssize_t socket_send(struct stream *s, const void *data, size_t size)
{
    return send(s->fd, data, size, LOOP__NOSIGNAL);
}

/* What is left of several pieces, as far as one call takes them. */
static ssize_t socket_send_pieces(struct stream *s)
{
    struct iovec parts[64] = {{(void *)(uintptr_t)s->stream__out, s->stream__left}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 1};
    for (size_t i = 0; i < s->stream__line_count && i < 63; i++) {
        parts[i + 1].iov_base = (void *)(uintptr_t)s->stream__lines[i].data;
        parts[i + 1].iov_len = s->stream__lines[i].size;
        message.msg_iovlen++;
    }
    return sendmsg(s->fd, &message, LOOP__NOSIGNAL);
}

static int socket_write_eof(struct stream *s)
{
    return shutdown(s->fd, SHUT_WR) == 0 ? 0 : errno;
}

static void socket_close(struct stream *s)
{
    (void)close(s->fd);
}

static const struct stream__transport socket_transport = {.receive = socket_receive,
                                                          .send = socket_send,
                                                          .write_eof = socket_write_eof,
                                                          .close = socket_close};

/* -- Reading ----------------------------------------------------------------------------------- */

/* Waits for another event than usual, as TLS may have to. */
static void watch(struct stream *s, ev_io *watcher, int events)
{
    if ((watcher->events & (EV_READ | EV_WRITE)) != events) {
        ev_io_stop(s->stream__loop->ev, watcher);
        ev_io_set(watcher, s->fd, events);
    }
    if (!ev_is_active(watcher))
        ev_io_start(s->stream__loop->ev, watcher);
}

/* The bytes up to the separator that ends first, with it; 0: none is there. What has been looked at
 * is not looked at again, so the bytes of a line cost the same however they come. */
static size_t find(struct stream_buffer *b, const struct stream_bytes *any, size_t count)
{
    const char *from = b->data + b->begin + b->scanned, *end = b->data + b->end, *first = NULL;
    size_t longest = 1;
    for (size_t i = 0; i < count; i++) {
        const char *at = any[i].size <= (size_t)(end - from)
                             ? loop__memmem(from, (size_t)(end - from), any[i].data, any[i].size)
                             : NULL;
        if (at != NULL && (first == NULL || at + any[i].size < first))
            first = at + any[i].size;
        if (any[i].size > longest)
            longest = any[i].size;
    }
    if (first != NULL)
        return (size_t)(first - (b->data + b->begin));
    if ((size_t)(end - from) >= longest)
        b->scanned = buffer__used(b) - (longest - 1);
    return 0;
}

/* The bytes up to a separator, or all if there are no more to come. */
static int progress_until(struct stream *s)
{
    struct stream_buffer *b = &s->stream__input;
    const bool line = s->stream__mode == STREAM__LINE;
    size_t size = find(b, s->stream__separators, s->stream__separator_count);
    int code = 0;
    if (size == 0) {
        size = buffer__used(b);
        if (s->stream__eof)
            code = line ? 0 : (int)STREAM_EINCOMPLETE;
        else if (buffer__free(b) == 0)
            code = STREAM_ELIMIT;
        else
            return MORE;
    }
    s->stream__line.data = b->data + b->begin;
    s->stream__line.size = size;
    if (code != STREAM_ELIMIT || line)
        buffer__drop(b, size);
    if (code == STREAM_ELIMIT && line)
        s->stream__line.size = 0;
    return code;
}

/* What there is, is given to the read under way. MORE, 0, or an error. */
static int progress(struct stream *s)
{
    if (s->stream__mode >= STREAM__LINE)
        return progress_until(s);
    s->stream__got += buffer__take(&s->stream__input, s->stream__in + s->stream__got,
                                   s->stream__room - s->stream__got);
    if (s->stream__got == s->stream__room ||
        (s->stream__mode == STREAM__SOME && s->stream__got > 0))
        return 0;
    if (s->stream__eof)
        return s->stream__mode == STREAM__EXACTLY ? (int)STREAM_EINCOMPLETE : 0;
    return MORE;
}

/* Receives once. What is small and exact goes through the buffer, to be had with fewer calls. */
static int receive_once(struct stream *s)
{
    size_t room = s->stream__room - s->stream__got;
    const bool direct = s->stream__mode < STREAM__LINE &&
                        (s->stream__mode == STREAM__SOME || room >= s->stream__input.capacity);
    char *to = direct ? s->stream__in + s->stream__got : buffer__room(&s->stream__input, &room);
    ssize_t n = s->stream__transport->receive(s, to, room);
    if (n < 0)
        return loop__again(errno) ? MORE : errno;
    if (n == 0)
        s->stream__eof = true;
    else if (direct)
        s->stream__got += (size_t)n;
    else
        s->stream__input.end += (size_t)n;
    return progress(s);
}

/* And again while the transport has bytes that no event will tell of. */
static int receive(struct stream *s)
{
    int code;
    do
        code = receive_once(s);
    while (code == MORE && s->stream__transport->pending != NULL &&
           s->stream__transport->pending(s));
    return code;
}

/* What the macros of stream.h assign. */
static void *result(struct stream *s)
{
    return s->stream__mode >= STREAM__LINE ? (void *)&s->stream__line
                                           : (void *)(uintptr_t)s->stream__got;
}

/* The watcher stays on from one read to the next; it stops when nobody reads. */
static void on_readable(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct stream *s = watcher->data;
    int code;
    (void)events;
    if (!loop__waited_for(&s->stream__reading)) {
        ev_io_stop(ev, watcher);
        return;
    }
    code = receive(s);
    if (code != MORE)
        loop__end_with(&s->stream__reading, code, result(s));
    else
        watch(s, watcher, s->stream__reads_on);
}

static void stop_reading(struct task_source *source)
{
    struct stream *s = TASK__OF(struct stream, stream__reading, source);
    ev_io_stop(s->stream__loop->ev, &s->stream__readable);
}

/* The same where there is no line: it may be given after the stream's memory has gone. */
static void *without_line(struct stream *s)
{
    return s->stream__mode >= STREAM__LINE ? NULL : result(s);
}

static void reading_cancelled(struct task_source *source, struct task *t)
{
    t->task__node.task__due.item = without_line(TASK__OF(struct stream, stream__reading, source));
    task__ready(&t->task__node);
}

/* A read can begin, or is settled. */
static bool may_read(void *context, struct stream *s)
{
    loop__settle(context, 0, 0);
    if (s->stream__loop == NULL)
        return loop__settle(context, EBADF, 0);
    if (loop__waited_for(&s->stream__reading) || s->stream__step != NULL)
        return loop__settle(context, GEN_EBADSTATE, 0);
    return context != NULL;
}

/* What is there already is taken without a wait. */
static bool begin_reading(void *context, struct stream *s)
{
    int code = progress(s);
    if (code == MORE && s->stream__transport->pending != NULL && s->stream__transport->pending(s))
        code = receive(s);
    if (code != MORE)
        return loop__settle_with(context, code, result(s));
    if (!loop__wait(context, &s->stream__reading))
        return false;
    watch(s, &s->stream__readable, s->stream__reads_on);
    return true;
}

bool stream__read(void *context, struct stream *s, int mode, void *buffer, size_t size)
{
    if (!may_read(context, s))
        return false;
    s->stream__mode = (unsigned char)mode;
    s->stream__in = buffer;
    s->stream__room = size;
    s->stream__got = 0;
    return begin_reading(context, s);
}

static bool read_until(void *context, struct stream *s, int mode, const struct stream_bytes *any,
                       size_t count)
{
    s->stream__mode = (unsigned char)mode;
    s->stream__separators = any;
    s->stream__separator_count = count;
    s->stream__line.data = NULL;
    s->stream__line.size = 0;
    s->stream__input.scanned = 0; /* it may have been for others */
    if (s->stream__input.data == NULL)
        return loop__settle_with(context, STREAM_ENOBUFFER, result(s));
    return begin_reading(context, s);
}

bool stream__readline(void *context, struct stream *s)
{
    static const struct stream_bytes newline = {"\n", 1};
    return may_read(context, s) && read_until(context, s, STREAM__LINE, &newline, 1);
}

bool stream__readuntil(void *context, struct stream *s, const char *separator)
{
    if (!may_read(context, s))
        return false;
    s->stream__one.data = separator;
    s->stream__one.size = strlen(separator);
    return stream__readuntil_any(context, s, &s->stream__one, 1);
}

bool stream__readuntil_any(void *context, struct stream *s, const struct stream_bytes *any,
                           size_t count)
{
    if (!may_read(context, s))
        return false;
    for (size_t i = 0; i < count; i++)
        if (any[i].size == 0)
            return loop__settle(context, EINVAL, 0);
    if (count == 0)
        return loop__settle(context, EINVAL, 0);
    return read_until(context, s, STREAM__UNTIL, any, count);
}

int stream_set_read_buffer(struct stream *s, char *memory, size_t size)
{
    const struct stream_buffer b = {.data = memory, .capacity = size};
    if (buffer__used(&s->stream__input) > 0 || loop__waited_for(&s->stream__reading))
        return EBUSY;
    s->stream__input = b;
    return 0;
}

bool stream_at_eof(const struct stream *s)
{
    return s->stream__eof && buffer__used(&s->stream__input) == 0;
}

gen_define(stream_lines)
{
    gen_begin();
    for (;;) {
        stream_readline(self->line, self->stream);
        if (self->line.size == 0)
            gen_stop();
        gen_yield(self->line);
    }
    gen_end();
}

/* -- Writing ----------------------------------------------------------------------------------- */

/* What a write is to do: bytes, an array of pieces, or nothing, but the buffer is to be empty. */
enum { BYTES, LINES, FLUSH };

/* `n` of the bytes at hand are on their way. None are left only when all pieces are done. */
static void advance(struct stream *s, size_t n)
{
    for (;;) {
        const size_t taken = n < s->stream__left ? n : s->stream__left;
        if (taken > 0) { /* there may be no data: a flush */
            s->stream__out += taken;
            s->stream__left -= taken;
            s->stream__started = true;
            n -= taken;
        }
        if (s->stream__left > 0 || s->stream__line_count == 0)
            return;
        s->stream__out = s->stream__lines->data;
        s->stream__left = s->stream__lines->size;
        s->stream__lines++;
        s->stream__line_count--;
    }
}

/* Of those who wait to write, the first is at work. The others keep what they have to write where
 * they will find what came of it: what it is as the code, the data as the text, the size as the
 * item. */
static void take_turn(struct stream *s, struct task *t, int what, const void *data, size_t size)
{
    s->stream__writer = t;
    s->stream__out = data;
    s->stream__left = what == BYTES ? size : 0;
    s->stream__line_count = 0;
    s->stream__flushing = what == FLUSH;
    s->stream__started = false;
    if (what == LINES) {
        s->stream__lines = data;
        s->stream__line_count = size;
        advance(s, 0);
    }
}

static void next_turn(struct stream *s)
{
    struct task_node *n = s->stream__writing.future.task__waiters;
    struct task *t = n ? TASK__OF(struct task, task__node, n) : NULL;
    if (t != NULL)
        take_turn(s, t, t->future.task__code, t->future.task__text, loop__count(t));
    else
        take_turn(s, NULL, BYTES, NULL, 0);
}

/* 0, EAGAIN with some left, or why it failed. */
static int send_buffered(struct stream *s)
{
    struct stream_buffer *b = &s->stream__output;
    while (buffer__used(b) > 0) {
        const ssize_t n = s->stream__transport->send(s, b->data + b->begin, buffer__used(b));
        if (n >= 0)
            buffer__drop(b, (size_t)n);
        else if (errno != EINTR)
            return loop__again(errno) ? EAGAIN : errno;
    }
    return 0;
}

/* The same with the bytes at hand. */
static int send_pieces(struct stream *s)
{
    while (s->stream__left > 0) {
        const bool one = s->stream__line_count == 0 || s->stream__transport != &socket_transport;
        const ssize_t n = one ? s->stream__transport->send(s, s->stream__out, s->stream__left)
                              : socket_send_pieces(s);
        if (n >= 0)
            advance(s, (size_t)n);
        else if (errno != EINTR)
            return loop__again(errno) ? EAGAIN : errno;
    }
    return 0;
}

static void buffer_pieces(struct stream *s)
{
    size_t n;
    while ((n = buffer__put(&s->stream__output, s->stream__out, s->stream__left)) > 0)
        advance(s, n);
}

/* Gives the kernel what it takes, and then the buffer. 0: all is sent; EAGAIN, or why it failed. */
static int push(struct stream *s)
{
    struct stream_buffer *b = &s->stream__output;
    int code = send_buffered(s);
    if (code == 0)
        code = send_pieces(s);
    if (code == EAGAIN && !(s->stream__holds && buffer__used(b) == 0))
        buffer_pieces(s);
    if (buffer__used(b) > s->stream__high)
        s->stream__paused = true;
    else if (buffer__used(b) <= s->stream__low)
        s->stream__paused = false;
    return code;
}

static bool may_go_on(const struct stream *s)
{
    return s->stream__left == 0 && !s->stream__paused &&
           !(s->stream__flushing && buffer__used(&s->stream__output) > 0);
}

/* Who writes goes on, if that is done, and the next takes his turn. As push. */
static int push_all(struct stream *s)
{
    int code;
    while ((code = push(s)) == 0 || code == EAGAIN) {
        if (s->stream__writer == NULL || !may_go_on(s))
            return code;
        task__settle(s->stream__writer, 0, NULL);
        (void)task__wake_first(&s->stream__writing.future);
        next_turn(s);
    }
    s->stream__broken = code;
    s->stream__writer = NULL;
    (void)task__finish(&s->stream__writing.future, TASK_FAILED, code, NULL);
    return code;
}

/* Tells the peer that there is no more. If that has to wait, on_writable comes back to it. */
static int end_writing(struct stream *s)
{
    const int code = s->stream__transport->write_eof(s);
    if (code != EAGAIN)
        return code;
    watch(s, &s->stream__writable, s->stream__writes_on);
    return 0;
}

/* The buffer is empty, or what is in it cannot be sent. */
static void flushed(struct stream *s)
{
    void (*const done)(struct stream *) = s->stream__flushed;
    s->stream__output.begin = s->stream__output.end = 0;
    if (s->stream__broken == 0 && s->stream__no_more)
        s->stream__broken = end_writing(s);
    s->stream__flushed = NULL;
    if (done != NULL)
        done(s);
}

static void end_step(struct stream *s, int code)
{
    s->stream__step = NULL;
    (void)task__finish(&s->stream__writing.future, code == 0 ? TASK_DONE : TASK_FAILED, code,
                       s->stream__text);
    if (code != 0)
        stream_close(s);
}

static void on_writable(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct stream *s = watcher->data;
    struct loop *const loop = s->stream__loop;
    struct task_node *const mark = loop->scheduler.task__last;
    const bool step = s->stream__step != NULL;
    const int code = step ? s->stream__step(s) : push_all(s);
    (void)events;
    loop__before_others(loop, mark);
    if (code == EAGAIN) {
        watch(s, watcher, s->stream__writes_on);
        return;
    }
    ev_io_stop(ev, watcher);
    if (step)
        end_step(s, code);
    else
        flushed(s);
}

/* A cancelled step leaves a connection that is of no use; a write, a part that the next would be
 * mistaken for. */
static void writing_cancelled(struct task_source *source, struct task *t)
{
    struct stream *s = TASK__OF(struct stream, stream__writing, source);
    if (s->stream__step != NULL) {
        s->stream__step = NULL;
        stream_close(s);
    } else if (s->stream__writer == t) {
        s->stream__torn = (s->stream__started || s->stream__holds) && s->stream__left > 0;
        next_turn(s);
        if (s->stream__torn) {
            take_turn(s, NULL, BYTES, NULL, 0);
            loop__fail(source, STREAM_ETORN);
        }
    }
    task__ready(&t->task__node);
}

/* Why nothing can be written, or 0. */
static int no_write(const struct stream *s)
{
    if (s->stream__loop == NULL)
        return EBADF;
    if (s->stream__step != NULL)
        return GEN_EBADSTATE;
    if (s->stream__broken != 0)
        return s->stream__broken;
    return s->stream__torn ? (int)STREAM_ETORN : 0;
}

static bool begin_writing(void *context, struct stream *s, int what, const void *data, size_t size)
{
    struct task *t = context;
    int code = no_write(s);
    if (!task__may_wait(t))
        return false;
    if (code == 0 && s->stream__no_more && what != FLUSH)
        code = EPIPE;
    if (code != 0)
        return loop__settle(t, code, 0);
    if (s->stream__writer == NULL) {
        take_turn(s, NULL, what, data, size);
        code = push(s);
        if (code == EAGAIN)
            watch(s, &s->stream__writable, s->stream__writes_on);
        if (code != EAGAIN || may_go_on(s)) {
            take_turn(s, NULL, BYTES, NULL, 0); /* nobody is at work, though it may have failed */
            return loop__settle(t, code == EAGAIN ? 0 : code, 0);
        }
        s->stream__writer = t;
    }
    if (!loop__wait(t, &s->stream__writing))
        return false;
    task__settle(t, what, data);
    t->task__node.task__due.item = (void *)(uintptr_t)size;
    return true;
}

bool stream__write(void *context, struct stream *s, const void *data, size_t size)
{
    return begin_writing(context, s, BYTES, data, size);
}

bool stream__writelines(void *context, struct stream *s, const struct stream_bytes *pieces,
                        size_t count)
{
    return begin_writing(context, s, LINES, pieces, count);
}

bool stream__flush(void *context, struct stream *s)
{
    return begin_writing(context, s, FLUSH, NULL, 0);
}

int stream_set_write_buffer(struct stream *s, char *memory, size_t size)
{
    const struct stream_buffer b = {.data = memory, .capacity = size};
    if (buffer__used(&s->stream__output) > 0)
        return EBUSY;
    s->stream__output = b;
    return stream_set_write_buffer_limits(s, size, size / 4);
}

int stream_set_write_buffer_limits(struct stream *s, size_t high, size_t low)
{
    if (low > high || high > s->stream__output.capacity)
        return EINVAL;
    s->stream__high = high;
    s->stream__low = low;
    return 0;
}

int stream_write_eof(struct stream *s)
{
    int code = no_write(s);
    if (code != 0)
        return code;
    s->stream__no_more = true;
    if (s->stream__writer != NULL || buffer__used(&s->stream__output) > 0)
        return 0; /* when they are gone */
    return end_writing(s);
}

bool stream__close_flushed(struct stream *s, void (*done)(struct stream *))
{
    if (s->stream__loop == NULL || s->stream__broken != 0 || buffer__used(&s->stream__output) == 0)
        return false;
    s->stream__flushed = done;
    return true;
}

/* Handshakes, and files: something that is done when the socket is writable, or readable. */
bool stream__take_step(void *context, struct stream *s, int (*step)(struct stream *))
{
    int code = no_write(s);
    if (!task__may_wait(context))
        return false;
    if (code == 0 && (s->stream__writer != NULL || loop__waited_for(&s->stream__reading)))
        code = GEN_EBADSTATE;
    if (code != 0)
        return loop__settle(context, code, 0);
    code = step(s);
    if (code != EAGAIN) {
        task__settle(context, code, s->stream__text);
        if (code != 0)
            stream_close(s);
        return false;
    }
    if (!loop__wait(context, &s->stream__writing))
        return false;
    s->stream__step = step;
    watch(s, &s->stream__writable, s->stream__writes_on);
    return true;
}

/* -- Opening and closing ----------------------------------------------------------------------- */

void stream__open_on(struct loop *loop, struct stream *s, int fd,
                     const struct stream__transport *transport)
{
    memset(s, 0, sizeof *s);
    s->stream__loop = loop;
    s->fd = fd;
    s->stream__transport = transport;
    s->stream__reads_on = EV_READ;
    s->stream__writes_on = EV_WRITE;
    task_source_init(&s->stream__reading, stop_reading, reading_cancelled);
    task_source_init(&s->stream__writing, NULL, writing_cancelled);
    ev_io_init(&s->stream__readable, on_readable, fd, EV_READ);
    ev_io_init(&s->stream__writable, on_writable, fd, EV_WRITE);
    s->stream__readable.data = s->stream__writable.data = s;
    s->stream__resource.reading = &s->stream__reading.future;
    s->stream__resource.writing = &s->stream__writing.future;
    loop__list(loop, &s->stream__resource, "stream", fd);
}

void stream__open(struct loop *loop, struct stream *s, int fd)
{
    const int on = 1;
    stream__open_on(loop, s, fd, &socket_transport);
    loop__quiet_socket(fd);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* asyncio does, too */
}

void stream_close(struct stream *s)
{
    struct loop *loop = s->stream__loop;
    stream__stop_connecting(s);
    if (loop == NULL)
        return;
    ev_io_stop(loop->ev, &s->stream__readable);
    ev_io_stop(loop->ev, &s->stream__writable);
    s->stream__transport->close(s);
    loop__unlist(loop, &s->stream__resource);
    s->stream__loop = NULL;
    s->stream__step = NULL;
    s->stream__writer = NULL;
    s->stream__broken = EBADF;
    if (loop__waited_for(&s->stream__reading))
        loop__end_with(&s->stream__reading, EBADF, without_line(s));
    loop__fail(&s->stream__writing, EBADF);
    flushed(s);
    loop__resume_accepting(loop); /* there is a descriptor again */
}

void stream_abort(struct stream *s)
{
    const struct linger at_once = {.l_onoff = 1};
    if (s->stream__loop != NULL)
        (void)setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    s->stream__parted = true; /* a goodbye would be an end */
    stream_close(s);
}

/* -- Names ------------------------------------------------------------------------------------- */

int stream_peer_name(const struct stream *s, char *name, size_t size)
{
    return s->stream__loop ? loop__name_of(s->fd, getpeername, name, size) : EBADF;
}

int stream_local_name(const struct stream *s, char *name, size_t size)
{
    return s->stream__loop ? loop__name_of(s->fd, getsockname, name, size) : EBADF;
}
