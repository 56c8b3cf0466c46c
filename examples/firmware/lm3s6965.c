/* The board LM3S6965EVB, a Cortex-M3: UART0, the up key (PE0), the light (PF0), SysTick. */
#include "board.h"

#define REG(address) (*(volatile uint32_t *)(address))
#define RCGC1 REG(0x400fe104u)
#define RCGC2 REG(0x400fe108u)
#define UART(offset) REG(0x4000c000u + (offset))
#define PORT_A(offset) REG(0x40004000u + (offset))
#define PORT_E(offset) REG(0x40024000u + (offset))
#define PORT_F(offset) REG(0x40025000u + (offset))
#define NVIC_ISER REG(0xe000e100u)
#define SYST(offset) REG(0xe000e010u + (offset))

enum { CLOCK = 12500000, IRQ_PORT_E = 4, IRQ_UART = 5 };

static volatile task_time ticks;
static struct ring received;

static void on_systick(void)
{
    ticks++;
}

static void on_uart(void)
{
    UART(0x44) = 0x50; /* received, and timed out: dealt with */
    while (!(UART(0x18) & 0x10))
        ring_put(&received, (char)UART(0));
    task_wake(&uart_received);
}

static void on_port_e(void)
{
    PORT_E(0x41c) = 1;
    task_wake(&button_moved);
}

void board_start(void)
{
    RCGC1 |= 1;
    RCGC2 |= 1u << 0 | 1u << 4 | 1u << 5;
    (void)RCGC2; /* some cycles until the clock is there */

    PORT_A(0x420) |= 3; /* PA0, PA1: UART0 */
    PORT_A(0x51c) |= 3;
    UART(0x24) = 6; /* 115200 baud: 12500000 / 16 / 115200 */
    UART(0x28) = 50;
    UART(0x2c) = 0x60; /* 8 bits, an interrupt for each byte */
    UART(0x38) = 0x50;
    UART(0x30) = 0x301;

    PORT_E(0x51c) |= 1;
    PORT_E(0x510) |= 1; /* pulled up */
    PORT_E(0x408) |= 1; /* both edges */
    PORT_E(0x410) |= 1;
    PORT_F(0x400) |= 1;
    PORT_F(0x51c) |= 1;

    SYST(4) = CLOCK / TASK_TICKS_PER_SECOND - 1;
    SYST(8) = 0;
    SYST(0) = 7;
    NVIC_ISER = 1u << IRQ_PORT_E | 1u << IRQ_UART;
}

task_time board_now(void *host)
{
    task_time now;
    (void)host;
    do /* it is two words */
        now = ticks;
    while (now != ticks);
    return now;
}

void board_idle(void *host, task_time until)
{
    struct task_scheduler *s = (struct task_scheduler *)host;
    __asm__ volatile("cpsid i" ::: "memory");
    if (!task_woken(s) && board_now(NULL) < until)
        __asm__ volatile("wfi" ::: "memory");
    __asm__ volatile("cpsie i" ::: "memory");
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
    while (UART(0x18) & 0x20) /* full */
        ;
    UART(0) = (uint8_t)c;
}

void board_light(bool on)
{
    PORT_F(1u << 2) = on;
}

bool board_button(void)
{
    return PORT_E(1u << 2) == 0;
}

/* -- Start-up ------------------------------------------------------------------------------------ */

int main(void);
void reset(void);
extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_top[];

void reset(void)
{
    const uint32_t *from = data_load;
    uint32_t *to;
    for (to = data_start; to < data_end; to++)
        *to = *from++;
    for (to = bss_start; to < bss_end; to++)
        *to = 0;
    (void)main();
    for (;;) {
    }
}

static void fault(void)
{
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*system[14])(void);
    void (*systick)(void);
    void (*interrupts[IRQ_UART + 1])(void);
} vectors = {
    .stack = stack_top,
    .system = {[0] = reset, [1] = fault, [2] = fault, [3] = fault, [4] = fault, [5] = fault},
    .systick = on_systick,
    .interrupts = {[IRQ_PORT_E] = on_port_e, [IRQ_UART] = on_uart}};
