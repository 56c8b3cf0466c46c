/* Names: literal addresses, lists, and who waits for what the resolver answers. */
#include "loop/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/address.h"
#include "loop/resolver.h"
#include "loop/source.h"

enum { FLAGS = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV | AI_CANONNAME };

/* -- Lists ------------------------------------------------------------------------------------- */

struct entry {
    struct addrinfo info;
    union loop_address address;
};

void loop_freeaddrinfo(struct addrinfo *list)
{
    while (list != NULL) {
        struct entry *e = TASK__OF(struct entry, info, list);
        list = list->ai_next;
        free(e->info.ai_canonname);
        free(e);
    }
}

int loop__add_address(struct addrinfo ***end, const struct sockaddr *address, size_t length,
                      int protocol, const char *canonical)
{
    struct entry *e = calloc(1, sizeof *e);
    if (e == NULL || length > sizeof e->address ||
        (canonical != NULL && (e->info.ai_canonname = strdup(canonical)) == NULL)) {
        free(e);
        return ENOMEM;
    }
    memcpy(&e->address, address, length);
    e->info.ai_family = address->sa_family;
    e->info.ai_protocol = protocol;
    e->info.ai_addr = &e->address.any;
    e->info.ai_addrlen = (socklen_t)length;
    **end = &e->info;
    *end = &e->info.ai_next;
    return 0;
}

/* glibc may give one for each line of /etc/hosts. */
static bool has_address(const struct addrinfo *list, const struct addrinfo *a)
{
    while (list != NULL &&
           (list->ai_addrlen != a->ai_addrlen || list->ai_protocol != a->ai_protocol ||
            memcmp(list->ai_addr, a->ai_addr, a->ai_addrlen) != 0))
        list = list->ai_next;
    return list != NULL;
}

int loop__add_addresses(struct addrinfo **list, const struct addrinfo *a)
{
    struct addrinfo **end = list;
    for (; a != NULL; a = a->ai_next)
        if (!has_address(*list, a) &&
            loop__add_address(&end, a->ai_addr, a->ai_addrlen, a->ai_protocol, a->ai_canonname)) {
            loop_freeaddrinfo(*list);
            *list = NULL;
            return ENOMEM;
        }
    return 0;
}

int loop__eai(int code)
{
    switch (code) {
    case 0:
        return 0;
    case EAI_AGAIN:
        return NAME_EAGAIN;
    case EAI_MEMORY:
        return ENOMEM;
    case EAI_OVERFLOW:
        return ENOSPC;
    case EAI_SYSTEM:
        return errno ? errno : (int)NAME_EFAIL;
    case EAI_BADFLAGS:
    case EAI_FAMILY:
    case EAI_SOCKTYPE:
        return EINVAL;
    case EAI_FAIL:
        return NAME_EFAIL;
    default: /* some systems have more codes for it than EAI_NONAME */
        return NAME_ENONAME;
    }
}

/* -- The questions of a loop ------------------------------------------------------------------- */

static void forget(struct loop_lookup *l)
{
    loop__link_remove(&l->loop__link);
    l->loop__loop = NULL;
}

void loop__lookup_cancel(struct loop_lookup *l)
{
    if (l->loop__loop == NULL)
        return;
    (void)task_call_cancel(&l->loop__call);
    if (l->loop__query != NULL) {
        l->loop__query->lookup = NULL;
        loop__resolver_cancel(l->loop__query);
    }
    loop_freeaddrinfo(l->loop__list);
    forget(l);
}

/* The loop closes: those who ask are told, and may ask others. */
static void close_names(struct loop_service *service)
{
    struct loop__names *names = TASK__OF(struct loop__names, service, service);
    while (names->pending != NULL) {
        struct loop_lookup *l = TASK__OF(struct loop_lookup, loop__link, names->pending);
        loop__lookup_cancel(l);
        l->done(l, LOOP_ECLOSED, NULL);
    }
    if (names->resolver != NULL)
        loop__resolver_close(names);
    free(names);
}

/* NULL: no memory. */
static struct loop__names *names_of(struct loop *loop)
{
    struct loop_service *s = loop__find_service(loop, close_names);
    struct loop__names *names;
    if (s != NULL)
        return TASK__OF(struct loop__names, service, s);
    names = calloc(1, sizeof *names);
    if (names == NULL)
        return NULL;
    names->loop = loop;
    names->service.close = close_names;
    loop_add_service(loop, &names->service);
    return names;
}

/* 0, or ENOMEM; from here on there is an answer to come, or to be cancelled. */
static int begin(struct loop *loop, struct loop_lookup *l)
{
    struct loop__names *names = names_of(loop);
    void (*done)(struct loop_lookup *, int, struct addrinfo *) = l->done;
    memset(l, 0, sizeof *l);
    l->done = done;
    l->loop__loop = loop;
    l->loop__names = names;
    if (names == NULL)
        return ENOMEM;
    loop__link_add(&names->pending, &l->loop__link);
    return 0;
}

/* -- Answers ----------------------------------------------------------------------------------- */

static void on_answered(void *arg)
{
    struct loop_lookup *l = arg;
    forget(l);
    l->done(l, l->loop__code, l->loop__list);
}

static void set_port(struct addrinfo *a, int port)
{
    union loop_address *address = (union loop_address *)(void *)a->ai_addr;
    if (a->ai_family == AF_INET6)
        address->v6.sin6_port = htons((uint16_t)port);
    else
        address->v4.sin_port = htons((uint16_t)port);
}

void loop__answer(struct loop_lookup *l, int code, struct addrinfo *list)
{
    l->loop__query = NULL;
    l->loop__code = code;
    l->loop__list = list;
    for (struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        set_port(a, l->loop__port);
        a->ai_socktype = l->loop__socktype;
        if (l->loop__socktype == 0)
            a->ai_protocol = 0;
    }
    (void)task_call_soon(&l->loop__loop->scheduler, &l->loop__call, on_answered, l);
}

int loop__answer_host(struct loop_lookup *l, const char *host)
{
    if (strlen(host) >= l->loop__host_size)
        return ENOSPC;
    (void)strcpy(l->loop__host, host);
    return 0;
}

/* -- Questions --------------------------------------------------------------------------------- */

/* Literal addresses, and NULL. 0, an error, or -1: it is a name. */
static int literal(const char *host, int family, int socktype, int flags, struct addrinfo **list)
{
    const struct addrinfo hints = {.ai_family = family,
                                   .ai_socktype = socktype ? socktype : SOCK_STREAM,
                                   .ai_flags = flags | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int code = getaddrinfo(host, host ? NULL : "0", &hints, &found);
    if (code == EAI_NONAME && host != NULL && *host != 0 && !(flags & AI_NUMERICHOST))
        return -1;
    if (code != 0)
        return loop__eai(code);
    code = loop__add_addresses(list, found);
    freeaddrinfo(found);
    return code;
}

void loop__lookup(struct loop *loop, struct loop_lookup *l, const char *host, int port, int family,
                  int socktype, int flags)
{
    struct addrinfo *list = NULL;
    int code = begin(loop, l);
    l->loop__port = port;
    l->loop__socktype = socktype;
    if (code == 0 && (port < 0 || port > 65535 || (flags & ~FLAGS) ||
                      (family != AF_UNSPEC && family != AF_INET && family != AF_INET6)))
        code = EINVAL;
    if (code == 0)
        code = literal(host, family, socktype, flags, &list);
    if (code == -1) {
        code = loop__resolver_addresses(l->loop__names, l, host, family, socktype, flags);
        if (code == 0)
            return;
    }
    loop__answer(l, code, list);
}

int loop_set_dns(struct loop *loop, const char *servers, double timeout, int tries)
{
    const int code = loop__may_begin(loop);
    struct loop__names *names;
    if (code != 0)
        return code;
    if (!(timeout >= 0 && timeout <= 3600) || tries < 0)
        return EINVAL;
    names = names_of(loop);
    if (names == NULL)
        return ENOMEM;
    if (names->pending != NULL)
        return GEN_EBADSTATE;
    return loop__resolver_set_dns(names, servers, timeout, tries);
}

/* -- Inside a body ----------------------------------------------------------------------------- */

/* A wait, which is over with its answer or a cancel. */
struct wait {
    struct task_source source;
    struct loop_lookup lookup;
};

static void on_done(struct loop_lookup *lookup, int code, struct addrinfo *list)
{
    struct wait *w = TASK__OF(struct wait, lookup, lookup);
    if (code == 0)
        loop__done(&w->source, (size_t)(uintptr_t)list);
    else
        loop__fail(&w->source, code);
    free(w);
}

static void on_cancelled(struct task_source *source, struct task *t)
{
    struct wait *w = TASK__OF(struct wait, source, source);
    task__ready(&t->task__node);
    loop__lookup_cancel(&w->lookup);
    free(w);
}

/* NULL: the body goes on, with what is settled. */
static struct wait *wait_for(void *context)
{
    struct wait *w;
    if (!task__may_wait(context))
        return NULL;
    w = calloc(1, sizeof *w);
    if (w == NULL) {
        (void)loop__settle(context, ENOMEM, 0);
        return NULL;
    }
    task_source_init(&w->source, NULL, on_cancelled);
    w->lookup.done = on_done;
    if (loop__wait(context, &w->source))
        return w;
    free(w);
    return NULL;
}

/* 0, with the port of a service, or an error. */
static int port_of(const char *service, int socktype, int flags, int *port)
{
    const struct addrinfo hints = {.ai_socktype = socktype ? socktype : SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | (flags & AI_NUMERICSERV)};
    struct addrinfo *found = NULL;
    char *end;
    long number;
    int code;
    *port = 0;
    if (service == NULL)
        return 0;
    number = strtol(service, &end, 10);
    if (*service >= '0' && *service <= '9' && *end == 0) {
        *port = (int)number;
        return number <= 65535 ? 0 : EINVAL;
    }
    code = getaddrinfo(NULL, service, &hints, &found);
    if (code != 0)
        return loop__eai(code);
    *port = loop_address_port((const union loop_address *)(const void *)found->ai_addr);
    freeaddrinfo(found);
    return 0;
}

bool loop__getaddrinfo(void *context, const char *host, const char *service, int family,
                       int socktype, int flags)
{
    int port, code = port_of(service, socktype, flags, &port);
    struct wait *w;
    if (code != 0)
        return loop__settle(context, code, 0);
    w = wait_for(context);
    if (w == NULL)
        return false;
    loop__lookup(loop__of(context), &w->lookup, host, port, family, socktype, flags);
    return true;
}

bool loop__getnameinfo(void *context, const struct sockaddr *address, socklen_t length, char *host,
                       size_t host_size, char *service, size_t service_size, int flags)
{
    const int known = NI_NUMERICHOST | NI_NUMERICSERV | NI_NAMEREQD | NI_NOFQDN | NI_DGRAM;
    const bool ask = host != NULL && !(flags & NI_NUMERICHOST);
    struct loop_lookup *l;
    struct wait *w;
    int code = flags & ~known ? EINVAL : 0;
    if (code == 0 && (service != NULL || !ask)) /* all but the question is done by the C library */
        code = loop__eai(getnameinfo(address, length, ask ? NULL : host,
                                     ask ? 0 : (socklen_t)host_size, service,
                                     (socklen_t)service_size, flags));
    if (code != 0 || !ask)
        return loop__settle(context, code, 0);
    w = wait_for(context);
    if (w == NULL)
        return false;
    l = &w->lookup;
    code = begin(loop__of(context), l);
    l->loop__host = host;
    l->loop__host_size = host_size;
    if (code == 0)
        code = loop__resolver_name(l->loop__names, l, address, length, flags);
    if (code != 0)
        loop__answer(l, code, NULL);
    return true;
}
