/* address.h - literal addresses, IPv4 and IPv6, to and from text. Private to loop/. */
#ifndef GEN_LOOP_ADDRESS_H
#define GEN_LOOP_ADDRESS_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

union loop_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* 0, or EINVAL: not an address, or not a port. */
static inline int loop_address(union loop_address *address, socklen_t *size, const char *host,
                               int port)
{
    memset(address, 0, sizeof *address);
    if (port < 0 || port > 65535)
        return EINVAL;
    if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons((uint16_t)port);
        *size = sizeof address->v4;
        return 0;
    }
    if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons((uint16_t)port);
        *size = sizeof address->v6;
        return 0;
    }
    return EINVAL;
}

static inline int loop_address_port(const union loop_address *address)
{
    return ntohs(address->any.sa_family == AF_INET6 ? address->v6.sin6_port : address->v4.sin_port);
}

/* 0, or ENOSPC. */
static inline int loop_address_name(const union loop_address *address, char *name, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";
    bool v6 = address->any.sa_family == AF_INET6;
    const void *bytes = v6 ? (const void *)&address->v6.sin6_addr : &address->v4.sin_addr;
    int n;
    (void)inet_ntop(address->any.sa_family, bytes, host, sizeof host);
    n = snprintf(name, size, v6 ? "[%s]:%d" : "%s:%d", host, loop_address_port(address));
    return n < 0 || (size_t)n >= size ? ENOSPC : 0;
}

#endif
