/* tls_session.h - a TLS session on a socket, by OpenSSL: what a stream's and a transport's TLS are made
 * of. Private to loop/.
 *
 * Codes are errno's and loop/error.h's. With EAGAIN, *event is what has to come first: EV_READ or
 * EV_WRITE.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_TLS_SESSION_H
#define GEN_LOOP_TLS_SESSION_H

#include <openssl/ssl.h>

#include "loop/tls.h"

/* On a connected socket. A client asks for `name`, and the certificate has to be for it; NULL: any
 * name. NULL: no memory, or no name. */
SSL *tls__new(int fd, const struct tls_context *tls, const char *name);

/* The socket stays. `parts`: the peer is told, where that is possible at once. */
void tls__free(SSL *ssl, bool parts, bool *parted);

/* As recv and send: a count, 0 at the peer's goodbye, or -1 and errno. What was not sent is a record
 * already: the same bytes have to be given again, and may be followed by more. */
ssize_t tls__read(SSL *ssl, void *buffer, size_t size, unsigned char *event);
ssize_t tls__write(SSL *ssl, const void *data, size_t size, unsigned char *event);

/* Under transports. */
extern const struct transport__layer tls__layer;

/* A step of the handshake: 0, EAGAIN, or why there is no session; *text is the reason in words, or
 * as it was. */
int tls__handshake(SSL *ssl, unsigned char *event, const char **text);

/* Says goodbye, once: *parted is false at first, and remembers. 0, EAGAIN or a code. */
int tls__say_goodbye(SSL *ssl, bool *parted, unsigned char *event);

/* The same, and drops what comes until the peer has said so too. */
int tls__part(SSL *ssl, bool *parted, unsigned char *event);

#endif
