/* Board of an ATmega328P in simavr: output by the UART; it ends when it sleeps with interrupts off, and
 * the status is in GPIOR0 (see avr_run.c). Start-up code is avr-libc's. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <stdlib.h>
#include "board.h"
#include "task.h"

__attribute__((weak)) void board_timer(void)
{
}

void board_put(char c)
{
    UCSR0B = _BV(TXEN0);
    while (!(UCSR0A & _BV(UDRE0)))
        ;
    UDR0 = (uint8_t)c;
}

void board_exit(int status)
{
    GPIOR0 = (uint8_t)status;
    cli();
    sleep_enable();
    for (;;)
        sleep_cpu();
}

/* What main returns to. */
void exit(int status)
{
    board_exit(status);
}

void board_timer_set(unsigned ticks)
{
    TCCR1B = 0;
    TCNT1 = 0;
    OCR1A = (uint16_t)ticks;
    TIFR1 = _BV(OCF1A);
    TIMSK1 = _BV(OCIE1A);
    TCCR1B = _BV(WGM12) | _BV(CS10);
}

__attribute__((constructor)) static void interrupts_on(void)
{
    sei();
}

ISR(TIMER1_COMPA_vect)
{
    TCCR1B = 0;
    board_timer();
}

void board_sleep_unless_woken(struct task_scheduler *s)
{
    cli();
    if (!task_woken(s)) {
        sleep_enable(); /* the mode is idle, from the reset on */
        sei();          /* which takes effect after the next instruction */
        sleep_cpu();
        sleep_disable();
    }
    sei();
}
