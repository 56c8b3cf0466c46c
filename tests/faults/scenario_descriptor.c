/* A descriptor and then a file, sent over a socket of one's own. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"
#include "loop/descriptor.h"

enum { SIZE = 50000 };
static char got[SIZE];
static int file, ends[2];

gen_declare(sender, void);
struct sender {
    struct gen gen;
    struct loop_watch watch;
    size_t n;
};
gen_define(sender)
{
    gen_begin();
    gen_try {
        loop_send_fds(self->n, &self->watch, ends[0], "fd", 2, &file, 1);
        loop_sock_sendall(&self->watch, ends[0], &"fd"[self->n], 2 - self->n);
        loop_sendfile(self->n, &self->watch, ends[0], file, 0, SIZE_MAX);
        if (self->n != SIZE)
            violated("a part was sent");
    }
    gen_except_any {
        note(gen_caught.code);
    }
    gen_end_try(void)
    shutdown(ends[0], SHUT_WR);
    gen_end();
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope time;
    struct loop_watch watch;
    struct sender sender;
    struct task send;
    size_t n, at, count;
    int fds[2];
    char first[2];
    bool complete;
};
gen_define(client)
{
    gen_begin();
    task_timeout (&self->time, LIMIT) {
        (void)task_start(&loop_running()->scheduler, &self->send, sender_any(&self->sender),
                         "send");
        gen_try {
            self->count = 2;
            loop_recv_fds(self->n, &self->watch, ends[1], self->first, 2, self->fds, &self->count);
            if (self->n > 0 && self->count != 1)
                violated("a descriptor did not come");
            for (size_t i = 0; i < self->count && self->n > 0; i++)
                (void)close(self->fds[i]);
            while (self->n == 1) {
                loop_sock_recv(self->n, &self->watch, ends[1], self->first + 1, 1);
                self->n = self->n == 1 ? 2 : 0;
            }
            while (self->n > 0) {
                loop_sock_recv(self->n, &self->watch, ends[1], got + self->at, SIZE - self->at);
                expect_bytes(got + self->at, self->at, self->n);
                self->at += self->n;
            }
            self->complete = self->at == SIZE;
        }
        gen_except_any {
            note(gen_caught.code);
            (void)shutdown(ends[1], SHUT_RDWR); /* so that nobody goes on sending */
        }
        gen_end_try
        JOIN(&self->send);
    }
    task_end_scope
    gen_end();
}

static void prepare(void)
{
    FILE *f = tmpfile();
    file = f ? fileno(f) : -1;
    if (write(file, sent, SIZE) != SIZE)
        violated("no file");
}

static void before(void)
{
    (void)socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
}

static void end(void)
{
    (void)close(ends[0]);
    (void)close(ends[1]);
}

SCENARIO(descriptor_scenario, .name = "descriptor", .prepare = prepare, .before = before,
         .end = end);
