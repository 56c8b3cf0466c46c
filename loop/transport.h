/* transport.h - a transport from within, for those who make one. Private to loop/.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_TRANSPORT_H
#define GEN_LOOP_TRANSPORT_H

#include "loop/protocol.h"

struct transport {
    struct loop *loop;
    ev_io io;              /* its fd is the socket */
    int wanted, events;    /* libev's: that are watched; that have come */
    struct task_call turn; /* connection_made, events, connection_lost */
    struct loop_resource resource;
    struct loop__open open;
    struct protocol *protocol;
    char *out; /* what waits: `size` bytes from out + begin */
    size_t begin, size, room;
    size_t high, low, limit;
    int code; /* of connection_lost */
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

/* Asks the factory, and begins, as transport_open. `t` is all zero but for its maker's and, as fd,
 * taken over. */
int transport__begin(struct transport *t, struct loop *loop, protocol_factory *factory, void *arg,
                     int fd);

#endif
