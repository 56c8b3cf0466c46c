/* The echo server with libuv's callbacks: one read for an event, and a write that is tried at once.
 * Usage: echo_uv [port]. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

enum { BACKLOG = 1024 };

struct connection {
    uv_tcp_t tcp;
    uv_write_t write;
    char data[16384];
};

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

static void end(struct connection *c)
{
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    struct connection *c = (struct connection *)handle;
    (void)size;
    *buffer = uv_buf_init(c->data, sizeof c->data);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer);

static void on_written(uv_write_t *write, int code)
{
    struct connection *c = write->data;
    if (code == UV_ECANCELED)
        return; /* it is being closed */
    if (code < 0 || uv_read_start((uv_stream_t *)&c->tcp, on_room, on_read) < 0)
        end(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct connection *c = (struct connection *)stream;
    uv_buf_t rest;
    int sent;
    if (n == 0)
        return;
    if (n < 0) {
        end(c);
        return;
    }
    rest = uv_buf_init(buffer->base, (unsigned)n);
    sent = uv_try_write(stream, &rest, 1);
    if (sent == n)
        return;
    if (sent > 0) {
        rest.base += sent;
        rest.len -= (size_t)sent;
    }
    (void)uv_read_stop(stream); /* the data has to go before more is read */
    c->write.data = c;
    if ((sent < 0 && sent != UV_EAGAIN) || uv_write(&c->write, stream, &rest, 1, on_written) < 0)
        end(c);
}

static void on_connection(uv_stream_t *server, int code)
{
    struct connection *c = code == 0 ? calloc(1, sizeof *c) : NULL;
    if (c == NULL)
        return;
    (void)uv_tcp_init(server->loop, &c->tcp);
    if (uv_accept(server, (uv_stream_t *)&c->tcp) < 0 || uv_tcp_nodelay(&c->tcp, 1) < 0 ||
        uv_read_start((uv_stream_t *)&c->tcp, on_room, on_read) < 0)
        end(c);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    int size = sizeof address, code;
    uv_tcp_t server;

    (void)uv_tcp_init(uv_default_loop(), &server);
    (void)uv_ip4_addr("127.0.0.1", argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0, &address);
    code = uv_tcp_bind(&server, (const struct sockaddr *)&address, 0);
    if (code == 0)
        code = uv_listen((uv_stream_t *)&server, BACKLOG, on_connection);
    if (code == 0)
        code = uv_tcp_getsockname(&server, (struct sockaddr *)&address, &size);
    if (code != 0) {
        fprintf(stderr, "%s: %s\n", argv[0], uv_strerror(code));
        return 1;
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
