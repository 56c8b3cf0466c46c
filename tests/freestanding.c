/* gen.h and task.h without a C library. check_freestanding.sh compiles this, and on x86-64 Linux
 * links and runs it, with FREESTANDING_START defined: exit status 0 if all is as it should be. It is
 * C++ as well, for tests/cplusplus.cc. */
#include "gen.h"
#include "task/wait.h"

/* On every target. (C99 has no static assertion.) */
typedef char struct_gen_has_4_bytes[sizeof(struct gen) <= 4 ? 1 : -1];
#if defined(__x86_64__)
typedef char struct_task_has_128_bytes[sizeof(struct task) <= 128 ? 1 : -1];
#elif defined(__arm__)
typedef char struct_task_has_72_bytes[sizeof(struct task) <= 72 ? 1 : -1];
#endif

#ifdef FREESTANDING_START
/* What compilers call on their own; a system without a library brings them along. */
void *memset(void *to, int byte, size_t size);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);

/* volatile: else a compiler may find that such a loop is memset, and call it. */
void *memset(void *to, int byte, size_t size)
{
    volatile unsigned char *t = to;
    while (size-- > 0)
        *t++ = (unsigned char)byte;
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    volatile unsigned char *t = to;
    const unsigned char *f = from;
    while (size-- > 0)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    volatile unsigned char *t = to;
    const volatile unsigned char *f = from;
    size_t i;
    for (i = 0; i < size; i++) {
        size_t at = (uintptr_t)to < (uintptr_t)from ? i : size - 1 - i;
        t[at] = f[at];
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const volatile unsigned char *p = a, *q = b;
    for (; size > 0; size--, p++, q++) {
        unsigned char left = *p, right = *q;
        if (left != right)
            return left < right ? -1 : 1;
    }
    return 0;
}
#endif

/* -- Generators ------------------------------------------------------------------------------- */

gen_declare(squares, int, int);
struct squares {
    struct gen gen;
    struct gen_unwind unwind[1];
    int i, n, ended;
};
gen_define(squares)
{
    gen_begin();
    gen_try_finally {
        for (; self->i < self->n; self->i++)
            gen_yield(self->i * self->i);
    }
    gen_finally {
        self->ended++;
    }
    gen_end_finally
    gen_end();
}

gen_declare(tree, int);
struct tree {
    struct gen gen;
    int depth;
};
gen_define(tree)
{
    gen_begin();
    if (self->depth > 0) {
        gen_yield_from_new(tree, .depth = self->depth - 1);
        gen_yield(self->depth);
        gen_yield_from_new(tree, .depth = self->depth - 1);
    }
    gen_end();
}

int freestanding_generators(void);
int freestanding_generators(void)
{
    struct squares g = {.n = 10};
    struct gen_stack stack;
    struct gen_any it;
    static void *buffer[64];
    int sum = 0, item = 0;
    gen_for (x, squares, .n = 5)
        sum += x;
    while (squares_next(&g, &item) && item < 16)
        ;
    (void)squares_close(&g);
    gen_stack_init(&stack, buffer, sizeof buffer);
    it = gen_start(&stack, tree, .depth = 4);
    while (gen_any_next(it, &item))
        sum += item;
    /* 0 + 1 + 4 + 9 + 16, and 4 + 2 * 3 + 4 * 2 + 8 * 1 */
    return sum == 30 + 26 && g.ended == 1 && gen_any_error(it) == 0 ? 0 : 1;
}

/* -- Tasks ------------------------------------------------------------------------------------ */

struct board {
    task_time now;
    int failures;
    size_t used;
    void *memory[256];
};

static struct board board;

static task_time board_now(void *host)
{
    return ((struct board *)host)->now;
}

static void board_idle(void *host, task_time until)
{
    struct board *b = (struct board *)host;
    if (until != TASK_NEVER && until > b->now)
        b->now = until;
}

static void *board_allocate(size_t size)
{
    size_t words = (size + sizeof(void *) - 1) / sizeof(void *);
    size_t at = board.used;
    if (words > sizeof board.memory / sizeof board.memory[0] - at)
        return NULL;
    board.used += words;
    return &board.memory[at];
}

static void board_release(void *memory)
{
    (void)memory;
}

static void board_failed(void *host, const struct task *task, struct gen_exc exc)
{
    (void)task, (void)exc;
    ((struct board *)host)->failures++;
}

static const struct task_hooks board_hooks = {board_now,     board_idle,   board_allocate,
                                              board_release, board_failed, NULL};

gen_declare(blink, void);
struct blink {
    struct gen gen;
    double seconds;
    int times, result;
};
gen_define(blink)
{
    gen_begin();
    for (; self->result < self->times; self->result++)
        task_sleep(self->seconds);
    if (self->times == 0)
        gen_raise(GEN_EUSER, "does not blink");
    gen_end();
}

gen_declare(conduct, void);
struct conduct {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope scope;
    struct task tasks[2];
    struct blink blinks[2];
    struct task_slot slots[2];
    struct task_wait wait;
    int result;
};
gen_define(conduct)
{
    int i;
    gen_begin();
    for (i = 0; i < 2; i++) {
        self->blinks[i].seconds = 0.5;
        self->blinks[i].times = 2 + i;
        (void)task_start(task_current()->task__node.task__scheduler, &self->tasks[i],
                         blink_any(&self->blinks[i]), "blink");
        self->slots[i].future = &self->tasks[i].future;
    }
    task_gather(&self->wait, self->slots, 2);
    self->result = self->blinks[0].result + self->blinks[1].result;
    gen_try {
        task_timeout (&self->scope, 1) {
            task_sleep(100);
            self->result = 0;
        }
        task_end_scope
    }
    gen_except (TASK_ETIMEOUT) {
        self->result++;
    }
    gen_end_try
    if (task_spawn(blink, .times = 0) == NULL)
        self->result = 0;
    gen_end();
}

int freestanding_tasks(void);
int freestanding_tasks(void)
{
    static struct task_scheduler s;
    static struct task t;
    static struct conduct c;
    task_scheduler_init(&s, &board_hooks, &board);
    (void)task_start(&s, &t, conduct_any(&c), "conduct");
    task_run(&s, &t.future);
    while (task_any_alive(&s))
        task_run_once(&s);
    task_report_all(&s);
    /* 1.5 seconds of blinking, 1 until the timeout */
    return task_state(&t.future) == TASK_DONE && c.result == 2 + 3 + 1 &&
                   board.now == (task_time)TASK_TICKS_PER_SECOND * 5 / 2 && board.failures == 1
               ? 0
               : 1;
}

#if defined(FREESTANDING_START) && defined(__x86_64__) && defined(__linux__)
void start(void);
void start(void)
{
    long status = freestanding_generators() + 2 * freestanding_tasks();
    __asm__ volatile("syscall" : : "a"(60L), "D"(status) : "rcx", "r11", "memory");
    for (;;)
        ;
}

/* The stack as a call would have left it. */
__asm__(".globl _start\n_start: xor %ebp, %ebp\n and $-16, %rsp\n call start\n");
#endif
