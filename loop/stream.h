/* stream.h - TCP for coroutines: connect, read, write; listen, accept, serve.
 *
 *     gen_define(echo)                          struct echo has a member struct stream *stream
 *     {
 *         gen_begin();
 *         for (;;) {
 *             stream_read(self->n, self->stream, self->data, sizeof self->data);
 *             if (self->n == 0)
 *                 gen_stop();
 *             stream_write(self->stream, self->data, self->n);
 *         }
 *         gen_end();
 *     }
 *
 * Every call here that waits is a statement of a body that runs in a loop's task. What goes wrong
 * is raised there, with errno's code. The memory, buffers too, is the caller's, and has to stay
 * where it is while it is in use: keep it in the frame. Hosts are literal addresses, IPv4 or IPv6;
 * NULL is every address of this machine (listen) or the loopback (connect).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_STREAM_H
#define GEN_STREAM_H

#include "loop/loop.h"

/* A connection. All zero: closed. */
struct stream {
    struct loop *stream__loop; /* NULL: closed */
    int fd;                    /* ro; valid while it is open */
    ev_io stream__readable, stream__writable;
    struct task_source stream__reading, stream__writing;
    char *stream__in;
    const char *stream__out;
    size_t stream__room, stream__left;
    bool stream__connecting;
};

/* Connects to host:port. Raises ECONNREFUSED and its kind; EINVAL for a host that is no address.
 * A cancel closes the socket. */
#define stream_connect(stream, host, port)                                                         \
    TASK__WAIT(stream__connect(gen_context, (stream), (host), (port)))

/* Takes over a connected socket, which must be non-blocking. */
#define stream_open(stream, descriptor) stream__open(loop_running(), (stream), (descriptor))

/* (lvalue n) = await reader.read(size): waits for bytes and assigns how many were put into buffer:
 * 1 to size; 0 at the peer's end (or for a size of 0). Raises ECONNRESET and its kind; EBADF if it
 * is closed; GEN_EBADSTATE if another task reads. A cancel loses nothing. One recv for each event,
 * so no connection starves the others. */
#define stream_read(n, stream, buffer, size)                                                       \
    do {                                                                                           \
        TASK__WAIT(stream__read(gen_context, (stream), (buffer), (size)));                         \
        (n) = loop__count(gen_context);                                                            \
    } while (0)

/* Writes all, waiting for the peer to take it: write() and drain() in one. Raises EPIPE,
 * ECONNRESET and their kind; GEN_EBADSTATE if another task writes. A cancel may leave a part
 * unwritten, so close the stream then. */
#define stream_write(stream, data, size)                                                           \
    TASK__WAIT(stream__write(gen_context, (stream), (data), (size)))

/* Tells the peer that no more bytes come; reading goes on. 0 or an errno code. */
int stream_write_eof(struct stream *stream);

/* Closes at once. A task that waits on it gets EBADF. Closing again is harmless. */
void stream_close(struct stream *stream);

/* "127.0.0.1:8888" of the peer; `name` has room for `size` bytes. 0 or an errno code. */
int stream_peer_name(const struct stream *stream, char *name, size_t size);

/* -- Servers ----------------------------------------------------------------------------------- */

gen_declare_extern(stream__serving, void);

struct stream__serving {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope scope;
    struct stream_server *server;
    int fd;
};

/* A listening socket, and the connections that stream_serve has made of it. All zero: closed. */
struct stream_server {
    struct loop *stream__loop;
    int fd;             /* ro */
    int port;           /* ro: the port, also where 0 was asked for */
    size_t connections; /* ro: open ones, of stream_serve */
    ev_io stream__acceptable;
    struct task_source stream__accepting;
    struct task_call stream__retry;
    struct stream_server *stream__next; /* of the loop's paused ones */
    bool stream__paused;
    struct stream__connection *stream__all;
    struct task_future stream__drained;
    size_t stream__size, stream__offset; /* of the handler's frame, and of its `stream` */
    enum gen_status (*stream__resume)(void *, struct gen_io *);
    const char *stream__name;
    struct stream__serving stream__serving;
};

/* Binds and listens. Port 0: any, see server->port. Raises EADDRINUSE, EACCES and their kind;
 * EINVAL for a host that is no address. */
#define stream_listen(server, host, port)                                                          \
    do {                                                                                           \
        TASK__WAIT(stream__listen(gen_context, (server), (host), (port)));                         \
    } while (0)

/* (lvalue fd) = the next connection, non-blocking, yours to stream_open or close. With no
 * descriptors left it pauses, until a stream of this loop is closed or a second is over. A cancel
 * loses nothing. */
#define stream_accept(descriptor, server)                                                          \
    do {                                                                                           \
        TASK__WAIT(stream__accept(gen_context, (server)));                                         \
        (descriptor) = (int)loop__count(gen_context);                                              \
    } while (0)

/* start_server(handler) and serve_forever(): for each connection a task that runs the coroutine
 * NAME, whose frame is all zero but for its member `struct stream *stream`, which is open and is
 * closed when the task is done. Ends by being cancelled, or with the listening socket's error; then
 * the socket is closed, the connections' tasks are cancelled, and waited for. A handler that fails
 * is reported, unless it is by ECONNRESET or EPIPE, which is what peers do. */
#define stream_serve(server, NAME)                                                                 \
    do {                                                                                           \
        stream__serve_init((server), sizeof(struct NAME), offsetof(struct NAME, stream),           \
                           NAME##_gen__erased, #NAME);                                             \
        gen_await(stream__serving, &(server)->stream__serving);                                    \
    } while (0)

/* Stops listening. A task that accepts gets EBADF. Connections go on. */
void stream_server_close(struct stream_server *server);

/* -- Private ----------------------------------------------------------------------------------- */

bool stream__connect(void *context, struct stream *stream, const char *host, int port);
void stream__open(struct loop *loop, struct stream *stream, int fd);
bool stream__read(void *context, struct stream *stream, void *buffer, size_t size);
bool stream__write(void *context, struct stream *stream, const void *data, size_t size);
bool stream__listen(void *context, struct stream_server *server, const char *host, int port);
bool stream__accept(void *context, struct stream_server *server);
void stream__serve_init(struct stream_server *server, size_t size, size_t offset,
                        enum gen_status (*resume)(void *, struct gen_io *), const char *name);
void stream__resume_accepting(struct loop *loop);

#endif
