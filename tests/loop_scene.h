/* loop_scene.h - what the main tasks of tests/test_loop_*.c are made of; cmocka.h goes before it. */
#ifndef LOOP_SCENE_H
#define LOOP_SCENE_H

#include <string.h>

#include "descriptors.h"
#include "loop/loop.h"

/* A task that may have run before. */
static inline void start(struct loop *loop, struct task *t, struct gen_any coroutine)
{
    memset(t, 0, sizeof *t);
    assert_int_equal(task_start(&loop->scheduler, t, coroutine, "task"), 0);
}

/* Lets everybody who can go on do so, without looking at a clock. */
#define SETTLE()                                                                                   \
    for (self->i = 0; self->i < 50; self->i++)                                                     \
    task_sleep(0)

/* Keeps in self->code what the statement raises, be it a cancel; it has to be `expected`. */
#define CAUGHT(...)                                                                                \
    do {                                                                                           \
        self->code = 0;                                                                            \
        gen_try {                                                                                  \
            __VA_ARGS__;                                                                           \
        }                                                                                          \
        gen_except_all {                                                                           \
            self->code = gen_caught.code;                                                          \
        }                                                                                          \
        gen_end_try                                                                                \
    } while (0)
#define RAISES(expected, ...)                                                                      \
    do {                                                                                           \
        CAUGHT(__VA_ARGS__);                                                                       \
        assert_int_equal(self->code, (expected));                                                  \
    } while (0)

/* TEST_BODY(NAME) { ... } is a test and the body of its main task, whose frame has the file's WORLD;
 * TEST_BODY_WITH has more members. */
#define TEST_BODY(NAME) TEST_BODY_WITH(NAME, )
#define TEST_BODY_WITH(NAME, ...)                                                                  \
    gen_declare(NAME##_body, void);                                                                \
    struct NAME##_body {                                                                           \
        WORLD;                                                                                     \
        __VA_ARGS__                                                                                \
    };                                                                                             \
    static void NAME(void **state)                                                                 \
    {                                                                                              \
        static struct NAME##_body body;                                                            \
        (void)state;                                                                               \
        memset(&body, 0, sizeof body);                                                             \
        assert_int_equal(loop_run(NAME##_body_any(&body)), 0);                                     \
    }                                                                                              \
    gen_define(NAME##_body)

#endif
