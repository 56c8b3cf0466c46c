/* descriptor.h - waiting for any descriptor, and what there is to do with one of your own:
 * asyncio's add_reader and sock_ families, sendfile, and descriptors sent over Unix sockets. Other
 * libraries that have a descriptor and a function to call when it is ready fit into a loop by this.
 *
 *     gen_define(answer)                     struct answer has a member struct loop_watch watch
 *     {
 *         gen_begin();
 *         loop_wait_readable(&self->watch, self->fd);
 *         library_process(self->library);
 *         gen_end();
 *     }
 *
 * A watch is for one thing at a time, and is memory of the caller's, all zero at first, that must
 * not move or go while it is in use. Two watches may have one descriptor, to read and to write. The
 * descriptor stays the caller's: it must be one that can be polled (a socket, a pipe, a terminal,
 * an eventfd; a plain file is always ready), and is closed when nothing watches it any more.
 *
 * All that waits here is a statement of a body that runs in a loop's task, and raises EBADF: not an
 * open descriptor, or GEN_EBADSTATE: the watch is in use, beside what is said there. A cancel stops
 * the watch at once. Starting to wait costs one fcntl and one epoll_ctl.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_DESCRIPTOR_H
#define GEN_LOOP_DESCRIPTOR_H

#include <sys/types.h>

#include "loop/address.h"
#include "loop/loop.h"

struct loop_watch;

/* -- Readiness --------------------------------------------------------------------------------- */

/* Waits until a read or accept, or a write, would not block; also for the peer's end, and an error.
 * A cancel loses nothing. */
#define loop_wait_readable(watch, fd)                                                              \
    TASK__WAIT(loop__sock(gen_context, (watch), (fd), EV_READ, loop__ready))
#define loop_wait_writable(watch, fd)                                                              \
    TASK__WAIT(loop__sock(gen_context, (watch), (fd), EV_WRITE, loop__ready))

/* loop.add_reader, add_writer: from now on fn(arg) is called once in each turn that finds the
 * descriptor ready, in the order in which things became ready. What fn leaves unread is found
 * again. 0; EBADF; GEN_EBADSTATE: the watch is in use; LOOP_ECLOSED; LOOP_ETHREAD. */
int loop_add_reader(struct loop *loop, struct loop_watch *watch, int fd, void (*fn)(void *),
                    void *arg);
int loop_add_writer(struct loop *loop, struct loop_watch *watch, int fd, void (*fn)(void *),
                    void *arg);

/* Ends that; fn is not called any more. From anywhere on the loop's thread, fn too, and before the
 * descriptor or the loop is closed. False: the watch was no such one. */
bool loop_remove_reader(struct loop_watch *watch);
bool loop_remove_writer(struct loop_watch *watch);

/* -- Sockets of your own ----------------------------------------------------------------------- */

/* For non-blocking sockets that are no stream. Each raises what the system call of its name does; n
 * is an lvalue. Reading waits for an event first, so that a peer who sends without end starves
 * nobody; sending tries at once. */

/* n bytes, 1 to size; 0: the peer's end. A cancel loses nothing. */
#define loop_sock_recv(n, watch, fd, buffer, size)                                                 \
    LOOP__COUNTED(n, loop__sock_recv(gen_context, (watch), (fd), (buffer), (size), NULL))

/* One datagram, cut to size without notice (loop/datagram.h tells), and where it came from: a
 * struct loop_sockaddr *. A cancel loses nothing. */
#define loop_sock_recvfrom(n, watch, fd, buffer, size, from)                                       \
    LOOP__COUNTED(n, loop__sock_recv(gen_context, (watch), (fd), (buffer), (size), (from)))

/* All of it. A cancel leaves a part unsent, nobody knows which: close the socket then. */
#define loop_sock_sendall(watch, fd, data, size)                                                   \
    TASK__WAIT(loop__sock_send(gen_context, (watch), (fd), (data), (size), NULL))

/* One datagram to a struct loop_sockaddr *. A cancel while it waits: it is not sent. */
#define loop_sock_sendto(watch, fd, data, size, to)                                                \
    TASK__WAIT(loop__sock_send(gen_context, (watch), (fd), (data), (size), (to)))

/* To a struct loop_sockaddr *. A cancel leaves it half-way: close the socket then. EAGAIN: the
 * queue of a Unix socket that listens is full. */
#define loop_sock_connect(watch, fd, to)                                                           \
    TASK__WAIT(loop__sock_connect(gen_context, (watch), (fd), (to)))

/* connection = the next one of a listening socket, non-blocking, close-on-exec, the caller's to
 * close. EMFILE, ENFILE, ENOMEM: it stays in the queue. A cancel loses nothing. */
#define loop_sock_accept(connection, watch, fd)                                                    \
    do {                                                                                           \
        TASK__WAIT(loop__sock(gen_context, (watch), (fd), EV_READ, loop__sock_accept));            \
        (connection) = (int)loop__count(gen_context);                                              \
    } while (0)

/* -- Files and descriptors over sockets -------------------------------------------------------- */

/* Sends count bytes of the file `in`, from offset on (in's own position stays), or to its end, to
 * the non-blocking socket or pipe `out`; n of them, which is less than count only at the file's
 * end. SIZE_MAX: all. By sendfile; where the system or the file has none, through a buffer of 16
 * KiB on the C stack. A file's blocks that are not in memory are read from the disk in the loop's
 * thread. ESPIPE: `in` has no positions; EPIPE: the reader is gone, without a SIGPIPE. A cancel: as
 * loop_sock_sendall's. */
#define loop_sendfile(n, watch, out, in, offset, count)                                            \
    LOOP__COUNTED(n, loop__sendfile(gen_context, (watch), (out), (in), (offset), (count)))

/* Sends `count` descriptors with the bytes over a Unix socket; at least one byte, and at most
 * LOOP_FDS_MAX descriptors: EINVAL. n: the bytes that were taken, with which all descriptors went;
 * send the rest, if any, with loop_sock_sendall. The sender's descriptors stay open. A cancel while
 * it waits: nothing was sent. */
#define loop_send_fds(n, watch, fd, data, size, descriptors, count)                                \
    LOOP__COUNTED(                                                                                 \
        n, loop__send_fds(gen_context, (watch), (fd), (data), (size), (descriptors), (count)))

/* n bytes as loop_sock_recv, and the descriptors that came with them, close-on-exec and the
 * caller's to close: *count says how many there is room for, and afterwards how many came.
 * EMSGSIZE: more came, or more than this process may have open; all of them are closed, the bytes
 * are in buffer. A cancel loses nothing. */
#define loop_recv_fds(n, watch, fd, buffer, size, descriptors, count)                              \
    LOOP__COUNTED(                                                                                 \
        n, loop__recv_fds(gen_context, (watch), (fd), (buffer), (size), (descriptors), (count)))
enum { LOOP_FDS_MAX = 253 }; /* Linux' own limit */

/* -- Private ----------------------------------------------------------------------------------- */

/* What is tried when the descriptor is ready, or, to send, before it is known to be: 0: done, with
 * loop__count set; EAGAIN: not yet; or an error. */
typedef int loop__attempt(struct loop_watch *watch, bool ready);

struct loop_watch {
    ev_io loop__io;
    struct loop *loop__loop;
    struct task_source loop__source;
    struct task_call loop__call; /* of a reader or writer */
    struct loop_resource loop__resource;
    loop__attempt *loop__attempt;
    char *loop__in;
    const char *loop__out;
    size_t loop__size, loop__count;
    void *loop__aside; /* an address, or descriptors and how many of them */
    size_t *loop__room, loop__fds;
    off_t loop__offset;
    int loop__file;
};

#define LOOP__COUNTED(n, begin)                                                                    \
    do {                                                                                           \
        TASK__WAIT(begin);                                                                         \
        (n) = loop__count(gen_context);                                                            \
    } while (0)

loop__attempt loop__ready, loop__sock_accept, loop__send_file;
bool loop__sock(void *context, struct loop_watch *w, int fd, int events, loop__attempt *attempt);
bool loop__sock_recv(void *context, struct loop_watch *w, int fd, void *buffer, size_t size,
                     struct loop_sockaddr *from);
bool loop__sock_send(void *context, struct loop_watch *w, int fd, const void *data, size_t size,
                     const struct loop_sockaddr *to);
bool loop__sock_connect(void *context, struct loop_watch *w, int fd,
                        const struct loop_sockaddr *to);
bool loop__sendfile(void *context, struct loop_watch *w, int out, int in, off_t offset,
                    size_t count);
bool loop__send_fds(void *context, struct loop_watch *w, int fd, const void *data, size_t size,
                    const int *descriptors, size_t count);
bool loop__recv_fds(void *context, struct loop_watch *w, int fd, void *buffer, size_t size,
                    int *descriptors, size_t *count);

/* For what keeps its watches, as a datagram socket does: set up once; then each wait is an attempt.
 * loop__watch_fail ends a wait from outside. */
void loop__watch_init(struct loop *loop, struct loop_watch *w, int fd, int events);
bool loop__watch_busy(const struct loop_watch *w);
bool loop__watch_try(void *context, struct loop_watch *w, loop__attempt *attempt);
int loop__watch_call(struct loop_watch *w, void (*fn)(void *), void *arg);
void loop__watch_fail(struct loop_watch *w, int code);

#endif
