/* What a board gives to the tests here. */
#ifndef BOARD_H
#define BOARD_H

/* Shows a character on the host. */
void board_put(char c);

/* Ends the emulator; 0 is success. */
__attribute__((noreturn)) void board_exit(int status);

/* Begins anew, as after power-up. What is in section .noinit stays. */
__attribute__((noreturn)) void board_restart(void);
#define BOARD_NOINIT __attribute__((section(".noinit")))

/* A timer that interrupts after so many of its ticks, once; `board_timer` is the handler. A tick is
 * the shortest time the timer knows: a cycle, or with RISC-V's a tenth of a microsecond. */
void board_timer_set(unsigned ticks);
void board_timer(void);

/* An idle hook's way to sleep: with interrupts off, sleep unless `no_need()`; then they are on. */
struct task_scheduler;
void board_sleep_unless_woken(struct task_scheduler *s);

#endif
