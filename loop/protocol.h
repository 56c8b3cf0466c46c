/* protocol.h - asyncio's protocols and transports: connections for code that is called back.
 *
 *     struct echo { struct protocol protocol; };                one for each connection
 *
 *     static void received(struct protocol *p, const void *data, size_t size)
 *     {
 *         (void)transport_write(p->transport, data, size);
 *     }
 *     static void lost(struct protocol *p, int code) { free(p); }
 *
 *     static const struct protocol_ops echo_ops = {.data_received = received,
 *                                                  .connection_lost = lost};
 *
 *     static struct protocol *make_echo(void *arg)              the factory
 *     {
 *         struct echo *e = calloc(1, sizeof *e);
 *         if (e != NULL)
 *             e->protocol.ops = &echo_ops;
 *         return e ? &e->protocol : NULL;
 *     }
 *
 *     loop_create_server(&self->server, make_echo, NULL, "127.0.0.1", 8888);     in a body
 *     loop_server_serve_forever(&self->server);
 *
 * A protocol is memory of the user's and says what to do; a transport is the library's and owns the
 * socket. Callbacks run in turns of the loop, in no task: scheduler.current is NULL in them. They
 * must not block, and may call everything here. All of this belongs to the loop's thread.
 *
 * What is open when the loop closes ends with it: connection_lost(LOOP_ECLOSED). There are no
 * pipes here: streams have them.
 *
 * Costs: O(1) for each call, without an allocation where the kernel takes at once what is written.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_PROTOCOL_H
#define GEN_LOOP_PROTOCOL_H

#include <sys/uio.h>

#include "loop/list.h"
#include "loop/listen.h"
#include "loop/loop.h"

struct protocol;
struct transport;

/* -- Protocols --------------------------------------------------------------------------------- */

/* What may be called, in this order: connection_made; what has to do with data, any number of
 * times; eof_received at most once; connection_lost, exactly once, and nothing after it. NULL: does
 * what asyncio's does, which is nothing. */
struct protocol_ops {
    /* The connection is there. p->transport is `transport`. */
    void (*connection_made)(struct protocol *p, struct transport *transport);

    /* Bytes have come. They are lent, during the call. At most 64 KiB; not called if get_buffer is
     * set. */
    void (*data_received)(struct protocol *p, const void *data, size_t size);

    /* BufferedProtocol's: bytes are there to be put into memory of the user's. Returns it, and in
     * *size how much room it has, which must be some: with none the connection is lost, by ENOBUFS.
     * `hint`: how many bytes there are; 0: not known. */
    void *(*get_buffer)(struct protocol *p, size_t hint, size_t *size);
    /* The first n bytes of it have been filled; n > 0. */
    void (*buffer_updated)(struct protocol *p, size_t n);

    /* The peer will send no more. True: stays open for writing, until transport_close. False or
     * NULL: the transport closes itself, which flushes. */
    bool (*eof_received)(struct protocol *p);

    /* The end, after which p is not touched any more: free it here. Code 0: after transport_close,
     * transport_abort or the peer's end; else why: ECONNRESET, EPIPE, ... p->transport is NULL. */
    void (*connection_lost)(struct protocol *p, int code);

    /* More than `high` bytes wait to be sent: write no more, if you can. Called within
     * transport_write. Then, when `low` or fewer are left: go on. The two alternate. */
    void (*pause_writing)(struct protocol *p);
    void (*resume_writing)(struct protocol *p);
};

/* Put it first in a struct of yours. All zero at first, but for `ops`. It must stay where it is
 * from when it was given to the library until connection_lost. */
struct protocol {
    const struct protocol_ops *ops;
    struct transport *transport; /* ro; NULL: not connected, or not any more */
};

/* Gives a protocol for a new connection, or NULL: there is none, and the connection is dropped,
 * which loop_create_connection raises as ENOMEM. Whoever is given back gets connection_made and
 * connection_lost. GEN_EBADSTATE: it has a connection already. */
typedef struct protocol *protocol_factory(void *arg);

/* -- Transports -------------------------------------------------------------------------------- */

/* A transport is there until its connection_lost has returned. All calls may be given NULL, which
 * is a connection that is over: so p->transport can always be used.
 *
 * Over TLS, what is written is copied, and a peer's end without goodbye is no end: connection_lost
 * is given TLS_ETRUNCATED. transport_close says goodbye when all is sent, and waits for the peer's,
 * or tls_options.shutdown_timeout; transport_abort says none. */

/* A transport for a connected stream socket, non-blocking, which it takes over. 0; ENOMEM;
 * GEN_EBADSTATE: p has a transport; LOOP_ETHREAD; LOOP_ECLOSED. connection_made comes in the next
 * turn. */
int transport_open(struct loop *loop, struct protocol *p, int fd);

/* Sends at once what the kernel takes, and keeps a copy of the rest to send it later. 0; EPIPE: it
 * is closing or lost; GEN_EBADSTATE: after transport_write_eof; ENOBUFS: more than the write limit
 * would be waiting; ENOMEM. Then nothing has been taken. An error of the socket's is returned, and
 * given to connection_lost; so is ENOMEM if a part has gone already. */
int transport_write(struct transport *t, const void *data, size_t size);
int transport_writelines(struct transport *t, const struct iovec *parts, int count);

/* Tells the peer, when all has been sent, that no more bytes come; reading goes on. 0, also if it
 * was told or the transport is closing; EPIPE: it is lost; ENOTSUP: over TLS, as in asyncio; or an errno
 * code. */
int transport_write_eof(struct transport *t);
bool transport_can_write_eof(const struct transport *t);

/* Reads no more, sends what is left, and then the connection is lost, with code 0: in the next turn
 * if nothing is left. A peer that does not read can delay that for ever; see transport_abort. */
void transport_close(struct transport *t);

/* The same without sending what is left. */
void transport_abort(struct transport *t);

/* True after one of both, and when the connection is lost. */
bool transport_is_closing(const struct transport *t);

/* From now on, or no longer, no callback for data or EOF is called, and the peer is held up. */
void transport_pause_reading(struct transport *t);
void transport_resume_reading(struct transport *t);
bool transport_is_reading(const struct transport *t); /* false after EOF, too */

/* When pause_writing and resume_writing are called: above `high`, at or below `low` waiting bytes.
 * TRANSPORT_DEFAULT: 64 KiB, or 4 * low; a quarter of high. A high of 0 makes low 0. 0; EINVAL: low
 * is more than high; EPIPE. */
#define TRANSPORT_DEFAULT SIZE_MAX
int transport_set_write_buffer_limits(struct transport *t, size_t high, size_t low);
void transport_get_write_buffer_limits(const struct transport *t, size_t *high, size_t *low);

/* How many bytes may wait at most: at first 16 MiB; SIZE_MAX: as many as there is memory for. */
void transport_set_write_limit(struct transport *t, size_t size);

/* How many bytes wait. The kernel's are not counted. */
size_t transport_get_write_buffer_size(const struct transport *t);

/* get_extra_info: "127.0.0.1:8888", "[::1]:8888", or the path of a Unix socket, "" if it has none.
 * `name` has room for `size` bytes. 0, ENOSPC, EPIPE, or an errno code. */
int transport_peer_name(const struct transport *t, char *name, size_t size);
int transport_local_name(const struct transport *t, char *name, size_t size);
int transport_fd(const struct transport *t); /* -1: none */

/* From now on the callbacks are p's; connection_made is not called again. The protocol before gets
 * no more calls: it is the caller's again. 0; EPIPE; GEN_EBADSTATE: p has a transport of its
 * own. */
int transport_set_protocol(struct transport *t, struct protocol *p);
struct protocol *transport_get_protocol(const struct transport *t);

/* -- Connecting -------------------------------------------------------------------------------- */

/* Those that follow wait, so they are statements of a body that runs in a task. `c` is a struct
 * loop_connecting, `server` a struct loop_server, in the frame. */

/* transport, protocol = await loop.create_connection(factory, host, port, ssl=, server_hostname=)
 *
 * Connects, asks the factory for a protocol, and goes on when its connection_made has been called.
 * Host: a name, or a literal address, IPv4 or IPv6; NULL: the loopback. Several addresses are
 * raced, as by stream_connect. Raises ECONNREFUSED and its kind (the first address's); NAME_ENONAME
 * and its kind; EINVAL: no port; ENOMEM; GEN_EBADSTATE: it is being used. A cancel closes what
 * there is.
 *
 * With c->tls the connection is TLS's, and the factory is asked when the handshake is over. Raises
 * TLS_EVERIFY, TLS_EPROTOCOL, TLS_ETRUNCATED; ETIMEDOUT: tls_options.handshake_timeout; EINVAL:
 * there is neither a host nor c->server_name. */
#define loop_create_connection(c, factory, arg, host, port)                                        \
    TASK__WAIT(loop__create_connection(gen_context, (c), (factory), (arg), (host), (port)))

/* The same over a Unix socket. Raises ENOENT and its kind; EAGAIN: its backlog is full; EINVAL or
 * ENAMETOOLONG: no path. */
#define loop_create_unix_connection(c, factory, arg, path)                                         \
    TASK__WAIT(loop__create_unix_connection(gen_context, (c), (factory), (arg), (path)))

/* The same from callbacks. The future c->connected.future tells how it came out:
 *
 *     loop_begin_connection(loop, &c, factory, arg, host, port);
 *     task_call_when_done(&loop->scheduler, &call, &c.connected.future, fn, arg);
 *
 * and fn asks task_error(&c.connected.future).code. task_call_cancel(&call) gives it up. 0;
 * LOOP_ETHREAD; LOOP_ECLOSED; GEN_EBADSTATE: it is being used; ENOMEM. */
struct loop_connecting;
int loop_begin_connection(struct loop *loop, struct loop_connecting *c, protocol_factory *factory,
                          void *arg, const char *host, int port);
int loop_begin_unix_connection(struct loop *loop, struct loop_connecting *c,
                               protocol_factory *factory, void *arg, const char *path);

/* -- Servers ----------------------------------------------------------------------------------- */

/* server = await loop.create_server(factory, host, port, backlog=10, reuse_port=True), which waits
 * for nothing here:
 *
 *     loop_create_server(&self->server, factory, arg, host, port, .backlog = 10,
 *                        .reuse_port = true);
 *
 * Listens, and accepts, from the next turn on, up to `backlog` connections at a time, each with a
 * protocol of the factory's. Host: a literal address; NULL: every address of this machine, with a
 * socket for each family. Port 0: any, see server->port. The options, none or more, are those of
 * loop/listen.h. Without descriptors or memory it looks away until a connection of this loop is
 * closed or a second is over, and tells the exception handler. Raises EADDRINUSE, EACCES and their
 * kind; EINVAL: not an address, or not a port; GEN_EBADSTATE: it is open.
 *
 * With .tls = &context the connections are TLS's, and the factory is asked after each handshake. A
 * peer who fails in that, or takes too long, is dropped without a word.
 *
 * The server's memory is in use until it is closed and its connections are lost: see
 * loop_server_wait_closed. */
#define loop_create_server(...) LOOP__CREATE_SERVER(__VA_ARGS__, .loop__end = 0)

/* The same on a path, or "@name" (see stream_connect_unix). A socket that a dead server has left
 * there is replaced; when the server closes it is removed. */
#define loop_create_unix_server(...) LOOP__CREATE_UNIX_SERVER(__VA_ARGS__, .loop__end = 0)

/* The same from callbacks, at once: 0, or what the others raise; LOOP_ETHREAD; LOOP_ECLOSED;
 * ENOMEM. `options` may be NULL. */
struct loop_server;
int loop_begin_server(struct loop *loop, struct loop_server *server, protocol_factory *factory,
                      void *arg, const char *host, int port,
                      const struct loop_listen_options *options);
int loop_begin_unix_server(struct loop *loop, struct loop_server *server, protocol_factory *factory,
                           void *arg, const char *path, const struct loop_listen_options *options);

/* Stops listening. Connections go on. Closing again is harmless. */
void loop_server_close(struct loop_server *server);

/* Closes (see transport_close), or aborts, every connection. O(connections). */
void loop_server_close_clients(struct loop_server *server);
void loop_server_abort_clients(struct loop_server *server);

/* Waits until the server is closed and its connections are lost; goes on at once if they are, or it
 * was never open. Any number of tasks may. A cancel leaves it as it is. */
#define loop_server_wait_closed(server) TASK__WAIT(loop__wait_closed(gen_context, (server)))

/* Waits until the server is closed by others and its connections are lost, and then ends as if
 * cancelled: raises GEN_CANCELLED. A cancel closes it, and aborts the connections, first. Raises
 * GEN_EBADSTATE: it is not open, or served by another task. */
#define loop_server_serve_forever(server) TASK__WAIT(loop__serve_forever(gen_context, (server)))

/* One of its descriptors, i from 0 to sockets - 1; -1: there is none. */
int loop_server_fd(const struct loop_server *server, size_t i);

/* -- The structs ------------------------------------------------------------------------------- */

/* What ends with the loop. Private. */
struct loop__open {
    void (*end)(struct loop__open *o);
    struct loop__link link;
};

/* A connection that is being made; the caller's memory until it is done, all zero at first but for
 * tls and server_name. */
struct loop_connecting {
    struct tls_context *tls;      /* rw: a TLS_CLIENT's (loop/tls.h), for TLS; or NULL */
    const char *server_name;      /* rw: whom the certificate is for; NULL: the host; "": anybody */
    struct protocol *protocol;    /* ro: the factory's, once it is connected */
    struct task_source connected; /* ro: its future */
    struct loop *loop__loop;      /* NULL: not in use */
    struct loop__connector *loop__connector;
    struct transport *loop__transport; /* whose connection_made is due */
    struct loop__open loop__open;
    protocol_factory *loop__factory;
    void *loop__arg;
    const char *loop__name; /* that TLS asks for */
};

/* How many sockets a server has at most: one for each family. */
enum { LOOP_SERVER_SOCKETS = 2 };

/* Private. */
struct loop__door {
    struct loop__listener listener;
    struct loop_server *server;
};

/* All zero at first. */
struct loop_server {
    struct loop_listen_options options; /* ro */
    int port;                           /* ro: the port, also where 0 was asked for */
    size_t sockets;                     /* ro: listening ones; 0: closed */
    size_t connections;                 /* ro: open ones */
    struct loop *loop__loop;            /* NULL: not open, and no connections */
    struct loop__link *loop__all;       /* its transports */
    struct loop__open loop__open;
    protocol_factory *loop__factory;
    void *loop__arg;
    struct task_future loop__ended;   /* of those who wait until it is closed */
    struct task_source loop__serving; /* of who serves */
    struct task_future loop__drained; /* and was cancelled */
    struct loop__door loop__doors[LOOP_SERVER_SOCKETS];
};

/* -- Private ----------------------------------------------------------------------------------- */

bool loop__create_connection(void *context, struct loop_connecting *c, protocol_factory *factory,
                             void *arg, const char *host, int port);
bool loop__create_unix_connection(void *context, struct loop_connecting *c,
                                  protocol_factory *factory, void *arg, const char *path);
bool loop__create_server(void *context, struct loop_server *server, protocol_factory *factory,
                         void *arg, const char *host, int port,
                         const struct loop_listen_options *options);
bool loop__create_unix_server(void *context, struct loop_server *server, protocol_factory *factory,
                              void *arg, const char *path,
                              const struct loop_listen_options *options);
bool loop__wait_closed(void *context, struct loop_server *server);
bool loop__serve_forever(void *context, struct loop_server *server);

#define LOOP__CREATE_SERVER(server, factory, arg, host, port, ...)                                 \
    TASK__WAIT(loop__create_server(gen_context, (server), (factory), (arg), (host), (port),        \
                                   &(const struct loop_listen_options){__VA_ARGS__}))
#define LOOP__CREATE_UNIX_SERVER(server, factory, arg, path, ...)                                  \
    TASK__WAIT(loop__create_unix_server(gen_context, (server), (factory), (arg), (path),           \
                                        &(const struct loop_listen_options){__VA_ARGS__}))

#endif
