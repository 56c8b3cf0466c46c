/* Users of a chat server, each a task, or two: one receives perpetually, one waits until the others
 * are there, asks who they are, and says hi to friends picked at random. They go when the server
 * says bye, or at Ctrl-C. In Python, each with:
 *
 *     reader, writer = await asyncio.open_connection(host, port)
 *     writer.write(f'register,{name}'.encode())
 *     await asyncio.sleep(3)                       until the others have registered, one hopes
 *     writer.write('list,friends'.encode())
 *     friends = (await reader.read(1024)).decode().split(',')
 *     asyncio.create_task(self.receive_messages(reader))
 *     while True:
 *         writer.write(f'chat,{random.choice(friends)}'.encode())
 *
 * Usage: chat_client port seed messages name... : all names are users of this program, which wait
 * for each other, or for one more if there is but one. The same seed makes the same choices. */
#include <math.h>

#include "examples/network/chat.h"
#include "examples/status.h"
#include "loop/stream.h"
#include "task/lock.h"

enum { USERS = 8 };

struct user;

gen_declare(receive, void);
struct receive {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct user *user;
    struct task_scope scope;
    double limit;
    struct stream_bytes line;
    char text[CHAT_ANSWER];
};

gen_declare(user, void);
struct user {
    struct gen gen;
    struct gen_unwind unwind[2];
    int port, messages;
    uint32_t random; /* not 0 */
    size_t wanted;   /* friends to wait for, itself included */
    const char *name;
    struct stream stream;
    struct task_group group;
    struct receive receive;
    struct task receiver;
    struct task_event enough;
    size_t count; /* of friends */
    char friends[CHAT_USERS][CHAT_NAME];
    char output[CHAT_LINE], input[CHAT_ANSWER];
};

/* -- Receiving --------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* "alice,bob": in the order of the alphabet, which is the same for whoever comes first. */
static void keep_friends(struct user *user, char *names)
{
    char *rest;
    user->count = 0;
    for (char *name = strtok_r(names, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest))
        if (user->count < CHAT_USERS && chat_valid_name(name))
            strcpy(user->friends[user->count++], name);
    qsort(user->friends, user->count, CHAT_NAME, compare_names);
    if (user->count >= user->wanted)
        task_event_set(&user->enough);
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static char *after_comma(char *text)
{
    text += strcspn(text, ",");
    return *text == ',' ? text + 1 : text;
}

gen_define(receive)
{
    struct user *const user = self->user;
    char *argument;

    gen_begin();
    /* The answer to `register` comes soon; for what friends do it may wait. */
    for (self->limit = 5;; self->limit = INFINITY) {
        task_timeout (&self->scope, self->limit) {
            stream_readline(self->line, &user->stream);
        }
        task_end_scope
        if (self->line.size == 0)
            gen_raise(ECONNRESET, "the server has gone without a word");
        memcpy(self->text, self->line.data, self->line.size);
        self->text[self->line.size - 1] = '\0';
        argument = after_comma(self->text);
        if (starts(self->text, "bye,")) {
            printf("%s: %s\n", user->name, argument);
            break;
        }
        if (starts(self->text, "friends,"))
            keep_friends(user, argument);
        else if (starts(self->text, "message,"))
            printf("%s: %.*s says %s\n", user->name, (int)strcspn(argument, ","), argument,
                   after_comma(argument));
        else if (starts(self->text, "error,")) {
            fprintf(stderr, "chat_client: %s: %s\n", user->name, argument);
            if (user->count == 0) /* else it is a friend who has just gone */
                gen_raise(GEN_EUSER);
        } else if (!starts(self->text, "sent,")) /* somebody has come or gone */
            stream_write(&user->stream, "list,friends\n", 13);
    }
    task_scope_cancel(&user->group.scope); /* no more to send */
    gen_end();
}

/* -- Sending ----------------------------------------------------------------------------------- */

static bool is_other(const struct user *user, size_t i)
{
    return strcmp(user->friends[i], user->name) != 0;
}

/* Somebody else, or NULL. (Marsaglia's xorshift.) */
static const char *pick_friend(struct user *user)
{
    uint32_t others = 0, skip;
    for (size_t i = 0; i < user->count; i++)
        others += is_other(user, i);
    if (others == 0)
        return NULL;
    user->random ^= user->random << 13;
    user->random ^= user->random >> 17;
    user->random ^= user->random << 5;
    skip = user->random % others;
    for (size_t i = 0;; i++)
        if (is_other(user, i) && skip-- == 0)
            return user->friends[i];
}

static void print_friends(const struct user *user)
{
    printf("%s: friends", user->name);
    for (size_t i = 0; i < user->count; i++)
        printf(" %s", user->friends[i]);
    printf("\n");
}

gen_define(user)
{
    const char *friend;

    gen_begin();
    stream_connect(&self->stream, "127.0.0.1", self->port);
    stream_set_read_buffer(&self->stream, self->input, sizeof self->input);
    gen_try_finally {
        task_group (&self->group) {
            self->receive.user = self;
            task_group_start(&self->group, &self->receiver, receive_any(&self->receive), NULL);
            sprintf(self->output, "register,%s\n", self->name);
            stream_write(&self->stream, self->output, strlen(self->output));
            task_event_wait(&self->enough);
            print_friends(self);
            for (; self->messages > 0; self->messages--) {
                friend = pick_friend(self);
                if (friend != NULL) {
                    printf("%s: says hi to %s\n", self->name, friend);
                    sprintf(self->output, "chat,%s\n", friend);
                    stream_write(&self->stream, self->output, strlen(self->output));
                }
                task_sleep(0.1);
            }
        }
        task_end_group
    }
    gen_finally {
        stream_close(&self->stream);
    }
    gen_end_finally
    gen_end();
}

/* -- All --------------------------------------------------------------------------------------- */

gen_declare(users, void);
struct users {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_group group;
    size_t count;
    struct user users[USERS];
    struct task tasks[USERS];
};

gen_define(users)
{
    gen_begin();
    task_group (&self->group) {
        for (size_t i = 0; i < self->count; i++)
            task_group_start(&self->group, &self->tasks[i], user_any(&self->users[i]),
                             self->users[i].name);
    }
    task_end_group
    gen_end();
}

static bool take_arguments(struct users *users, int argc, char **argv)
{
    const int port = argc > 1 ? chat_number(argv[1], 1, 65535) : -1;
    const int seed = argc > 2 ? chat_number(argv[2], 1, 1000000) : -1;
    const int messages = argc > 3 ? chat_number(argv[3], 0, 1000000) : -1;
    if (port < 0 || seed < 0 || messages < 0 || argc < 5 || argc - 4 > USERS)
        return false;
    users->count = (size_t)(argc - 4);
    for (size_t i = 0; i < users->count; i++) {
        if (!chat_valid_name(argv[4 + i]))
            return false;
        users->users[i] = (struct user){.port = port,
                                        .messages = messages,
                                        .random = ((uint32_t)seed + (uint32_t)i) * 2654435761u,
                                        .wanted = users->count > 1 ? users->count : 2,
                                        .name = argv[4 + i]};
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct users users;
    int code;
    if (!take_arguments(&users, argc, argv)) {
        fprintf(stderr, "usage: %s port seed messages name...\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    code = loop_run(users_any(&users));
    return code == GEN_EUSER ? 1 : exit_status("chat_client", code); /* 1: it has been told */
}
