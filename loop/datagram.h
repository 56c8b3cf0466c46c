/* datagram.h - datagrams, UDP and Unix, for coroutines and callbacks: asyncio's datagram endpoint.
 *
 *     datagram_open(&self->socket, "127.0.0.1", 14000, NULL, 0, 0);
 *     for (;;) {
 *         datagram_receive(self->n, &self->socket, self->data, sizeof self->data, &self->from);
 *         datagram_send(&self->socket, self->data, self->n, &self->from);
 *     }
 *
 * What waits is a statement of a body that runs in a loop's task; what goes wrong is raised there,
 * with errno's code. All memory is the caller's, and has to stay where it is while it is in use.
 * Addresses to and from text: loop/address.h. A message arrives whole, or never; two may overtake
 * each other, but not on a Unix socket, where none is lost either.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_DATAGRAM_H
#define GEN_LOOP_DATAGRAM_H

#include "loop/address.h"
#include "loop/descriptor.h"
#include "loop/name.h"

/* -- Opening and closing ----------------------------------------------------------------------- */

/* Options of datagram_open, or'ed. */
enum {
    DATAGRAM_BROADCAST = 1, /* may send to broadcast addresses */
    DATAGRAM_REUSE_PORT = 2 /* shares its local port with others that say so */
};

/* A socket. All zero: closed. */
struct datagram {
    struct loop *datagram__loop; /* NULL: closed */
    int fd;                      /* ro; valid while it is open */
    int port;                    /* ro: the local one, also where 0 was asked for */
    struct loop_watch datagram__reading, datagram__writing;
    struct loop_resource datagram__resource;
    struct task_call datagram__retry;
    struct loop *datagram__opener; /* set while a task opens it */
    struct task_source datagram__opening;
    struct loop_lookup datagram__lookup;
    struct addrinfo *datagram__local;
    const char *datagram__host;
    int datagram__port, datagram__options;
    void (*datagram__received)(struct datagram *d, int code, size_t n,
                               const struct loop_sockaddr *from, void *arg);
    void *datagram__arg, *datagram__buffer;
    size_t datagram__size;
};

/* loop.create_datagram_endpoint(local_addr, remote_addr). Hosts are names or literal addresses; the
 * first pair of addresses that works is taken.
 *
 * local_host NULL: every IPv4 address, or with a remote one its family's ("::": every IPv6 one);
 * port 0: any, see d->port. remote_host NULL: each message names its receiver. Otherwise the socket
 * is connected: it receives from there alone, and is told that nobody listens.
 *
 * Raises EADDRINUSE, EACCES and their kind; NAME_ENONAME and its kind; EAFNOSUPPORT: not both of
 * one family; GEN_EBADSTATE: it is open. A cancel leaves it closed. */
#define datagram_open(d, local_host, local_port, remote_host, remote_port, options)                \
    TASK__WAIT(datagram__open(gen_context, (d), (local_host), (local_port), (remote_host),         \
                              (remote_port), (options)))

/* The same for Unix sockets: paths as loop_sockaddr_unix has them, or NULL. The file of local_path
 * must not be there yet, and stays after the end. 0 or an errno code; GEN_EBADSTATE. */
int datagram_open_unix(struct loop *loop, struct datagram *d, const char *local_path,
                       const char *remote_path);

/* Takes over a datagram socket, one of a socketpair say, and makes it non-blocking. As above; on an
 * error it stays the caller's. */
int datagram_open_socket(struct loop *loop, struct datagram *d, int fd);

/* Closes at once. Tasks that wait on it get EBADF. Closing again is harmless. */
void datagram_close(struct datagram *d);

/* -- Messages ---------------------------------------------------------------------------------- */

/* (lvalue n) = the size of the next message, which may be 0: there is no end. `from`, a struct
 * loop_sockaddr * or NULL: who sent it.
 *
 * Raises EMSGSIZE: the message was longer than the buffer, which is full of its beginning; the rest
 * is gone. ECONNREFUSED and its kind: an earlier message of a connected socket did not arrive
 * (asyncio calls error_received for it); the socket stays of use. EBADF: it is closed;
 * GEN_EBADSTATE: another task receives, or datagram_on_receive. A cancel loses nothing. One message
 * for each event. */
#define datagram_receive(n, d, buffer, size, from)                                                 \
    LOOP__COUNTED(n, datagram__receive(gen_context, (d), (buffer), (size), (from)))

/* Sends one message, waiting while the kernel has no room. `to`, a struct loop_sockaddr *, or NULL
 * for the peer of a connected socket.
 *
 * Raises EMSGSIZE: too long to send; EDESTADDRREQ, ENOTCONN: no receiver; EACCES: a broadcast that
 * was not asked for; ECONNREFUSED: as above, and this message was not sent; EBADF; GEN_EBADSTATE:
 * another task sends. A cancel while it waits: it is not sent. Where the receiver of a Unix socket
 * that is not connected has no room there is no event to wait for: it is tried each millisecond. */
#define datagram_send(d, data, size, to)                                                           \
    TASK__WAIT(datagram__send(gen_context, (d), (data), (size), (to)))

/* For callback code (DatagramTransport.sendto): sends one message now or not at all. 0; EAGAIN: the
 * kernel has no room; GEN_EBADSTATE: a task sends; and what datagram_send raises. */
int datagram_sendto(struct datagram *d, const void *data, size_t size,
                    const struct loop_sockaddr *to);

/* For callback code (DatagramProtocol): from now on received is called for each message, once a
 * turn, with code 0, or for an error that datagram_receive would raise, with n what is in the
 * buffer. It may close d. NULL ends that. 0; EBADF; GEN_EBADSTATE: a task receives. */
int datagram_on_receive(struct datagram *d, void *buffer, size_t size,
                        void (*received)(struct datagram *d, int code, size_t n,
                                         const struct loop_sockaddr *from, void *arg),
                        void *arg);

/* "127.0.0.1:14000" of this end, and of the other; `name` has room for `size` bytes. 0; ENOSPC;
 * EBADF; ENOTCONN: there is no other. */
int datagram_local_name(const struct datagram *d, char *name, size_t size);
int datagram_peer_name(const struct datagram *d, char *name, size_t size);

/* -- Private ----------------------------------------------------------------------------------- */

bool datagram__open(void *context, struct datagram *d, const char *local_host, int local_port,
                    const char *remote_host, int remote_port, int options);
bool datagram__receive(void *context, struct datagram *d, void *buffer, size_t size,
                       struct loop_sockaddr *from);
bool datagram__send(void *context, struct datagram *d, const void *data, size_t size,
                    const struct loop_sockaddr *to);

#endif
