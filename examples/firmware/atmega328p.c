/* An ATmega328P at 16 MHz: its UART, a button at PD2, a light at PB5, timer 2. Start-up code is
 * avr-libc's. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include "board.h"

static volatile task_time ticks;
static struct ring received;

ISR(TIMER2_COMPA_vect)
{
    ticks++;
}

ISR(USART_RX_vect)
{
    ring_put(&received, (char)UDR0);
    task_wake(&uart_received);
}

ISR(INT0_vect)
{
    task_wake(&button_moved);
}

void board_start(void)
{
    UCSR0A = _BV(U2X0);
    UBRR0 = 16; /* 115200 baud: 16000000 / 8 / 115200 - 1 */
    UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);

    PORTD |= _BV(PD2);   /* pulled up */
    EICRA |= _BV(ISC00); /* both edges */
    EIMSK |= _BV(INT0);
    DDRB |= _BV(PB5);

    TCCR2A = _BV(WGM21);
    OCR2A = 249; /* 16000000 / 64 / 1000 - 1 */
    TCCR2B = _BV(CS22);
    TIMSK2 = _BV(OCIE2A);
    sei();
}

task_time board_now(void *host)
{
    const uint8_t status = SREG;
    task_time now;
    (void)host;
    cli(); /* it is eight bytes */
    now = ticks;
    SREG = status;
    return now;
}

void board_idle(void *host, task_time until)
{
    struct task_scheduler *s = (struct task_scheduler *)host;
    cli();
    if (!task_woken(s) && board_now(NULL) < until) {
        sleep_enable(); /* the mode is idle, from the reset on */
        sei();          /* which lets interrupts in after the next instruction */
        sleep_cpu();
        sleep_disable();
    }
    sei();
}

bool board_get(char *c)
{
    return ring_get(&received, c);
}

unsigned board_overruns(void)
{
    return received.overruns;
}

void board_put(char c)
{
    while (!(UCSR0A & _BV(UDRE0)))
        ;
    UDR0 = (uint8_t)c;
}

void board_light(bool on)
{
    if (on)
        PORTB |= _BV(PB5);
    else
        PORTB &= (uint8_t)~_BV(PB5);
}

bool board_button(void)
{
    return !(PIND & _BV(PD2));
}
