/* Start-up code and board of a Cortex-M in QEMU: output and end by semihosting, time by SysTick. */
#include <stdint.h>
#include "board.h"
#include "task.h"

int main(void);
void reset(void);

extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_top[];

#define SYST_CSR (*(volatile uint32_t *)0xe000e010u)
#define SYST_RVR (*(volatile uint32_t *)0xe000e014u)
#define SYST_CVR (*(volatile uint32_t *)0xe000e018u)
#define CPACR (*(volatile uint32_t *)0xe000ed88u)

static int semihost(int operation, const void *argument)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static char line[128];
static unsigned used;

static void flush(void)
{
    line[used] = '\0';
    used = 0;
    (void)semihost(0x04, line); /* SYS_WRITE0 */
}

__attribute__((weak)) void board_timer(void)
{
}

void board_put(char c)
{
    line[used++] = c;
    if (c == '\n' || used == sizeof line - 1)
        flush();
}

void board_exit(int status)
{
    const uint32_t block[2] = {0x20026, (uint32_t)status}; /* ADP_Stopped_ApplicationExit */
    flush();
    for (;;)
        (void)semihost(0x20, block); /* SYS_EXIT_EXTENDED */
}

void board_timer_set(unsigned ticks)
{
    SYST_CSR = 0;
    SYST_RVR = ticks;
    SYST_CVR = 0;
    SYST_CSR = 7; /* the processor's clock, interrupt, on */
}

static void systick(void)
{
    SYST_CSR = 0;
    board_timer();
}

void board_sleep_unless_woken(struct task_scheduler *s)
{
    __asm__ volatile("cpsid i" ::: "memory");
    if (!task_woken(s))
        __asm__ volatile("wfi" ::: "memory");
    __asm__ volatile("cpsie i" ::: "memory");
}

static void fault(void)
{
    const char *text = "\nfault\n";
    while (*text)
        board_put(*text++);
    board_exit(3);
}

void reset(void)
{
    const uint32_t *from = data_load;
    uint32_t *to;
    for (to = data_start; to < data_end; to++)
        *to = *from++;
    for (to = bss_start; to < bss_end; to++)
        *to = 0;
#if defined(__ARM_FP)
    CPACR |= 0xfu << 20;
    __asm__ volatile("dsb\n isb" ::: "memory");
#endif
    board_exit(main());
}

void board_restart(void)
{
    flush();
    __asm__ volatile("msr msp, %0\n bx %1" ::"r"(stack_top), "r"(reset));
    __builtin_unreachable();
}

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handlers[15])(void);
} vectors = {stack_top,
             {reset, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, 0, 0, fault, systick}};
