/* The resolver without c-ares: the C library's, in the loop's default executor. */
#include "loop/resolver.h"

#ifndef LOOP__ARES
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/address.h"
#include "loop/executor.h"

/* What a thread reads and writes is in here, so that a cancelled question needs nobody else. */
struct query {
    struct loop__query query;
    struct loop__resolver *resolver;
    struct loop_work work;
    struct task_call done;
    struct addrinfo hints, *found;
    struct loop_sockaddr address; /* size 0: addresses are looked for */
    int code, flags;
    char host[1025]; /* NI_MAXHOST, which is not in POSIX */
};

struct loop__resolver {
    struct loop *loop;
    size_t queries;
};

/* In a thread. */
static int ask(void *arg)
{
    struct query *q = arg;
    q->code = q->address.size > 0 ? getnameinfo(&q->address.address.any, q->address.size, q->host,
                                                sizeof q->host, NULL, 0, q->flags)
                                  : getaddrinfo(q->host, NULL, &q->hints, &q->found);
    q->code = loop__eai(q->code);
    return 0;
}

static void on_answer(void *arg)
{
    struct query *q = arg;
    struct loop_lookup *l = q->query.lookup;
    if (l != NULL) {
        struct addrinfo *list = NULL;
        if (q->code == 0)
            q->code = q->address.size > 0 ? loop__answer_host(l, q->host)
                                          : loop__add_addresses(&list, q->found);
        loop__answer(l, q->code, list);
    }
    if (q->found != NULL)
        freeaddrinfo(q->found);
    q->resolver->queries--;
    free(q);
}

/* NULL: no memory. */
static struct query *new_query(struct loop__names *names)
{
    struct query *q = calloc(1, sizeof *q);
    if (q != NULL && names->resolver == NULL) {
        names->resolver = calloc(1, sizeof *names->resolver);
        if (names->resolver == NULL) {
            free(q);
            return NULL;
        }
        names->resolver->loop = names->loop;
    }
    if (q != NULL)
        q->resolver = names->resolver;
    return q;
}

/* Takes the query over. */
static int submit(struct query *q, struct loop_lookup *l)
{
    struct loop *loop = q->resolver->loop;
    int code = loop_submit(NULL, loop, &q->work, ask, q);
    if (code != 0) {
        free(q);
        return code;
    }
    q->resolver->queries++;
    q->query.lookup = l;
    l->loop__query = &q->query;
    (void)task_call_when_done(&loop->scheduler, &q->done, &q->work.future, on_answer, q);
    return 0;
}

int loop__resolver_addresses(struct loop__names *names, struct loop_lookup *l, const char *host,
                             int family, int socktype, int flags)
{
    struct query *q;
    if (strlen(host) >= sizeof q->host)
        return NAME_ENONAME;
    q = new_query(names);
    if (q == NULL)
        return ENOMEM;
    (void)strcpy(q->host, host);
    q->hints.ai_family = family;
    q->hints.ai_socktype = socktype ? socktype : SOCK_STREAM;
    q->hints.ai_flags = flags & AI_CANONNAME;
    return submit(q, l);
}

int loop__resolver_name(struct loop__names *names, struct loop_lookup *l,
                        const struct sockaddr *address, socklen_t length, int flags)
{
    struct query *q;
    if (length == 0 || length > sizeof q->address.address)
        return EINVAL;
    q = new_query(names);
    if (q == NULL)
        return ENOMEM;
    memcpy(&q->address.address, address, length);
    q->address.size = length;
    q->flags = flags;
    return submit(q, l);
}

/* What has begun goes on, and is dropped. */
void loop__resolver_cancel(struct loop__query *query)
{
    struct query *q = TASK__OF(struct query, query, query);
    (void)loop_work_cancel(&q->work);
}

/* Threads cannot be stopped: the loop goes on until they have answered. */
void loop__resolver_close(struct loop__names *names)
{
    while (names->resolver->queries > 0)
        task_run_once(&names->loop->scheduler);
    free(names->resolver);
    names->resolver = NULL;
}

int loop__resolver_set_dns(struct loop__names *names, const char *servers, double timeout,
                           int tries)
{
    (void)names, (void)servers, (void)timeout, (void)tries;
    return ENOTSUP;
}

#else
typedef int loop__no_pool; /* C wants something in every file */
#endif
