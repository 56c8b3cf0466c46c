/* TLS between a transport and its socket. */
#include "loop/source.h"
#include "loop/tls_session.h"
#include "loop/transport.h"

static int tls_begin(struct transport *t, const struct tls_context *tls, const char *server_name)
{
    const bool asks = tls->role == TLS_CLIENT && server_name != NULL && *server_name != '\0';
    t->below = tls__new(t->io.fd, tls, asks ? server_name : NULL);
    return t->below ? 0 : ENOMEM;
}

static int tls_handshake(struct transport *t)
{
    const char *text;
    return tls__handshake(t->below, &t->reads_on, &text);
}

static ssize_t tls_receive(struct transport *t, void *data, size_t size)
{
    return tls__read(t->below, data, size, &t->reads_on);
}

static bool tls_pending(const struct transport *t)
{
    return SSL_pending(t->below) > 0;
}

static ssize_t tls_send(struct transport *t, const void *data, size_t size)
{
    return tls__write(t->below, data, size, &t->writes_on);
}

static int tls_part(struct transport *t)
{
    return tls__part(t->below, &t->parted, &t->reads_on);
}

static void tls_end(struct transport *t)
{
    tls__free(t->below, false, &t->parted);
}

const struct transport__layer tls__layer = {.begin = tls_begin,
                                            .handshake = tls_handshake,
                                            .receive = tls_receive,
                                            .pending = tls_pending,
                                            .send = tls_send,
                                            .part = tls_part,
                                            .end = tls_end};

SSL *tls_transport_ssl(const struct transport *t)
{
    return t != NULL && t->layer == &tls__layer ? t->below : NULL;
}
