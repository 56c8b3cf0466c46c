/* Transports: how one begins, reads, writes and ends. */
#include "loop/transport.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/address.h"
#include "loop/portable.h"
#include "loop/source.h"
#include "loop/tls.h"

enum { READ_SIZE = 65536, FIRST_ROOM = 4096, HIGH = 65536, WRITE_LIMIT = 16 << 20 };

/* -- What ends with the loop ------------------------------------------------------------------- */

struct ending {
    struct loop_service service;
    struct loop__link *open;
};

static void end_all(struct loop_service *service)
{
    struct ending *ending = TASK__OF(struct ending, service, service);
    while (ending->open != NULL) {
        struct loop__open *o = TASK__OF(struct loop__open, link, ending->open);
        o->end(o);
    }
    free(ending);
}

/* NULL: no memory. */
static struct ending *ending_of(struct loop *loop)
{
    struct loop_service *s = loop__find_service(loop, end_all);
    struct ending *ending;
    if (s != NULL)
        return TASK__OF(struct ending, service, s);
    ending = calloc(1, sizeof *ending);
    if (ending == NULL)
        return NULL;
    ending->service.close = end_all;
    loop_add_service(loop, &ending->service);
    return ending;
}

int loop__open(struct loop *loop, struct loop__open *o, void (*end)(struct loop__open *o))
{
    const int code = loop__may_begin(loop);
    struct ending *ending;
    if (code != 0)
        return code;
    ending = ending_of(loop);
    if (ending == NULL)
        return ENOMEM;
    o->end = end;
    loop__link_add(&ending->open, &o->link);
    return 0;
}

/* -- The life of a transport ------------------------------------------------------------------- */

static void on_turn(void *arg);

static void call_soon(struct transport *t)
{
    (void)task_call_soon(&t->loop->scheduler, &t->turn, on_turn, t); /* once is enough */
}

static bool reads(const struct transport *t)
{
    return !t->closing && !t->paused_reading && !t->ended;
}

static void watch(struct transport *t, int events)
{
    if (events == t->wanted)
        return;
    t->wanted = events;
    ev_io_stop(t->loop->ev, &t->io);
    ev_io_set(&t->io, t->io.fd, events);
    if (events != 0)
        ev_io_start(t->loop->ev, &t->io);
}

/* Watches for what is of use now. */
static void update(struct transport *t)
{
    if (t->lost)
        watch(t, 0);
    else if (t->step != NULL)
        watch(t, t->reads_on);
    else if (t->made) {
        watch(t, (reads(t) ? t->reads_on : 0) | (t->size > 0 ? t->writes_on : 0));
        if (t->layer != NULL && reads(t) && t->layer->pending(t)) {
            t->events |= t->reads_on;
            call_soon(t);
        }
    }
}

/* What libev finds becomes a call of the next turn: in order, timed, and in no task. */
static void on_event(struct ev_loop *ev, ev_io *io, int events)
{
    struct transport *t = io->data;
    (void)ev;
    t->events |= events;
    loop__call_next(t->loop, &t->turn, on_turn, t);
}

/* Who waits for connection_made is ready before connection_lost is. */
static void make(struct transport *t)
{
    struct protocol *p = t->protocol;
    if (p->ops->connection_made != NULL)
        p->ops->connection_made(p, t);
    t->made = true;
    update(t);
    if (t->after_made != NULL)
        t->after_made(t->maker, 0);
    if (t->lost || t->step != NULL)
        call_soon(t);
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
    update(t);
    if (t->made || t->protocol == NULL)
        call_soon(t);
}

static void dispose(struct transport *t)
{
    t->lost = true;
    update(t);
    (void)task_call_cancel(&t->turn);
    (void)task_call_cancel(&t->step_limit);
    if (t->below != NULL)
        t->layer->end(t);
    loop__unlist(t->loop, &t->resource);
    loop__link_remove(&t->open.link);
    (void)close(t->io.fd);
    loop__resume_accepting(t->loop); /* there is a descriptor again */
    if (t->after_lost != NULL) {
        loop__link_remove(&t->link);
        t->after_lost(t->maker);
    }
    free(t);
}

static void end(struct transport *t)
{
    struct protocol *p = t->protocol;
    t->protocol = NULL;
    p->transport = NULL;
    if (p->ops->connection_lost != NULL)
        p->ops->connection_lost(p, t->code);
    dispose(t);
}

/* There will be no connection_made. */
static void fail(struct transport *t, int code)
{
    if (t->after_made != NULL)
        t->after_made(t->maker, code);
    dispose(t);
}

/* The loop closes. All calls have been made by then, or are made here. */
static void end_with_loop(struct loop__open *o)
{
    struct transport *t = TASK__OF(struct transport, open, o);
    if (t->protocol == NULL) {
        fail(t, LOOP_ECLOSED);
        return;
    }
    (void)task_call_cancel(&t->turn);
    if (!t->made)
        make(t);
    lose(t, LOOP_ECLOSED);
    end(t);
}

static void init(struct transport *t, struct loop *loop, int fd)
{
    const int on = 1;
    t->loop = loop;
    t->high = HIGH;
    t->low = HIGH / 4;
    t->limit = WRITE_LIMIT;
    t->reads_on = EV_READ;
    t->writes_on = EV_WRITE;
    ev_io_init(&t->io, on_event, fd, 0);
    t->io.data = t;
    loop__list(loop, &t->resource, "transport", fd);
    loop__quiet_socket(fd);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* asyncio does, too */
}

/* connection_made is due. */
static void join(struct transport *t, struct protocol *p)
{
    t->protocol = p;
    p->transport = t;
    call_soon(t);
}

int transport_open(struct loop *loop, struct protocol *p, int fd)
{
    struct transport *t;
    int code;
    if (p->transport != NULL)
        return GEN_EBADSTATE;
    t = calloc(1, sizeof *t);
    code = t ? loop__open(loop, &t->open, end_with_loop) : ENOMEM;
    if (code != 0) {
        free(t);
        return code;
    }
    init(t, loop, fd);
    join(t, p);
    return 0;
}

/* 0, ENOMEM, GEN_EBADSTATE. */
static int ask_factory(struct transport *t)
{
    struct protocol *p = t->factory(t->factory_arg);
    if (p == NULL)
        return ENOMEM;
    if (p->transport != NULL)
        return GEN_EBADSTATE;
    join(t, p);
    return 0;
}

static void on_limit(void *arg)
{
    struct transport *t = arg;
    if (t->protocol == NULL)
        fail(t, ETIMEDOUT);
    else
        lose(t, 0);
}

static void begin_step(struct transport *t, int (*step)(struct transport *t), double seconds)
{
    t->step = step;
    (void)loop_call_later(t->loop, &t->step_limit, seconds, on_limit, t);
    call_soon(t);
}

static void take_step(struct transport *t)
{
    int code = t->step(t);
    if (code == EAGAIN) {
        update(t);
        return;
    }
    t->step = NULL;
    t->reads_on = EV_READ;
    (void)task_call_cancel(&t->step_limit);
    if (t->protocol != NULL) {
        lose(t, 0); /* all was sent, and the peer was told, whatever he answers */
        return;
    }
    if (code == 0)
        code = ask_factory(t);
    if (code != 0)
        fail(t, code);
}

/* 0 or a code. */
static int shake_hands(struct transport *t, const struct tls_context *tls, const char *server_name)
{
    int code;
    t->tls = tls;
    t->layer = tls->tls__layer;
    code = t->layer->begin(t, tls, server_name);
    if (code == 0)
        begin_step(t, t->layer->handshake, tls->tls__handshake);
    return code;
}

void transport__begin(struct transport *t, struct loop *loop, protocol_factory *factory, void *arg,
                      int fd, const struct tls_context *tls, const char *server_name)
{
    int code;
    init(t, loop, fd);
    t->factory = factory;
    t->factory_arg = arg;
    code = loop__open(loop, &t->open, end_with_loop);
    if (code == 0)
        code = tls ? shake_hands(t, tls, server_name) : ask_factory(t);
    if (code != 0)
        fail(t, code);
}

/* Nothing is left to be sent. */
static void finish(struct transport *t)
{
    if (t->layer != NULL && t->protocol != NULL)
        begin_step(t, t->layer->part, t->tls->tls__shutdown);
    else
        lose(t, 0);
}

void transport_close(struct transport *t)
{
    if (t == NULL || t->closing)
        return;
    t->closing = true;
    update(t);
    if (t->size == 0)
        finish(t);
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
    ssize_t n = t->layer ? t->layer->receive(t, data, size) : recv(t->io.fd, data, size, 0);
    if (n == 0)
        on_eof(t);
    else if (n < 0) {
        if (!loop__again(errno))
            lose(t, errno);
    } else if (buffered && p->ops->buffer_updated != NULL)
        p->ops->buffer_updated(p, (size_t)n);
    else if (!buffered && p->ops->data_received != NULL)
        p->ops->data_received(p, data, (size_t)n);
    if (t->layer != NULL)
        update(t); /* it may wait for another event, or have more */
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
    struct task_scheduler *s = &t->loop->scheduler;
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

/* Of what waits, what the socket takes, which a layer is given in pieces. 0, or why it takes no
 * more. */
static int send_some(struct transport *t)
{
    do {
        ssize_t n = t->layer ? t->layer->send(t, t->out + t->begin, t->size)
                             : send(t->io.fd, t->out + t->begin, t->size, LOOP__NOSIGNAL);
        if (n < 0)
            return loop__again(errno) ? 0 : errno;
        t->begin += (size_t)n;
        t->size -= (size_t)n;
    } while (t->layer != NULL && t->size > 0);
    if (t->size == 0)
        drop_buffer(t);
    return 0;
}

static void on_writable(struct transport *t)
{
    const int code = send_some(t);
    if (code != 0) {
        lose(t, code);
        return;
    }
    resume_if_low(t); /* which may write, close, abort */
    if (t->lost)
        return;
    update(t);
    if (t->size > 0)
        return;
    if (t->closing)
        finish(t);
    else if (t->eof && shutdown(t->io.fd, SHUT_WR) != 0)
        lose(t, errno);
}

static void on_turn(void *arg)
{
    struct transport *t = arg;
    const int events = t->events;
    t->events = 0;
    if (t->protocol == NULL && t->lost)
        fail(t, ECONNABORTED);
    else if (t->protocol != NULL && !t->made)
        make(t);
    else if (t->lost)
        end(t);
    else if (t->step != NULL)
        take_step(t);
    else {
        if ((events & t->reads_on) && reads(t))
            on_readable(t);
        if ((events & t->writes_on) && t->size > 0)
            on_writable(t);
    }
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
    ssize_t n = count == 1 ? send(fd, parts->iov_base, parts->iov_len, LOOP__NOSIGNAL)
                           : sendmsg(fd, &message, LOOP__NOSIGNAL);
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
    if (t->size == 0 && t->layer == NULL) {
        ssize_t n = send_now(t->io.fd, parts, count);
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
    if (t->layer != NULL && t->size == total) {
        const int code = send_some(t);
        if (code != 0) {
            lose(t, code);
            return code;
        }
    }
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
    if (t->layer != NULL)
        return ENOTSUP;
    if (t->closing || t->eof)
        return t->lost ? EPIPE : 0;
    t->eof = true;
    return t->size > 0 || shutdown(t->io.fd, SHUT_WR) == 0 ? 0 : errno;
}

bool transport_can_write_eof(const struct transport *t)
{
    return t != NULL && t->layer == NULL;
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

int transport_peer_name(const struct transport *t, char *name, size_t size)
{
    return t ? loop__name_of(t->io.fd, getpeername, name, size) : EPIPE;
}

int transport_local_name(const struct transport *t, char *name, size_t size)
{
    return t ? loop__name_of(t->io.fd, getsockname, name, size) : EPIPE;
}

int transport_fd(const struct transport *t)
{
    return t ? t->io.fd : -1;
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
