/* stream.h - connections for coroutines: connect, read, write; listen, accept, serve.
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
 * is raised there, with errno's code or one of loop/error.h. The memory, buffers too, is the
 * caller's, and has to stay where it is while it is in use: keep it in the frame.
 *
 * Reading and writing allocate nothing. One task may read while others write. A second reader at
 * once gets GEN_EBADSTATE; writers take turns, each write being whole.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_STREAM_H
#define GEN_LOOP_STREAM_H

#include <sys/types.h>

#include "loop/buffer.h"
#include "loop/listen.h"
#include "loop/loop.h"

struct stream;
struct stream_server;
struct stream__transport;

/* -- Opening and closing ----------------------------------------------------------------------- */

/* await asyncio.open_connection(host, port). A host is a name, or a literal address, IPv4 or IPv6;
 * NULL: the loopback. Of several addresses those of both families are tried in turn, each 0.25 s
 * after the one before or as soon as that has failed, and the first to answer has it (RFC 8305,
 * "happy eyeballs"). Raises ECONNREFUSED and its kind, of the first address; NAME_ENONAME and its
 * kind; EINVAL: no port; EISCONN: the stream is open; ENOMEM. A cancel closes what is open. */
#define stream_connect(stream, host, port)                                                         \
    TASK__WAIT(stream__connect(gen_context, (stream), (host), (port)))

/* await asyncio.open_unix_connection(path). Never waits. Raises ENOENT and its kind; EINVAL or
 * ENAMETOOLONG: no path; EAGAIN: the server has too many that it has not accepted; EISCONN: the
 * stream is open. "@name": Linux's sockets without a file; ENOTSUP elsewhere. */
#define stream_connect_unix(stream, path)                                                          \
    TASK__WAIT(stream__connect_unix(gen_context, (stream), (path)))

/* Takes over a connected socket; one end of a pipe or a terminal. It must be non-blocking, and is
 * closed with the stream. The stream must be closed. */
#define stream_open(stream, descriptor) stream__open(loop_running(), (stream), (descriptor))
#define stream_open_pipe(stream, descriptor)                                                       \
    stream__open_pipe(loop_running(), (stream), (descriptor))

/* The same for 0, 1 or 2, which is made non-blocking until the stream is closed, and then left
 * open. What shares it, other processes too, sees that. 0, or EBADF. */
#define stream_open_stdio(stream, descriptor)                                                      \
    stream__open_stdio(loop_running(), (stream), (descriptor))

/* Closes at once, so that the memory may go when this has returned. A task that waits on it gets
 * EBADF. What is in its write buffer is lost: see stream_flush. Closing again is harmless. */
void stream_close(struct stream *stream);

/* The same, and the peer of a TCP connection gets a reset rather than an end; of TLS, no goodbye. */
void stream_abort(struct stream *stream);

/* Has it been closed, or was it never open? Not: is the peer gone, which a read or write tells. */
static inline bool stream_is_closing(const struct stream *stream);

/* "127.0.0.1:8888", "[::1]:8888", or a path, "" if it has none; `name` has room for `size` bytes.
 * 0; ENOSPC, EBADF, ENOTCONN; ENOTSOCK: a pipe. */
int stream_peer_name(const struct stream *stream, char *name, size_t size);
int stream_local_name(const struct stream *stream, char *name, size_t size);

/* -- Reading ----------------------------------------------------------------------------------- */

/* (lvalue size_t n) = await reader.read(size): waits for bytes and assigns how many were put into
 * `buffer`: 1 to size; 0 at the peer's end (or for a size of 0). Raises ECONNRESET and its kind;
 * EBADF if it is closed; GEN_EBADSTATE if another task reads. A cancel loses nothing. One recv for
 * each event, so no connection starves the others. */
#define stream_read(n, stream, buffer, size)                                                       \
    STREAM__READ(n, loop__count,                                                                   \
                 stream__read(gen_context, (stream), STREAM__SOME, (buffer), (size)))

/* (lvalue n) = await reader.readexactly(size): fills the buffer. STREAM_EINCOMPLETE: the end came
 * before. n is assigned on every way out, by an error or a cancel too: so many bytes are there, and
 * the reading may go on behind them. */
#define stream_readexactly(n, stream, buffer, size)                                                \
    STREAM__READ(n, loop__count,                                                                   \
                 stream__read(gen_context, (stream), STREAM__EXACTLY, (buffer), (size)))

/* The same, and the end is no error: reader.read(-1), as far as there is room. */
#define stream_readall(n, stream, buffer, size)                                                    \
    STREAM__READ(n, loop__count, stream__read(gen_context, (stream), STREAM__ALL, (buffer), (size)))

/* Lends memory for what is read ahead: stream_readline and stream_readuntil need it, and small
 * pieces are read faster with it. Its size is the limit of a line. It is in use until the stream is
 * closed or lent another. To be called when the stream is open, as opening forgets it. 0, or EBUSY:
 * bytes are in the one before, or somebody reads. */
int stream_set_read_buffer(struct stream *stream, char *memory, size_t size);

/* (lvalue struct stream_bytes line) = await reader.readline(): .data and .size, with the newline;
 * without at the end; of size 0 after that. It is in the read buffer, until the next read of the
 * stream. STREAM_ELIMIT: longer than the buffer; what is there of it is dropped, as in asyncio.
 * STREAM_ENOBUFFER: none was lent. What stream_read raises. A cancel loses nothing. */
#define stream_readline(line, stream)                                                              \
    STREAM__READ(line, stream__bytes, stream__readline(gen_context, (stream)))

/* (lvalue bytes) = await reader.readuntil(separator): the bytes up to and with it, a string.
 * STREAM_EINCOMPLETE: the end came first; bytes are what there was. STREAM_ELIMIT: it is not in a
 * full buffer; bytes are what is there, and stay for stream_read. EINVAL: an empty separator. The
 * rest is as for stream_readline. */
#define stream_readuntil(bytes, stream, separator)                                                 \
    STREAM__READ(bytes, stream__bytes, stream__readuntil(gen_context, (stream), (separator)))

/* The same with an array of `count` separators (struct stream_bytes), which has to stay until then:
 * up to the one that ends first. */
#define stream_readuntil_any(bytes, stream, separators, count)                                     \
    STREAM__READ(bytes, stream__bytes,                                                             \
                 stream__readuntil_any(gen_context, (stream), (separators), (count)))

/* gen_for_await (self->line, stream_lines, &self->lines)         async for line in reader:
 * with struct stream_lines lines = {.stream = stream}. */
gen_declare_extern(stream_lines, struct stream_bytes);
struct stream_lines {
    struct gen gen;
    struct stream *stream;
    struct stream_bytes line;
};

/* Has the end come, and has all been read? */
bool stream_at_eof(const struct stream *stream);

/* -- Writing ----------------------------------------------------------------------------------- */

/* writer.write(data) and await writer.drain() in one: waits until the peer's kernel, ours, or the
 * write buffer has taken all. Raises EPIPE, after stream_write_eof too, ECONNRESET and their kind;
 * EBADF; GEN_EBADSTATE: a handshake or file is under way. A cancel of a write that is partly done
 * leaves it so, and writes after it raise STREAM_ETORN, as the peer could not tell where they
 * begin. Of several tasks the writes come whole, in the order they were called. One send if the
 * kernel takes all. */
#define stream_write(stream, data, size)                                                           \
    TASK__WAIT(stream__write(gen_context, (stream), (data), (size)))

/* writer.writelines(pieces) and drain: the same with an array of `count` pieces (struct
 * stream_bytes), which has to stay until then; as one write. A socket is given up to 64 of them by
 * one call. */
#define stream_writelines(stream, pieces, count)                                                   \
    TASK__WAIT(stream__writelines(gen_context, (stream), (pieces), (count)))

/* Lends memory for what the kernel does not take at once, so that a write waits only when more than
 * `high` bytes are in it, until they are `low`, at first the size and a quarter of it: loop/ sends
 * them on. In use until the stream is closed or lent another; to be called when it is open. 0;
 * EBUSY: there are some in the one before; EINVAL unless size >= high >= low. */
int stream_set_write_buffer(struct stream *stream, char *memory, size_t size);
int stream_set_write_buffer_limits(struct stream *stream, size_t high, size_t low);

/* Waits until the write buffer is empty, and writes that were called before are done. Raises as
 * stream_write. Any number of tasks may. A cancel loses nothing. */
#define stream_flush(stream) TASK__WAIT(stream__flush(gen_context, (stream)))

/* Tells the peer that no more bytes come, after those in the write buffer; reading goes on. 0;
 * EBADF; ENOTSUP: a pipe, whose end is closing; STREAM_ETORN; GEN_EBADSTATE: a handshake is under
 * way; or why an earlier write failed. */
int stream_write_eof(struct stream *stream);

/* -- Servers ----------------------------------------------------------------------------------- */

/* Binds and listens; does not wait. Host: a literal address; NULL or "::": every address of this
 * machine, IPv6 and IPv4; "0.0.0.0": every IPv4 one, which NULL is too without IPv6. Port 0: any,
 * see server->port. Raises EADDRINUSE, EACCES and their kind; EINVAL: not an address, or not a
 * port; GEN_EBADSTATE: it is open, has connections, or is still being served. Behind the port the
 * options of loop/listen.h: .backlog = 10. */
#define stream_listen(...) STREAM__LISTEN(__VA_ARGS__, .loop__end = 0)

/* The same at a path, or "@name" (see stream_connect_unix); a socket that a dead server has left
 * there is replaced, and it is removed when the server is closed. EINVAL or ENAMETOOLONG: no
 * path. */
#define stream_listen_unix(...) STREAM__LISTEN_UNIX(__VA_ARGS__, .loop__end = 0)

/* (lvalue fd) = the next connection, non-blocking, yours to stream_open or close. With no
 * descriptors or memory left it pauses, until a connection of this loop is closed or a second is
 * over, and tells the exception handler. At most 100 for each event, so that those who are
 * connected are not held up. Raises EBADF: the server is closed; GEN_EBADSTATE: another task
 * accepts. A cancel loses nothing. */
#define stream_accept(descriptor, server)                                                          \
    do {                                                                                           \
        TASK__WAIT(stream__accept(gen_context, (server)));                                         \
        (descriptor) = (int)loop__count(gen_context);                                              \
    } while (0)

/* start_server(handler) and serve_forever(): for each connection a task that runs the coroutine
 * NAME, whose frame is all zero but for its member `struct stream *stream`, which is open and is
 * closed when the task is done and its write buffer empty. Ends by being cancelled, or with EBADF
 * when the server is closed; then the connections have server->grace seconds to end (the option, at
 * first), are cancelled, and waited for. A handler that fails is reported to the exception handler,
 * unless it is by ECONNRESET or EPIPE, which is what peers do. GEN_EBADSTATE: another task serves.
 *
 * One allocation for each connection: the stream, the task and the frame. Without memory the
 * connection is reset, and the server pauses. */
#define stream_serve(server, NAME)                                                                 \
    do {                                                                                           \
        if (!stream__serve_init((server), sizeof(struct NAME), offsetof(struct NAME, stream),      \
                                NAME##_gen__erased, #NAME))                                        \
            gen_raise(GEN_EBADSTATE);                                                              \
        gen_await(stream__serving, &(server)->stream__serving);                                    \
    } while (0)

/* Stops listening. A task that accepts gets EBADF. Connections go on. Closing again is harmless. */
void stream_server_close(struct stream_server *server);

/* Cancels the tasks of stream_serve's connections; or resets them. */
void stream_server_close_clients(struct stream_server *server);
void stream_server_abort_clients(struct stream_server *server);

/* -- The structs ------------------------------------------------------------------------------- */

/* A connection. All zero: closed. */
struct stream {
    struct loop *stream__loop; /* NULL: closed */
    int fd;                    /* ro; valid while it is open */
    const struct stream__transport *stream__transport;
    void *stream__below; /* the transport's */
    struct loop_resource stream__resource;
    ev_io stream__readable, stream__writable;
    struct task_source stream__reading, stream__writing;
    /* the read under way */
    char *stream__in;
    size_t stream__room, stream__got;
    const struct stream_bytes *stream__separators;
    size_t stream__separator_count;
    struct stream_bytes stream__one, stream__line;
    struct stream_buffer stream__input;
    /* the write under way */
    const char *stream__out;
    size_t stream__left;
    const struct stream_bytes *stream__lines; /* then these */
    size_t stream__line_count;
    struct task *stream__writer;
    struct stream_buffer stream__output;
    size_t stream__high, stream__low;
    /* what else happens when it is writable: a handshake, a file; 0, EAGAIN or why it failed */
    int (*stream__step)(struct stream *stream);
    const char *stream__text; /* of its failure */
    struct loop__connector *stream__connector;
    void (*stream__flushed)(
        struct stream *stream); /* the write buffer is empty, or will never be */
    int stream__broken;         /* why what was buffered could not be sent */
    unsigned char stream__mode, stream__reads_on, stream__writes_on; /* libev's events */
    bool stream__eof, stream__paused, stream__flushing, stream__started, stream__torn;
    bool stream__no_more, stream__holds, stream__parted; /* TLS: has said goodbye */
};

gen_declare_extern(stream__serving, void);
struct stream__serving {
    struct gen gen;
    struct gen_unwind unwind[3];
    struct task_scope shield, grace;
    struct stream_server *server;
    int fd;
};

/* A listening socket, and the connections that stream_serve has made of it. All zero: closed. */
struct stream_server {
    int fd;             /* ro */
    int port;           /* ro: the port, also where 0 was asked for */
    size_t connections; /* ro: open ones, of stream_serve */
    double grace;       /* rw: seconds; see stream_serve */
    struct loop__listener stream__listener;
    struct task_source stream__accepting;
    int stream__burst; /* accepted in this turn */
    struct loop__link *stream__all;
    struct task_future stream__drained;
    size_t stream__size, stream__offset; /* of the handler's frame, and of its `stream` */
    enum gen_status (*stream__resume)(void *, struct gen_io *);
    const char *stream__name;
    struct stream__serving stream__serving;
};

/* -- Private ----------------------------------------------------------------------------------- */

/* How bytes come and go: a socket, a pipe, TLS. */
struct stream__transport {
    /* As recv and send: a count, 0 at the end, or -1 and errno. With EAGAIN they may set
     * stream__reads_on and stream__writes_on to the event that has to come first, and send
     * stream__holds if the same bytes have to be given again, in one piece. */
    ssize_t (*receive)(struct stream *stream, void *buffer, size_t size);
    ssize_t (*send)(struct stream *stream, const void *data, size_t size);
    int (*write_eof)(struct stream *stream);      /* 0 or a code; EAGAIN as for send */
    bool (*pending)(const struct stream *stream); /* has it bytes that no event tells of? or NULL */
    void (*close)(struct stream *stream);         /* gives up what it has, the descriptor too */
};

enum { STREAM__SOME, STREAM__EXACTLY, STREAM__ALL, STREAM__LINE, STREAM__UNTIL };

bool stream__connect(void *context, struct stream *stream, const char *host, int port);
void stream__stop_connecting(struct stream *stream);
bool stream__connect_unix(void *context, struct stream *stream, const char *path);
void stream__open(struct loop *loop, struct stream *stream, int fd);
void stream__open_pipe(struct loop *loop, struct stream *stream, int fd);
int stream__open_stdio(struct loop *loop, struct stream *stream, int fd);
void stream__open_on(struct loop *loop, struct stream *stream, int fd,
                     const struct stream__transport *transport);
bool stream__read(void *context, struct stream *stream, int mode, void *buffer, size_t size);
bool stream__readline(void *context, struct stream *stream);
bool stream__readuntil(void *context, struct stream *stream, const char *separator);
bool stream__readuntil_any(void *context, struct stream *stream,
                           const struct stream_bytes *separators, size_t count);
bool stream__write(void *context, struct stream *stream, const void *data, size_t size);
bool stream__writelines(void *context, struct stream *stream, const struct stream_bytes *pieces,
                        size_t count);
bool stream__flush(void *context, struct stream *stream);
bool stream__take_step(void *context, struct stream *stream, int (*step)(struct stream *));
bool stream__close_flushed(struct stream *stream, void (*flushed)(struct stream *));
bool stream__listen(void *context, struct stream_server *server, const char *host, int port,
                    const struct loop_listen_options *options);
bool stream__listen_unix(void *context, struct stream_server *server, const char *path,
                         const struct loop_listen_options *options);
bool stream__accept(void *context, struct stream_server *server);
bool stream__serve_init(struct stream_server *server, size_t size, size_t offset,
                        enum gen_status (*resume)(void *, struct gen_io *), const char *name);

static inline bool stream_is_closing(const struct stream *stream)
{
    return stream->stream__loop == NULL;
}

static inline struct stream_bytes stream__bytes(const void *context)
{
    const struct stream_bytes none = {NULL, 0}, *line = loop__item(context);
    return line ? *line : none;
}

/* What was read is assigned on every way out. */
#define STREAM__READ(lvalue, result, begin)                                                        \
    do {                                                                                           \
        if (begin)                                                                                 \
            gen_suspend();                                                                         \
        (lvalue) = result(gen_context);                                                            \
        if (task__failed(gen__io))                                                                 \
            GEN__RAISE();                                                                          \
    } while (0)

#define STREAM__LISTEN(server, host, port, ...)                                                    \
    TASK__WAIT(stream__listen(gen_context, (server), (host), (port),                               \
                              &(const struct loop_listen_options){__VA_ARGS__}))
#define STREAM__LISTEN_UNIX(server, path, ...)                                                     \
    TASK__WAIT(stream__listen_unix(gen_context, (server), (path),                                  \
                                   &(const struct loop_listen_options){__VA_ARGS__}))

#endif
