/* tls.h - TLS under streams and transports, by OpenSSL (3.0 and later): asyncio's ssl= and start_tls.
 *
 *     struct tls_context context;                      once, for many connections
 *     code = tls_context_open(&context, TLS_CLIENT, &(struct tls_options){.alpn = "http/1.1"});
 *
 *     stream_connect(&self->stream, "example.org", 443);
 *     tls_start(&self->stream, &context, "example.org");
 *     stream_write(...), stream_readline(...)          as before
 *     tls_shutdown(&self->stream);
 *     stream_close(&self->stream);
 *
 * A server's handler does the same with a TLS_SERVER's context: tls_start(self->stream, &context,
 * NULL). The stream may have been used in the clear before (STARTTLS). Nothing here has a time
 * limit of its own: put task_timeout around a handshake and a goodbye. Protocols have TLS from the
 * beginning, by loop_create_connection and loop_create_server (loop/protocol.h).
 *
 * Link with -lssl -lcrypto.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_TLS_H
#define GEN_LOOP_TLS_H

#include "loop/stream.h"

struct transport;
struct transport__layer;
struct ssl_st;     /* OpenSSL's SSL */
struct ssl_ctx_st; /* and SSL_CTX */

/* Who we are in a handshake. */
enum tls_role { TLS_CLIENT, TLS_SERVER };

/* All zero: a client trusts the system's authorities; nobody has a certificate; TLS 1.2 and
 * later. */
struct tls_options {
    const char *authorities; /* a PEM file of certificates to trust, in place of the system's */
    const char *certificate; /* a PEM file: one's own, then those between it and the authority */
    const char *key;         /* a PEM file: its private key; NULL: it is in the same file */
    const char *alpn;        /* protocols that one speaks, the best first: "h2,http/1.1" */
    bool insecure;           /* a client does not ask who the server is */
    bool ask;                /* a server demands a certificate that the authorities vouch for */
    double handshake_timeout, shutdown_timeout; /* of transports: seconds; 0: 60, and 30 */
};

/* What many connections have in common: see tls_context_open. */
struct tls_context {
    struct ssl_ctx_st *ctx; /* ro: for what is not in the options */
    enum tls_role role;     /* ro */
    struct tls_context *tls__next;
    const char *tls__name;
    const struct transport__layer *tls__layer; /* for transports */
    double tls__handshake, tls__shutdown;      /* seconds, of the same */
    unsigned char tls__alpn[128];
    unsigned tls__alpn_size;
};

/* The options may be NULL, which is all zero, and need not stay. 0; TLS_ECONTEXT: a file is
 * missing, broken, or does not fit the other, or the list of protocols is malformed or has more
 * than 127 bytes; ENOMEM. It must not move, nor be closed while a stream uses it. Files are read in
 * the caller's thread. Closing again is harmless. */
int tls_context_open(struct tls_context *context, enum tls_role role,
                     const struct tls_options *options);
void tls_context_close(struct tls_context *context);

/* A server's: clients that ask for `name` (SNI) get the certificate of the other context, which is
 * in no other list. It and the name have to stay as long as this one is used. */
void tls_context_add(struct tls_context *context, struct tls_context *other, const char *name);

/* The handshake, over an open stream that nobody reads or writes. A client asks for server_name and
 * verifies that the certificate is for it, a name or address; NULL: any name, if the authorities
 * vouch for it. Raises TLS_EVERIFY and TLS_EPROTOCOL, with OpenSSL's text; TLS_ETRUNCATED; ECONNRESET
 * and its kind; ENOMEM. After these, and a cancel, the stream is closed. EBUSY: there are bytes in
 * the stream's buffers, which came or were to go in the clear; GEN_EBADSTATE: somebody uses it, or
 * it has TLS; EBADF: after these it is as before. */
#define tls_start(stream, context, server_name)                                                    \
    TASK__WAIT(tls__start(gen_context, (stream), (context), (server_name)))

/* Says goodbye and waits for the peer's; what comes before that is dropped. Raises as tls_start,
 * with the same two kinds of errors (EBUSY: bytes are in the write buffer; GEN_EBADSTATE: somebody
 * reads or writes, or it has no TLS); a cancel closes. Without it a stream that is closed says
 * goodbye, but does not wait. A peer's end without goodbye is no end: reads raise
 * TLS_ETRUNCATED. */
#define tls_shutdown(stream) TASK__WAIT(tls__shutdown(gen_context, (stream)))

/* The protocol that both speak, as a C string in `name`: "" if there is none, or no TLS. 0,
 * ENOSPC. */
int tls_alpn(const struct stream *stream, char *name, size_t size);

/* OpenSSL's own, for all else; NULL: the stream, or transport, has no TLS. */
struct ssl_st *tls_ssl(const struct stream *stream);
struct ssl_st *tls_transport_ssl(const struct transport *transport);

/* -- Private ----------------------------------------------------------------------------------- */

bool tls__start(void *context, struct stream *stream, struct tls_context *tls,
                const char *server_name);
bool tls__shutdown(void *context, struct stream *stream);

#endif
