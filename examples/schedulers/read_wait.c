/* The scheduler with more areas than the one of those that are ready: tasks that wait to read,
 * tasks that wait to write, and code that moves them back when poll() says so. That is the basis of
 * an operating system, and of loop/. A task yields what it waits for. Two ends of a socket pair
 * talk:
 *
 *     yield ('read', sock)                    wait until there is something to read
 *     data = sock.recv(100)
 *     yield ('write', sock)
 *     sock.send(data)
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "gen.h"

/* What a task waits for; events 0: for its turn. */
typedef struct pollfd want;

enum { TASKS = 4 };
struct scheduler {
    struct gen_any ready[TASKS], waiting[TASKS];
    want wants[TASKS]; /* of those that wait */
    int n_ready, n_waiting;
};

static void add(struct scheduler *s, struct gen_any task)
{
    s->ready[s->n_ready++] = task;
}

/* Runs each that is ready up to its next yield. 0, or the code of the exception that left one. */
static int run_turn(struct scheduler *s)
{
    struct gen_any turn[TASKS];
    const int n = s->n_ready;
    memcpy(turn, s->ready, sizeof turn);
    s->n_ready = 0;
    for (int i = 0; i < n; i++) {
        want w = {-1, 0, 0};
        if (!gen_any_next(turn[i], &w)) {
            if (gen_any_error(turn[i]) != 0)
                return gen_any_error(turn[i]);
        } else if (w.events == 0) {
            add(s, turn[i]);
        } else {
            s->wants[s->n_waiting] = w;
            s->waiting[s->n_waiting++] = turn[i];
        }
    }
    return 0;
}

/* Moves those back whose descriptor is ready; waits for one if there is nothing else to do. */
static int poll_waiting(struct scheduler *s)
{
    int left = 0;
    if (poll(s->wants, (nfds_t)s->n_waiting, s->n_ready > 0 ? 0 : -1) < 0)
        return errno == EINTR ? 0 : errno;
    for (int i = 0; i < s->n_waiting; i++)
        if (s->wants[i].revents != 0) {
            add(s, s->waiting[i]);
        } else {
            s->waiting[left] = s->waiting[i];
            s->wants[left++] = s->wants[i];
        }
    s->n_waiting = left;
    return 0;
}

static int run(struct scheduler *s)
{
    int code = 0;
    while (code == 0 && s->n_ready + s->n_waiting > 0) {
        code = run_turn(s);
        if (code == 0 && s->n_waiting > 0)
            code = poll_waiting(s);
    }
    return code;
}

gen_declare(echo, want);
struct echo {
    struct gen gen;
    int fd;
    ssize_t n;
    char data[100];
};
gen_define(echo)
{
    gen_begin();
    for (;;) {
        gen_yield((want){self->fd, POLLIN, 0});
        self->n = read(self->fd, self->data, sizeof self->data);
        if (self->n < 0)
            gen_raise(errno);
        if (self->n == 0)
            gen_stop();
        printf("echo: %.*s\n", (int)self->n, self->data);
        gen_yield((want){self->fd, POLLOUT, 0});
        if (write(self->fd, self->data, (size_t)self->n) != self->n)
            gen_raise(EIO);
    }
    gen_end();
}

gen_declare(client, want);
struct client {
    struct gen gen;
    int fd, i;
    char data[100];
};
gen_define(client)
{
    ssize_t n;

    gen_begin();
    for (self->i = 1; self->i <= 3; self->i++) {
        n = snprintf(self->data, sizeof self->data, "message %d", self->i);
        if (write(self->fd, self->data, (size_t)n) != n)
            gen_raise(EIO);
        gen_yield((want){self->fd, POLLIN, 0});
        n = read(self->fd, self->data, sizeof self->data);
        if (n <= 0)
            gen_raise(n < 0 ? errno : EPIPE);
        printf("client: %.*s\n", (int)n, self->data);
    }
    shutdown(self->fd, SHUT_WR); /* the echo reads the end, and ends */
    gen_end();
}

/* Runs while the others wait. */
gen_declare(countdown, want);
struct countdown {
    struct gen gen;
    int n;
};
gen_define(countdown)
{
    gen_begin();
    for (; self->n > 0; self->n--) {
        printf("countdown: %d\n", self->n);
        gen_yield((want){-1, 0, 0});
    }
    gen_end();
}

int main(void)
{
    struct scheduler s = {.n_ready = 0};
    struct echo echo = {.fd = -1};
    struct client client = {.fd = -1};
    struct countdown countdown = {.n = 4};
    int pair[2], code;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        fprintf(stderr, "read_wait: %s\n", strerror(errno));
        return 1;
    }
    echo.fd = pair[0];
    client.fd = pair[1];
    add(&s, echo_any(&echo));
    add(&s, client_any(&client));
    add(&s, countdown_any(&countdown));
    code = run(&s);
    if (code != 0)
        fprintf(stderr, "read_wait: %s\n", code < GEN_STOP ? strerror(code) : gen_error_name(code));
    close(pair[0]);
    close(pair[1]);
    return code != 0;
}
