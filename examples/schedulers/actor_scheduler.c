/* Actors: generators that are sent messages. Each has a name; who sends a message only queues it, so
 * the counter, which sends itself the next count, needs no recursion, and goes beyond Python's limit
 * of 1000 calls (sys.getrecursionlimit()). In Python:
 *
 *     class ActorScheduler:
 *         def new_actor(self, name, actor):
 *             self._msg_queue.append((actor, None))
 *             self._actors[name] = actor
 *         def send(self, name, msg):
 *             actor = self._actors.get(name)
 *             if actor: self._msg_queue.append((actor, msg))
 *         def run(self):
 *             while self._msg_queue:
 *                 actor, msg = self._msg_queue.popleft()
 *                 try: actor.send(msg)
 *                 except StopIteration: pass
 *
 * Below it, the same with task.h, where an actor is a task that reads from a queue. */
#include <stdio.h>
#include <string.h>
#include "gen.h"
#include "task/queue.h"
#include "task/virtual.h"

struct actor {
    const char *name;
    struct gen_any gen; /* is sent int */
    struct actor *next;
};

struct message {
    struct actor *actor;
    bool none; /* it is None, which starts an actor */
    int msg;
};

enum { ROOM = 8 };
struct actor_scheduler {
    struct actor *actors; /* by name */
    struct message msg_queue[ROOM];
    size_t first, count;
};

static bool append(struct actor_scheduler *s, struct message message)
{
    if (s->count == ROOM)
        return false;
    s->msg_queue[(s->first + s->count++) % ROOM] = message;
    return true;
}

static struct message popleft(struct actor_scheduler *s)
{
    struct message message = s->msg_queue[s->first];
    s->first = (s->first + 1) % ROOM;
    s->count--;
    return message;
}

/* Admits an actor to the scheduler. False, here and below: no room for the message. */
static bool actor_scheduler_new_actor(struct actor_scheduler *s, struct actor *actor)
{
    actor->next = s->actors;
    s->actors = actor;
    return append(s, (struct message){.actor = actor, .none = true});
}

/* Sends a message to a named actor; to nobody if there is none. */
static bool actor_scheduler_send(struct actor_scheduler *s, const char *name, int msg)
{
    for (struct actor *actor = s->actors; actor != NULL; actor = actor->next)
        if (strcmp(actor->name, name) == 0)
            return append(s, (struct message){.actor = actor, .msg = msg});
    return true;
}

/* Runs as long as there are pending messages. Returns 0, or the code that left an actor. */
static int actor_scheduler_run(struct actor_scheduler *s)
{
    while (s->count > 0) {
        const struct message message = popleft(s);
        struct gen_any gen = message.actor->gen;
        if (gen_any_send(gen, message.none ? NULL : &message.msg, NULL) == GEN_RAISED)
            return gen_any_error(gen);
    }
    return 0;
}

gen_declare(printer, void, int);
struct printer {
    struct gen gen;
};
gen_define(printer)
{
    gen_begin();
    for (;;) {
        gen_yield();
        printf("Got: %d\n", *gen_sent);
    }
    gen_end();
}

gen_declare(counter, void, int);
struct counter {
    struct gen gen;
    struct actor_scheduler *sched;
};
gen_define(counter)
{
    gen_begin();
    for (;;) {
        gen_yield(); /* receive the current count */
        if (*gen_sent == 0)
            break;
        if (!actor_scheduler_send(self->sched, "printer", *gen_sent) ||
            !actor_scheduler_send(self->sched, "counter", *gen_sent - 1))
            gen_raise(GEN_ENOMEM, "the message queue is full");
    }
    gen_end();
}

static int count_with_actors(int n)
{
    struct actor_scheduler sched = {.count = 0};
    struct printer printer = {.gen = {0, 0}};
    struct counter counter = {.sched = &sched};
    struct actor actors[] = {{.name = "printer", .gen = printer_any(&printer)},
                             {.name = "counter", .gen = counter_any(&counter)}};

    if (!actor_scheduler_new_actor(&sched, &actors[0]) ||
        !actor_scheduler_new_actor(&sched, &actors[1]) ||
        !actor_scheduler_send(&sched, "counter", n))
        return GEN_ENOMEM;
    return actor_scheduler_run(&sched);
}

/* With task.h. A full queue makes the sender wait, and a queue that is shut down ends its reader. */
task_queue_declare(mailbox, int);

gen_declare(printer_task, void);
struct printer_task {
    struct gen gen;
    struct mailbox *mailbox;
    int msg;
};
gen_define(printer_task)
{
    gen_begin();
    gen_try {
        for (;;) {
            task_queue_get(self->msg, self->mailbox);
            printf("Got: %d\n", self->msg);
        }
    }
    gen_except (TASK_ESHUTDOWN) {
    }
    gen_end_try
    gen_end();
}

gen_declare(counter_task, void);
struct counter_task {
    struct gen gen;
    struct mailbox *mailbox, *printer;
    int n;
};
gen_define(counter_task)
{
    gen_begin();
    for (;;) {
        task_queue_get(self->n, self->mailbox);
        if (self->n == 0)
            break;
        task_queue_put(self->printer, self->n);
        self->n--;
        task_queue_put(self->mailbox, self->n);
    }
    task_queue_shutdown(self->printer, false);
    gen_end();
}

static int count_with_tasks(int n)
{
    int room[2];
    struct mailbox to_printer, to_counter;
    struct printer_task printer = {.mailbox = &to_printer};
    struct counter_task counter = {.mailbox = &to_counter, .printer = &to_printer};
    struct task tasks[2] = {{.name = NULL}, {.name = NULL}};
    struct task_virtual v; /* nobody sleeps, so any clock will do */
    int code;

    task_queue_init(&to_printer, &room[0], 1);
    task_queue_init(&to_counter, &room[1], 1);
    task_virtual_init(&v, NULL);
    task_start(&v.scheduler, &tasks[0], printer_task_any(&printer), "printer");
    task_start(&v.scheduler, &tasks[1], counter_task_any(&counter), "counter");
    task_queue_try_put(&to_counter, n);
    code = task_virtual_run(&v, &tasks[0].future);
    return code != 0 ? code : task_error(&tasks[0].future).code;
}

int main(void)
{
    int code = count_with_actors(100);
    if (code == 0)
        code = count_with_actors(1001);
    if (code == 0)
        code = count_with_tasks(3);
    if (code != 0)
        fprintf(stderr, "actor_scheduler: %s\n", gen_error_name(code));
    return code != 0;
}
