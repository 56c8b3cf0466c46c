/* portable.h - what systems spell differently. Private to loop/.
 *
 * loop/ asks for POSIX.1-2008, and for MSG_DONTWAIT, which Linux, the BSDs and macOS have. Where a
 * system has something better it is used, and elsewhere done by other means; with LOOP_PORTABLE always
 * by those, which is how tests/check_portable.sh tests them on Linux.
 *
 * Those other means make a descriptor close-on-exec by a second call: a program that another thread
 * starts in between inherits it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_PORTABLE_H
#define GEN_LOOP_PORTABLE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef LOOP_PORTABLE
#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)
#define LOOP__HAS_FLAGS /* and so accept4 and pipe2 */
#endif
#if defined(__linux__)
#include <sys/syscall.h>
#include <sys/sendfile.h>
#define LOOP__HAS_SENDFILE /* that of others takes other arguments */
#endif
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_send_signal)
#define LOOP__HAS_PIDFD
#endif
#if defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) || defined(__DragonFly__)
#define LOOP__HAS_CLOSEFROM
#endif
#if defined(__linux__) || defined(LOOP__HAS_CLOSEFROM) || defined(__APPLE__)
#define LOOP__HAS_MEMMEM
#endif
#if !defined(__APPLE__)
#define LOOP__HAS_COND_CLOCK
#endif
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 34)
#define LOOP__HAS_SPAWN /* all that process.c wants of it */
#endif
#endif

#ifndef NSIG
#define NSIG 65
#endif
#ifndef IOV_MAX
#define IOV_MAX 16 /* any system has as many */
#endif

/* -- Descriptors, all close-on-exec. -1 and errno, as socket(2) and others. --------------------- */

/* For `fd` that was just made; closes it if it cannot. */
static inline int loop__nonblocking(int fd)
{
    int code;
    if (fd < 0 || (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0))
        return fd;
    code = errno;
    (void)close(fd);
    errno = code;
    return -1;
}

/* Non-blocking. */
static inline int loop__socket(int family, int type)
{
#ifdef LOOP__HAS_FLAGS
    return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
    return loop__nonblocking(socket(family, type, 0));
#endif
}

/* Non-blocking, of a listening socket. */
static inline int loop__accept_from(int fd)
{
#ifdef LOOP__HAS_FLAGS
    return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
    return loop__nonblocking(accept(fd, NULL, NULL));
#endif
}

static inline void loop__close_on_exec(const int fds[2])
{
    (void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
}

/* Stream sockets that block. */
static inline int loop__socketpair(int fds[2])
{
#ifdef LOOP__HAS_FLAGS
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
#else
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return -1;
    loop__close_on_exec(fds);
    return 0;
#endif
}

/* A pipe whose ends block. */
static inline int loop__pipe(int fds[2])
{
#ifdef LOOP__HAS_FLAGS
    return pipe2(fds, O_CLOEXEC);
#else
    if (pipe(fds) != 0)
        return -1;
    loop__close_on_exec(fds);
    return 0;
#endif
}

/* SO_REUSEPORT, which is not POSIX's. 0, or -1 and errno, which is ENOPROTOOPT without it. */
static inline int loop__reuse_port(int fd)
{
#ifdef SO_REUSEPORT
    const int on = 1;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
#else
    (void)fd;
    errno = ENOPROTOOPT;
    return -1;
#endif
}

/* For recvmsg; 0: those that came have to be made so. */
#if defined(MSG_CMSG_CLOEXEC) && !defined(LOOP_PORTABLE)
#define LOOP__CMSG_CLOEXEC MSG_CMSG_CLOEXEC
#else
#define LOOP__CMSG_CLOEXEC 0
#endif

/* -- No SIGPIPE -------------------------------------------------------------------------------- */

/* For send, with sockets that loop__quiet_socket was called for. */
#if defined(__APPLE__)
#define LOOP__NOSIGNAL 0
#else
#define LOOP__NOSIGNAL MSG_NOSIGNAL
#endif

static inline void loop__quiet_socket(int fd)
{
#if defined(__APPLE__)
    const int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#else
    (void)fd;
#endif
}

/* For write: the signal is blocked meanwhile, and taken if it is ours. */
struct loop__quiet {
    sigset_t sigpipe, before;
    bool already;
};

static inline bool loop__sigpipe_pending(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static inline void loop__quiet_begin(struct loop__quiet *q)
{
    (void)sigemptyset(&q->sigpipe);
    (void)sigaddset(&q->sigpipe, SIGPIPE);
    q->already = loop__sigpipe_pending();
    (void)pthread_sigmask(SIG_BLOCK, &q->sigpipe, &q->before);
}

/* With the code that writing came to. */
static inline void loop__quiet_end(const struct loop__quiet *q, int code)
{
    int taken;
    if (code == EPIPE && !q->already && loop__sigpipe_pending())
        (void)sigwait(&q->sigpipe, &taken);
    (void)pthread_sigmask(SIG_SETMASK, &q->before, NULL);
}

/* -- In a process that was just forked, with all signals blocked ------------------------------- */

static inline void loop__close_from(int first)
{
#ifdef LOOP__HAS_CLOSEFROM
    closefrom(first);
#else
    long end;
#if defined(SYS_close_range) && !defined(LOOP_PORTABLE)
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0)
        return;
#endif
    end = sysconf(_SC_OPEN_MAX);
    for (long fd = first; fd < (end > 0 ? end : 1024); fd++)
        (void)close((int)fd);
#endif
}

/* None comes to this thread, nor to one or a process that it starts, until
 * pthread_sigmask(SIG_SETMASK, before, NULL). */
static inline void loop__block_signals(sigset_t *before)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, before);
}

/* The handlers are those of the process that forked; what is ignored stays so. */
static inline void loop__default_signals(void)
{
    struct sigaction action;
    for (int number = 1; number < NSIG; number++)
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            (void)signal(number, SIG_DFL);
}

/* -- Waiting for a time ------------------------------------------------------------------------ */

/* The time on a clock, and some nanoseconds. */
static inline struct timespec loop__after(clockid_t clock, int64_t span)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    t.tv_sec += (time_t)(span / 1000000000);
    t.tv_nsec += (long)(span % 1000000000);
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* For loop__cond_wait_until. 0, or what pthread_cond_init returns. */
static inline int loop__cond_init(pthread_cond_t *condition)
{
#ifdef LOOP__HAS_COND_CLOCK
    pthread_condattr_t attributes;
    int code = pthread_condattr_init(&attributes);
    if (code != 0)
        return code;
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    code = pthread_cond_init(condition, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return code;
#else
    return pthread_cond_init(condition, NULL);
#endif
}

/* pthread_cond_timedwait, `until` a time of CLOCK_MONOTONIC: 0, perhaps for nothing, or ETIMEDOUT. */
static inline int loop__cond_wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                        const struct timespec *until)
{
#ifdef LOOP__HAS_COND_CLOCK
    return pthread_cond_timedwait(condition, mutex, until);
#else
    const struct timespec now = loop__after(CLOCK_MONOTONIC, 0);
    const int64_t left =
        (int64_t)(until->tv_sec - now.tv_sec) * 1000000000 + (until->tv_nsec - now.tv_nsec);
    struct timespec then;
    int code;
    if (left <= 0)
        return ETIMEDOUT;
    then = loop__after(CLOCK_REALTIME, left);
    code = pthread_cond_timedwait(condition, mutex, &then);
    return code == ETIMEDOUT ? 0 : code; /* this clock may have been set: see what is left */
#endif
}

/* -- Memory ------------------------------------------------------------------------------------ */

static inline const void *loop__memmem(const void *data, size_t size, const void *what,
                                       size_t length)
{
#ifdef LOOP__HAS_MEMMEM
    return memmem(data, size, what, length);
#else
    const char *at = (const char *)data, *const first = (const char *)what;
    if (length == 0)
        return data;
    for (; size >= length; size -= 1, at += 1) {
        const char *const found = (const char *)memchr(at, *first, size - length + 1);
        if (found == NULL)
            return NULL;
        size -= (size_t)(found - at);
        at = found;
        if (memcmp(at, first, length) == 0)
            return at;
    }
    return NULL;
#endif
}

#endif
