/* sendfile.h - a file through a stream: asyncio's loop.sendfile(transport, file).
 *
 *     stream_sendfile(self->n, &self->sending, self->stream, self->file, 0, SIZE_MAX);
 *
 * with a struct stream_sending in the frame. For a descriptor that is no stream: loop_sendfile.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_SENDFILE_H
#define GEN_LOOP_SENDFILE_H

#include "loop/descriptor.h"
#include "loop/stream.h"

/* Sends `count` bytes of the open file `file` (a descriptor, which stays the caller's) from
 * `offset` on, or to its end; SIZE_MAX: all. The file's own position stays. What is in the stream's
 * write buffer goes before. (lvalue size_t n) = how many were sent: less than count only at the
 * file's end. `sending` is memory of the caller's, in use until the end.
 *
 * By sendfile(2) over sockets and pipes; under TLS, or where there is no such call, through 16 KiB
 * on the C stack. At most 1 MiB for each event, so that no file keeps others waiting; but blocks
 * that are not in memory are read from the disk in the loop's thread.
 *
 * Who reads or writes the stream meanwhile gets GEN_EBADSTATE, as does this if another task reads.
 * Raises EBADF: one of both is not open; EISDIR; ESPIPE: the file has no positions; EINVAL: nor may
 * one be negative; EPIPE: after stream_write_eof; and what stream_flush raises. These leave the
 * stream as it is. Other errors, and a cancel once the write buffer is empty, close it, as the peer
 * could not tell what is missing: sending->sent is how much is not. Allocates nothing. */
#define stream_sendfile(n, sending, stream, file, offset, count)                                   \
    do {                                                                                           \
        stream__sending_init((sending), (stream), (file), (offset), (count));                      \
        gen_await(stream_sending, (sending));                                                      \
        (n) = (sending)->sent;                                                                     \
    } while (0)

gen_declare_extern(stream_sending, void);
struct stream_sending {
    struct gen gen;
    size_t sent; /* ro: so far; on every way out */
    struct stream *stream__of;
    struct loop_watch stream__watch; /* for its attempt; never started */
};

/* -- Private ----------------------------------------------------------------------------------- */

void stream__sending_init(struct stream_sending *sending, struct stream *stream, int file,
                          off_t offset, size_t count);
bool stream__send_file(void *context, struct stream_sending *sending);

#endif
