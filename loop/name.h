/* name.h - names of hosts to addresses and back, without holding up the loop: asyncio's getaddrinfo
 * and getnameinfo.
 *
 *     loop_getaddrinfo(self->list, "example.org", "https", AF_UNSPEC, SOCK_STREAM, 0);
 *     for (self->a = self->list; self->a != NULL; self->a = self->a->ai_next)
 *         ...
 *     loop_freeaddrinfo(self->list);
 *
 * c-ares asks the servers of /etc/resolv.conf, which is read at a loop's first question, after
 * /etc/hosts. Without its header at build time, or with LOOP_NO_ARES, the C library's getaddrinfo
 * is called in the loop's default executor (loop/executor.h). Literal addresses, with a scope too
 * (fe80::1%eth0), and a host of NULL are answered by neither, so they never fail for lack of a
 * server.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_NAME_H
#define GEN_LOOP_NAME_H

#include <netdb.h>
#include <sys/socket.h>

#include "loop/list.h"
#include "loop/loop.h"

/* -- Inside a body ----------------------------------------------------------------------------- */

/* list (a struct addrinfo *) = the addresses, in the order to try them in (RFC 6724), at least one,
 * each once: with ai_socktype and ai_protocol as asked for, 0 meaning any. They are the caller's,
 * to give to loop_freeaddrinfo.
 *
 * host: a name or literal address; NULL: the loopback, or with AI_PASSIVE what a server binds to.
 * service: a number, a name of /etc/services (a short read in the loop's thread), or NULL: port 0.
 * family: AF_UNSPEC, AF_INET, AF_INET6. flags: AI_PASSIVE, AI_NUMERICHOST, AI_NUMERICSERV,
 * AI_CANONNAME of <netdb.h>.
 *
 * Raises NAME_ENONAME: no such host or service, or none of this family; NAME_EAGAIN: no server
 * could tell, now; NAME_EFAIL: never will; EINVAL: another flag or family, or not a port; ENOMEM. A
 * cancel forgets the question at once. One allocation for each address, and two for the wait. */
#define loop_getaddrinfo(list, host, service, family, socktype, flags)                             \
    do {                                                                                           \
        TASK__WAIT(                                                                                \
            loop__getaddrinfo(gen_context, (host), (service), (family), (socktype), (flags)));     \
        (list) = (struct addrinfo *)loop__count(gen_context);                                      \
    } while (0)

/* Releases a list, all of it; NULL is harmless. From any thread. */
void loop_freeaddrinfo(struct addrinfo *list);

/* The names of an address (struct sockaddr *) and its port, as texts in the caller's buffers;
 * either may be NULL. What has no name comes as a number. flags: NI_NUMERICHOST, NI_NUMERICSERV,
 * NI_NAMEREQD, NI_NOFQDN, NI_DGRAM of <netdb.h>. Raises as loop_getaddrinfo; NAME_ENONAME only with
 * NI_NAMEREQD; ENOSPC: a buffer is too small. A cancel forgets the question at once. */
#define loop_getnameinfo(address, length, host, host_size, service, service_size, flags)           \
    TASK__WAIT(loop__getnameinfo(gen_context, (address), (length), (host), (host_size), (service), \
                                 (service_size), (flags)))

/* -- Other servers ----------------------------------------------------------------------------- */

/* From now on this loop asks these: "10.0.0.1,[::1]:5353". `timeout`: seconds until the first is
 * asked again, or the next one, `tries` times in all, each waiting longer; 0: c-ares' defaults.
 * 0; EINVAL; ENOMEM; LOOP_ECLOSED; LOOP_ETHREAD; GEN_EBADSTATE: a question is under way; ENOTSUP:
 * without c-ares. */
int loop_set_dns(struct loop *loop, const char *servers, double timeout, int tries);

/* -- Private: a question, for what calls back -------------------------------------------------- */

/* One question. Memory of the caller's, all zero at first but for `done`, until that was called or
 * the question was cancelled; then free to be used again.
 *
 * done is called once, in a later turn, never from within; the list is the receiver's.
 * LOOP_ECLOSED: the loop was closed first. */
struct loop_lookup {
    void (*done)(struct loop_lookup *lookup, int code, struct addrinfo *list);
    struct loop *loop__loop; /* NULL: nothing is under way */
    struct loop__names *loop__names;
    struct loop__link loop__link;
    struct loop__query *loop__query; /* the resolver's; NULL: it has answered */
    struct task_call loop__call;
    struct addrinfo *loop__list;
    int loop__code, loop__port, loop__socktype;
    char *loop__host; /* of a name to find: where it goes */
    size_t loop__host_size;
};

/* As loop_getaddrinfo, with a port for the service. */
void loop__lookup(struct loop *loop, struct loop_lookup *lookup, const char *host, int port,
                  int family, int socktype, int flags);

/* done is not called any more. In any state. */
void loop__lookup_cancel(struct loop_lookup *lookup);

bool loop__getaddrinfo(void *context, const char *host, const char *service, int family,
                       int socktype, int flags);
bool loop__getnameinfo(void *context, const struct sockaddr *address, socklen_t length, char *host,
                       size_t host_size, char *service, size_t service_size, int flags);

#endif
