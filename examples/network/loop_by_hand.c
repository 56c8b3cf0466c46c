/* The event loop by hand. A program needs no more than loop_run, which does all of this in order;
 * here it is opened, run, stopped, run again and closed step by step. In Python:
 *
 *     loop = asyncio.new_event_loop()
 *     loop.call_soon(print, 'soon')
 *     loop.call_later(.02, print, 'later')
 *     loop.run_until_complete(do_something_important())
 *     loop.call_later(.02, loop.stop)
 *     loop.run_forever()
 *     loop.run_until_complete(loop.shutdown_asyncgens())
 *     loop.close()
 */
#include <stdio.h>
#include <time.h>

#include "examples/status.h"
#include "loop/signal.h"

static void print_text(void *arg)
{
    printf("%s\n", (const char *)arg);
}

static void print_running(void *arg)
{
    printf("running: %s\n", loop_is_running(arg) ? "yes" : "no");
}

static void stop(void *loop)
{
    printf("stop\n");
    loop_stop(loop);
}

static bool interrupted;

/* Ctrl-C: nobody cancels a main task here, so what runs is stopped. */
static void interrupt(void *loop)
{
    interrupted = true;
    loop_stop(loop);
}

/* -- A monitor, which is alive while others wait, and stalls while one blocks ------------------ */

gen_declare(monitor, void);
struct monitor {
    struct gen gen;
    int prints;
};
gen_define(monitor)
{
    gen_begin();
    for (;;) {
        task_sleep(0.02);
        self->prints++; /* it would print something here */
    }
    gen_end();
}

gen_declare(do_something_important, void);
struct do_something_important {
    struct gen gen;
    struct monitor *monitor;
    int result;
};
gen_define(do_something_important)
{
    const struct timespec seconds = {.tv_nsec = 200000000};

    gen_begin();
    self->monitor->prints = 0;
    task_sleep(0.2);
    printf("task_sleep: the monitor %s\n", self->monitor->prints > 0 ? "goes on" : "stalls");
    self->monitor->prints = 0;
    (void)nanosleep(&seconds, NULL);
    printf("nanosleep: the monitor %s\n", self->monitor->prints > 0 ? "goes on" : "stalls");
    gen_return(42);
    gen_end();
}

/* -- An async generator, which somebody leaves half-way ---------------------------------------- */

gen_declare(countdown, int);
struct countdown {
    struct gen gen;
    struct gen_unwind unwind[1];
    int n;
};
gen_define(countdown)
{
    gen_begin();
    gen_try_finally {
        for (; self->n > 0; self->n--) {
            gen_yield(self->n);
            task_sleep(1);
        }
    }
    gen_finally {
        printf("countdown cleans up\n");
        task_sleep(0.02); /* which may take its time */
        printf("countdown is closed\n");
    }
    gen_end_finally
    gen_end();
}

static void say(const char *what, int code)
{
    printf("%s: %s\n", what, code == 0 ? "done" : loop_error_name(code));
}

int main(void)
{
    struct loop loop;
    struct loop_signal_handler on_interrupt = {0};
    struct task_call calls[6] = {0};
    struct monitor monitor = {.prints = 0};
    struct do_something_important important = {.monitor = &monitor}, stopped = important;
    struct countdown countdown = {.n = 3};
    struct loop_asyncgen entry;
    struct task task = {0};
    int n;
    int code = loop_open(&loop, NULL);
    if (code != 0)
        return exit_status("loop_by_hand", code);

    loop_add_signal_handler(&loop, &on_interrupt, SIGINT, interrupt, &loop);

    /* Nothing runs before the loop does; then the calls come in the order that they are due in. */
    loop_call_later(&loop, &calls[0], 0.02, print_text, "later");
    loop_call_later(&loop, &calls[1], 0.01, print_text, "sooner");
    loop_call_soon(&loop, &calls[2], print_text, "soon");
    loop_call_soon(&loop, &calls[3], print_running, &loop);
    loop_call_at(&loop, &calls[4], loop_time(&loop) + 0.015, print_text, "never");
    task_call_cancel(&calls[4]);
    print_running(&loop);
    task_start(&loop.scheduler, &task, monitor_any(&monitor), NULL);
    say("run_until_complete",
        loop_run_until_complete(&loop, do_something_important_any(&important)));
    if (!interrupted) {
        printf("result: %d\n", important.result);

        /* The monitor is still there. */
        monitor.prints = 0;
        loop_call_later(&loop, &calls[0], 0.1, stop, &loop);
        say("run_forever", loop_run_forever(&loop));
        printf("run_forever: the monitor %s\n", monitor.prints > 0 ? "goes on" : "stalls");

        loop_call_soon(&loop, &calls[0], stop, &loop);
        say("run_until_complete",
            loop_run_until_complete(&loop, do_something_important_any(&stopped)));
    }

    /* What is left: a task, which is cancelled, and a generator, which is closed. */
    loop_add_asyncgen(&loop, &entry, countdown_any(&countdown));
    if (countdown_next(&countdown, &n))
        printf("%d\n", n);
    say("close", loop_close(&loop));
    printf("closed: %s\n", loop_is_closed(&loop) ? "yes" : "no");
    printf("monitor: %s\n", task_state(&task.future) == TASK_CANCELLED ? "cancelled" : "?");
    say("run_forever", loop_run_forever(&loop));
    return exit_status("loop_by_hand", interrupted ? GEN_CANCELLED : 0);
}
