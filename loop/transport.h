/* transport.h - a transport from within, for those who make one. Private to loop/.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_TRANSPORT_H
#define GEN_LOOP_TRANSPORT_H

#include "loop/protocol.h"

struct tls_context;

/* What there may be between a transport and its socket: TLS. Codes and counts are as those of recv
 * and send; before EAGAIN, t->reads_on or t->writes_on is set to the event that has to come first. */
struct transport__layer {
    int (*begin)(struct transport *t, const struct tls_context *tls, const char *server_name);
    int (*handshake)(struct transport *t);
    ssize_t (*receive)(struct transport *t, void *data, size_t size);
    bool (*pending)(const struct transport *t); /* has it bytes that no event tells of? */
    ssize_t (*send)(struct transport *t, const void *data, size_t size);
    int (*part)(struct transport *t); /* says goodbye, and waits for the peer's */
    void (*end)(struct transport *t);
};

struct transport {
    struct loop *loop;
    ev_io io;                          /* its fd is the socket */
    int wanted, events;                /* libev's: that are watched; that have come */
    unsigned char reads_on, writes_on; /* the event that reading and writing wait for */
    struct task_call turn;             /* connection_made, events, connection_lost */
    struct loop_resource resource;
    struct loop__open open;
    struct protocol *protocol;
    char *out; /* what waits: `size` bytes from out + begin */
    size_t begin, size, room;
    size_t high, low, limit;
    int code;                             /* of connection_lost */
    const struct tls_context *tls;        /* NULL: it is in the clear */
    const struct transport__layer *layer; /* NULL: none */
    void *below;                          /* the layer's */
    bool parted;                          /* the layer's: goodbye has been said */
    /* What is under way and told of events before the connection is made, or after all is sent:
     * the layer's handshake or goodbye. NULL: nothing. */
    int (*step)(struct transport *t);
    struct task_call step_limit; /* of its time */
    protocol_factory *factory;   /* asked after a handshake */
    void *factory_arg;
    bool made, paused_reading, paused_writing;
    bool ended;   /* the peer's EOF has come */
    bool eof;     /* ours is to be sent */
    bool closing; /* nothing more is read, or taken to be written */
    bool lost;    /* and connection_lost is due */
    /* Its maker's; of the calls any may be NULL: */
    struct loop__link link;
    void *maker;
    void (*after_made)(void *maker, int code); /* connection_made; or why it will never be called */
    void (*after_lost)(void *maker);
};

/* From now on o->end(o) is called when the loop closes, unless o->link has left its list by then,
 * as it has to there. 0, ENOMEM, LOOP_ETHREAD, LOOP_ECLOSED. */
int loop__open(struct loop *loop, struct loop__open *o, void (*end)(struct loop__open *o));

/* Asks the factory, and begins, as transport_open; with TLS, after the handshake. `t` is all zero but
 * for its maker's and, as fd, taken over. */
void transport__begin(struct transport *t, struct loop *loop, protocol_factory *factory, void *arg,
                      int fd, const struct tls_context *tls, const char *server_name);

#endif
