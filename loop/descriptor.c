/* Watches: waits and calls for a descriptor, and what is tried when it is ready. */
#include "loop/descriptor.h"

#include "loop/portable.h"
#include "loop/source.h"

/* -- A watch ----------------------------------------------------------------------------------- */

static void stop(struct loop_watch *w)
{
    ev_io_stop(w->loop__loop->ev, &w->loop__io);
    loop__unlist(w->loop__loop, &w->loop__resource);
}

static void leave(struct task_source *source)
{
    stop(TASK__OF(struct loop_watch, loop__source, source));
}

/* A descriptor that has gone is an event, too. */
static void on_ready(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct loop_watch *w = watcher->data;
    int code = events & EV_ERROR ? EBADF : w->loop__attempt(w, true);
    (void)ev;
    if (code == EAGAIN)
        return;
    stop(w);
    if (code == 0)
        loop__done(&w->loop__source, w->loop__count);
    else
        loop__fail(&w->loop__source, code);
}

void loop__watch_init(struct loop *loop, struct loop_watch *w, int fd, int events)
{
    memset(w, 0, sizeof *w);
    w->loop__loop = loop;
    task_source_init(&w->loop__source, leave, NULL);
    ev_io_init(&w->loop__io, on_ready, fd, events);
    w->loop__io.data = w;
}

bool loop__watch_busy(const struct loop_watch *w)
{
    return ev_is_active(&w->loop__io) || loop__waited_for(&w->loop__source) ||
           w->loop__call.task__node.task__place != TASK__NOWHERE;
}

bool loop__watch_try(void *context, struct loop_watch *w, loop__attempt *attempt)
{
    int code = EAGAIN;
    if (!task__may_wait(context))
        return false;
    w->loop__count = 0;
    if (!(w->loop__io.events & EV_READ))
        code = attempt(w, false);
    if (code != EAGAIN)
        return loop__settle(context, code, w->loop__count);
    w->loop__attempt = attempt;
    ev_set_cb(&w->loop__io, on_ready);
    if (!loop__wait(context, &w->loop__source))
        return false;
    ev_io_start(w->loop__loop->ev, &w->loop__io);
    return true;
}

void loop__watch_fail(struct loop_watch *w, int code)
{
    stop(w);
    (void)task_call_cancel(&w->loop__call);
    loop__fail(&w->loop__source, code);
}

/* libev must never see a descriptor that is not open: it would end the process. */
static bool is_open(int fd)
{
    return fd >= 0 && fcntl(fd, F_GETFD) >= 0;
}

/* -- Waits for a descriptor of the user's ------------------------------------------------------ */

/* False: it cannot be; why, is settled. */
static bool begin(void *context, struct loop_watch *w, int fd, int events)
{
    if (loop__watch_busy(w))
        return loop__settle(context, GEN_EBADSTATE, 0);
    if (!is_open(fd))
        return loop__settle(context, EBADF, 0);
    if (context == NULL)
        return false;
    loop__watch_init(loop__of(context), w, fd, events);
    return true;
}

static bool wait_for(void *context, struct loop_watch *w, loop__attempt *attempt)
{
    struct loop_resource *r = &w->loop__resource;
    if (!loop__watch_try(context, w, attempt))
        return false;
    if (w->loop__io.events & EV_READ)
        r->reading = &w->loop__source.future;
    else
        r->writing = &w->loop__source.future;
    loop__list(w->loop__loop, r, "descriptor", w->loop__io.fd);
    return true;
}

bool loop__sock(void *context, struct loop_watch *w, int fd, int events, loop__attempt *attempt)
{
    return begin(context, w, fd, events) && wait_for(context, w, attempt);
}

int loop__ready(struct loop_watch *w, bool ready)
{
    (void)w;
    return ready ? 0 : EAGAIN;
}

/* What a system call that returned n comes to. */
static int outcome(struct loop_watch *w, ssize_t n)
{
    if (n < 0)
        return loop__again(errno) ? EAGAIN : errno;
    w->loop__count = (size_t)n;
    return 0;
}

int loop__sock_accept(struct loop_watch *w, bool ready)
{
    int fd = loop__accept_from(w->loop__io.fd);
    (void)ready;
    /* what happened to a connection before it was taken is not the listener's matter */
    if (fd < 0 && (errno == ECONNABORTED || errno == EPROTO))
        return EAGAIN;
    return outcome(w, fd);
}

static int receive(struct loop_watch *w, bool ready)
{
    struct loop_sockaddr *from = w->loop__aside;
    (void)ready;
    if (from == NULL)
        return outcome(w, recv(w->loop__io.fd, w->loop__in, w->loop__size, MSG_DONTWAIT));
    memset(from, 0, sizeof *from);
    from->size = sizeof from->address;
    return outcome(w, recvfrom(w->loop__io.fd, w->loop__in, w->loop__size, MSG_DONTWAIT,
                               &from->address.any, &from->size));
}

bool loop__sock_recv(void *context, struct loop_watch *w, int fd, void *buffer, size_t size,
                     struct loop_sockaddr *from)
{
    if (!begin(context, w, fd, EV_READ))
        return false;
    w->loop__in = buffer;
    w->loop__size = size;
    w->loop__aside = from;
    return wait_for(context, w, receive);
}

static int send_all(struct loop_watch *w, bool ready)
{
    (void)ready;
    while (w->loop__size > 0) {
        ssize_t n =
            send(w->loop__io.fd, w->loop__out, w->loop__size, MSG_DONTWAIT | LOOP__NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return outcome(w, n);
        w->loop__out += n;
        w->loop__size -= (size_t)n;
    }
    return 0;
}

static int send_to(struct loop_watch *w, bool ready)
{
    const struct loop_sockaddr *to = w->loop__aside;
    (void)ready;
    return outcome(w, sendto(w->loop__io.fd, w->loop__out, w->loop__size,
                             MSG_DONTWAIT | LOOP__NOSIGNAL, &to->address.any, to->size));
}

bool loop__sock_send(void *context, struct loop_watch *w, int fd, const void *data, size_t size,
                     const struct loop_sockaddr *to)
{
    if (!begin(context, w, fd, EV_WRITE))
        return false;
    loop__quiet_socket(fd);
    w->loop__out = data;
    w->loop__size = size;
    w->loop__aside = (void *)(uintptr_t)to;
    return wait_for(context, w, to ? send_to : send_all);
}

/* EINTR: it goes on by itself, as with EINPROGRESS. */
static int connect_to(struct loop_watch *w, bool ready)
{
    const struct loop_sockaddr *to = w->loop__aside;
    int code = 0;
    socklen_t size = sizeof code;
    if (ready)
        return getsockopt(w->loop__io.fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno;
    if (connect(w->loop__io.fd, &to->address.any, to->size) == 0)
        return 0;
    return errno == EINPROGRESS || errno == EINTR ? EAGAIN : errno;
}

bool loop__sock_connect(void *context, struct loop_watch *w, int fd, const struct loop_sockaddr *to)
{
    if (!begin(context, w, fd, EV_WRITE))
        return false;
    w->loop__aside = (void *)(uintptr_t)to;
    return wait_for(context, w, connect_to);
}

/* -- Readers and writers ----------------------------------------------------------------------- */

static void on_call(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct loop_watch *w = watcher->data;
    struct task_call *call = &w->loop__call;
    (void)ev, (void)events;
    loop__call_next(w->loop__loop, call, call->task__fn, call->task__arg);
}

int loop__watch_call(struct loop_watch *w, void (*fn)(void *), void *arg)
{
    struct loop *loop = w->loop__loop;
    if (loop__watch_busy(w))
        return GEN_EBADSTATE;
    ev_set_cb(&w->loop__io, on_call);
    w->loop__call.task__fn = fn;
    w->loop__call.task__arg = arg;
    ev_io_start(loop->ev, &w->loop__io);
    return 0;
}

static int add(struct loop *loop, struct loop_watch *w, int fd, int events, void (*fn)(void *),
               void *arg)
{
    const int code = loop__may_begin(loop);
    if (code != 0)
        return code;
    if (loop__watch_busy(w))
        return GEN_EBADSTATE;
    if (!is_open(fd))
        return EBADF;
    loop__watch_init(loop, w, fd, events);
    loop__list(loop, &w->loop__resource, events & EV_READ ? "reader" : "writer", fd);
    return loop__watch_call(w, fn, arg);
}

static bool take_away(struct loop_watch *w, int events)
{
    if (!loop__watch_busy(w) || w->loop__call.task__fn == NULL || !(w->loop__io.events & events))
        return false;
    stop(w);
    (void)task_call_cancel(&w->loop__call);
    w->loop__call.task__fn = NULL;
    return true;
}

int loop_add_reader(struct loop *loop, struct loop_watch *w, int fd, void (*fn)(void *), void *arg)
{
    return add(loop, w, fd, EV_READ, fn, arg);
}

int loop_add_writer(struct loop *loop, struct loop_watch *w, int fd, void (*fn)(void *), void *arg)
{
    return add(loop, w, fd, EV_WRITE, fn, arg);
}

bool loop_remove_reader(struct loop_watch *w)
{
    return take_away(w, EV_READ);
}

bool loop_remove_writer(struct loop_watch *w)
{
    return take_away(w, EV_WRITE);
}

/* -- Files ------------------------------------------------------------------------------------- */

enum { COPY = 16 * 1024, ROUND = 1024 * 1024 }; /* no file keeps a turn to itself */

/* What is read and not taken is read again the next time. */
static ssize_t copy_some(int out, int in, off_t offset, size_t size)
{
    char data[COPY];
    ssize_t n = pread(in, data, size < sizeof data ? size : sizeof data, offset);
    return n > 0 ? write(out, data, (size_t)n) : n;
}

static ssize_t move_some(int out, int in, off_t offset, size_t size)
{
#ifdef LOOP__HAS_SENDFILE
    ssize_t n = sendfile(out, in, &offset, size);
    if (n >= 0 || (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP))
        return n;
#endif
    return copy_some(out, in, offset, size);
}

static int send_file(struct loop_watch *w)
{
    size_t round = ROUND;
    while (w->loop__size > 0 && round > 0) {
        ssize_t n = move_some(w->loop__io.fd, w->loop__file, w->loop__offset,
                              w->loop__size < round ? w->loop__size : round);
        if (n == 0)
            return 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return loop__again(errno) ? EAGAIN : errno;
        w->loop__offset += n;
        w->loop__size -= (size_t)n;
        w->loop__count += (size_t)n;
        round -= (size_t)n;
    }
    return w->loop__size > 0 ? EAGAIN : 0;
}

int loop__send_file(struct loop_watch *w, bool ready)
{
    struct loop__quiet quiet;
    int code;
    (void)ready;
    loop__quiet_begin(&quiet);
    code = send_file(w);
    loop__quiet_end(&quiet, code);
    return code;
}

bool loop__sendfile(void *context, struct loop_watch *w, int out, int in, off_t offset,
                    size_t count)
{
    if (!is_open(in))
        return loop__settle(context, EBADF, 0);
    if (!begin(context, w, out, EV_WRITE))
        return false;
    w->loop__file = in;
    w->loop__offset = offset;
    w->loop__size = count;
    return wait_for(context, w, loop__send_file);
}

/* -- Descriptors over Unix sockets ------------------------------------------------------------- */

union control {
    struct cmsghdr header; /* for its alignment */
    char data[CMSG_SPACE(LOOP_FDS_MAX * sizeof(int))];
};

static int send_fds(struct loop_watch *w, bool ready)
{
    const size_t size = *w->loop__room * sizeof(int);
    struct iovec bytes = {(void *)(uintptr_t)w->loop__out, w->loop__size};
    union control control;
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    (void)ready;
    if (size > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = (socklen_t)CMSG_SPACE(size);
        CMSG_FIRSTHDR(&message)->cmsg_level = SOL_SOCKET;
        CMSG_FIRSTHDR(&message)->cmsg_type = SCM_RIGHTS;
        CMSG_FIRSTHDR(&message)->cmsg_len = (socklen_t)CMSG_LEN(size);
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), w->loop__aside, size);
    }
    return outcome(w, sendmsg(w->loop__io.fd, &message, MSG_DONTWAIT | LOOP__NOSIGNAL));
}

bool loop__send_fds(void *context, struct loop_watch *w, int fd, const void *data, size_t size,
                    const int *descriptors, size_t count)
{
    if (size == 0 || count > LOOP_FDS_MAX)
        return loop__settle(context, EINVAL, 0);
    if (!begin(context, w, fd, EV_WRITE))
        return false;
    loop__quiet_socket(fd);
    w->loop__out = data;
    w->loop__size = size;
    w->loop__aside = (void *)(uintptr_t)descriptors;
    w->loop__fds = count;
    w->loop__room = &w->loop__fds;
    return wait_for(context, w, send_fds);
}

/* Puts one where there is room, or closes it. */
static void take(struct loop_watch *w, size_t room, int fd)
{
    if (LOOP__CMSG_CLOEXEC == 0)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (*w->loop__room < room)
        ((int *)w->loop__aside)[*w->loop__room] = fd;
    else
        (void)close(fd);
    ++*w->loop__room;
}

static int recv_fds(struct loop_watch *w, bool ready)
{
    const size_t room = *w->loop__room;
    struct iovec bytes = {w->loop__in, w->loop__size};
    union control control;
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    int code = outcome(w, recvmsg(w->loop__io.fd, &message, MSG_DONTWAIT | LOOP__CMSG_CLOEXEC));
    (void)ready;
    if (code != 0)
        return code;
    *w->loop__room = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
            for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= c->cmsg_len; at += sizeof(int)) {
                int fd;
                memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
                take(w, room, fd);
            }
    if (*w->loop__room <= room && !(message.msg_flags & MSG_CTRUNC))
        return 0;
    for (size_t i = 0; i < room && i < *w->loop__room; i++)
        (void)close(((int *)w->loop__aside)[i]);
    *w->loop__room = 0;
    return EMSGSIZE;
}

bool loop__recv_fds(void *context, struct loop_watch *w, int fd, void *buffer, size_t size,
                    int *descriptors, size_t *count)
{
    if (!begin(context, w, fd, EV_READ))
        return false;
    w->loop__in = buffer;
    w->loop__size = size;
    w->loop__aside = descriptors;
    w->loop__room = count;
    return wait_for(context, w, recv_fds);
}
