/* redis.h - commands to Redis, by hiredis on the loop's libev loop; redis.asyncio's Redis.
 *
 *     struct redis redis;  struct redis_command command;               in the frame, all zero
 *
 *     redis_connect(&self->redis, loop_running(), "/run/redis.sock");
 *     redis(&self->command, &self->redis, "LLEN %s", key);             await redis.llen(key)
 *     printf("%lld\n", self->command.reply->integer);
 *     redis_free(&self->command);
 *     redis_close(&self->redis);
 *
 * hiredis brings the adapter for libev, and the loop's libev loop is there for such libraries. All
 * that goes wrong is REDIS_EFAILED, with a text that lives in the struct redis. */
#ifndef EXAMPLES_REDIS_H
#define EXAMPLES_REDIS_H

#include <hiredis/hiredis.h>
#include <hiredis/async.h>
#include <hiredis/adapters/libev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"

enum { REDIS_EFAILED = GEN_EUSER + 600 };

/* A connection. Memory of the caller's, all zero at first, which must not move while it is open. */
struct redis {
    redisAsyncContext *redis__context; /* NULL: it is closed, or lost */
    struct task_future redis__connected;
    char why[160]; /* ro: what went wrong last */
};

/* A command. Memory of the caller's, which must not go before it is done; then it is free for
 * another. */
gen_declare(redis_command, void);
struct redis_command {
    struct gen gen;
    struct gen_unwind unwind[1];
    redisReply *reply; /* the caller's, to give to redis_free */
    struct task_future done;
    struct redis *redis__redis;
    struct task_scope redis__shield;
};

/* "host:port", or the path of a Unix socket, which has a slash. A host's name is looked up at once,
 * which blocks; an address is not. A cancel: close it. */
#define redis_connect(redis, loop, address)                                                        \
    do {                                                                                           \
        redis__open((redis), (loop), (address));                                                   \
        task_await(&(redis)->redis__connected);                                                    \
    } while (0)

/* At once; what was sent and has no reply yet fails. Again is harmless. */
static inline void redis_close(struct redis *redis);

/* Sends a command, with hiredis's formats, and waits for its reply. What was sent is done, so a cancel
 * does not end the wait: it is raised by the task's next one. */
#define redis(command, redis, ...)                                                                 \
    do {                                                                                           \
        redis_send((command), (redis), __VA_ARGS__);                                               \
        gen_await(redis_command, (command));                                                       \
    } while (0)

/* Sends it only: command->done is done when the reply has come. redis_send_argv has the command's
 * words in an array. */
static inline void redis_send(struct redis_command *command, struct redis *redis,
                              const char *format, ...);
static inline void redis_send_argv(struct redis_command *command, struct redis *redis, int argc,
                                   const char **argv);

static inline void redis_free(struct redis_command *command)
{
    if (command->reply != NULL)
        freeReplyObject(command->reply);
    command->reply = NULL;
}

/* ==== The machinery ========================================================================== */

static inline void redis__say(struct redis *redis, const char *why)
{
    snprintf(redis->why, sizeof redis->why, "Redis: %s", why);
}

/* hiredis releases the context after these. */
static inline void redis__on_connect(const redisAsyncContext *context, int status)
{
    struct redis *redis = (struct redis *)context->data;
    if (status == REDIS_OK) {
        task_future_set(&redis->redis__connected);
        return;
    }
    redis->redis__context = NULL;
    redis__say(redis, context->errstr);
    task_future_fail(&redis->redis__connected, REDIS_EFAILED, redis->why);
}

static inline void redis__on_disconnect(const redisAsyncContext *context, int status)
{
    struct redis *redis = (struct redis *)context->data;
    redis->redis__context = NULL;
    if (status != REDIS_OK)
        redis__say(redis, context->errstr);
}

static inline void redis__open(struct redis *redis, struct loop *loop, const char *address)
{
    const struct redis zero = {.redis__context = NULL};
    const char *const colon = strrchr(address, ':');
    char host[128];
    *redis = zero;
    if (strchr(address, '/') != NULL)
        redis->redis__context = redisAsyncConnectUnix(address);
    else if (colon != NULL && (size_t)(colon - address) < sizeof host) {
        snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
        redis->redis__context = redisAsyncConnect(host, atoi(colon + 1));
    }
    if (redis->redis__context != NULL && redis->redis__context->err == 0) {
        redis->redis__context->data = redis;
        if (redisLibevAttach(loop->ev, redis->redis__context) == REDIS_OK &&
            redisAsyncSetConnectCallback(redis->redis__context, redis__on_connect) == REDIS_OK &&
            redisAsyncSetDisconnectCallback(redis->redis__context, redis__on_disconnect) ==
                REDIS_OK)
            return;
    }
    redis__say(redis, redis->redis__context ? redis->redis__context->errstr : "no such address");
    redis_close(redis);
    task_future_fail(&redis->redis__connected, REDIS_EFAILED, redis->why);
}

static inline void redis_close(struct redis *redis)
{
    redisAsyncContext *const context = redis->redis__context;
    redis->redis__context = NULL;
    if (context != NULL) {
        if (redis->why[0] == '\0')
            redis__say(redis, "the connection is closed");
        redisAsyncFree(context); /* calls back for each command without a reply */
    }
}

/* hiredis releases the reply after this: what is in it is taken over. */
static inline void redis__on_reply(redisAsyncContext *context, void *arg, void *data)
{
    struct redis_command *command = (struct redis_command *)data;
    redisReply *reply = (redisReply *)arg;
    if (reply == NULL) {
        if (context->err != 0)
            redis__say(command->redis__redis, context->errstr);
    } else if (reply->type == REDIS_REPLY_ERROR)
        redis__say(command->redis__redis, reply->str);
    else if ((command->reply = (redisReply *)malloc(sizeof *reply)) != NULL) {
        *command->reply = *reply;
        reply->type = REDIS_REPLY_NIL;
        task_future_set(&command->done);
        return;
    } else
        redis__say(command->redis__redis, "no memory");
    task_future_fail(&command->done, REDIS_EFAILED, command->redis__redis->why);
}

static inline void redis__init(struct redis_command *command, struct redis *redis)
{
    const struct redis_command zero = {.redis__redis = redis};
    redis_free(command);
    *command = zero;
}

/* Nothing is sent if the connection is lost, and `why` says how. */
static inline void redis__sent(struct redis_command *command, int result)
{
    struct redis *const redis = command->redis__redis;
    if (result == REDIS_OK)
        return;
    if (redis->why[0] == '\0')
        redis__say(redis, "the command could not be sent");
    task_future_fail(&command->done, REDIS_EFAILED, redis->why);
}

static inline void redis_send(struct redis_command *command, struct redis *redis,
                              const char *format, ...)
{
    int result = REDIS_ERR;
    va_list args;
    redis__init(command, redis);
    va_start(args, format);
    if (redis->redis__context != NULL)
        result = redisvAsyncCommand(redis->redis__context, redis__on_reply, command, format, args);
    va_end(args);
    redis__sent(command, result);
}

static inline void redis_send_argv(struct redis_command *command, struct redis *redis, int argc,
                                   const char **argv)
{
    int result = REDIS_ERR;
    redis__init(command, redis);
    if (redis->redis__context != NULL)
        result = redisAsyncCommandArgv(redis->redis__context, redis__on_reply, command, argc, argv,
                                       NULL);
    redis__sent(command, result);
}

gen_define(redis_command)
{
    gen_begin();
    task_shield (&self->redis__shield) {
        task_await(&self->done);
    }
    task_end_scope
    gen_end();
}

#endif
