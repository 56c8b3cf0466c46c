/* Load for an echo server on the loopback, by epoll alone.
 * Usage: echo_load PORT CONNECTIONS BYTES REQUESTS [PID]
 *
 * Each connection sends BYTES, waits for all of them to come back, compares them, and sends others,
 * until there were REQUESTS over all connections. Prints, without the first tenth, requests per
 * second, and the microseconds in which half of the answers came and in which 99 of 100 did.
 *
 * With the server's PID also its microseconds of CPU time for each request, and the bytes by which
 * its resident and its virtual data memory grew for each connection, when all have had an answer.
 * Exits with 1 for a wrong, missing or surplus byte, or for no answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, VARIANTS = 4096, PATIENCE_MS = 5000 };
enum { STEPS = 256, TIMES = 32 * STEPS };

struct connection {
    int fd;
    const char *data; /* of the current request */
    size_t sent, got;
    uint64_t began; /* ns */
};

struct memory {
    double resident, data; /* bytes */
};

static size_t bytes;
static char *pattern; /* a request is `bytes` of it, from any of VARIANTS places */
static char *answer;
static unsigned long requests, begun, done;
/* The times that answers took: in nanoseconds, then in STEPS for each power of two. */
static unsigned long times[TIMES];

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

static uint64_t nanoseconds(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) != 0)
        fail("clock_gettime", errno);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void took(uint64_t ns)
{
    size_t i = 0;
    for (; ns / STEPS > 1; ns >>= 1)
        i += STEPS;
    i += ns;
    times[i < TIMES ? i : TIMES - 1]++;
}

/* The microseconds in which so many answers came. */
static double within(double answers)
{
    size_t i = 0, octave;
    while (i < TIMES && (answers -= (double)times[i]) > 0)
        i++;
    octave = i < STEPS ? 0 : i / STEPS - 1;
    return (double)((uint64_t)(i - octave * STEPS) << octave) * 1e-3;
}

/* The clock of a process' CPU time, its threads' together. */
static clockid_t cpu_clock(long pid)
{
    clockid_t clock;
    int code = clock_getcpuclockid((pid_t)pid, &clock);
    if (code != 0)
        fail("clock_getcpuclockid", code);
    return clock;
}

static struct memory memory_of(long pid)
{
    struct memory m = {0, 0};
    char path[64];
    long resident, data;
    FILE *file;
    (void)snprintf(path, sizeof path, "/proc/%ld/statm", pid);
    file = fopen(path, "r");
    if (file == NULL)
        fail(path, errno);
    if (fscanf(file, "%*d %ld %*d %*d %*d %ld", &resident, &data) == 2) {
        m.resident = (double)resident * (double)sysconf(_SC_PAGESIZE);
        m.data = (double)data * (double)sysconf(_SC_PAGESIZE);
    }
    (void)fclose(file);
    return m;
}

static void begin(struct connection *c, uint64_t now)
{
    c->began = now;
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
    struct memory before = {0, 0}, after;
    unsigned long warm;
    long n, port, pid = 0;
    clockid_t cpu = CLOCK_MONOTONIC;
    uint64_t start, now, cpu_start;
    double counted;
    int poll = epoll_create1(EPOLL_CLOEXEC);

    if (argc != 5 && argc != 6) {
        fprintf(stderr, "usage: %s PORT CONNECTIONS BYTES REQUESTS [PID]\n", argv[0]);
        return 2;
    }
    port = argument(argv[1], 65535);
    n = argument(argv[2], 10000);
    bytes = (size_t)argument(argv[3], 1L << 28);
    requests = (unsigned long)argument(argv[4], 2000000000);
    warm = requests / 10;
    counted = (double)(requests - warm);
    if (argc == 6) {
        pid = argument(argv[5], LONG_MAX);
        cpu = cpu_clock(pid);
        before = memory_of(pid);
    }
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
    start = nanoseconds(CLOCK_MONOTONIC);
    cpu_start = nanoseconds(cpu);
    for (long i = 0; i < n && begun < requests; i++)
        begin(&all[i], nanoseconds(CLOCK_MONOTONIC));
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
            now = nanoseconds(CLOCK_MONOTONIC);
            if (++done > warm)
                took(now - c->began);
            else if (done == warm) {
                start = now;
                cpu_start = nanoseconds(cpu);
            }
            if (begun < requests)
                begin(c, now);
        }
    }
    printf("%.0f %.2f %.2f", counted * 1e9 / (double)(nanoseconds(CLOCK_MONOTONIC) - start),
           within(0.5 * counted), within(0.99 * counted));
    if (pid != 0) {
        double used = (double)(nanoseconds(cpu) - cpu_start);
        after = memory_of(pid);
        printf(" %.4f %.0f %.0f", used * 1e-3 / counted,
               (after.resident - before.resident) / (double)n,
               (after.data - before.data) / (double)n);
    }
    printf("\n");
    for (long i = 0; i < n; i++)
        finish(&all[i]);
    (void)close(poll);
    free(all);
    free(answer);
    free(pattern);
    return 0;
}
