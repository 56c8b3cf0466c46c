/* avr_run FILE.elf - an ATmega328P at 16 MHz, by libsimavr. Its UART is stdin and stdout.
 *
 * The program ends when it sleeps with interrupts off; then the exit status is GPIOR0. 124: it has
 * run for longer than -t SECONDS of its own time. 125: the stack met the data, which is how it is told
 * that a program does not fit. -s: tell in the end how much stack was used at most.
 *
 * -i: for who talks to it. Time does not run faster than on the board; the end of stdin ends the
 * program; and of what comes there, the bytes 1 and 2 are no input, but pull pin D2 low and let it go. */
#include <poll.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { GPIOR0 = 0x3e, SPL = 0x5d, SPH = 0x5e, RAM_START = 0x100, RAM_END = 0x8ff };

static avr_irq_t *uart_in, *button;
static bool may_send = true, input_open = true, interactive;

static void uart_out(struct avr_irq_t *irq, uint32_t value, void *param)
{
    (void)irq, (void)param;
    putchar((int)(value & 0xff));
    if ((value & 0xff) == '\n' || (value & 0xff) == ' ')
        fflush(stdout);
}

static void xon(struct avr_irq_t *irq, uint32_t value, void *param)
{
    (void)irq, (void)value, (void)param;
    may_send = true;
}

static void xoff(struct avr_irq_t *irq, uint32_t value, void *param)
{
    (void)irq, (void)value, (void)param;
    may_send = false;
}

static void no_sleep(avr_t *avr, avr_cycle_count_t cycles)
{
    (void)avr, (void)cycles;
}

static void look_for_input(void)
{
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};
    unsigned char c;
    if (!input_open || !may_send || poll(&in, 1, 0) <= 0)
        return;
    if (read(STDIN_FILENO, &c, 1) != 1)
        input_open = false;
    else if (interactive && (c == 1 || c == 2))
        avr_raise_irq(button, c == 2);
    else
        avr_raise_irq(uart_in, c);
}

/* Not faster than the clock on the wall. */
static void keep_pace(const avr_t *avr, const struct timespec *began)
{
    struct timespec now;
    double ahead;
    fflush(stdout);
    clock_gettime(CLOCK_MONOTONIC, &now);
    ahead = (double)avr->cycle / (double)avr->frequency - (double)(now.tv_sec - began->tv_sec) -
            (double)(now.tv_nsec - began->tv_nsec) / 1e9;
    if (ahead > 0.002) {
        struct timespec pause = {0, 1000000};
        nanosleep(&pause, NULL);
    }
}

int main(int argc, char **argv)
{
    elf_firmware_t firmware;
    avr_t *avr;
    uint32_t uart_flags = 0;
    struct timespec began;
    double limit = 120;
    bool show_stack = false;
    unsigned data_end, lowest = RAM_END, low_for = 0, rounds = 0;
    int option, state, out;
    while ((option = getopt(argc, argv, "t:is")) != -1)
        switch (option) {
        case 't':
            limit = strtod(optarg, NULL);
            break;
        case 's':
            show_stack = true;
            break;
        case 'i':
            interactive = true;
            break;
        default:
            return 2;
        }
    memset(&firmware, 0, sizeof firmware);
    out = dup(STDOUT_FILENO); /* it tells what it loads */
    if (optind + 1 == argc && freopen("/dev/null", "w", stdout) == NULL)
        return 2;
    if (optind + 1 != argc || elf_read_firmware(argv[optind], &firmware) != 0) {
        fputs("usage: avr_run [-i] [-s] [-t seconds] FILE.elf\n", stderr);
        return 2;
    }
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    avr = avr_make_mcu_by_name("atmega328p");
    if (avr == NULL)
        return 2;
    avr_init(avr);
    avr->log = LOG_ERROR;
    avr->frequency = 16000000;
    strcpy(firmware.mmcu, "atmega328p");
    firmware.frequency = 16000000;
    avr_load_firmware(avr, &firmware);
    avr->sleep = no_sleep;
    data_end = RAM_START + firmware.datasize + firmware.bsssize;

    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &uart_flags);
    uart_flags &= ~(uint32_t)(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &uart_flags);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT),
                            uart_out, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), xon,
                            NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), xoff,
                            NULL);
    uart_in = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
    button = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), 2);
    avr_raise_irq(button, 1);

    clock_gettime(CLOCK_MONOTONIC, &began);
    do {
        unsigned sp;
        state = avr_run(avr);
        sp = (unsigned)avr->data[SPL] | (unsigned)avr->data[SPH] << 8;
        /* SP is written in two halves; between them it may be anywhere */
        if (sp >= lowest && sp <= RAM_END)
            low_for = 0;
        else if (++low_for > 4)
            lowest = sp <= RAM_END ? sp : 0;
        if (lowest < data_end) {
            fflush(stdout);
            return 125;
        }
        if (++rounds % 1024 == 0 || state == cpu_Sleeping) {
            look_for_input();
            if (interactive)
                keep_pace(avr, &began);
        }
        if ((double)avr->cycle > limit * 16e6) {
            fflush(stdout);
            return 124;
        }
    } while (state != cpu_Done && state != cpu_Crashed && (input_open || !interactive));
    fflush(stdout);
    if (show_stack)
        printf("%u bytes of stack\n", RAM_END - lowest);
    if (!input_open && interactive)
        return 0;
    return state == cpu_Done ? avr->data[GPIOR0] : 3;
}
