/* How a stream is connected. */
#include "loop/connect.h"
#include "loop/source.h"
#include "loop/stream.h"

static void on_connected(void *arg, struct loop *loop, int code, int fd)
{
    struct stream *s = arg;
    s->stream__connector = NULL;
    loop__end_with(&s->stream__writing, code, NULL); /* while that is there: opening clears it */
    if (code == 0)
        stream__open(loop, s, fd);
}

static void stop(struct stream *s)
{
    loop__connect_cancel(s->stream__connector);
    s->stream__connector = NULL;
}

void stream__stop_connecting(struct stream *s)
{
    if (s->stream__connector == NULL)
        return;
    stop(s);
    loop__fail(&s->stream__writing, EBADF);
}

static void connecting_cancelled(struct task_source *source, struct task *t)
{
    stop(TASK__OF(struct stream, stream__writing, source));
    task__ready(&t->task__node);
}

/* 0, or EISCONN. */
static int may_connect(const struct stream *s)
{
    return s->stream__loop != NULL || s->stream__connector != NULL ? EISCONN : 0;
}

bool stream__connect(void *context, struct stream *s, const char *host, int port)
{
    if (may_connect(s) != 0)
        return loop__settle(context, EISCONN, 0);
    if (!task__may_wait(context))
        return false;
    memset(s, 0, sizeof *s);
    s->stream__connector = loop__connect(loop__of(context), host, port, on_connected, s);
    if (s->stream__connector == NULL)
        return loop__settle(context, ENOMEM, 0);
    task_source_init(&s->stream__writing, NULL, connecting_cancelled);
    return loop__wait(context, &s->stream__writing);
}

bool stream__connect_unix(void *context, struct stream *s, const char *path)
{
    int fd, code = may_connect(s);
    if (code != 0)
        return loop__settle(context, code, 0);
    if (!task__may_wait(context))
        return false;
    code = loop__connect_unix(path, &fd);
    if (code == 0)
        stream__open(loop__of(context), s, fd);
    return loop__settle(context, code, 0);
}
