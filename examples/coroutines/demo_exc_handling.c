/* A coroutine that is sent values and thrown an exception, which it handles and goes on. What is
 * sent is the value of the yield at which it waits, so it first has to be brought there: primed. In
 * Python:
 *
 *     def demo_exc_handling():
 *         print('-> coroutine started')
 *         while True:
 *             try: x = yield
 *             except DemoException: print('*** DemoException handled. Continuing...')
 *             else: print('-> coroutine received: {!r}'.format(x))
 *         raise RuntimeError('This line should never run.')
 */
#include <stdio.h>
#include "gen.h"

enum { DEMO_EXCEPTION = GEN_EUSER, ZERO_DIVISION_ERROR };

gen_declare(demo_exc_handling, void, int);
struct demo_exc_handling {
    struct gen gen;
};
gen_define(demo_exc_handling)
{
    gen_begin();
    printf("-> coroutine started\n");
    for (;;) {
        gen_try {
            gen_yield();
            printf("-> coroutine received: %d\n", *gen_sent);
        }
        gen_except (DEMO_EXCEPTION) {
            printf("*** DemoException handled. Continuing...\n");
        }
        gen_end_try
    }
    gen_end();
}

static void print_state(const struct demo_exc_handling *exc_coro)
{
    printf("%s\n", gen_state(exc_coro) == GEN_CLOSED ? "GEN_CLOSED" : "GEN_SUSPENDED");
}

int main(void)
{
    struct demo_exc_handling unprimed = {.gen = {0, 0}}, closed = {.gen = {0, 0}};
    struct demo_exc_handling thrown = {.gen = {0, 0}}, unhandled = {.gen = {0, 0}};

    if (demo_exc_handling_send(&unprimed, 42, NULL) == GEN_RAISED &&
        gen_error(&unprimed) == GEN_ESTARTED)
        printf("TypeError: can't send non-None value to a just-started generator\n");

    demo_exc_handling_next(&closed, NULL); /* or gen_any_send(.., NULL, ..), which is send(None) */
    demo_exc_handling_send(&closed, 11, NULL);
    demo_exc_handling_send(&closed, 42, NULL);
    demo_exc_handling_close(&closed);
    print_state(&closed);

    demo_exc_handling_next(&thrown, NULL);
    demo_exc_handling_send(&thrown, 11, NULL);
    demo_exc_handling_send(&thrown, 42, NULL);
    demo_exc_handling_throw(&thrown, DEMO_EXCEPTION, NULL);
    print_state(&thrown);

    /* One that is not handled comes back out of throw(), and ends the coroutine. */
    demo_exc_handling_next(&unhandled, NULL);
    if (demo_exc_handling_throw(&unhandled, ZERO_DIVISION_ERROR, NULL) == GEN_RAISED &&
        gen_error(&unhandled) == ZERO_DIVISION_ERROR)
        printf("ZeroDivisionError\n");
    print_state(&unhandled);
    return 0;
}
