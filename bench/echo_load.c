/* Load for an echo server on the loopback, by epoll alone.
 * Usage: echo_load PORT CONNECTIONS BYTES REQUESTS
 *
 * Each connection sends BYTES, waits for all of them to come back, compares them, and sends others,
 * until there were REQUESTS over all connections. Prints requests per second, to which the first
 * tenth does not count. Exits with 1 for a wrong, missing or surplus byte, or for no answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

enum { EVENTS = 256, VARIANTS = 4096, PATIENCE_MS = 5000 };

struct connection {
    int fd;
    const char *data; /* of the current request */
    size_t sent, got;
};

static size_t bytes;
static char *pattern; /* a request is `bytes` of it, from any of VARIANTS places */
static char *answer;
static unsigned long requests, begun, done;

static void fail(const char *what, int code)
{
    fprintf(stderr, "echo_load: %s%s%s\n", what, code ? ": " : "", code ? strerror(code) : "");
    exit(1);
}

static void *allocate(size_t n, size_t size)
{
    void *memory = calloc(n, size);
    if (memory == NULL)
        fail("calloc", ENOMEM);
    return memory;
}

static void fill(char *to, size_t size)
{
    uint32_t x = 2463534242;
    for (size_t i = 0; i < size; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        to[i] = (char)(x >> 24);
    }
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail("connect", errno);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static void send_more(struct connection *c)
{
    while (c->sent < bytes) {
        ssize_t n = send(c->fd, c->data + c->sent, bytes - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0 && errno != EINTR)
            fail("send", errno);
        if (n > 0)
            c->sent += (size_t)n;
    }
}

static void begin(struct connection *c)
{
    c->sent = c->got = 0;
    c->data = pattern + begun++ * 61 % VARIANTS;
    send_more(c);
}

/* Returns whether the answer is complete. */
static bool receive(struct connection *c)
{
    while (c->got < bytes) {
        size_t room = bytes - c->got;
        ssize_t n = recv(c->fd, answer, room, MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
            return false;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("recv", errno);
        if (n == 0)
            fail("the server has closed a connection", 0);
        if (c->got + (size_t)n > c->sent || memcmp(answer, c->data + c->got, (size_t)n) != 0)
            fail("wrong bytes", 0);
        c->got += (size_t)n;
        if ((size_t)n < room)
            return false; /* that was all there is */
    }
    return true;
}

/* After the last answer comes the end, and nothing else. */
static void finish(struct connection *c)
{
    const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
    (void)setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (shutdown(c->fd, SHUT_WR) != 0 || recv(c->fd, answer, 1, 0) != 0)
        fail("no clean end", errno);
    (void)close(c->fd);
}

static long argument(const char *text, long most)
{
    char *rest;
    long n = strtol(text, &rest, 10);
    if (rest == text || *rest != '\0' || n < 1 || n > most) {
        fprintf(stderr, "echo_load: not from 1 to %ld: %s\n", most, text);
        exit(2);
    }
    return n;
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS];
    struct connection *all;
    unsigned long warm;
    long n, port;
    double start, seconds;
    int poll = epoll_create1(EPOLL_CLOEXEC);

    if (argc != 5) {
        fprintf(stderr, "usage: %s PORT CONNECTIONS BYTES REQUESTS\n", argv[0]);
        return 2;
    }
    port = argument(argv[1], 65535);
    n = argument(argv[2], 10000);
    bytes = (size_t)argument(argv[3], 1L << 28);
    requests = (unsigned long)argument(argv[4], 2000000000);
    warm = requests / 10;
    all = allocate((size_t)n, sizeof *all);
    answer = allocate(bytes, 1);
    pattern = allocate(bytes + VARIANTS, 1);
    fill(pattern, bytes + VARIANTS);
    if (poll < 0)
        fail("epoll_create1", errno);

    for (long i = 0; i < n; i++) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &all[i]};
        all[i].fd = connect_to((int)port);
        all[i].sent = all[i].got = bytes; /* no request */
        if (epoll_ctl(poll, EPOLL_CTL_ADD, all[i].fd, &event) != 0)
            fail("epoll_ctl", errno);
    }
    start = bench_clock();
    for (long i = 0; i < n && begun < requests; i++)
        begin(&all[i]);
    while (done < requests) {
        int count = epoll_wait(poll, events, EVENTS, PATIENCE_MS);
        if (count < 0 && errno != EINTR)
            fail("epoll_wait", errno);
        if (count == 0)
            fail("no answer", 0);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (c->got == bytes)
                continue; /* no request: the socket became writable */
            send_more(c);
            if (!receive(c))
                continue;
            if (++done == warm)
                start = bench_clock();
            if (begun < requests)
                begin(c);
        }
    }
    seconds = bench_clock() - start;
    for (long i = 0; i < n; i++)
        finish(&all[i]);
    (void)close(poll);
    free(all);
    free(answer);
    free(pattern);
    printf("%.0f\n", (double)(requests - warm) / seconds);
    return 0;
}
