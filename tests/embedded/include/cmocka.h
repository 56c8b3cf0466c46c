/* As much of cmocka as the tests use, for targets without a system: see tests/embedded/cmocka.c.
 *
 * -DONLY=N makes a program of the Nth test alone (from 0), for targets with room for one. -DNAMES makes
 * the names of the tests, as TEST<name>, visible to who reads the preprocessed text. */
#ifndef EMBEDDED_CMOCKA_H
#define EMBEDDED_CMOCKA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct CMUnitTest {
    const char *name; /* NULL: there is no room for names */
    void (*test)(void **state);
    int (*setup)(void **state);
    int (*teardown)(void **state);
};

int embedded_run(const struct CMUnitTest *tests, size_t count);
__attribute__((noreturn)) void embedded_fail(int line);
__attribute__((noreturn)) void embedded_skip(void); /* it wants more memory than there is */
void embedded_equal(intmax_t a, intmax_t b, int line);
void embedded_true(bool holds, int line);

#if defined(NAMES)
#define cmocka_unit_test_setup_teardown(f, s, t) TEST<f>
#elif defined(ONLY)
#define cmocka_unit_test_setup_teardown(f, s, t) EMBEDDED_ONE(__COUNTER__ == ONLY, f, s, t)
#define EMBEDDED_ONE(...) EMBEDDED_ONE_(__VA_ARGS__)
#define EMBEDDED_ONE_(it, f, s, t)                                                                 \
    {                                                                                              \
        NULL, (it) ? f : NULL, (it) ? s : NULL, (it) ? t : NULL                                    \
    }
#else
#define cmocka_unit_test_setup_teardown(f, s, t)                                                   \
    {                                                                                              \
#f, f, s, t                                                                                \
    }
#endif
#define cmocka_unit_test(f) cmocka_unit_test_setup_teardown(f, NULL, NULL)
#define cmocka_unit_test_setup(f, s) cmocka_unit_test_setup_teardown(f, s, NULL)
#define cmocka_run_group_tests(tests, setup, teardown)                                             \
    embedded_run((tests), sizeof(tests) / sizeof((tests)[0]))

#define assert_true(c) embedded_true((c) ? true : false, __LINE__)
#define assert_false(c) embedded_true((c) ? false : true, __LINE__)
#define assert_null(p) embedded_true((p) == NULL, __LINE__)
#define assert_non_null(p) embedded_true((p) != NULL, __LINE__)
#define assert_ptr_equal(a, b) embedded_true((const void *)(a) == (const void *)(b), __LINE__)
#define assert_int_equal(a, b) embedded_equal((intmax_t)(a), (intmax_t)(b), __LINE__)
#define assert_int_not_equal(a, b) embedded_true((intmax_t)(a) != (intmax_t)(b), __LINE__)
#define assert_in_range(v, low, high)                                                              \
    embedded_true((uintmax_t)(v) - (uintmax_t)(low) <= (uintmax_t)(high) - (uintmax_t)(low),       \
                  __LINE__)
#define assert_string_equal(a, b) embedded_true(strcmp((a), (b)) == 0, __LINE__)
#define assert_string_not_equal(a, b) embedded_true(strcmp((a), (b)) != 0, __LINE__)
#define assert_memory_equal(a, b, size) embedded_true(memcmp((a), (b), (size)) == 0, __LINE__)
#define fail() embedded_fail(__LINE__)
#define fail_msg(...) embedded_fail(__LINE__)

#endif
