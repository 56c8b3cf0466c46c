/* chat.h - what the chat servers and the client agree on: a line in, a line out.
 *
 *     register,<name>    registered,<name>    and to the others: joined,<name>
 *     list,friends       friends,<name>,...   own name included
 *     chat,<name>        sent,<name>          and to that friend: message,<own name>,hi
 *
 * What cannot be done is answered by error,<why>. When somebody goes the others get left,<name>; when
 * the server ends all get bye,<why>, and shall close.
 */
#ifndef EXAMPLES_CHAT_H
#define EXAMPLES_CHAT_H

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    CHAT_LINE = 256, /* a command, with its newline */
    CHAT_NAME = 16,  /* with the 0 at its end */
    CHAT_USERS = 64,
    CHAT_ANSWER = CHAT_LINE + CHAT_USERS * CHAT_NAME,
    CHAT_BACKLOG = 16384 /* bytes that somebody may be late with his reading */
};

#define CHAT_FULL "error,the server is full\n"
#define CHAT_TOO_LONG "error,the line is too long\n"
#define CHAT_BYE "bye,the server is closing\n"

/* Takes the newline, or what telnet makes of it, off a line, and cuts it at the comma. What comes
 * after that is returned; "" if there is no comma. */
static inline const char *chat_split(char *line)
{
    char *comma;
    line[strcspn(line, "\r\n")] = '\0';
    comma = strchr(line, ',');
    if (comma == NULL)
        return "";
    *comma = '\0';
    return comma + 1;
}

static inline bool chat_valid_name(const char *name)
{
    const size_t length = strlen(name);
    if (length == 0 || length >= CHAT_NAME)
        return false;
    while (isalnum((unsigned char)*name))
        name++;
    return *name == '\0';
}

/* What the kernel keeps for a client that is late; by itself it would take megabytes. */
static inline void chat_bound_kernel(int fd)
{
    const int size = CHAT_BACKLOG;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

/* The number from low to high that the text is, or -1. */
static inline int chat_number(const char *text, int low, int high)
{
    char *end;
    const long n = strtol(text, &end, 10);
    return *text != '\0' && *end == '\0' && n >= low && n <= high ? (int)n : -1;
}

#endif
