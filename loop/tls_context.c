/* What TLS connections have in common: certificates, names, protocols. */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <strings.h>

#include "loop/tls_session.h"

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
    const struct tls_options none = {.insecure = false}, *o = options ? options : &none;
    memset(c, 0, sizeof *c);
    c->role = role;
    c->tls__layer = &tls__layer;
    c->tls__handshake = o->handshake_timeout > 0 ? o->handshake_timeout : 60; /* as asyncio */
    c->tls__shutdown = o->shutdown_timeout > 0 ? o->shutdown_timeout : 30;
    c->ctx = SSL_CTX_new(role == TLS_CLIENT ? TLS_client_method() : TLS_server_method());
    if (c->ctx == NULL)
        return ENOMEM;
    if (!configure(c, o)) {
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
