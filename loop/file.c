/* Files. The functions that threads call come first: they have the struct to themselves. */
#include "loop/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/source.h"

/* -- In a thread ------------------------------------------------------------------------------- */

static int open_fd(const char *path, int flags, mode_t mode, int *fd)
{
    do
        *fd = open(path, flags | O_CLOEXEC, mode);
    while (*fd < 0 && errno == EINTR);
    return *fd < 0 ? errno : 0;
}

/* It is closed, whatever close says. */
static int close_fd(int fd)
{
    return close(fd) == 0 || errno == EINTR ? 0 : errno;
}

static int sync_fd(int fd)
{
    while (fsync(fd) != 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

static ssize_t read_some(int fd, char *buffer, size_t size)
{
    ssize_t n;
    do
        n = read(fd, buffer, size);
    while (n < 0 && errno == EINTR);
    return n;
}

/* Until the buffer is full, the file ends, or nothing can be read. *n: how much there is. */
static int read_full(int fd, char *buffer, size_t size, size_t *n)
{
    ssize_t some = 1;
    for (; *n < size && some > 0; *n += some > 0 ? (size_t)some : 0)
        some = read_some(fd, buffer + *n, size - *n);
    return some < 0 ? errno : 0;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        const ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR)
            return errno;
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

/* Moves up to `size` bytes of what has been read ahead. */
static size_t take_ahead(struct file *f, char *buffer, size_t size)
{
    const size_t ahead = f->file__end - f->file__at, n = size < ahead ? size : ahead;
    if (n > 0)
        memcpy(buffer, f->file__ahead + f->file__at, n);
    f->file__at += n;
    return n;
}

/* The file goes back to where the caller is. */
static int drop_ahead(struct file *f)
{
    const off_t ahead = (off_t)(f->file__end - f->file__at);
    if (ahead > 0 && lseek(f->fd, -ahead, SEEK_CUR) < 0)
        return errno;
    f->file__at = f->file__end = 0;
    return 0;
}

static int open_it(void *arg)
{
    struct file *f = arg;
    const int code = open_fd(f->file__path, f->file__flags, f->file__mode, &f->fd);
    f->file__open = code == 0;
    return code;
}

static int read_it(void *arg)
{
    struct file *f = arg;
    size_t n = take_ahead(f, f->file__data, f->file__size);
    const int code = read_full(f->fd, f->file__data, f->file__size, &n);
    f->file__work.loop__value = n;
    return n > 0 ? 0 : code;
}

/* Up to the newline, or all that is there; `whole`: the line needs no more. */
static size_t take_line(struct file *f, char *line, size_t size, bool *whole)
{
    const size_t ahead = f->file__end - f->file__at, most = size < ahead ? size : ahead;
    const char *start = f->file__ahead + f->file__at;
    const char *newline = most > 0 ? memchr(start, '\n', most) : NULL;
    *whole = newline != NULL || most == size;
    return take_ahead(f, line, newline ? (size_t)(newline - start) + 1 : most);
}

static int read_line(void *arg)
{
    struct file *f = arg;
    char *line = f->file__data;
    bool whole;
    size_t n = take_line(f, line, f->file__size, &whole);
    ssize_t some = 1;
    while (!whole && some > 0) {
        some = read_some(f->fd, f->file__ahead, f->file__room);
        f->file__at = 0;
        f->file__end = some > 0 ? (size_t)some : 0;
        if (some > 0)
            n += take_line(f, line + n, f->file__size - n, &whole);
    }
    f->file__work.loop__value = n;
    return n == 0 && some < 0 ? errno : 0;
}

static int write_it(void *arg)
{
    struct file *f = arg;
    const int code = drop_ahead(f);
    if (code != 0 && code != ESPIPE) /* a pipe's two directions have nothing in common */
        return code;
    return write_all(f->fd, f->file__data, f->file__size);
}

static int seek_it(void *arg)
{
    struct file *f = arg;
    const int code = drop_ahead(f);
    off_t at;
    if (code != 0)
        return code;
    at = lseek(f->fd, f->file__offset, f->file__flags);
    if (at < 0)
        return errno;
    if (f->file__result != NULL)
        *(off_t *)f->file__result = at;
    return 0;
}

static int sync_it(void *arg)
{
    return sync_fd(((struct file *)arg)->fd);
}

static int close_it(void *arg)
{
    struct file *f = arg;
    f->file__open = false;
    f->file__ahead = NULL;
    f->file__room = f->file__at = f->file__end = 0;
    return close_fd(f->fd);
}

/* -- Whole files ------------------------------------------------------------------------------- */

/* With a byte more than is there, so that the end is seen; files of /proc say that they have 0. */
static int read_growing(int fd, size_t room, char **data, size_t *size)
{
    size_t n = 0;
    int code = 0;
    for (;;) {
        char *more = room < SIZE_MAX ? realloc(*data, room + 1) : NULL;
        if (more == NULL)
            return ENOMEM;
        *data = more;
        code = read_full(fd, more, room, &n);
        if (code != 0 || n < room)
            break;
        room = room > SIZE_MAX / 2 ? SIZE_MAX : room * 2;
    }
    (*data)[n] = 0;
    *size = code == 0 ? n : 0;
    return code;
}

static int read_whole(void *arg)
{
    struct file *f = arg;
    char *data = NULL;
    struct stat status;
    int fd, code = open_fd(f->file__path, O_RDONLY, 0, &fd);
    if (code != 0)
        return code;
    if (fstat(fd, &status) != 0)
        code = errno;
    else if ((uintmax_t)status.st_size >= SIZE_MAX)
        code = ENOMEM;
    else
        code = read_growing(fd, status.st_size > 0 ? (size_t)status.st_size + 1 : 4096, &data,
                            f->file__data);
    (void)close_fd(fd);
    if (code == 0)
        *(char **)f->file__result = data;
    else
        free(data);
    return code;
}

/* A name in the same directory, which nobody has. */
static int create_beside(const char *path, mode_t mode, char **name, int *fd)
{
    static atomic_uint count;
    const size_t size = strlen(path) + 32;
    int code;
    *name = malloc(size);
    if (*name == NULL)
        return ENOMEM;
    do {
        (void)snprintf(*name, size, "%s.%ld-%u", path, (long)getpid(), atomic_fetch_add(&count, 1));
        code = open_fd(*name, O_WRONLY | O_CREAT | O_EXCL, mode, fd);
    } while (code == EEXIST);
    if (code != 0) {
        free(*name);
        *name = NULL;
    }
    return code;
}

static int sync_directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const size_t n = slash ? (size_t)(slash - path) + 1 : 0;
    char *directory = slash ? malloc(n + 1) : strdup(".");
    int fd, code;
    if (directory == NULL)
        return ENOMEM;
    if (slash != NULL) {
        memcpy(directory, path, n);
        directory[n] = 0;
    }
    code = open_fd(directory, O_RDONLY | O_DIRECTORY, 0, &fd);
    free(directory);
    if (code != 0)
        return code;
    code = sync_fd(fd);
    (void)close_fd(fd);
    return code == EINVAL ? 0 : code; /* a file system that does not know of it */
}

/* Into the new file, which is closed. */
static int fill(const struct file *f, int fd, const struct stat *old)
{
    int code = 0, closed;
    if (old != NULL && fchmod(fd, old->st_mode & 07777) != 0)
        code = errno;
    if (code == 0)
        code = write_all(fd, f->file__data, f->file__size);
    if (code == 0 && (f->file__flags & FILE_SYNC))
        code = sync_fd(fd);
    closed = close_fd(fd);
    return code != 0 ? code : closed;
}

static int write_whole(void *arg)
{
    struct file *f = arg;
    struct stat old;
    const bool is_there = stat(f->file__path, &old) == 0;
    char *name;
    int fd, code;
    if (is_there && !S_ISREG(old.st_mode))
        return S_ISDIR(old.st_mode) ? EISDIR : EINVAL;
    code = create_beside(f->file__path, f->file__mode, &name, &fd);
    if (code != 0)
        return code;
    code = fill(f, fd, is_there ? &old : NULL);
    if (code == 0 && rename(name, f->file__path) != 0)
        code = errno;
    if (code != 0)
        (void)unlink(name);
    free(name);
    return code == 0 && (f->file__flags & FILE_SYNC) ? sync_directory_of(f->file__path) : code;
}

/* -- In the loop ------------------------------------------------------------------------------- */

static bool is_busy(const struct file *f)
{
    return f->file__work.loop__executor != NULL;
}

/* False: that is settled. */
static bool may_begin(void *context, const struct file *f, bool open)
{
    const int code = is_busy(f) ? (int)GEN_EBADSTATE : open ? EBADF : (int)GEN_EBADSTATE;
    if (context != NULL && !is_busy(f) && f->file__open == open)
        return true;
    return loop__settle(context, code, 0);
}

static bool begin(void *context, struct file *f, int (*fn)(void *))
{
    return loop__map(context, NULL, &f->file__work, fn, f, 1, 0);
}

static void on_opened(struct loop_work *w)
{
    struct file *f = TASK__OF(struct file, file__work, w);
    if (f->file__open) {
        f->file__resource.reading = &w->loop__owners.future;
        loop__list(f->file__loop, &f->file__resource, "file", f->fd);
    }
}

bool file__open_at(void *context, struct file *f, const char *path, int flags, mode_t mode)
{
    if (!may_begin(context, f, false))
        return false;
    f->file__path = path;
    f->file__flags = flags;
    f->file__mode = mode;
    f->file__loop = loop__of(context);
    if (!begin(context, f, open_it))
        return false;
    f->file__work.loop__finished = on_opened;
    return true;
}

static bool transfer(void *context, struct file *f, void *data, size_t size, int (*fn)(void *))
{
    if (!may_begin(context, f, true))
        return false;
    f->file__data = data;
    f->file__size = size;
    return begin(context, f, fn);
}

bool file__read(void *context, struct file *f, void *buffer, size_t size)
{
    return transfer(context, f, buffer, size, read_it);
}

bool file__write(void *context, struct file *f, const void *data, size_t size)
{
    return transfer(context, f, (void *)(uintptr_t)data, size, write_it); /* is only read */
}

int file_lend(struct file *f, char *buffer, size_t size)
{
    size_t ahead;
    if (is_busy(f))
        return GEN_EBADSTATE;
    ahead = f->file__end - f->file__at;
    if (ahead > size)
        return GEN_EBADSTATE;
    if (ahead > 0)
        memmove(buffer, f->file__ahead + f->file__at, ahead);
    f->file__ahead = buffer;
    f->file__room = size;
    f->file__at = 0;
    f->file__end = ahead;
    return 0;
}

bool file__readline(void *context, struct file *f, char *line, size_t size)
{
    size_t ahead;
    if (!may_begin(context, f, true))
        return false;
    if (f->file__room == 0)
        return loop__settle(context, STREAM_ENOBUFFER, 0);
    if (size == 0)
        return loop__settle(context, EINVAL, 0);
    ahead = f->file__end - f->file__at;
    if (ahead >= size || (ahead > 0 && memchr(f->file__ahead + f->file__at, '\n', ahead) != NULL)) {
        bool whole;
        return loop__settle(context, 0, take_line(f, line, size, &whole));
    }
    return transfer(context, f, line, size, read_line);
}

bool file__seek(void *context, struct file *f, off_t offset, int whence, off_t *position)
{
    if (!may_begin(context, f, true))
        return false;
    f->file__offset = offset;
    f->file__flags = whence;
    f->file__result = position;
    return begin(context, f, seek_it);
}

bool file__sync(void *context, struct file *f)
{
    return may_begin(context, f, true) && begin(context, f, sync_it);
}

bool file__close(void *context, struct file *f)
{
    int code;
    if (is_busy(f))
        return loop__settle(context, GEN_EBADSTATE, 0);
    if (!f->file__open)
        return loop__settle(context, 0, 0);
    loop__unlist(f->file__loop, &f->file__resource);
    code = context ? loop_submit(NULL, loop__of(context), &f->file__work, close_it, f) : ENOMEM;
    if (code != 0) /* then without a thread */
        return loop__settle(context, close_it(f), 0);
    return loop__work_finish(context, &f->file__work);
}

bool file__read_whole(void *context, struct file *f, const char *path, char **data, size_t *size)
{
    *data = NULL;
    *size = 0;
    if (!may_begin(context, f, false))
        return false;
    f->file__path = path;
    f->file__result = data;
    f->file__data = size;
    return begin(context, f, read_whole);
}

bool file__write_whole(void *context, struct file *f, const char *path, const void *data,
                       size_t size, mode_t mode, int flags)
{
    if (!may_begin(context, f, false))
        return false;
    f->file__path = path;
    f->file__data = (void *)(uintptr_t)data; /* is only read */
    f->file__size = size;
    f->file__mode = mode;
    f->file__flags = flags;
    return begin(context, f, write_whole);
}
