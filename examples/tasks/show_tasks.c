/* A debug helper that shows all tasks, their state, and where each waits, through the chain of
 * awaits; it costs them nothing until it is called. In Python:
 *
 *     for task in asyncio.all_tasks():
 *         print("----task: ", task.get_name(), "cancelled?:", task.cancelled(), ...)
 *         task.print_stack()
 */
#include "examples/virtual.h"
#include "task/dump.h"

static void write_text(void *arg, const char *text)
{
    fputs(text, (FILE *)arg);
}

static const char *py_bool(bool b)
{
    return b ? "True" : "False";
}

static void show_tasks(struct task_scheduler *s)
{
    printf("show tasks:\n");
    for (struct task *t = task_first(s); t != NULL; t = task_following(t)) {
        printf("----task: %s cancelled?: %s done?: %s\n", task_name(t),
               py_bool(task_state(&t->future) == TASK_CANCELLED), py_bool(task_done(&t->future)));
        task_dump_task(t, write_text, stdout);
    }
    printf("eof show tasks.\n");
}

gen_declare(read_request, void);
struct read_request {
    struct gen gen;
};
gen_define(read_request)
{
    gen_begin();
    task_sleep(60);
    gen_end();
}

gen_declare(client, void);
struct client {
    struct gen gen;
    struct read_request request;
};
gen_define(client)
{
    gen_begin();
    gen_await(read_request, &self->request);
    gen_end();
}

gen_declare(watcher, void);
struct watcher {
    struct gen gen;
    struct task *watched;
};
gen_define(watcher)
{
    gen_begin();
    gen_try {
        task_await(&self->watched->future);
    }
    gen_except (TASK_ECANCELLED) {
        printf("the client is gone\n");
    }
    gen_end_try
    gen_end();
}

gen_declare(main_coroutine, void);
struct main_coroutine {
    struct gen gen;
    struct client client;
    struct watcher watcher;
    struct task client_task, watcher_task;
};
gen_define(main_coroutine)
{
    struct task_scheduler *const s = &virtual_loop.scheduler;

    gen_begin();
    self->watcher.watched = &self->client_task;
    task_start(s, &self->client_task, client_any(&self->client), "client task");
    task_start(s, &self->watcher_task, watcher_any(&self->watcher), "watcher task");
    show_tasks(s);
    task_sleep(1);
    show_tasks(s);
    task_cancel(&self->client_task);
    show_tasks(s);
    task_await(&self->watcher_task.future);
    show_tasks(s);
    gen_end();
}

int main(void)
{
    struct main_coroutine m = {.gen = {0, 0}};
    return virtual_run(main_coroutine_any(&m)) != 0;
}
