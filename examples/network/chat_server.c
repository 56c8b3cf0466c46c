/* A chat server: a task for each client, all on one thread, so the table of users needs no lock.
 * examples/threads/chat_threaded.c is the same with a thread for each. In Python:
 *
 *     server = await asyncio.start_server(chat_server.run_server, host, port)
 *     await server.serve_forever()
 *
 * Nobody waits for a client that does not read: what is late for it is kept in a buffer, and when
 * that is full the client is disconnected. Ctrl-C, or SIGTERM: all are told, and have a second to
 * go.
 *
 * Usage: chat_server [port]. Port 0, the default, is any free one. */
#include "examples/status.h"
#include "examples/network/chat.h"
#include "loop/signal.h"
#include "loop/stream.h"

struct user;

struct room {
    struct user *users[CHAT_USERS];
    struct stream_server server;
    struct task_future closing;
};

/* -- Telling others ---------------------------------------------------------------------------- */

/* Gives a user a line. If there is no room for it he is disconnected, which ends his task. */
gen_declare(tell, void);
struct tell {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    const struct room *room;
    struct user *user;
    const char *line;
    bool done;
};

/* Tells all who are registered but one, or all who are connected. Who comes or goes meanwhile does
 * no harm. */
gen_declare(tell_all, void);
struct tell_all {
    struct gen gen;
    const struct room *room;
    const struct user *but; /* or NULL */
    const char *line;
    int i;
    struct tell tell;
};

/* -- A user ------------------------------------------------------------------------------------ */

/* One command. */
gen_declare(handle_command, void);
struct handle_command {
    struct gen gen;
    struct user *user;
    const char *argument;
    struct tell tell;
    struct tell_all tell_all;
    char answer[CHAT_ANSWER], notice[CHAT_LINE];
};

/* A connection: its task's frame. */
gen_declare(user, void);
struct user {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct stream *stream; /* the server opens and closes it */
    struct room *room;
    char name[CHAT_NAME]; /* "": not registered yet */
    struct stream_bytes line;
    bool too_long;
    char command[CHAT_LINE + 1], notice[CHAT_LINE];
    struct handle_command handle;
    struct tell_all tell_all;
    char input[CHAT_LINE], output[CHAT_BACKLOG];
};

static bool enter(struct room *room, struct user *user)
{
    for (int i = 0; i < CHAT_USERS; i++)
        if (room->users[i] == NULL) {
            room->users[i] = user;
            return true;
        }
    return false;
}

static void leave(struct room *room, const struct user *user)
{
    for (int i = 0; i < CHAT_USERS; i++)
        if (room->users[i] == user)
            room->users[i] = NULL;
}

static struct user *find(const struct room *room, const char *name)
{
    for (int i = 0; i < CHAT_USERS; i++)
        if (room->users[i] != NULL && name[0] != '\0' && strcmp(room->users[i]->name, name) == 0)
            return room->users[i];
    return NULL;
}

static bool is_here(const struct room *room, const struct user *user)
{
    for (int i = 0; i < CHAT_USERS; i++)
        if (room->users[i] == user)
            return true;
    return false;
}

gen_define(tell)
{
    gen_begin();
    gen_try {
        task_move_on (&self->scope, 1e-9) { /* his buffer is patience enough */
            stream_write(self->user->stream, self->line, strlen(self->line));
            self->done = true;
        }
        task_end_scope
        if (!self->done && is_here(self->room, self->user))
            stream_abort(self->user->stream);
    }
    gen_except_any {
        /* he has gone, which his own task is told, too */
    }
    gen_end_try
    gen_end();
}

gen_define(tell_all)
{
    struct user *user;

    gen_begin();
    for (self->i = 0; self->i < CHAT_USERS; self->i++) {
        user = self->room->users[self->i];
        if (user == NULL || user == self->but || (self->but != NULL && user->name[0] == '\0'))
            continue;
        self->tell = (struct tell){.room = self->room, .user = user, .line = self->line};
        gen_await(tell, &self->tell);
    }
    gen_end();
}

static void list_friends(const struct room *room, char *answer)
{
    answer += sprintf(answer, "friends");
    for (int i = 0; i < CHAT_USERS; i++)
        if (room->users[i] != NULL && room->users[i]->name[0] != '\0')
            answer += sprintf(answer, ",%s", room->users[i]->name);
    strcpy(answer, "\n");
}

gen_define(handle_command)
{
    struct user *const user = self->user;
    struct room *const room = user->room;
    struct user *friend;

    gen_begin();
    self->argument = chat_split(user->command);
    if (strcmp(user->command, "register") == 0) {
        if (user->name[0] != '\0')
            sprintf(self->answer, "error,already registered as %s\n", user->name);
        else if (!chat_valid_name(self->argument))
            sprintf(self->answer, "error,not a name: %s\n", self->argument);
        else if (find(room, self->argument) != NULL)
            sprintf(self->answer, "error,the name is taken: %s\n", self->argument);
        else {
            strcpy(user->name, self->argument);
            printf("%s registered\n", user->name);
            sprintf(self->answer, "registered,%s\n", user->name);
            sprintf(self->notice, "joined,%s\n", user->name);
            self->tell_all = (struct tell_all){.room = room, .but = user, .line = self->notice};
            gen_await(tell_all, &self->tell_all);
        }
    } else if (user->name[0] == '\0') {
        strcpy(self->answer, "error,register first\n");
    } else if (strcmp(user->command, "list") == 0 && strcmp(self->argument, "friends") == 0) {
        list_friends(room, self->answer);
    } else if (strcmp(user->command, "chat") == 0) {
        friend = find(room, self->argument);
        if (friend == NULL)
            sprintf(self->answer, "error,no such friend: %s\n", self->argument);
        else {
            sprintf(self->notice, "message,%s,hi\n", user->name);
            self->tell = (struct tell){.room = room, .user = friend, .line = self->notice};
            gen_await(tell, &self->tell);
            sprintf(self->answer, self->tell.done ? "sent,%s\n" : "error,not delivered: %s\n",
                    self->argument);
        }
    } else
        sprintf(self->answer, "error,not a command: %s\n", user->command);
    stream_write(user->stream, self->answer, strlen(self->answer));
    gen_end();
}

gen_define(user)
{
    gen_begin();
    self->room = loop_running()->data;
    if (!enter(self->room, self)) {
        stream_write(self->stream, CHAT_FULL, strlen(CHAT_FULL));
        gen_stop();
    }
    chat_bound_kernel(self->stream->fd);
    stream_set_read_buffer(self->stream, self->input, sizeof self->input);
    stream_set_write_buffer(self->stream, self->output, sizeof self->output);
    gen_try_finally {
        gen_try {
            for (;;) {
                gen_try {
                    stream_readline(self->line, self->stream);
                }
                gen_except (STREAM_ELIMIT) {
                    self->too_long = true; /* its end is still to come */
                    continue;
                }
                gen_end_try
                if (self->line.size == 0)
                    break;
                if (self->too_long) {
                    self->too_long = false;
                    stream_write(self->stream, CHAT_TOO_LONG, strlen(CHAT_TOO_LONG));
                    continue;
                }
                memcpy(self->command, self->line.data, self->line.size);
                self->command[self->line.size] = '\0';
                self->handle = (struct handle_command){.user = self};
                gen_await(handle_command, &self->handle);
            }
        }
        gen_except (EBADF) {
            /* somebody's line found no room */
        }
        gen_except (STREAM_ETORN) {
            /* the same, while an answer waited for room behind it */
        }
        gen_end_try
    }
    gen_finally {
        leave(self->room, self);
        if (self->name[0] != '\0') {
            printf("%s left\n", self->name);
            sprintf(self->notice, "left,%s\n", self->name);
            self->tell_all =
                (struct tell_all){.room = self->room, .but = self, .line = self->notice};
            gen_await(tell_all, &self->tell_all);
        }
    }
    gen_end_finally
    gen_end();
}

/* -- The server -------------------------------------------------------------------------------- */

/* Waits for Ctrl-C; then the server is closed, which gives the connections the time that `grace`
 * says, and everybody gets a last line. */
gen_declare(closer, void);
struct closer {
    struct gen gen;
    struct room *room;
    struct loop_signal_handler interrupt, terminate;
    struct tell_all tell_all;
};

static void on_signal(void *arg)
{
    struct closer *self = arg;
    task_future_set(&self->room->closing);
    loop_remove_signal_handler(&self->interrupt); /* the next is loop_run's, which does not wait */
    loop_remove_signal_handler(&self->terminate);
}

gen_define(closer)
{
    gen_begin();
    task_await(&self->room->closing);
    stream_server_close(&self->room->server);
    self->tell_all = (struct tell_all){.room = self->room, .line = CHAT_BYE};
    gen_await(tell_all, &self->tell_all);
    gen_end();
}

gen_declare(chat_server, void);
struct chat_server {
    struct gen gen;
    int port;
    struct room room;
    struct closer closer;
    struct task closing;
};

gen_define(chat_server)
{
    gen_begin();
    loop_running()->data = &self->room;
    stream_listen(&self->room.server, "127.0.0.1", self->port, .grace = 1);
    self->closer.room = &self->room;
    loop_add_signal_handler(loop_running(), &self->closer.interrupt, SIGINT, on_signal,
                            &self->closer);
    loop_add_signal_handler(loop_running(), &self->closer.terminate, SIGTERM, on_signal,
                            &self->closer);
    task_start(&loop_running()->scheduler, &self->closing, closer_any(&self->closer), NULL);
    printf("listening on 127.0.0.1:%d\n", self->room.server.port);
    gen_try {
        stream_serve(&self->room.server, user);
    }
    gen_except (EBADF) {
        printf("closed\n");
    }
    gen_end_try
    gen_end();
}

int main(int argc, char **argv)
{
    static struct chat_server server;
    server.port = argc > 1 ? chat_number(argv[1], 0, 65535) : 0;
    if (argc > 2 || server.port < 0) {
        fprintf(stderr, "usage: %s [port]\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    return exit_status("chat_server", loop_run(chat_server_any(&server)));
}
