/* TLS as a stream's transport. */
#include "loop/tls.h"

#include <string.h>
#include <unistd.h>

#include "loop/source.h"
#include "loop/tls_session.h"

static ssize_t tls_receive(struct stream *s, void *buffer, size_t size)
{
    return tls__read(s->stream__below, buffer, size, &s->stream__reads_on);
}

static ssize_t tls_send(struct stream *s, const void *data, size_t size)
{
    ssize_t n = tls__write(s->stream__below, data, size, &s->stream__writes_on);
    s->stream__holds = n < 0;
    return n;
}

static int tls_write_eof(struct stream *s)
{
    s->stream__writes_on = EV_WRITE;
    return tls__say_goodbye(s->stream__below, &s->stream__parted, &s->stream__writes_on);
}

static bool tls_pending(const struct stream *s)
{
    return SSL_pending(s->stream__below) > 0;
}

/* Where that is possible at once, the peer is told. */
static void tls_close(struct stream *s)
{
    tls__free(s->stream__below, true, &s->stream__parted);
    (void)close(s->fd);
}

static const struct stream__transport tls_transport = {.receive = tls_receive,
                                                       .send = tls_send,
                                                       .write_eof = tls_write_eof,
                                                       .pending = tls_pending,
                                                       .close = tls_close};

SSL *tls_ssl(const struct stream *s)
{
    return s->stream__loop != NULL && s->stream__transport == &tls_transport ? s->stream__below
                                                                             : NULL;
}

int tls_alpn(const struct stream *s, char *name, size_t size)
{
    const unsigned char *protocol = NULL;
    unsigned length = 0;
    const SSL *ssl = tls_ssl(s);
    if (ssl != NULL)
        SSL_get0_alpn_selected(ssl, &protocol, &length);
    if (length >= size)
        return ENOSPC;
    if (length > 0)
        memcpy(name, protocol, length);
    name[length] = '\0';
    return 0;
}

/* -- Handshake and goodbye --------------------------------------------------------------------- */

static int handshake(struct stream *s)
{
    int code = tls__handshake(s->stream__below, &s->stream__writes_on, &s->stream__text);
    if (code == 0)
        s->stream__writes_on = EV_WRITE;
    return code;
}

bool tls__start(void *context, struct stream *s, struct tls_context *tls, const char *server_name)
{
    SSL *ssl;
    if (s->stream__loop == NULL)
        return loop__settle(context, EBADF, 0);
    if (loop__waited_for(&s->stream__reading) || loop__waited_for(&s->stream__writing) ||
        tls_ssl(s) != NULL)
        return loop__settle(context, GEN_EBADSTATE, 0);
    if (buffer__used(&s->stream__input) > 0 || buffer__used(&s->stream__output) > 0)
        return loop__settle(context, EBUSY, 0);
    if (!task__may_wait(context))
        return false;
    ssl = tls__new(s->fd, tls, tls->role == TLS_CLIENT ? server_name : NULL);
    if (ssl == NULL) {
        stream_close(s);
        return loop__settle(context, ENOMEM, 0);
    }
    s->stream__transport = &tls_transport;
    s->stream__below = ssl;
    return stream__take_step(context, s, handshake);
}

static int goodbye(struct stream *s)
{
    int code = tls__part(s->stream__below, &s->stream__parted, &s->stream__writes_on);
    if (code == 0) {
        s->stream__eof = true;
        s->stream__writes_on = EV_WRITE;
    }
    return code;
}

bool tls__shutdown(void *context, struct stream *s)
{
    if (tls_ssl(s) == NULL)
        return loop__settle(context, s->stream__loop ? (int)GEN_EBADSTATE : EBADF, 0);
    if (buffer__used(&s->stream__output) > 0)
        return loop__settle(context, EBUSY, 0);
    s->stream__no_more = true;
    return stream__take_step(context, s, goodbye);
}
