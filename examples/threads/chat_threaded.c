/* The chat server of examples/network/chat_server.c with a thread for each client: the same answers
 * to the same commands. What differs is that a thread may be stopped between any two steps, so a
 * lock guards the table of users, and whoever has the lock must not wait for anything else, sends
 * least of all; and that each client costs a stack. In Python:
 *
 *     while True:
 *         client_socket, addr = sock.accept()
 *         Thread(target=self.handle_client, args=(client_socket,), daemon=True).start()
 *
 * Usage: chat_threaded [port]. Port 0, the default, is any free one.
 * Link: -lpthread */
#define _GNU_SOURCE 1 /* accept4, ppoll */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "examples/network/chat.h"

struct room {
    pthread_mutex_t lock; /* guards all below, and what is sent */
    pthread_cond_t gone;  /* a thread has ended */
    struct user *users[CHAT_USERS];
    int threads;
};

struct user {
    struct room *room;
    int fd;
    FILE *input;
    char name[CHAT_NAME]; /* "": not registered yet */
    char line[CHAT_LINE + 1], answer[CHAT_ANSWER], notice[CHAT_LINE];
};

/* -- With the lock ----------------------------------------------------------------------------- */

/* Gives a user a line. If the kernel has no room for it he is disconnected, and his thread ends. */
static bool tell(const struct user *user, const char *line)
{
    const ssize_t size = (ssize_t)strlen(line);
    if (send(user->fd, line, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL) == size)
        return true;
    (void)shutdown(user->fd, SHUT_RDWR);
    return false;
}

/* Tells all who are registered but one, or all who are connected. */
static void tell_all(const struct room *room, const struct user *but, const char *line)
{
    for (int i = 0; i < CHAT_USERS; i++) {
        const struct user *user = room->users[i];
        if (user != NULL && user != but && (but == NULL || user->name[0] != '\0'))
            tell(user, line);
    }
}

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

static void list_friends(const struct room *room, char *answer)
{
    answer += sprintf(answer, "friends");
    for (int i = 0; i < CHAT_USERS; i++)
        if (room->users[i] != NULL && room->users[i]->name[0] != '\0')
            answer += sprintf(answer, ",%s", room->users[i]->name);
    strcpy(answer, "\n");
}

static void handle_command(struct user *user)
{
    struct room *const room = user->room;
    const char *argument = chat_split(user->line);
    const struct user *friend;
    if (strcmp(user->line, "register") == 0) {
        if (user->name[0] != '\0')
            sprintf(user->answer, "error,already registered as %s\n", user->name);
        else if (!chat_valid_name(argument))
            sprintf(user->answer, "error,not a name: %s\n", argument);
        else if (find(room, argument) != NULL)
            sprintf(user->answer, "error,the name is taken: %s\n", argument);
        else {
            strcpy(user->name, argument);
            printf("%s registered\n", user->name);
            sprintf(user->answer, "registered,%s\n", user->name);
            sprintf(user->notice, "joined,%s\n", user->name);
            tell_all(room, user, user->notice);
        }
    } else if (user->name[0] == '\0') {
        strcpy(user->answer, "error,register first\n");
    } else if (strcmp(user->line, "list") == 0 && strcmp(argument, "friends") == 0) {
        list_friends(room, user->answer);
    } else if (strcmp(user->line, "chat") == 0) {
        friend = find(room, argument);
        sprintf(user->notice, "message,%s,hi\n", user->name);
        if (friend == NULL)
            sprintf(user->answer, "error,no such friend: %s\n", argument);
        else
            sprintf(user->answer,
                    tell(friend, user->notice) ? "sent,%s\n" : "error,not delivered: %s\n",
                    argument);
    } else
        sprintf(user->answer, "error,not a command: %s\n", user->line);
    tell(user, user->answer);
}

/* -- A user's thread --------------------------------------------------------------------------- */

/* Is the line too long? Then its end is dropped. */
static bool too_long(struct user *user)
{
    int c = 0;
    if (strchr(user->line, '\n') != NULL || feof(user->input))
        return false;
    while (c != '\n' && c != EOF)
        c = getc(user->input);
    return true;
}

static void *handle_client(void *arg)
{
    struct user *user = arg;
    struct room *const room = user->room;

    while (fgets(user->line, sizeof user->line, user->input) != NULL) {
        const bool is_too_long = too_long(user);
        pthread_mutex_lock(&room->lock);
        if (is_too_long)
            tell(user, CHAT_TOO_LONG);
        else
            handle_command(user);
        pthread_mutex_unlock(&room->lock);
    }

    pthread_mutex_lock(&room->lock);
    leave(room, user);
    if (user->name[0] != '\0') {
        printf("%s left\n", user->name);
        sprintf(user->notice, "left,%s\n", user->name);
        tell_all(room, user, user->notice);
    }
    fclose(user->input);
    free(user);
    room->threads--;
    pthread_cond_signal(&room->gone);
    pthread_mutex_unlock(&room->lock);
    return NULL;
}

/* 0; or an errno code, and the connection is closed. The thread is nobody's to join: `threads`
 * counts it. */
static int start_client(struct room *room, int fd)
{
    struct user *user = calloc(1, sizeof *user);
    pthread_t thread;
    int code;
    if (user == NULL) {
        close(fd);
        return ENOMEM;
    }
    user->room = room;
    user->fd = fd;
    user->input = fdopen(fd, "r");
    if (user->input == NULL) {
        code = errno;
        close(fd);
        free(user);
        return code;
    }
    chat_bound_kernel(fd);
    pthread_mutex_lock(&room->lock);
    if (!enter(room, user)) {
        tell(user, CHAT_FULL);
        code = EUSERS;
    } else
        code = pthread_create(&thread, NULL, handle_client, user);
    if (code == 0) {
        pthread_detach(thread);
        room->threads++;
    } else {
        leave(room, user);
        fclose(user->input);
        free(user);
    }
    pthread_mutex_unlock(&room->lock);
    return code;
}

/* -- The server: the main thread --------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void on_signal(int signum)
{
    (void)signum;
    interrupted = 1;
}

/* The signals come while the main thread waits for connections, and at no other time; the threads,
 * which inherit what is blocked, never get them. */
static void take_signals(sigset_t *before)
{
    const struct sigaction action = {.sa_handler = on_signal};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, before);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int listen_on(int port)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return -1;
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    return fd;
}

/* Waits until so many threads have ended, or all; but a second at most. */
static void wait_until_gone(struct room *room, int how_many)
{
    struct timespec until;
    int left;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_mutex_lock(&room->lock);
    left = room->threads - how_many;
    while (room->threads > 0 && room->threads > left)
        if (pthread_cond_timedwait(&room->gone, &room->lock, &until) == ETIMEDOUT)
            break;
    pthread_mutex_unlock(&room->lock);
}

/* Until a signal comes. */
static void serve(struct room *room, int server, const sigset_t *before)
{
    struct pollfd readable = {.fd = server, .events = POLLIN};
    while (!interrupted) {
        int fd, code;
        if (ppoll(&readable, 1, NULL, before) < 0)
            continue;
        fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);
        code = fd >= 0 ? start_client(room, fd) : errno;
        if (code != 0 && code != EAGAIN && code != ECONNABORTED)
            fprintf(stderr, "chat_threaded: %s\n", strerror(code));
        if (code == EMFILE || code == ENFILE || code == ENOMEM)
            wait_until_gone(room, 1);
    }
}

/* Everybody gets a last line, and has a second to go. */
static void say_goodbye(struct room *room)
{
    pthread_mutex_lock(&room->lock);
    tell_all(room, NULL, CHAT_BYE);
    pthread_mutex_unlock(&room->lock);
    wait_until_gone(room, CHAT_USERS);
    pthread_mutex_lock(&room->lock);
    for (int i = 0; i < CHAT_USERS; i++)
        if (room->users[i] != NULL)
            (void)shutdown(room->users[i]->fd, SHUT_RDWR);
    while (room->threads > 0)
        pthread_cond_wait(&room->gone, &room->lock);
    pthread_mutex_unlock(&room->lock);
}

int main(int argc, char **argv)
{
    static struct room room;
    const int port = argc > 1 ? chat_number(argv[1], 0, 65535) : 0;
    pthread_condattr_t monotonic;
    sigset_t before;
    int server;
    if (argc > 2 || port < 0) {
        fprintf(stderr, "usage: %s [port]\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    pthread_mutex_init(&room.lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&room.gone, &monotonic);
    take_signals(&before);
    server = listen_on(port);
    if (server < 0) {
        fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
        return 1;
    }
    serve(&room, server, &before);
    close(server);
    signal(SIGINT, SIG_DFL); /* the next one does not wait */
    signal(SIGTERM, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    say_goodbye(&room);
    printf("closed\n");
    return 0;
}
