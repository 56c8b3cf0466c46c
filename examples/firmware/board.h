/* What the firmware wants of a board: a console, a light, a button, and the scheduler's two hooks. */
#ifndef BOARD_H
#define BOARD_H

#define TASK_TICKS_PER_SECOND INT64_C(1000)
#include "task.h"

/* Starts the devices and lets interrupts in. */
void board_start(void);

/* The scheduler's hooks: milliseconds since the start, and sleep until an interrupt. The host is the
 * scheduler. */
task_time board_now(void *host);
void board_idle(void *host, task_time until);

/* The console. A byte that has come: false, there is none. Bytes that came while there was no room. */
bool board_get(char *c);
unsigned board_overruns(void);
void board_put(char c);

void board_light(bool on);
bool board_button(void); /* is it down? */

/* Woken by the board's interrupts, when a byte has come and when the button has moved. */
extern struct task_wakeup uart_received, button_moved;

/* Bytes between an interrupt, which puts them, and one task, which gets them. */
struct ring {
    char bytes[64];
    volatile uint8_t put, got; /* counts, of which each side writes one */
    uint8_t overruns;
};

static inline void ring_put(struct ring *r, char c)
{
    if ((uint8_t)(r->put - r->got) == sizeof r->bytes)
        r->overruns++;
    else {
        r->bytes[r->put % sizeof r->bytes] = c;
        r->put++;
    }
}

static inline bool ring_get(struct ring *r, char *c)
{
    if (r->got == r->put)
        return false;
    *c = ((volatile char *)r->bytes)[r->got % sizeof r->bytes];
    r->got++;
    return true;
}

#endif
