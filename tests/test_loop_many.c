/* Ten thousand connections at once on one loop. The clients are in a process of their own, whose
 * loop has as many: one process may not have descriptors enough for both ends. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/stream.h"
#include "loop_scene.h"
#include "serving.h"
#include "task/lock.h"

enum {
    CONNECTIONS = 10000,
    TRIPS = 4,         /* of each: one tells that it is accepted, three when all are open */
    COMING = 100,      /* that have not been accepted; fewer than wait in the server's backlog */
    ADDRESSES = 4,     /* of the loopback: each port may be used once with each of them */
    DESCRIPTORS = 100, /* that a process has beside those of the connections */
    SECONDS = 60       /* before it is given up */
};

struct message {
    uint32_t connection, trip;
};

/* -- Gates: who comes waits until all are there ------------------------------------------------ */

struct gate {
    struct task_event event;
    size_t count;
};

static void arrive(struct gate *gate)
{
    if (++gate->count == CONNECTIONS)
        task_event_set(&gate->event);
}

/* -- The server's process ---------------------------------------------------------------------- */

static struct stream_server server;
static size_t trips_among_all, handlers_ended, most;

gen_declare(echo, void);
struct echo {
    struct gen gen;
    struct stream *stream;
    size_t n;
    struct message message;
};
gen_define(echo)
{
    gen_begin();
    for (;;) {
        stream_readall(self->n, self->stream, &self->message, sizeof self->message);
        if (self->n == 0)
            break;
        if (self->n != sizeof self->message)
            gen_raise(STREAM_EINCOMPLETE);
        if (server.connections > most)
            most = server.connections;
        if (self->message.trip > 0 && server.connections == CONNECTIONS)
            trips_among_all++;
        stream_write(self->stream, &self->message, sizeof self->message);
    }
    handlers_ended++;
    gen_end();
}

SERVING(echo)

/* Bytes of memory that the process has; 0: not to be found out here. */
static size_t resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long size, pages = 0;
    if (file == NULL)
        return 0;
    if (fscanf(file, "%lu %lu", &size, &pages) != 2)
        pages = 0;
    (void)fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Tells the clients where to come to. They answer when all are open, and again when all are done,
 * and end. */
gen_declare(host, void);
struct host {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope scope;
    struct serving serving;
    struct task task;
    struct stream clients;
    int control;
    size_t n, before;
    char answer[2];
};
gen_define(host)
{
    gen_begin();
    stream_open(&self->clients, self->control);
    gen_try_finally {
        task_timeout (&self->scope, SECONDS) {
            stream_listen(&server, NULL, 0, .backlog = 2 * COMING);
            self->serving.server = &server;
            start(loop_running(), &self->task, serving_any(&self->serving));
            self->before = resident();
            stream_write(&self->clients, &server.port, sizeof server.port);
            stream_readexactly(self->n, &self->clients, self->answer, 1);
            printf("%zu connections are open: %.0f bytes of memory for each\n", server.connections,
                   (double)(resident() - self->before) / CONNECTIONS);
            assert_int_equal(server.connections, CONNECTIONS);
            stream_readall(self->n, &self->clients, self->answer, sizeof self->answer);
            assert_int_equal(self->n, 1);
            while (server.connections > 0)
                task_sleep(0);
            (void)task_cancel(&self->task);
        }
        task_end_scope
    }
    gen_finally {
        stream_close(&self->clients);
    }
    gen_end_finally
    gen_end();
}

/* -- The clients' process ---------------------------------------------------------------------- */

static struct task_semaphore coming;
static struct gate opened, served;

gen_declare(client, void);
struct client {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct stream stream;
    uint32_t number, trip;
    int port;
    size_t n;
    struct message message;
};
gen_define(client)
{
    gen_begin();
    task_semaphore_acquire(&coming);
    {
        char host[32];
        (void)snprintf(host, sizeof host, "127.0.0.%d", 1 + (int)self->number % ADDRESSES);
        stream_connect(&self->stream, host, self->port);
    }
    gen_try_finally {
        for (self->trip = 0; self->trip < TRIPS; self->trip++) {
            self->message.connection = self->number;
            self->message.trip = self->trip;
            stream_write(&self->stream, &self->message, sizeof self->message);
            memset(&self->message, 0, sizeof self->message);
            stream_readexactly(self->n, &self->stream, &self->message, sizeof self->message);
            if (self->message.connection != self->number || self->message.trip != self->trip)
                gen_raise(GEN_EUSER, "another's message");
            if (self->trip == 0) {
                (void)task_semaphore_release(&coming);
                arrive(&opened);
                task_event_wait(&opened.event);
            }
        }
        arrive(&served);
        task_event_wait(&served.event);
    }
    gen_finally {
        stream_close(&self->stream);
    }
    gen_end_finally
    gen_end();
}

gen_declare(clients, void);
struct clients {
    struct gen gen;
    struct gen_unwind unwind[2];
    struct task_scope scope;
    struct task_group group;
    struct client *all;
    struct task *tasks;
    struct stream server;
    int control, port;
    size_t n;
};
gen_define(clients)
{
    gen_begin();
    stream_open(&self->server, self->control);
    stream_readexactly(self->n, &self->server, &self->port, sizeof self->port);
    task_timeout (&self->scope, SECONDS) {
        task_group (&self->group) {
            for (uint32_t i = 0; i < CONNECTIONS; i++) {
                self->all[i].number = i;
                self->all[i].port = self->port;
                (void)task_group_start(&self->group, &self->tasks[i], client_any(&self->all[i]),
                                       "client");
            }
            task_event_wait(&opened.event);
            stream_write(&self->server, "o", 1);
        }
        task_end_group
    }
    task_end_scope
    stream_write(&self->server, "d", 1);
    stream_close(&self->server);
    gen_end();
}

/* Returns the exit status. */
static int run_clients(int control)
{
    struct clients c = {.control = control};
    int code = ENOMEM;
    task_semaphore_init(&coming, COMING, COMING);
    c.all = calloc(CONNECTIONS, sizeof *c.all);
    c.tasks = calloc(CONNECTIONS, sizeof *c.tasks);
    if (c.all != NULL && c.tasks != NULL)
        code = loop_run(clients_any(&c));
    if (code != 0)
        (void)fprintf(stderr, "clients: %zu open, %zu served, then: %s\n", opened.count,
                      served.count, loop_error_name(code));
    free(c.all);
    free(c.tasks);
    return code != 0;
}

/* -- The test ---------------------------------------------------------------------------------- */

/* As many descriptors as are needed; more than the hard limit only where one may have them. */
static void raise_limit(void)
{
    const rlim_t needed = CONNECTIONS + DESCRIPTORS;
    struct rlimit limit, more;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    more.rlim_cur = limit.rlim_cur > needed ? limit.rlim_cur : needed;
    more.rlim_max = limit.rlim_max > needed ? limit.rlim_max : needed;
    if (setrlimit(RLIMIT_NOFILE, &more) != 0)
        fail_msg("%d connections need %ld descriptors, and a process may have %ld: see ulimit -Hn",
                 CONNECTIONS, (long)needed, (long)limit.rlim_max);
}

static void ten_thousand_connections(void **state)
{
    struct host host = {.n = 0};
    int pair[2], status, code;
    pid_t child;
    (void)state;
    raise_limit();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    (void)fflush(stdout);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(pair[0]);
        _exit(run_clients(pair[1]));
    }
    (void)close(pair[1]);
    host.control = pair[0];
    code = loop_run(host_any(&host));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(code, 0);
    assert_int_equal(most, CONNECTIONS);
    assert_int_equal(trips_among_all, CONNECTIONS * (TRIPS - 1));
    assert_int_equal(handlers_ended, CONNECTIONS);
    assert_int_equal(server.connections, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(ten_thousand_connections)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
