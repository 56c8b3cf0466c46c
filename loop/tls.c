/* TLS by OpenSSL, as a stream's transport. */
#include "loop/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/portable.h"
#include "loop/source.h"

/* -- The socket as OpenSSL sees it: its own BIO would let a write raise SIGPIPE ---------------- */

static int bio_fd(BIO *bio)
{
    return (int)(intptr_t)BIO_get_data(bio);
}

static int bio_result(BIO *bio, ssize_t n, int retry)
{
    BIO_clear_retry_flags(bio);
    if (n < 0 && loop__again(errno))
        BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
    return (int)n;
}

static int bio_write(BIO *bio, const char *data, int size)
{
    ssize_t n;
    do
        n = send(bio_fd(bio), data, (size_t)size, LOOP__NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return bio_result(bio, n, BIO_FLAGS_WRITE);
}

static int bio_read(BIO *bio, char *data, int size)
{
    ssize_t n = recv(bio_fd(bio), data, (size_t)size, 0);
    if (n == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return bio_result(bio, n, BIO_FLAGS_READ);
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)number, (void)pointer;
    if (command == BIO_CTRL_EOF)
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *bio_method;
static pthread_once_t bio_once = PTHREAD_ONCE_INIT;

static void make_bio_method(void)
{
    bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
    if (bio_method != NULL) {
        (void)BIO_meth_set_write(bio_method, bio_write);
        (void)BIO_meth_set_read(bio_method, bio_read);
        (void)BIO_meth_set_ctrl(bio_method, bio_control);
    }
}

static BIO *new_bio(int fd)
{
    BIO *bio;
    (void)pthread_once(&bio_once, make_bio_method);
    bio = bio_method ? BIO_new(bio_method) : NULL;
    if (bio != NULL) {
        BIO_set_data(bio, (void *)(intptr_t)fd);
        BIO_set_init(bio, 1);
    }
    return bio;
}

/* -- The transport ----------------------------------------------------------------------------- */

/* Our code for what OpenSSL says of a call that failed. EAGAIN: *event has to come first. */
static int code_of(SSL *ssl, int result, unsigned char *event)
{
    const int system = errno;
    unsigned long reason;
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
        *event = EV_READ;
        return EAGAIN;
    case SSL_ERROR_WANT_WRITE:
        *event = EV_WRITE;
        return EAGAIN;
    case SSL_ERROR_ZERO_RETURN: /* after the peer's goodbye this stands for SSL_ERROR_SYSCALL */
    case SSL_ERROR_SYSCALL:
        ERR_clear_error();
        return system ? system : (int)TLS_ETRUNCATED;
    case SSL_ERROR_SSL:
        reason = ERR_peek_error();
        ERR_clear_error();
        if (ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            return TLS_ETRUNCATED;
        if (ERR_GET_REASON(reason) == ERR_R_MALLOC_FAILURE)
            return ENOMEM;
        if (SSL_get_verify_result(ssl) != X509_V_OK ||
            ERR_GET_REASON(reason) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
            return TLS_EVERIFY;
        return TLS_EPROTOCOL;
    default:
        return TLS_EPROTOCOL;
    }
}

static ssize_t transport_result(struct stream *s, int n, unsigned char *event)
{
    if (n > 0)
        return n;
    errno = code_of(s->stream__below, n, event);
    return -1;
}

static int at_most_int(size_t size)
{
    return size > INT32_MAX ? INT32_MAX : (int)size;
}

static ssize_t tls_receive(struct stream *s, void *buffer, size_t size)
{
    int n;
    s->stream__reads_on = EV_READ;
    errno = 0;
    n = SSL_read(s->stream__below, buffer, at_most_int(size));
    if (n <= 0 && SSL_get_error(s->stream__below, n) == SSL_ERROR_ZERO_RETURN)
        return 0;
    return transport_result(s, n, &s->stream__reads_on);
}

/* What OpenSSL could not send is a record already. */
static ssize_t tls_send(struct stream *s, const void *data, size_t size)
{
    ssize_t n;
    s->stream__writes_on = EV_WRITE;
    errno = 0;
    n = transport_result(s, SSL_write(s->stream__below, data, at_most_int(size)),
                         &s->stream__writes_on);
    s->stream__holds = n < 0;
    return n;
}

/* Says goodbye, once. OpenSSL notes that it has said it before the bytes are gone. */
static int say_goodbye(struct stream *s)
{
    int result;
    errno = 0;
    if (s->stream__parted)
        return 0;
    result = SSL_shutdown(s->stream__below);
    s->stream__parted = result >= 0;
    return result;
}

static int tls_write_eof(struct stream *s)
{
    int result;
    s->stream__writes_on = EV_WRITE;
    result = say_goodbye(s);
    return result >= 0 ? 0 : code_of(s->stream__below, result, &s->stream__writes_on);
}

static bool tls_pending(const struct stream *s)
{
    return SSL_pending(s->stream__below) > 0;
}

/* Where that is possible at once, the peer is told. */
static void tls_close(struct stream *s)
{
    SSL *ssl = s->stream__below;
    if (SSL_is_init_finished(ssl))
        (void)say_goodbye(s);
    ERR_clear_error();
    SSL_free(ssl);
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

static int step_result(struct stream *s, int result)
{
    const int code = code_of(s->stream__below, result, &s->stream__writes_on);
    const long verified = SSL_get_verify_result(s->stream__below);
    if (code == TLS_EVERIFY && verified != X509_V_OK)
        s->stream__text = X509_verify_cert_error_string(verified);
    return code;
}

static int handshake(struct stream *s)
{
    int result;
    errno = 0;
    result = SSL_do_handshake(s->stream__below);
    if (result != 1)
        return step_result(s, result);
    s->stream__writes_on = EV_WRITE;
    return 0;
}

/* Asks for the name, and has the certificate compared with it. */
static bool expect_name(SSL *ssl, const char *name)
{
    struct in6_addr address;
    if (inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    return SSL_set_tlsext_host_name(ssl, name) == 1 && SSL_set1_host(ssl, name) == 1;
}

static SSL *new_ssl(const struct stream *s, const struct tls_context *tls, const char *name)
{
    SSL *ssl = SSL_new(tls->ctx);
    BIO *bio = ssl ? new_bio(s->fd) : NULL;
    if (bio == NULL || (name != NULL && !expect_name(ssl, name))) {
        BIO_free(bio);
        SSL_free(ssl);
        ERR_clear_error();
        return NULL;
    }
    SSL_set_bio(ssl, bio, bio);
    if (tls->role == TLS_CLIENT)
        SSL_set_connect_state(ssl);
    else
        SSL_set_accept_state(ssl);
    return ssl;
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
    ssl = new_ssl(s, tls, tls->role == TLS_CLIENT ? server_name : NULL);
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
    SSL *ssl = s->stream__below;
    char dropped[1024];
    int result;
    result = say_goodbye(s);
    if (result < 0)
        return step_result(s, result);
    while ((result = SSL_read(ssl, dropped, sizeof dropped)) > 0)
        ;
    if (SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN) {
        s->stream__eof = true;
        s->stream__writes_on = EV_WRITE;
        return 0;
    }
    return step_result(s, result);
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

/* -- Contexts ---------------------------------------------------------------------------------- */

/* "h2,http/1.1" as each with its length before it. */
static bool encode_alpn(struct tls_context *c, const char *list)
{
    while (*list != '\0') {
        const size_t size = strcspn(list, ",");
        if (size == 0 || size > 255 || c->tls__alpn_size + 1 + size > sizeof c->tls__alpn)
            return false;
        c->tls__alpn[c->tls__alpn_size++] = (unsigned char)size;
        memcpy(c->tls__alpn + c->tls__alpn_size, list, size);
        c->tls__alpn_size += (unsigned)size;
        list += size + (list[size] == ',');
    }
    return true;
}

/* The server's choice: the first of its own that the client has, or none. */
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *size,
                           const unsigned char *offered, unsigned offered_size, void *arg)
{
    const struct tls_context *c = arg;
    unsigned char *found;
    (void)ssl;
    if (SSL_select_next_proto(&found, size, c->tls__alpn, c->tls__alpn_size, offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

static int choose_context(SSL *ssl, int *alert, void *arg)
{
    const struct tls_context *c = arg;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    (void)alert;
    for (c = c->tls__next; c != NULL && name != NULL; c = c->tls__next)
        if (strcasecmp(c->tls__name, name) == 0) {
            (void)SSL_set_SSL_CTX(ssl, c->ctx);
            break;
        }
    return SSL_TLSEXT_ERR_OK;
}

void tls_context_add(struct tls_context *c, struct tls_context *other, const char *name)
{
    other->tls__name = name;
    other->tls__next = c->tls__next;
    c->tls__next = other;
    (void)SSL_CTX_set_tlsext_servername_callback(c->ctx, choose_context);
    (void)SSL_CTX_set_tlsext_servername_arg(c->ctx, c);
}

static bool configure(struct tls_context *c, const struct tls_options *o)
{
    SSL_CTX *ctx = c->ctx;
    const bool verify = c->role == TLS_CLIENT ? !o->insecure : o->ask;
    const char *key = o->key ? o->key : o->certificate;
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(
        ctx, verify ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE, NULL);
    if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
        (verify && (o->authorities ? SSL_CTX_load_verify_locations(ctx, o->authorities, NULL)
                                   : SSL_CTX_set_default_verify_paths(ctx)) != 1))
        return false;
    if (o->certificate != NULL && (SSL_CTX_use_certificate_chain_file(ctx, o->certificate) != 1 ||
                                   SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
                                   SSL_CTX_check_private_key(ctx) != 1))
        return false;
    if (o->alpn == NULL)
        return true;
    if (!encode_alpn(c, o->alpn))
        return false;
    if (c->role == TLS_SERVER)
        SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, c);
    return c->role == TLS_SERVER ||
           SSL_CTX_set_alpn_protos(ctx, c->tls__alpn, c->tls__alpn_size) == 0;
}

int tls_context_open(struct tls_context *c, enum tls_role role, const struct tls_options *options)
{
    const struct tls_options none = {NULL, NULL, NULL, NULL, false, false};
    memset(c, 0, sizeof *c);
    c->role = role;
    c->ctx = SSL_CTX_new(role == TLS_CLIENT ? TLS_client_method() : TLS_server_method());
    if (c->ctx == NULL)
        return ENOMEM;
    if (!configure(c, options ? options : &none)) {
        tls_context_close(c);
        return TLS_ECONTEXT;
    }
    return 0;
}

void tls_context_close(struct tls_context *c)
{
    SSL_CTX_free(c->ctx);
    ERR_clear_error();
    c->ctx = NULL;
}
