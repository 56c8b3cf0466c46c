/* file.h - files, read and written in the executor's threads, so that the loop goes on meanwhile.
 *
 *     file_open(&self->file, "log.txt", O_RDONLY, 0);             the frame has a struct file file
 *     file_lend(&self->file, self->buffer, sizeof self->buffer);
 *     gen_try_finally {
 *         for (;;) {
 *             file_readline(self->n, &self->file, self->line, sizeof self->line);
 *             if (self->n == 0)
 *                 break;
 *             ...
 *         }
 *     }
 *     gen_finally {
 *         file_close(&self->file);
 *     }
 *     gen_end_finally
 *
 * Every call here is a statement of a body that runs in a loop's task, and waits. What goes wrong
 * is raised there, with errno's code: ENOENT, EISDIR, ENOSPC...; and with loop_submit's. EBADF: the
 * file is not open. GEN_EBADSTATE: another task is using it. Interrupted and short system calls are
 * gone on with.
 *
 * What a cancel does: a call that has not begun in a thread does nothing; one that has is waited
 * for and keeps its value, and the next wait raises GEN_CANCELLED. So no descriptor and no byte is
 * lost, and a file on a server that does not answer holds its task up for as long.
 *
 * Costs: a call in the default executor, but for lines that are in the buffer already.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_FILE_H
#define GEN_LOOP_FILE_H

#include <fcntl.h>
#include <sys/types.h>

#include "loop/executor.h"

/* All zero: closed. It must not move while a call waits. */
struct file {
    int fd; /* ro; valid while it is open */
    bool file__open;
    struct loop *file__loop;
    struct loop_resource file__resource;
    struct loop_work file__work;
    char *file__ahead; /* lent; the bytes from `at` to `end` have been read ahead */
    size_t file__room, file__at, file__end;
    const char *file__path;
    void *file__data;
    size_t file__size;
    void *file__result;
    off_t file__offset;
    int file__flags;
    mode_t file__mode;
};

/* As open(2) with O_CLOEXEC. `path` is looked at by a thread: it must stay until the call is over.
 * A cancel: if it came too late, the file is open. GEN_EBADSTATE: it is open already. */
#define file_open(file, path, flags, mode)                                                         \
    TASK__WAIT(file__open_at(gen_context, (file), (path), (flags), (mode)))

/* (lvalue n) = await file.read(size): n bytes, `size` but for the end of the file; 0: that was
 * reached. An error in the middle is raised by the next read, if it persists. */
#define file_read(n, file, buffer, size)                                                           \
    do {                                                                                           \
        TASK__WAIT(file__read(gen_context, (file), (buffer), (size)));                             \
        (n) = loop__count(gen_context);                                                            \
    } while (0)

/* Writes all, or raises what stopped it, ENOSPC say, with a part written. */
#define file_write(file, data, size) TASK__WAIT(file__write(gen_context, (file), (data), (size)))

/* Lends a buffer to read ahead into, for file_readline; the caller's, until the file is closed or
 * lent another. What had been read ahead is kept in front: GEN_EBADSTATE, without a change, if
 * there is no room for it. */
int file_lend(struct file *file, char *buffer, size_t size);

/* (lvalue n) = the length of the next line, which is put into `line`: up to the newline, with it;
 * without one at the end of the file, and where the line is longer than `size`, which then comes in
 * pieces. 0: the end. No byte 0 is appended. STREAM_ENOBUFFER: no buffer was lent. */
#define file_readline(n, file, line, size)                                                         \
    do {                                                                                           \
        TASK__WAIT(file__readline(gen_context, (file), (line), (size)));                           \
        (n) = loop__count(gen_context);                                                            \
    } while (0)

/* As lseek(2), from where the caller is: what has been read ahead does not count. `position`, an
 * off_t or NULL, is told where that is. */
#define file_seek(file, offset, whence, position)                                                  \
    TASK__WAIT(file__seek(gen_context, (file), (offset), (whence), (position)))

/* Until it is on the disk: fsync(2). */
#define file_sync(file) TASK__WAIT(file__sync(gen_context, (file)))

/* Closed in any case: no cancel ends this wait. Raises what close(2) has to say about earlier
 * writes; GEN_EBADSTATE: another task is using it, and it stays open. Closing again is harmless. */
#define file_close(file) TASK__WAIT(file__close(gen_context, (file)))

/* Reads a whole file. `file` is closed, and only lends its memory. `data`, a char *, becomes memory
 * from malloc with a byte 0 behind it, the caller's to free, and NULL where there is an error or
 * nothing was done; `size`, a size_t, without that byte. ENOMEM. */
#define file_read_whole(file, path, data, size)                                                    \
    TASK__WAIT(file__read_whole(gen_context, (file), (path), (data), (size)))

/* Writes a whole file so that others see the old one or the new one, never a part: under another
 * name in the same directory, which then takes the place of `path` (of the link, if it is one). It
 * keeps the permissions of the old one, and otherwise has `mode`, less umask. FILE_SYNC: it is on
 * the disk first, and its name afterwards. An error leaves the old file as it was, and nothing
 * beside it, but for one of that last step. EINVAL: `path` is there and is no file; EISDIR: a
 * directory. */
enum { FILE_SYNC = 1 };
#define file_write_whole(file, path, data, size, mode, flags)                                      \
    TASK__WAIT(file__write_whole(gen_context, (file), (path), (data), (size), (mode), (flags)))

/* -- Private ----------------------------------------------------------------------------------- */

bool file__open_at(void *context, struct file *file, const char *path, int flags, mode_t mode);
bool file__read(void *context, struct file *file, void *buffer, size_t size);
bool file__write(void *context, struct file *file, const void *data, size_t size);
bool file__readline(void *context, struct file *file, char *line, size_t size);
bool file__seek(void *context, struct file *file, off_t offset, int whence, off_t *position);
bool file__sync(void *context, struct file *file);
bool file__close(void *context, struct file *file);
bool file__read_whole(void *context, struct file *file, const char *path, char **data,
                      size_t *size);
bool file__write_whole(void *context, struct file *file, const char *path, const void *data,
                       size_t size, mode_t mode, int flags);

#endif
