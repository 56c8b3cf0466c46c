/* address.h - addresses of sockets to and from text: IPv4, IPv6 with its scope, Unix.
 *
 *     struct loop_sockaddr to;   char name[LOOP_NAME];
 *     int code = loop_sockaddr(&to, "fe80::1%eth0", 8888);         0, or EINVAL
 *     code = loop_sockaddr_name(&to, name, sizeof name);           "[fe80::1%eth0]:8888"
 *
 * Only literal addresses: loop/name.h looks names up. Nothing here waits, and nothing is allocated.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_ADDRESS_H
#define GEN_LOOP_ADDRESS_H

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* An address of any of these families. */
union loop_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
    struct sockaddr_storage storage;
};

/* An address and how much of it counts: what connect, bind and sendto take. */
struct loop_sockaddr {
    union loop_address address;
    socklen_t size;
};

/* Room for the text of any address of these, its end included. */
enum { LOOP_NAME = sizeof(struct sockaddr_un) + 8 };

/* Literal addresses: "127.0.0.1", "::1", "fe80::1%eth0" (the scope is an interface's name or
 * number). 0; EINVAL: not an address, or not a port. */
static inline int loop_sockaddr(struct loop_sockaddr *a, const char *host, int port);

/* The path of a Unix socket; "@name" is one of Linux's abstract ones, which have no file. 0;
 * EINVAL: no path; ENAMETOOLONG; ENOTSUP: "@name" on another system. */
static inline int loop_sockaddr_unix(struct loop_sockaddr *a, const char *path);

/* "127.0.0.1:80", "[::1]:80", "/run/socket", "@name"; "" for one without a name. An IPv4 address that
 * an IPv6 socket gives (RFC 4291, 2.5.5.2) is written as what it is. `text` has room for `size` bytes.
 * 0; ENOSPC; EAFNOSUPPORT: another family's. */
static inline int loop_sockaddr_name(const struct loop_sockaddr *a, char *text, size_t size);

/* The port; 0: it has none. */
static inline int loop_address_port(const union loop_address *address);

/* -- Private ----------------------------------------------------------------------------------- */

/* The text of an IPv6 address without its scope, which becomes a number. 0, or EINVAL. */
static inline int loop__scope(char *host, uint32_t *id)
{
    char *scope = strchr(host, '%'), *end;
    unsigned long number;
    *id = 0;
    if (scope == NULL)
        return 0;
    *scope++ = 0;
    *id = if_nametoindex(scope);
    if (*id != 0)
        return 0;
    number = *scope >= '0' && *scope <= '9' ? strtoul(scope, &end, 10) : 0;
    if (number == 0 || number > UINT32_MAX || *end != 0)
        return EINVAL;
    *id = (uint32_t)number;
    return 0;
}

static inline int loop_sockaddr(struct loop_sockaddr *a, const char *host, int port)
{
    union loop_address *const address = &a->address;
    char text[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE];
    memset(address, 0, sizeof *address);
    if (port < 0 || port > 65535)
        return EINVAL;
    if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons((uint16_t)port);
        a->size = sizeof address->v4;
        return 0;
    }
    if (strlen(host) >= sizeof text)
        return EINVAL;
    (void)strcpy(text, host);
    if (loop__scope(text, &address->v6.sin6_scope_id) == 0 &&
        inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons((uint16_t)port);
        a->size = sizeof address->v6;
        return 0;
    }
    return EINVAL;
}

static inline int loop_sockaddr_unix(struct loop_sockaddr *a, const char *path)
{
    const size_t length = path ? strlen(path) : 0;
    memset(a, 0, sizeof *a);
    if (length == 0)
        return EINVAL;
    if (length >= sizeof a->address.local.sun_path)
        return ENAMETOOLONG;
    a->address.local.sun_family = AF_UNIX;
    memcpy(a->address.local.sun_path, path, length);
    a->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    if (*path == '@') { /* of those all bytes count, and there is no end to mark */
#if defined(__linux__) && !defined(LOOP_PORTABLE)
        a->address.local.sun_path[0] = 0;
        a->size--;
#else
        return ENOTSUP;
#endif
    }
    return 0;
}

static inline int loop_address_port(const union loop_address *address)
{
    switch (address->any.sa_family) {
    case AF_INET:
        return ntohs(address->v4.sin_port);
    case AF_INET6:
        return ntohs(address->v6.sin6_port);
    default:
        return 0;
    }
}

static inline int loop__printed(int n, size_t size)
{
    return n < 0 || (size_t)n >= size ? ENOSPC : 0;
}

/* What of it the kernel did not fill in has to be zero. 0, ENOSPC or EAFNOSUPPORT. */
static inline int loop__address_name(const union loop_address *address, char *name, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "", scope[IF_NAMESIZE] = "";
    const char *path = address->local.sun_path;
    const int room = (int)sizeof address->local.sun_path, port = loop_address_port(address);
    switch (address->any.sa_family) {
    case AF_UNIX:
        if (*path != 0)
            return loop__printed(snprintf(name, size, "%.*s", room, path), size);
        return loop__printed(snprintf(name, size, "%s%.*s", path[1] ? "@" : "", room - 1, path + 1),
                             size);
    case AF_INET:
        (void)inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof host);
        return loop__printed(snprintf(name, size, "%s:%d", host, port), size);
    case AF_INET6:
        if (IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr)) {
            (void)inet_ntop(AF_INET, &address->v6.sin6_addr.s6_addr[12], host, sizeof host);
            return loop__printed(snprintf(name, size, "%s:%d", host, port), size);
        }
        (void)inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof host);
        if (address->v6.sin6_scope_id != 0 && !if_indextoname(address->v6.sin6_scope_id, scope))
            (void)snprintf(scope, sizeof scope, "%u", (unsigned)address->v6.sin6_scope_id);
        return loop__printed(
            snprintf(name, size, "[%s%s%s]:%d", host, *scope ? "%" : "", scope, port), size);
    default:
        return EAFNOSUPPORT;
    }
}

/* A Unix name is not marked at its end where it fills what there is. */
static inline int loop_sockaddr_name(const struct loop_sockaddr *a, char *text, size_t size)
{
    union loop_address whole = {.storage = {0}};
    if (a->size == 0)
        return loop__printed(snprintf(text, size, "%s", ""), size);
    memcpy(&whole, &a->address, a->size < sizeof whole ? a->size : sizeof whole);
    return loop__address_name(&whole, text, size);
}

/* The name that `get`, getsockname or getpeername, has for a socket. 0, ENOSPC, EAFNOSUPPORT, or
 * what it failed with. */
static inline int loop__name_of(int fd, int (*get)(int, struct sockaddr *, socklen_t *), char *text,
                                size_t size)
{
    struct loop_sockaddr a = {{.storage = {0}}, sizeof a.address};
    return get(fd, &a.address.any, &a.size) == 0 ? loop_sockaddr_name(&a, text, size) : errno;
}

#endif
