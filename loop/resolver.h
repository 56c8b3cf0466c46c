/* resolver.h - what answers name.c's questions: name_ares.c or name_pool.c, chosen at compile time.
 * Private to loop/.
 *
 * A query is the resolver's memory, and outlives a lookup that was cancelled: then its `lookup` is
 * NULL, and the answer is dropped.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_RESOLVER_H
#define GEN_LOOP_RESOLVER_H

#include "loop/name.h"

#if !defined(LOOP_NO_ARES) && defined(__has_include)
#if __has_include(<ares.h>)
#define LOOP__ARES 1
#endif
#endif

struct loop__query {
    struct loop_lookup *lookup; /* NULL: it has been cancelled */
};

/* A loop's questions. */
struct loop__names {
    struct loop_service service;
    struct loop *loop;
    struct loop__resolver *resolver; /* NULL: nothing has been asked of it yet */
    struct loop__link *pending;      /* lookups */
};

/* What the resolver does. Sets lookup->loop__query, and answers now or later; or returns why
 * not. */
int loop__resolver_addresses(struct loop__names *names, struct loop_lookup *lookup,
                             const char *host, int family, int socktype, int flags);
int loop__resolver_name(struct loop__names *names, struct loop_lookup *lookup,
                        const struct sockaddr *address, socklen_t length, int flags);
void loop__resolver_cancel(struct loop__query *query); /* query->lookup is NULL by now */
void loop__resolver_close(struct loop__names *names);
int loop__resolver_set_dns(struct loop__names *names, const char *servers, double timeout,
                           int tries);

/* And what it calls. The answer reaches `done` in a later turn. */
void loop__answer(struct loop_lookup *lookup, int code, struct addrinfo *list);
int loop__answer_host(struct loop_lookup *lookup, const char *host); /* 0 or ENOSPC */

/* Builds a list, at **end; its port and socktype come with the answer. 0 or ENOMEM. */
int loop__add_address(struct addrinfo ***end, const struct sockaddr *address, size_t length,
                      int protocol, const char *canonical);
int loop__add_addresses(struct addrinfo **list, const struct addrinfo *of_libc);
int loop__eai(int code); /* the code for one of getaddrinfo's */

#endif
