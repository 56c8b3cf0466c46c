/* A listening socket: how it is made, accepts, pauses and is closed. */
#include "loop/listen.h"

#include <sys/stat.h>
#include <unistd.h>

#include "loop/address.h"
#include "loop/portable.h"

/* -- Accepting --------------------------------------------------------------------------------- */

static void resume(void *arg)
{
    struct loop__listener *l = arg;
    if (!loop__is_paused(l))
        return;
    loop__link_remove(&l->paused);
    (void)task_call_cancel(&l->call);
    if (l->started)
        ev_io_start(l->loop->ev, &l->io);
}

void loop__resume_accepting(struct loop *loop)
{
    while (loop->loop__paused != NULL)
        resume(TASK__OF(struct loop__listener, paused, loop->loop__paused));
}

void loop__listener_pause(struct loop__listener *l, int code)
{
    const struct loop_exception e = {"a server cannot accept, and pauses", NULL, {code, NULL}};
    ev_io_stop(l->loop->ev, &l->io);
    if (loop__is_paused(l))
        return;
    loop_call_exception_handler(l->loop, &e);
    loop__link_add(&l->loop->loop__paused, &l->paused);
    (void)loop_call_later(l->loop, &l->call, 1, resume, l);
}

void loop__listener_start(struct loop__listener *l)
{
    l->started = true;
    if (!loop__is_paused(l))
        ev_io_start(l->loop->ev, &l->io);
}

void loop__listener_stop(struct loop__listener *l)
{
    l->started = false;
    ev_io_stop(l->loop->ev, &l->io);
}

int loop__accept(struct loop__listener *l, int *fd)
{
    int code;
    *fd = loop__accept_from(l->io.fd);
    if (*fd >= 0)
        return 0;
    code = errno;
    switch (code) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        loop__listener_pause(l, code);
        return code;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP:
        return code;
    default: /* EAGAIN, and what happened to a connection before we took it */
        return EAGAIN;
    }
}

/* -- Listening --------------------------------------------------------------------------------- */

static void on_acceptable(struct ev_loop *ev, ev_io *io, int events)
{
    struct loop__listener *l = TASK__OF(struct loop__listener, io, io);
    (void)ev, (void)events;
    l->acceptable(l);
}

/* *a becomes what the kernel makes of it. */
static int bind_and_listen(int fd, struct loop_sockaddr *a,
                           const struct loop_listen_options *options)
{
    const int on = 1, v6_only = options->v6_only;
    const bool local = a->address.any.sa_family == AF_UNIX;
    struct loop_sockaddr name = {{.storage = {0}}, sizeof name.address};
    int code;
    if (!local)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (a->address.any.sa_family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only) != 0 && v6_only)
        return errno; /* there is a system that takes no IPv4 there, and says so */
    if ((options->reuse_port && loop__reuse_port(fd) != 0) ||
        bind(fd, &a->address.any, a->size) != 0)
        return errno;
    if (listen(fd, loop__backlog(options)) == 0 &&
        getsockname(fd, &name.address.any, &name.size) == 0) {
        *a = name;
        return 0;
    }
    code = errno;
    if (local && *a->address.local.sun_path != '\0')
        (void)unlink(a->address.local.sun_path);
    return code;
}

/* Of the file of a Unix socket; 0: there is none. */
static ino_t inode_of(const struct loop_sockaddr *a)
{
    const struct sockaddr_un *local = &a->address.local;
    struct stat status;
    if (local->sun_family != AF_UNIX || stat(local->sun_path, &status) != 0)
        return 0;
    return S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

/* Does nobody listen there any more? */
static bool is_dead(const struct loop_sockaddr *a)
{
    int fd = loop__socket(AF_UNIX, SOCK_STREAM);
    bool dead = fd >= 0 && connect(fd, &a->address.any, a->size) != 0 && errno == ECONNREFUSED;
    if (fd >= 0)
        (void)close(fd);
    return dead;
}

int loop__listen(struct loop *loop, struct loop__listener *l, const struct loop_sockaddr *to,
                 const struct loop_listen_options *options)
{
    struct loop_sockaddr a = *to;
    int code, fd = loop__socket(a.address.any.sa_family, SOCK_STREAM);
    if (fd < 0)
        return errno;
    if (inode_of(&a) != 0 && is_dead(&a))
        (void)unlink(a.address.local.sun_path);
    code = bind_and_listen(fd, &a, options);
    if (code != 0) {
        (void)close(fd);
        return code;
    }
    l->loop = loop;
    l->name = a;
    l->inode = inode_of(&a);
    ev_io_init(&l->io, on_acceptable, fd, EV_READ);
    loop__list(loop, &l->resource, "server", fd);
    return 0;
}

void loop__listener_close(struct loop__listener *l)
{
    if (l->inode != 0 && l->inode == inode_of(&l->name))
        (void)unlink(l->name.address.local.sun_path);
    loop__listener_stop(l);
    resume(l); /* which leaves the list of those that pause */
    (void)task_call_cancel(&l->call);
    (void)close(l->io.fd);
    loop__unlist(l->loop, &l->resource);
    l->loop = NULL;
}
