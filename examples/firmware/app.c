/* A small firmware: a console, a light that blinks, a button that is debounced, and work that a
 * watchdog ends. All tasks are static, there is no heap, and what is idle sleeps. One source for all
 * boards; a board is a file beside it. */
#include "board.h"

static struct task_scheduler scheduler;
static const struct task_hooks hooks = {.now = board_now, .idle = board_idle};
struct task_wakeup uart_received, button_moved;

static void print(const char *text)
{
    while (*text)
        board_put(*text++);
}

static void print_number(long number)
{
    char digits[12], *at = digits + sizeof digits;
    unsigned long n = number < 0 ? 0 - (unsigned long)number : (unsigned long)number;
    *--at = '\0';
    do
        *--at = (char)('0' + n % 10);
    while ((n /= 10) != 0);
    if (number < 0)
        *--at = '-';
    print(at);
}

/* -- The light ---------------------------------------------------------------------------------- */

gen_declare(blink, void);
struct blink {
    struct gen gen;
    int period; /* milliseconds */
    unsigned blinks;
};
gen_define(blink)
{
    gen_begin();
    for (;; self->blinks++) {
        board_light(self->blinks % 2 == 0);
        task_sleep_until(board_now(NULL) + self->period);
    }
    gen_end();
}

static struct blink blink = {.period = 500};
static struct task blink_task;

/* -- The button --------------------------------------------------------------------------------- */

/* Contacts bounce: what counts is how it stands 20 ms after it moved. If it still moves, the next
 * wait is over at once. */
gen_declare(button, void);
struct button {
    struct gen gen;
    bool down;
    unsigned presses;
};
gen_define(button)
{
    gen_begin();
    for (;;) {
        task_wait_wakeup(&button_moved);
        task_sleep(0.02);
        if (self->down != board_button()) {
            self->down = !self->down;
            self->presses += self->down;
        }
    }
    gen_end();
}

static struct button button;
static struct task button_task;

/* -- Commands ----------------------------------------------------------------------------------- */

/* A line: a word, and up to two numbers. */
struct command {
    char word[8];
    long numbers[2];
    uint8_t length, count;
    bool wrong; /* it is none */
};

/* Is sent the bytes as they come, and yields a command where one is complete, NULL elsewhere. */
gen_declare(parser, const struct command *, char);
struct parser {
    struct gen gen;
    struct command command;
    bool complete;
    char c;
};

/* self->c = yield command */
#define next_byte()                                                                                \
    do {                                                                                           \
        gen_yield(self->complete ? &self->command : NULL);                                         \
        self->c = *gen_sent;                                                                       \
        self->complete = false;                                                                    \
    } while (0)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_end(char c)
{
    return c == '\n' || c == '\r';
}

gen_define(parser)
{
    static const struct command none;
    struct command *const it = &self->command;
    gen_begin();
    for (;;) {
        do /* an empty line is no command */
            next_byte();
        while (self->c == ' ' || is_end(self->c));
        *it = none;
        for (; self->c >= 'a' && self->c <= 'z' && it->length < sizeof it->word - 1; it->length++) {
            it->word[it->length] = self->c;
            next_byte();
        }
        while (self->c == ' ' && it->count < 2) {
            while (self->c == ' ')
                next_byte();
            if (!is_digit(self->c))
                break;
            for (; is_digit(self->c) && it->numbers[it->count] < 100000000;) {
                it->numbers[it->count] = 10 * it->numbers[it->count] + (self->c - '0');
                next_byte();
            }
            it->count++;
        }
        while (self->c == ' ')
            next_byte();
        it->wrong = !is_end(self->c);
        while (!is_end(self->c))
            next_byte();
        self->complete = true;
    }
    gen_end();
}

/* -- The console -------------------------------------------------------------------------------- */

/* Waits for a command. */
gen_declare(read_command, void);
struct read_command {
    struct gen gen;
    struct parser parser;
    const struct command *result;
    char c;
};
gen_define(read_command)
{
    gen_begin();
    if (gen_state(&self->parser) == GEN_CREATED)
        (void)parser_next(&self->parser, &self->result);
    do {
        while (!board_get(&self->c))
            task_wait_wakeup(&uart_received);
        (void)parser_send(&self->parser, self->c, &self->result);
    } while (self->result == NULL);
    gen_end();
}

/* Work of so many steps, which a watchdog ends after half a second. */
gen_declare(work, void);
struct work {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct task_scope watchdog;
    long steps, done;
};
gen_define(work)
{
    gen_begin();
    task_move_on (&self->watchdog, 0.5) {
        for (self->done = 0; self->done < self->steps; self->done++)
            task_sleep(0.05);
    }
    task_end_scope
    if (task_scope_expired(&self->watchdog))
        print("watchdog: stopped after ");
    else
        print("worked ");
    print_number(self->done);
    print("\n");
    gen_end();
}

static bool is(const struct command *c, const char *word, unsigned count)
{
    size_t i = 0;
    while (c->word[i] != '\0' && c->word[i] == word[i])
        i++;
    return c->word[i] == word[i] && c->count == count;
}

static void show_status(void)
{
    print("blinks ");
    print_number((long)blink.blinks);
    print(button.down ? ", button down, presses " : ", button up, presses ");
    print_number((long)button.presses);
    print(", overruns ");
    print_number((long)board_overruns());
    print("\n");
}

/* What is done at once. */
static void obey(const struct command *c)
{
    if (c->wrong)
        print("what?\n");
    else if (is(c, "help", 0))
        print("add A B, blink MS, status, work STEPS\n");
    else if (is(c, "add", 2)) {
        print_number(c->numbers[0] + c->numbers[1]);
        print("\n");
    } else if (is(c, "blink", 1) && c->numbers[0] > 0 && c->numbers[0] <= 10000) {
        blink.period = (int)c->numbers[0];
        print("ok\n");
    } else if (is(c, "status", 0))
        show_status();
    else
        print("what?\n");
}

gen_declare(console, void);
struct console {
    struct gen gen;
    struct read_command reader;
    struct work work;
};
gen_define(console)
{
    static const struct gen anew;
    gen_begin();
    for (;;) {
        print("> ");
        self->reader.gen = anew;
        gen_await(read_command, &self->reader);
        if (!self->reader.result->wrong && is(self->reader.result, "work", 1)) {
            self->work.gen = anew;
            self->work.steps = self->reader.result->numbers[0];
            gen_await(work, &self->work);
        } else
            obey(self->reader.result);
    }
    gen_end();
}

static struct console console;
static struct task console_task;

int main(void)
{
    task_scheduler_init(&scheduler, &hooks, &scheduler); /* board_idle asks it */
    task_wakeup_init(&uart_received, &scheduler, NULL, NULL);
    task_wakeup_init(&button_moved, &scheduler, NULL, NULL);
    board_start();
    (void)task_start(&scheduler, &blink_task, blink_any(&blink), "blink");
    (void)task_start(&scheduler, &button_task, button_any(&button), "button");
    (void)task_start(&scheduler, &console_task, console_any(&console), "console");
    task_run(&scheduler, &console_task.future);
    return 0;
}
