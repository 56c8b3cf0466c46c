/* The same tests for the resolver that has no c-ares, which is not the one of the library here: it
 * is compiled into this program, with functions of the test in place of the C library's. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"

#define LOOP_NO_ARES
#define NAMES_POOL

/* -- What the C library would know ------------------------------------------------------------- */

static const struct record {
    const char *name, *canonical;
    unsigned char last; /* of 10.0.0.x */
    int code;
} records[] = {
    {"two.test", NULL, 1, 0},           {"v4.test", NULL, 4, 0},
    {"slow.test", NULL, 5, 0},          {"alias.test", "v4.test", 4, 0},
    {"none.test", NULL, 0, EAI_NONAME}, {"fail.test", NULL, 0, EAI_AGAIN},
};
enum { RECORDS = sizeof records / sizeof *records, OF_TEST = 1 << 29 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t released = PTHREAD_COND_INITIALIZER;
static bool holds, held; /* a question for slow.test is kept */

struct found {
    struct addrinfo info;
    struct sockaddr_in address;
};

static int find(const char *host, int family, struct addrinfo **list)
{
    const struct record *r = records;
    struct found *f;
    while (strcmp(r->name, host) != 0)
        r++;
    if (r->code != 0 || family == AF_INET6)
        return r->code ? r->code : EAI_NONAME;
    f = calloc(1, sizeof *f);
    f->info.ai_flags = OF_TEST;
    f->info.ai_canonname = (char *)(uintptr_t)r->canonical;
    f->info.ai_addr = (struct sockaddr *)(void *)&f->address;
    f->info.ai_addrlen = sizeof f->address;
    f->address.sin_family = AF_INET;
    f->address.sin_addr.s_addr = htonl(0x0a000000U + r->last);
    *list = &f->info;
    return 0;
}

static int test_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                            struct addrinfo **list)
{
    if (host == NULL || strstr(host, ".test") == NULL || (hints->ai_flags & AI_NUMERICHOST))
        return getaddrinfo(host, service, hints, list);
    pthread_mutex_lock(&mutex);
    while (holds && strcmp(host, "slow.test") == 0) {
        held = true;
        pthread_cond_wait(&released, &mutex);
    }
    pthread_mutex_unlock(&mutex);
    return find(host, hints->ai_family, list);
}

static void test_freeaddrinfo(struct addrinfo *list)
{
    if (list->ai_flags & OF_TEST)
        free(list);
    else
        freeaddrinfo(list);
}

static int test_getnameinfo(const struct sockaddr *address, socklen_t length, char *host,
                            socklen_t host_size, char *service, socklen_t service_size, int flags)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
    if (host != NULL && !(flags & NI_NUMERICHOST)) {
        if (v4->sin_addr.s_addr == htonl(0x0a000001)) {
            (void)snprintf(host, host_size, "two.test");
            return 0;
        }
        if (flags & NI_NAMEREQD)
            return EAI_NONAME;
        flags |= NI_NUMERICHOST;
    }
    return getnameinfo(address, length, host, host_size, service, service_size, flags);
}

#define getaddrinfo test_getaddrinfo
#define freeaddrinfo test_freeaddrinfo
#define getnameinfo test_getnameinfo
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "loop/name.c"
#include "loop/name_pool.c"
/* NOLINTEND(bugprone-suspicious-include) */
#undef getaddrinfo
#undef freeaddrinfo
#undef getnameinfo

/* -- As test_loop_name.c's name server --------------------------------------------------------- */

static void open_names(struct loop *loop, double timeout)
{
    (void)loop, (void)timeout;
    held = holds = false;
}

static void close_names_server(void)
{
}

static void hold(void)
{
    pthread_mutex_lock(&mutex);
    holds = true;
    pthread_mutex_unlock(&mutex);
}

static bool is_held(void)
{
    bool is;
    pthread_mutex_lock(&mutex);
    is = held;
    pthread_mutex_unlock(&mutex);
    return is;
}

static void release(void)
{
    pthread_mutex_lock(&mutex);
    holds = false;
    pthread_cond_broadcast(&released);
    pthread_mutex_unlock(&mutex);
}

#include "test_loop_name.c" /* NOLINT(bugprone-suspicious-include) */
