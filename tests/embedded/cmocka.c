/* Runs tests on a target: one line for each, and a last one: "N passed, N failed, N skipped". */
#include <setjmp.h>
#include "board.h"
#include "cmocka.h"

static jmp_buf left;
static enum { RUNS, FAILED, SKIPPED } volatile came_to;

static void put_text(const char *text)
{
    while (*text)
        board_put(*text++);
}

#if defined(__AVR__) /* where a literal would take RAM */
#include <avr/pgmspace.h>
static void put_flash(const char *text)
{
    char c;
    while ((c = (char)pgm_read_byte(text++)) != '\0')
        board_put(c);
}
#define put(literal) put_flash(PSTR(literal))
#else
#define put(literal) put_text(literal)
#endif

static void put_number(intmax_t number)
{
    char digits[24];
    size_t i = sizeof digits;
    uintmax_t n = number < 0 ? 0 - (uintmax_t)number : (uintmax_t)number;
    digits[--i] = '\0';
    do
        digits[--i] = (char)('0' + n % 10);
    while ((n /= 10) != 0);
    if (number < 0)
        digits[--i] = '-';
    put_text(digits + i);
}

static void at(int line)
{
    put(" (line ");
    put_number(line);
    put(")\n");
}

void embedded_fail(int line)
{
    put(" fails");
    at(line);
    came_to = FAILED;
    longjmp(left, 1);
}

void embedded_skip(void)
{
    came_to = SKIPPED;
    longjmp(left, 1);
}

void embedded_equal(intmax_t a, intmax_t b, int line)
{
    if (a == b)
        return;
    put_number(a);
    put(" != ");
    put_number(b);
    embedded_fail(line);
}

void embedded_true(bool holds, int line)
{
    if (!holds)
        embedded_fail(line);
}

static void run(const struct CMUnitTest *test)
{
    void *volatile state = NULL;
    came_to = RUNS;
    if (setjmp(left) == 0) {
        if (test->setup != NULL && test->setup((void **)&state) != 0)
            embedded_fail(0);
        test->test((void **)&state);
    }
    if (came_to == RUNS && test->teardown != NULL && test->teardown((void **)&state) != 0) {
        put("teardown\n");
        came_to = FAILED;
    }
}

int embedded_run(const struct CMUnitTest *tests, size_t count)
{
    int results[3] = {0, 0, 0};
    size_t i;
    for (i = 0; i < count; i++) {
        if (tests[i].test == NULL)
            continue;
        run(&tests[i]);
        results[came_to]++;
        if (came_to == RUNS)
            put("ok ");
        else if (came_to == FAILED)
            put("FAIL ");
        else
            put("skip ");
        put_text(tests[i].name ? tests[i].name : "");
        put("\n");
    }
    put_number(results[RUNS]);
    put(" passed, ");
    put_number(results[FAILED]);
    put(" failed, ");
    put_number(results[SKIPPED]);
    put(" skipped\n");
    return results[FAILED] != 0;
}
