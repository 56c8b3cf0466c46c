/* listen.h - sockets that listen, which stream.h's servers and protocol.h's are made of. Private to
 * loop/, but for the options.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_LISTEN_H
#define GEN_LOOP_LISTEN_H

#include <sys/types.h>

#include "loop/address.h"
#include "loop/list.h"
#include "loop/loop.h"

struct tls_context; /* loop/tls.h */

/* What a server may be told, as .backlog = 10. What is for the other kind of servers is EINVAL. */
struct loop_listen_options {
    int backlog;     /* how many may wait to be accepted; 0: 100 */
    bool reuse_port; /* others may listen on it too; the kernel shares connections out */
    bool v6_only;    /* "::" does not take IPv4 */
    double grace;    /* of stream_serve: seconds that connections have to end by themselves */
    struct tls_context *tls; /* of protocols: connections are TLS's, a TLS_SERVER's */
    int loop__end;           /* so that there may be none */
};

/* -- Private ----------------------------------------------------------------------------------- */

/* All zero: closed. */
struct loop__listener {
    /* There are connections: called by libev, while it is started. To be set before listening. */
    void (*acceptable)(struct loop__listener *l);
    struct loop *loop; /* NULL: closed */
    ev_io io;          /* its fd is the socket */
    struct loop_resource resource;
    struct task_call call;     /* the owner's, while it does not pause */
    struct loop__link paused;  /* in the loop's list of those that pause */
    struct loop_sockaddr name; /* as the kernel has it */
    ino_t inode;               /* of a Unix socket's file; 0: there is none */
    bool started;
};

static inline int loop__backlog(const struct loop_listen_options *options)
{
    return options->backlog > 0 ? options->backlog : 100; /* as asyncio */
}

/* This machine has no such address, or none of that family. */
static inline bool loop__no_such_address(int code)
{
    return code == EAFNOSUPPORT || code == EADDRNOTAVAIL;
}

static inline bool loop__is_paused(const struct loop__listener *l)
{
    return l->paused.at != NULL;
}

/* Binds and listens. A Unix socket that nobody listens on any more is replaced; closing removes it,
 * unless another has taken its place. 0, or an errno code. */
int loop__listen(struct loop *loop, struct loop__listener *l, const struct loop_sockaddr *a,
                 const struct loop_listen_options *options);
void loop__listener_start(struct loop__listener *l);
void loop__listener_stop(struct loop__listener *l);
void loop__listener_close(struct loop__listener *l);

/* 0 and a connection; EAGAIN; or why not: for want of descriptors or memory if it pauses now, else
 * there will never be one. */
int loop__accept(struct loop__listener *l, int *fd);

/* Looks away from the socket, so that those who are connected live on, until there is hope: a
 * second later, or when something of this loop's is closed, which tells by loop__resume_accepting.
 * Tells the exception handler. */
void loop__listener_pause(struct loop__listener *l, int code);
void loop__resume_accepting(struct loop *loop);

#endif
