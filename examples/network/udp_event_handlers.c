/* UDP servers without coroutines: an EventHandler says which events it wants, and an event loop
 * calls it for these. Here the loop is loop/descriptor.h's readers and writers. In Python:
 *
 *     class UDPTimeServer(UDPServer):
 *         def handle_receive(self):
 *             msg, addr = self.sock.recvfrom(1)
 *             self.sock.sendto(time.ctime().encode('ascii'), addr)
 *
 *     handlers = [UDPTimeServer(('', 14000)), UDPEchoServer(('', 15000))]
 *     event_loop(handlers)
 *
 * There handle_receive answers at once, and may block. Here it keeps the answer, wants to send, and
 * receives no more until that is done. examples/network/udp_servers.c has the same as tasks.
 *
 * Usage: udp_event_handlers [time_port [echo_port]]. Port 0, the default, is any free one. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "loop/descriptor.h"
#include "loop/signal.h"

/* -- EventHandler ------------------------------------------------------------------------------ */

struct event_handler {
    const struct event_handler_ops *ops;
    int fd;
    struct loop *loop;
    struct loop_watch reader, writer;
};

struct event_handler_ops {
    bool (*wants_to_receive)(const struct event_handler *h);
    void (*handle_receive)(struct event_handler *h);
    bool (*wants_to_send)(const struct event_handler *h);
    void (*handle_send)(struct event_handler *h);
};

static void can_receive(void *arg);
static void can_send(void *arg);

/* What a handler wants is asked when it may have changed: after each of its calls. To want what it
 * wanted before changes nothing (GEN_EBADSTATE: it is watched). */
static void watch(struct event_handler *h)
{
    if (h->ops->wants_to_receive(h))
        (void)loop_add_reader(h->loop, &h->reader, h->fd, can_receive, h);
    else
        (void)loop_remove_reader(&h->reader);
    if (h->ops->wants_to_send(h))
        (void)loop_add_writer(h->loop, &h->writer, h->fd, can_send, h);
    else
        (void)loop_remove_writer(&h->writer);
}

static void can_receive(void *arg)
{
    struct event_handler *h = arg;
    h->ops->handle_receive(h);
    watch(h);
}

static void can_send(void *arg)
{
    struct event_handler *h = arg;
    h->ops->handle_send(h);
    watch(h);
}

static void stop(void *loop)
{
    loop_stop(loop);
}

/* Runs until Ctrl-C. 0, or an error. */
static int event_loop(struct event_handler **handlers, int count)
{
    struct loop loop;
    struct loop_signal_handler interrupt = {0}, terminate = {0};
    int code = loop_open(&loop, NULL);
    if (code != 0)
        return code;
    for (int i = 0; i < count; i++) {
        handlers[i]->loop = &loop;
        watch(handlers[i]);
    }
    code = loop_add_signal_handler(&loop, &interrupt, SIGINT, stop, &loop);
    if (code == 0)
        code = loop_add_signal_handler(&loop, &terminate, SIGTERM, stop, &loop);
    if (code == 0)
        code = loop_run_forever(&loop);
    for (int i = 0; i < count; i++) {
        (void)loop_remove_reader(&handlers[i]->reader);
        (void)loop_remove_writer(&handlers[i]->writer);
    }
    (void)loop_close(&loop);
    return code;
}

/* -- UDPServer --------------------------------------------------------------------------------- */

struct udp_server {
    struct event_handler handler;
    int port;
    struct loop_sockaddr from; /* who gets the answer */
    bool answers;              /* there is one */
    size_t size;
    char data[8192];
};

/* 0 or an errno code. */
static int udp_server_init(struct udp_server *s, const struct event_handler_ops *ops, int port)
{
    union loop_address *address = &s->from.address;
    int code = loop_sockaddr(&s->from, "127.0.0.1", port);
    s->handler.ops = ops;
    s->handler.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (code == 0 && (s->handler.fd < 0 || bind(s->handler.fd, &address->any, s->from.size) != 0 ||
                      getsockname(s->handler.fd, &address->any, &s->from.size) != 0))
        code = errno;
    s->port = ntohs(address->v4.sin_port);
    return code;
}

static bool udp_wants_to_receive(const struct event_handler *h)
{
    return !((const struct udp_server *)h)->answers;
}

static bool udp_wants_to_send(const struct event_handler *h)
{
    return ((const struct udp_server *)h)->answers;
}

/* recvfrom(size): what is longer is cut. */
static void udp_receive(struct udp_server *s, size_t size)
{
    ssize_t n;
    s->from.size = sizeof s->from.address;
    n = recvfrom(s->handler.fd, s->data, size, 0, &s->from.address.any, &s->from.size);
    s->answers = n >= 0;
    s->size = n >= 0 ? (size_t)n : 0;
}

static void udp_handle_send(struct event_handler *h)
{
    struct udp_server *s = (struct udp_server *)h;
    if (sendto(h->fd, s->data, s->size, 0, &s->from.address.any, s->from.size) < 0 &&
        errno == EAGAIN)
        return;
    s->answers = false; /* also of one that cannot be sent: a datagram may get lost */
}

static void time_handle_receive(struct event_handler *h)
{
    struct udp_server *s = (struct udp_server *)h;
    const time_t now = time(NULL);
    udp_receive(s, 1);
    if (s->answers)
        s->size = strftime(s->data, sizeof s->data, "%a %b %e %H:%M:%S %Y", localtime(&now));
}

static void echo_handle_receive(struct event_handler *h)
{
    struct udp_server *s = (struct udp_server *)h;
    udp_receive(s, sizeof s->data);
}

static const struct event_handler_ops time_ops = {.wants_to_receive = udp_wants_to_receive,
                                                  .handle_receive = time_handle_receive,
                                                  .wants_to_send = udp_wants_to_send,
                                                  .handle_send = udp_handle_send};
static const struct event_handler_ops echo_ops = {.wants_to_receive = udp_wants_to_receive,
                                                  .handle_receive = echo_handle_receive,
                                                  .wants_to_send = udp_wants_to_send,
                                                  .handle_send = udp_handle_send};

/* -- Both -------------------------------------------------------------------------------------- */

static int take_port(int argc, char **argv, int i)
{
    char *end = "";
    const long port = argc > i ? strtol(argv[i], &end, 10) : 0;
    return *end == '\0' && port >= 0 && port <= 65535 ? (int)port : -1;
}

int main(int argc, char **argv)
{
    static struct udp_server time_server, echo_server;
    struct event_handler *handlers[] = {&time_server.handler, &echo_server.handler};
    const int time_port = take_port(argc, argv, 1), echo_port = take_port(argc, argv, 2);
    int code;
    if (argc > 3 || time_port < 0 || echo_port < 0) {
        fprintf(stderr, "usage: %s [time_port [echo_port]]\n", argv[0]);
        return 2;
    }
    code = udp_server_init(&time_server, &time_ops, time_port);
    if (code == 0)
        code = udp_server_init(&echo_server, &echo_ops, echo_port);
    if (code == 0) {
        printf("time on 127.0.0.1:%d\necho on 127.0.0.1:%d\n", time_server.port, echo_server.port);
        fflush(stdout);
        code = event_loop(handlers, 2);
    }
    close(time_server.handler.fd);
    close(echo_server.handler.fd);
    if (code != 0)
        fprintf(stderr, "%s: %s\n", argv[0], loop_error_name(code));
    else
        printf("closed\n");
    return code != 0;
}
