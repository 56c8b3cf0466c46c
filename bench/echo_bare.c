/* The echo server with bare libev callbacks: the reads and writes of examples/echo_server.c, and
 * nothing else. The reference of echo.sh. Usage: echo_bare [port]. SIGTERM and SIGINT end it. */
#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128 };

struct connection {
    ev_io readable, writable;
    int fd;
    size_t sent, size; /* of data */
    char data[16384];
};

static bool again(int code)
{
    return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

static void end(struct ev_loop *ev, struct connection *c)
{
    ev_io_stop(ev, &c->readable);
    ev_io_stop(ev, &c->writable);
    (void)close(c->fd);
    free(c);
}

/* Returns 0, EAGAIN with some left, or why it failed. */
static int send_some(struct connection *c)
{
    while (c->sent < c->size) {
        ssize_t n = send(c->fd, c->data + c->sent, c->size - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return again(errno) ? EAGAIN : errno;
        c->sent += (size_t)n;
    }
    return 0;
}

static void on_readable(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct connection *c = watcher->data;
    ssize_t n = recv(c->fd, c->data, sizeof c->data, 0);
    int code;
    (void)events;
    if (n < 0 && again(errno))
        return;
    if (n <= 0) {
        end(ev, c);
        return;
    }
    c->sent = 0;
    c->size = (size_t)n;
    code = send_some(c);
    if (code == EAGAIN) { /* the data has to go before more is read */
        ev_io_stop(ev, watcher);
        ev_io_start(ev, &c->writable);
    } else if (code != 0)
        end(ev, c);
}

static void on_writable(struct ev_loop *ev, ev_io *watcher, int events)
{
    struct connection *c = watcher->data;
    int code = send_some(c);
    (void)events;
    if (code == 0) {
        ev_io_stop(ev, watcher);
        ev_io_start(ev, &c->readable);
    } else if (code != EAGAIN)
        end(ev, c);
}

static void on_acceptable(struct ev_loop *ev, ev_io *watcher, int events)
{
    const int on = 1;
    struct connection *c;
    int fd = accept4(watcher->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    (void)events;
    if (fd < 0)
        return;
    c = calloc(1, sizeof *c);
    if (c == NULL) {
        (void)close(fd);
        return;
    }
    c->fd = fd;
    ev_io_init(&c->readable, on_readable, fd, EV_READ);
    ev_io_init(&c->writable, on_writable, fd, EV_WRITE);
    c->readable.data = c->writable.data = c;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ev_io_start(ev, &c->readable);
}

static void on_signal(struct ev_loop *ev, ev_signal *watcher, int events)
{
    (void)watcher, (void)events;
    ev_break(ev, EVBREAK_ALL);
}

static int listen_on(struct sockaddr_in *address)
{
    const int on = 1;
    socklen_t size = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)address, size) == 0 && listen(fd, BACKLOG) == 0 &&
        getsockname(fd, (struct sockaddr *)address, &size) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct ev_loop *ev = ev_loop_new(EVFLAG_AUTO);
    ev_signal terminate, interrupt;
    ev_io acceptable;
    int fd;

    address.sin_port = htons(argc > 1 ? (uint16_t)strtoul(argv[1], NULL, 10) : 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = listen_on(&address);
    if (ev == NULL || fd < 0) {
        perror(argv[0]);
        return 1;
    }
    ev_signal_init(&terminate, on_signal, SIGTERM);
    ev_signal_start(ev, &terminate);
    ev_signal_init(&interrupt, on_signal, SIGINT);
    ev_signal_start(ev, &interrupt);
    ev_io_init(&acceptable, on_acceptable, fd, EV_READ);
    ev_io_start(ev, &acceptable);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    ev_run(ev, 0);
    return 0;
}
