/* Start-up code and board of a 32-bit RISC-V in QEMU (-machine virt): output by the UART, end by the
 * test device, time by the CLINT. */
#include <stdint.h>
#include "board.h"
#include "task.h"

int main(void);
void start(void);

extern uint32_t bss_start[], bss_end[], data_start[], data_end[], data_load[];

#define UART (*(volatile uint8_t *)0x10000000u)
#define TEST (*(volatile uint32_t *)0x100000u)
#define MTIMECMP ((volatile uint32_t *)0x2004000u)
#define MTIME ((volatile uint32_t *)0x200bff8u)

__attribute__((weak)) void board_timer(void)
{
}

void board_put(char c)
{
    UART = (uint8_t)c;
}

void board_exit(int status)
{
    for (;;)
        TEST = status == 0 ? 0x5555u : (uint32_t)status << 16 | 0x3333u;
}

void board_timer_set(unsigned ticks)
{
    uint32_t high, low;
    do {
        high = MTIME[1];
        low = MTIME[0];
    } while (high != MTIME[1]);
    MTIMECMP[1] = UINT32_MAX; /* so that nothing between the two is due */
    MTIMECMP[0] = low + ticks;
    MTIMECMP[1] = high + (low + ticks < low);
    __asm__ volatile("csrs mie, %0" ::"r"(1u << 7) : "memory");
}

void board_sleep_unless_woken(struct task_scheduler *s)
{
    __asm__ volatile("csrci mstatus, 8" ::: "memory");
    if (!task_woken(s))
        __asm__ volatile("wfi" ::: "memory");
    __asm__ volatile("csrsi mstatus, 8" ::: "memory");
}

__attribute__((interrupt("machine"), aligned(4))) static void trap(void)
{
    uint32_t cause;
    __asm__ volatile("csrr %0, mcause" : "=r"(cause));
    if (cause == 0x80000007u) {
        MTIMECMP[1] = UINT32_MAX;
        board_timer();
    } else {
        const char *text = "\nfault\n";
        while (*text)
            board_put(*text++);
        board_exit(3);
    }
}

__attribute__((used, noreturn)) static void start_c(void)
{
    const uint32_t *from = data_load;
    uint32_t *to;
    for (to = data_start; to < data_end; to++)
        *to = *from++;
    for (to = bss_start; to < bss_end; to++)
        *to = 0;
    __asm__ volatile("csrci mstatus, 8\n csrw mie, zero\n csrw mtvec, %0" ::"r"(trap));
    __asm__ volatile("csrsi mstatus, 8" ::: "memory"); /* no device interrupts yet */
    board_exit(main());
}

__attribute__((naked, section(".start"))) void start(void)
{
    __asm__ volatile(".option push\n"
                     ".option norelax\n"
                     "la gp, __global_pointer$\n"
                     ".option pop\n"
                     "la sp, stack_top\n"
                     "j start_c");
}

void board_restart(void)
{
    start();
    __builtin_unreachable();
}
