/* A TLS session on a socket. */
#include "loop/tls_session.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

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
    bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "loop");
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

/* -- Reading and writing ----------------------------------------------------------------------- */

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

static int at_most_int(size_t size)
{
    return size > INT32_MAX ? INT32_MAX : (int)size;
}

static ssize_t counted(SSL *ssl, int n, unsigned char *event)
{
    if (n > 0)
        return n;
    errno = code_of(ssl, n, event);
    return -1;
}

ssize_t tls__read(SSL *ssl, void *buffer, size_t size, unsigned char *event)
{
    int n;
    *event = EV_READ;
    errno = 0;
    n = SSL_read(ssl, buffer, at_most_int(size));
    if (n <= 0 && SSL_get_error(ssl, n) == SSL_ERROR_ZERO_RETURN)
        return 0;
    return counted(ssl, n, event);
}

ssize_t tls__write(SSL *ssl, const void *data, size_t size, unsigned char *event)
{
    *event = EV_WRITE;
    errno = 0;
    return counted(ssl, SSL_write(ssl, data, at_most_int(size)), event);
}

/* -- Handshake and goodbye --------------------------------------------------------------------- */

int tls__handshake(SSL *ssl, unsigned char *event, const char **text)
{
    const char *why;
    int result, code;
    long verified;
    errno = 0;
    result = SSL_do_handshake(ssl);
    if (result == 1)
        return 0;
    why = ERR_reason_error_string(ERR_peek_error());
    code = code_of(ssl, result, event);
    verified = SSL_get_verify_result(ssl);
    if (code == TLS_EVERIFY && verified != X509_V_OK)
        *text = X509_verify_cert_error_string(verified);
    else if (code == TLS_EPROTOCOL)
        *text = why;
    return code;
}

/* OpenSSL notes that it has said it before the bytes are gone. */
int tls__say_goodbye(SSL *ssl, bool *parted, unsigned char *event)
{
    int result;
    if (*parted)
        return 0;
    errno = 0;
    result = SSL_shutdown(ssl);
    *parted = result >= 0;
    return *parted ? 0 : code_of(ssl, result, event);
}

int tls__part(SSL *ssl, bool *parted, unsigned char *event)
{
    char dropped[1024];
    int result, code = tls__say_goodbye(ssl, parted, event);
    if (code != 0)
        return code;
    errno = 0;
    while ((result = SSL_read(ssl, dropped, sizeof dropped)) > 0)
        ;
    return SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN ? 0 : code_of(ssl, result, event);
}

/* -- Beginning and end ------------------------------------------------------------------------- */

/* Asks for the name, and has the certificate compared with it. */
static bool expect_name(SSL *ssl, const char *name)
{
    struct in6_addr address;
    if (inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    return SSL_set_tlsext_host_name(ssl, name) == 1 && SSL_set1_host(ssl, name) == 1;
}

SSL *tls__new(int fd, const struct tls_context *tls, const char *name)
{
    SSL *ssl = SSL_new(tls->ctx);
    BIO *bio = ssl ? new_bio(fd) : NULL;
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

void tls__free(SSL *ssl, bool parts, bool *parted)
{
    unsigned char event;
    if (parts && SSL_is_init_finished(ssl))
        (void)tls__say_goodbye(ssl, parted, &event);
    ERR_clear_error();
    SSL_free(ssl);
}
