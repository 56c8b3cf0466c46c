/* Reading: exactly, to the end, lines, separators, limits; over any split of the bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "descriptors.h"
#include "reader_scene.h"

enum { MANY = 64 };

static void check(const char *text, size_t buffer, uint32_t cuts, const char *expected,
                  const struct step *steps, size_t count)
{
    static struct scene s;
    scene_run(&s, text, strlen(text), buffer, cuts, steps, count);
    assert_string_equal(s.reader.log, expected);
}

/* For the whole, for every byte alone, and for many other splits. */
#define CHECK(text, buffer, expected, ...)                                                         \
    do {                                                                                           \
        const struct step steps[] = {__VA_ARGS__};                                                 \
        uint32_t cuts = 0;                                                                         \
        for (int i = 0; i < 2 + MANY; i++) {                                                       \
            check(text, buffer, cuts, expected, steps, sizeof steps / sizeof steps[0]);            \
            cuts = i == 0 ? UINT32_MAX : cuts * 1664525 + 1013904223;                              \
        }                                                                                          \
    } while (0)

static void lines(void **state)
{
    (void)state;
    CHECK("one\ntwo\n\nfour", 16, "one\n|two\n|\n|four|||", LINE, LINE, LINE, LINE, LINE, LINE);
    CHECK("", 16, "||", LINE, LINE);
    CHECK("12345678\n123456\n", 9, "12345678\n|123456\n||", LINE, LINE, LINE);
}

/* What is there of it is dropped, and what follows is read as another line: as in asyncio. */
static void a_line_beyond_the_limit(void **state)
{
    (void)state;
    CHECK("12345678abc\nnext\n", 8, "limit:|abc\n|next\n||", LINE, LINE, LINE, LINE);
}

static void exactly(void **state)
{
    (void)state;
    CHECK("abcdefgh", 0, "abc||de|incomplete:fgh|incomplete:|", EXACTLY(3), EXACTLY(0), EXACTLY(2),
          EXACTLY(4), EXACTLY(1));
    CHECK("abcdefgh", 4, "abc||de|incomplete:fgh|incomplete:|", EXACTLY(3), EXACTLY(0), EXACTLY(2),
          EXACTLY(4), EXACTLY(1));
}

static void to_the_end(void **state)
{
    (void)state;
    CHECK("abcdefgh", 0, "abc|defgh||", ALL(3), ALL(99), ALL(99));
    CHECK("abcdefgh", 64, "abc|defgh||", ALL(3), ALL(99), ALL(99));
}

static void until_a_separator(void **state)
{
    (void)state;
    CHECK("a--b---c", 16, "a--|b--|incomplete:-c|incomplete:|", UNTIL("--"), UNTIL("--"),
          UNTIL("--"), UNTIL("--"));
    CHECK("aaab aab aaaab", 16, "aaab| aab| aaaab|", UNTIL("aab"), UNTIL("aab"), UNTIL("aab"));
}

/* It is the one that ends first, not the one that begins first or is named first. */
static void until_any_separator(void **state)
{
    (void)state;
    CHECK("a\r\nb;cENDd\r;e\n", 16, "a\r\n|b;|cEND|d\r;|incomplete:e\n|", UNTIL_ANY, UNTIL_ANY,
          UNTIL_ANY, UNTIL_ANY, UNTIL_ANY);
}

/* What is in the full buffer is shown, and stays. */
static void a_separator_beyond_the_limit(void **state)
{
    (void)state;
    CHECK("12345678--9--", 8, "limit:12345678|limit:12345678|12345678|--|9--|", UNTIL("--"),
          UNTIL("--"), SOME(64), UNTIL("--"), UNTIL("--"));
    CHECK("123456--9", 8, "123456--|incomplete:9|", UNTIL("--"), UNTIL("--"));
}

static void one_kind_after_the_other(void **state)
{
    (void)state;
    CHECK("GET /\r\nlength=5\r\n\r\nhello:rest", 64, "GET /\r\n|length=5\r\n\r\n|hello|:|rest||",
          LINE, UNTIL("\r\n\r\n"), EXACTLY(5), UNTIL(":"), ALL(99), SOME(9));
}

static void without_a_buffer(void **state)
{
    (void)state;
    CHECK("one\n", 0, "no buffer:|no buffer:|one\n|", LINE, UNTIL("\n"), ALL(99));
}

static void an_empty_separator(void **state)
{
    (void)state;
    CHECK("one\n", 16, "invalid:|one\n|", UNTIL(""), LINE);
}

/* -- Cancels lose nothing ---------------------------------------------------------------------- */

gen_declare(patient, void);
struct patient {
    struct gen gen;
    struct gen_unwind unwind[3];
    struct task_scope net, scope;
    struct stream stream;
    struct stream_bytes line;
    struct task_call call;
    size_t n;
    int other, pair[2];
    char data[8], memory[32];
};
static void cancel_scope(void *arg)
{
    task_scope_cancel((struct task_scope *)arg);
}
gen_define(patient)
{
    gen_begin();
    task_timeout (&self->net, 10) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, self->pair), 0);
        self->other = self->pair[1];
        stream_open(&self->stream, self->pair[0]);
        assert_int_equal(write(self->other, "abc", 3), 3);
        task_scope (&self->scope) {
            loop_call_later(loop_running(), &self->call, 0.005, cancel_scope, &self->scope);
            stream_readexactly(self->n, &self->stream, self->data, 8);
            fail();
        }
        task_end_scope
        assert_int_equal(self->n, 3);
        assert_int_equal(write(self->other, "defgh li", 8), 8);
        stream_readexactly(self->n, &self->stream, self->data + 3, 5);
        assert_memory_equal(self->data, "abcdefgh", 8);
        assert_int_equal(stream_set_read_buffer(&self->stream, self->memory, 32), 0);
        task_scope (&self->scope) {
            loop_call_later(loop_running(), &self->call, 0.005, cancel_scope, &self->scope);
            stream_readline(self->line, &self->stream);
            fail();
        }
        task_end_scope
        assert_int_equal(self->line.size, 0);
        assert_int_equal(stream_set_read_buffer(&self->stream, self->memory, 32), EBUSY);
        assert_int_equal(write(self->other, "ne\n", 3), 3);
        stream_readline(self->line, &self->stream);
        assert_int_equal(self->line.size, 6);
        assert_memory_equal(self->line.data, " line\n", 6);
        assert_false(stream_at_eof(&self->stream));
        (void)close(self->other);
        stream_readline(self->line, &self->stream);
        assert_int_equal(self->line.size, 0);
        assert_true(stream_at_eof(&self->stream));
        stream_close(&self->stream);
        stream_readline(self->line, &self->stream);
    }
    task_end_scope
    gen_end();
}

static void a_cancel_loses_nothing(void **state)
{
    struct patient p = {.n = 0};
    (void)state;
    assert_int_equal(loop_run(patient_any(&p)), EBADF);
}

/* -- async for line in reader ------------------------------------------------------------------ */

gen_declare(each_line, void);
struct each_line {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct stream stream;
    struct stream_lines lines;
    struct stream_bytes line;
    char memory[32], log[64];
};
gen_define(each_line)
{
    int pair[2];
    gen_begin();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_int_equal(write(pair[1], "a\nbc\n\nd", 7), 7);
    (void)close(pair[1]);
    stream_open(&self->stream, pair[0]);
    assert_int_equal(stream_set_read_buffer(&self->stream, self->memory, 32), 0);
    self->lines.stream = &self->stream;
    gen_for_await (self->line, stream_lines, &self->lines) {
        strncat(self->log, self->line.data, self->line.size);
        strcat(self->log, "|");
    }
    gen_end_for
    stream_close(&self->stream);
    gen_end();
}

static void for_each_line(void **state)
{
    struct each_line e = {.log = ""};
    (void)state;
    assert_int_equal(loop_run(each_line_any(&e)), 0);
    assert_string_equal(e.log, "a\n|bc\n|\n|d|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines),
        TEST(a_line_beyond_the_limit),
        TEST(exactly),
        TEST(to_the_end),
        TEST(until_a_separator),
        TEST(until_any_separator),
        TEST(a_separator_beyond_the_limit),
        TEST(one_kind_after_the_other),
        TEST(without_a_buffer),
        TEST(an_empty_separator),
        TEST(a_cancel_loses_nothing),
        TEST(for_each_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
