/* The library's calls, by way of the linker (--wrap): each is counted, and fails if it is the one to
 * fail. What is not here does not: close, and what releases something or looks at it. */
#include "faults.h"

#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct plan *plan;
atomic_long allocated;

/* -- Ways to fail ------------------------------------------------------------------------------ */

#define HARD(error)                                                                                \
    {                                                                                              \
        .name = #error, .code = error, .value = -1                                                 \
    }
#define HARMLESS(error)                                                                            \
    {                                                                                              \
        .name = #error, .code = error, .value = -1, .harmless = true                               \
    }
#define SLOW(error)                                                                                \
    {                                                                                              \
        .name = #error, .code = error, .value = -1, .harmless = true, .slow = true                 \
    }
#define RETURNED(error)                                                                            \
    {                                                                                              \
        .name = #error, .code = error, .value = error                                              \
    }
#define LASTING(error)                                                                             \
    {                                                                                              \
        .name = #error " for good", .code = error, .value = error, .lasting = true                 \
    }
#define RESOLVER(eai, error)                                                                       \
    {                                                                                              \
        .name = #eai, .code = error, .value = eai                                                  \
    }
#define SHORT                                                                                      \
    {                                                                                              \
        .name = "one byte", .harmless = true                                                       \
    }
#define NO_MEMORY                                                                                  \
    {.name = "ENOMEM", .code = ENOMEM},                                                            \
    {                                                                                              \
        .name = "ENOMEM for good", .code = ENOMEM, .lasting = true                                 \
    }

/* X(call, how it fails...) */
#define CALLS(X)                                                                                   \
    X(socket, HARD(EMFILE), HARD(ENOBUFS))                                                         \
    X(connect, HARMLESS(EINTR), HARD(ECONNREFUSED), HARD(EAGAIN))                                  \
    X(accept4, HARMLESS(EINTR), HARMLESS(EAGAIN), HARMLESS(ECONNABORTED), SLOW(EMFILE))            \
    X(bind, HARD(EADDRINUSE))                                                                      \
    X(listen, HARD(EADDRINUSE))                                                                    \
    X(getsockname, HARD(ENOBUFS))                                                                  \
    X(getpeername, HARD(ENOBUFS))                                                                  \
    X(getsockopt, HARD(ENOBUFS))                                                                   \
    X(setsockopt, HARD(ENOBUFS))                                                                   \
    X(shutdown, HARD(ENOTCONN))                                                                    \
    X(recv, HARMLESS(EINTR), HARMLESS(EAGAIN), HARD(ECONNRESET), HARD(ENOMEM), SHORT)              \
    X(send, HARMLESS(EINTR), HARMLESS(EAGAIN), HARD(ECONNRESET), HARD(EPIPE), HARD(ENOBUFS),       \
      SHORT)                                                                                       \
    X(read, HARMLESS(EINTR), HARMLESS(EAGAIN), HARD(EIO), SHORT)                                   \
    X(write, HARMLESS(EINTR), HARMLESS(EAGAIN), HARD(EPIPE), HARD(ENOSPC), SHORT)                  \
    X(sendto, HARMLESS(EINTR), HARMLESS(EAGAIN), HARD(ENOBUFS))                                    \
    X(sendmsg, HARMLESS(EINTR), HARMLESS(EAGAIN), HARD(ECONNRESET), HARD(ENOBUFS), SHORT)          \
    X(recvfrom, HARMLESS(EINTR), HARMLESS(EAGAIN), HARD(ENOMEM))                                   \
    X(recvmsg, HARMLESS(EINTR), HARMLESS(EAGAIN), HARD(ENOMEM))                                    \
    X(sendfile, HARMLESS(EINTR), HARMLESS(EAGAIN), HARMLESS(EINVAL), HARD(EIO), SHORT)             \
    X(pread, HARMLESS(EINTR), HARD(EIO), SHORT)                                                    \
    X(fcntl, HARD(EMFILE), HARD(EINVAL))                                                           \
    X(pipe2, HARD(EMFILE))                                                                         \
    X(socketpair, HARD(EMFILE))                                                                    \
    X(open, HARMLESS(EINTR), HARD(EMFILE))                                                         \
    X(lseek, HARD(EIO))                                                                            \
    X(fsync, HARMLESS(EINTR), HARD(EIO))                                                           \
    X(fstat, HARD(EIO))                                                                            \
    X(fchmod, HARD(EPERM))                                                                         \
    X(rename, HARD(EACCES))                                                                        \
    X(fork, HARD(EAGAIN))                                                                          \
    X(syscall, HARMLESS(ENOSYS), HARMLESS(EMFILE))                                                 \
    X(waitpid, HARMLESS(EINTR))                                                                    \
    X(waitid, HARMLESS(EINTR))                                                                     \
    X(posix_spawnp, RETURNED(EAGAIN))                                                              \
    X(posix_spawn_file_actions_init, RETURNED(ENOMEM))                                             \
    X(posix_spawn_file_actions_adddup2, RETURNED(ENOMEM))                                          \
    X(posix_spawn_file_actions_addopen, RETURNED(ENOMEM))                                          \
    X(posix_spawn_file_actions_addchdir_np, RETURNED(ENOMEM))                                      \
    X(posix_spawn_file_actions_addclosefrom_np, RETURNED(ENOMEM))                                  \
    X(posix_spawnattr_init, RETURNED(ENOMEM))                                                      \
    X(getaddrinfo, RESOLVER(EAI_MEMORY, ENOMEM), RESOLVER(EAI_SYSTEM, EMFILE))                     \
    X(getnameinfo, RESOLVER(EAI_MEMORY, ENOMEM))                                                   \
    X(pthread_create, RETURNED(EAGAIN), LASTING(EAGAIN))                                           \
    X(pthread_mutex_init, RETURNED(ENOMEM))                                                        \
    X(pthread_cond_init, RETURNED(ENOMEM))                                                         \
    X(malloc, NO_MEMORY)                                                                           \
    X(calloc, NO_MEMORY)                                                                           \
    X(realloc, NO_MEMORY)                                                                          \
    X(strdup, NO_MEMORY)

#define FAULTS(call, ...) static const struct fault faults_of_##call[] = {__VA_ARGS__};
CALLS(FAULTS)

#define NUMBER(call, ...) CALL_##call,
enum { CALLS(NUMBER) CALL_COUNT };
_Static_assert((int)CALL_COUNT <= (int)MOST_CALLS, "more calls than there is room for");

#define ENTRY(call, ...)                                                                           \
    {#call, faults_of_##call, sizeof faults_of_##call / sizeof faults_of_##call[0]},
const struct faulty_call faulty_calls[] = {CALLS(ENTRY)};
const size_t faulty_call_count = CALL_COUNT;

/* How this call fails, or NULL. */
static const struct fault *fault(size_t call)
{
    unsigned number;
    const struct fault *f;
    if (!atomic_load(&plan->armed))
        return NULL;
    number = atomic_fetch_add(&plan->calls[call], 1) + 1;
    if (plan->number == 0 || plan->call != call || number < plan->number)
        return NULL;
    f = &faulty_calls[call].faults[plan->fault];
    if (number > plan->number && !f->lasting)
        return NULL;
    atomic_fetch_add(&plan->injected, 1);
    return f;
}

/* This call cannot fail so. */
static const struct fault *not_now(void)
{
    atomic_fetch_sub(&plan->injected, 1);
    return NULL;
}

/* What does not wait never says that it would have to. */
static const struct fault *fault_of(size_t call, int fd)
{
    const struct fault *f = fault(call);
    return f != NULL && f->code == EAGAIN && !(fcntl(fd, F_GETFL) & O_NONBLOCK) ? not_now() : f;
}

static int failing(const struct fault *f)
{
    errno = f->code;
    return f->value;
}

/* -- The calls --------------------------------------------------------------------------------- */

/* FAILS(result, call, parameters, arguments): it fails without having done anything. */
#define FAILS(result, call, parameters, arguments)                                                 \
    result __wrap_##call parameters;                                                               \
    result __wrap_##call parameters                                                                \
    {                                                                                              \
        const struct fault *f = fault(CALL_##call);                                                \
        return f ? failing(f) : call arguments;                                                    \
    }

FAILS(int, socket, (int family, int type, int protocol), (family, type, protocol))
FAILS(int, accept4, (int fd, struct sockaddr *a, socklen_t *size, int flags), (fd, a, size, flags))
FAILS(int, bind, (int fd, const struct sockaddr *a, socklen_t size), (fd, a, size))
FAILS(int, listen, (int fd, int backlog), (fd, backlog))
FAILS(int, getsockname, (int fd, struct sockaddr *a, socklen_t *size), (fd, a, size))
FAILS(int, getpeername, (int fd, struct sockaddr *a, socklen_t *size), (fd, a, size))
FAILS(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size),
      (fd, level, name, value, size))
FAILS(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
      (fd, level, name, value, size))
FAILS(int, shutdown, (int fd, int how), (fd, how))
FAILS(int, getaddrinfo,
      (const char *host, const char *service, const struct addrinfo *hints,
       struct addrinfo **found),
      (host, service, hints, found))
FAILS(int, getnameinfo,
      (const struct sockaddr *a, socklen_t length, char *host, socklen_t host_size, char *service,
       socklen_t service_size, int flags),
      (a, length, host, host_size, service, service_size, flags))
FAILS(ssize_t, sendto,
      (int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
       socklen_t length),
      (fd, data, size, flags, to, length))
FAILS(ssize_t, recvfrom,
      (int fd, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *length),
      (fd, data, size, flags, from, length))
FAILS(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))
FAILS(int, pipe2, (int *ends, int flags), (ends, flags))
FAILS(int, socketpair, (int family, int type, int protocol, int *ends),
      (family, type, protocol, ends))
FAILS(off_t, lseek, (int fd, off_t offset, int whence), (fd, offset, whence))
FAILS(int, fsync, (int fd), (fd))
FAILS(int, fstat, (int fd, struct stat *status), (fd, status))
FAILS(int, fchmod, (int fd, mode_t mode), (fd, mode))
FAILS(int, rename, (const char *from, const char *to), (from, to))
FAILS(pid_t, fork, (void), ())
FAILS(pid_t, waitpid, (pid_t pid, int *status, int flags), (pid, status, flags))
FAILS(int, waitid, (idtype_t type, id_t id, siginfo_t *info, int flags), (type, id, info, flags))
FAILS(int, posix_spawnp,
      (pid_t * pid, const char *file, const posix_spawn_file_actions_t *actions,
       const posix_spawnattr_t *with, char *const *argv, char *const *env),
      (pid, file, actions, with, argv, env))
FAILS(int, posix_spawn_file_actions_init, (posix_spawn_file_actions_t * actions), (actions))
FAILS(int, posix_spawn_file_actions_adddup2,
      (posix_spawn_file_actions_t * actions, int from, int to), (actions, from, to))
FAILS(int, posix_spawn_file_actions_addopen,
      (posix_spawn_file_actions_t * actions, int fd, const char *path, int flags, mode_t mode),
      (actions, fd, path, flags, mode))
FAILS(int, posix_spawn_file_actions_addchdir_np,
      (posix_spawn_file_actions_t * actions, const char *path), (actions, path))
FAILS(int, posix_spawn_file_actions_addclosefrom_np,
      (posix_spawn_file_actions_t * actions, int from), (actions, from))
FAILS(int, posix_spawnattr_init, (posix_spawnattr_t * with), (with))
FAILS(int, pthread_create,
      (pthread_t * thread, const pthread_attr_t *with, void *(*fn)(void *), void *arg),
      (thread, with, fn, arg))
FAILS(int, pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t *with),
      (mutex, with))
FAILS(int, pthread_cond_init, (pthread_cond_t * cond, const pthread_condattr_t *with), (cond, with))

/* What is broken stays so. */
static int broken(const struct fault *f, int fd)
{
    if (f->code == ECONNRESET || f->code == EPIPE)
        (void)shutdown(fd, SHUT_RDWR);
    return failing(f);
}

/* The same for `fd` and `size`; or it moves one byte. */
#define TRANSFERS(call, parameters, arguments)                                                     \
    ssize_t __wrap_##call parameters;                                                              \
    ssize_t __wrap_##call parameters                                                               \
    {                                                                                              \
        const struct fault *f = fault_of(CALL_##call, fd);                                         \
        if (f != NULL && f->code != 0)                                                             \
            return broken(f, fd);                                                                  \
        if (f != NULL && size > 1)                                                                 \
            size = 1;                                                                              \
        return call arguments;                                                                     \
    }

TRANSFERS(recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags))
TRANSFERS(send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags))
TRANSFERS(read, (int fd, void *data, size_t size), (fd, data, size))
TRANSFERS(write, (int fd, const void *data, size_t size), (fd, data, size))
TRANSFERS(pread, (int fd, void *data, size_t size, off_t offset), (fd, data, size, offset))
TRANSFERS(sendfile, (int fd, int in, off_t *offset, size_t size), (fd, in, offset, size))

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
    const struct fault *f = fault_of(CALL_sendmsg, fd);
    struct msghdr part = *message;
    struct iovec one = *message->msg_iov;
    if (f == NULL)
        return sendmsg(fd, message, flags);
    if (f->code != 0)
        return broken(f, fd);
    one.iov_len = 1;
    part.msg_iov = &one;
    part.msg_iovlen = 1;
    return sendmsg(fd, &part, flags);
}

/* Unix sockets and datagrams do not wait for a connection. */
static bool waits(int fd, const struct sockaddr *a)
{
    int type = SOCK_DGRAM;
    socklen_t size = sizeof type;
    (void)getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
    return type == SOCK_STREAM && a->sa_family != AF_UNIX;
}

/* What is interrupted goes on. */
int __wrap_connect(int fd, const struct sockaddr *a, socklen_t size);
int __wrap_connect(int fd, const struct sockaddr *a, socklen_t size)
{
    const struct fault *f = fault(CALL_connect);
    int result;
    if (f != NULL && f->code != EINTR)
        return failing(f);
    if (f != NULL && !waits(fd, a))
        f = not_now();
    result = connect(fd, a, size);
    return f != NULL && (result == 0 || errno == EINPROGRESS) ? failing(f) : result;
}

int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    const struct fault *f = fault(CALL_open);
    va_list arguments;
    mode_t mode;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
    return f ? failing(f) : open(path, flags, mode);
}

/* Of these only pidfd_open: the others are for what may not fail. */
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
    const struct fault *f = number == SYS_pidfd_open ? fault(CALL_syscall) : NULL;
    va_list arguments;
    long a[4];
    va_start(arguments, number);
    for (int i = 0; i < 4; i++)
        a[i] = va_arg(arguments, long);
    va_end(arguments);
    return f ? failing(f) : syscall(number, a[0], a[1], a[2], a[3]);
}

int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
    const struct fault *f = fault(CALL_fcntl);
    const int code = command == F_DUPFD_CLOEXEC ? EMFILE : command == F_SETFL ? EINVAL : 0;
    va_list arguments;
    void *argument;
    va_start(arguments, command);
    argument = va_arg(arguments, void *); /* what an int is passed in, too */
    va_end(arguments);
    if (f != NULL && f->code != code)
        f = not_now();
    return f ? failing(f) : fcntl(fd, command, argument);
}

/* -- Memory ------------------------------------------------------------------------------------ */

static void *counted(void *memory)
{
    if (memory != NULL)
        atomic_fetch_add(&allocated, 1);
    return memory;
}

#define ALLOCATES(call, parameters, arguments)                                                     \
    void *__wrap_##call parameters;                                                                \
    void *__wrap_##call parameters                                                                 \
    {                                                                                              \
        const struct fault *f = fault(CALL_##call);                                                \
        if (f != NULL) {                                                                           \
            errno = f->code;                                                                       \
            return NULL;                                                                           \
        }                                                                                          \
        return counted(call arguments);                                                            \
    }

ALLOCATES(malloc, (size_t size), (size))
ALLOCATES(calloc, (size_t count, size_t size), (count, size))
ALLOCATES(strdup, (const char *text), (text))

void *__wrap_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size)
{
    const struct fault *f = fault(CALL_realloc);
    if (f != NULL) {
        errno = f->code;
        return NULL;
    }
    return memory != NULL ? realloc(memory, size) : counted(realloc(NULL, size));
}

void __wrap_free(void *memory);
void __wrap_free(void *memory)
{
    if (memory != NULL)
        atomic_fetch_sub(&allocated, 1);
    free(memory);
}
