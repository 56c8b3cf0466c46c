/* connect.h - how a connection is made, for stream.h and protocol.h. Private to loop/.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_CONNECT_H
#define GEN_LOOP_CONNECT_H

#include "loop/loop.h"

struct loop__connector;

/* Looks the host up, and races its addresses (RFC 8305). `done` is called once, in a turn of its
 * own, never from within: with 0 and a socket that is the receiver's, or with why there is none, by
 * loop/name.h's codes or that of the first address. What is under way when the loop closes has to
 * be cancelled, or `done` comes with LOOP_ECLOSED. NULL: there is no memory. */
struct loop__connector *loop__connect(struct loop *loop, const char *host, int port,
                                      void (*done)(void *arg, struct loop *loop, int code, int fd),
                                      void *arg);

/* `done` is not called any more; what is open is closed. Not to be called after `done`; NULL is
 * harmless. */
void loop__connect_cancel(struct loop__connector *c);

/* A Unix socket's path, which never has to wait. 0 and a socket, or an errno code. */
int loop__connect_unix(const char *path, int *fd);

#endif
