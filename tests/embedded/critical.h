/* Included before all: task.h's critical section where it has no default of its own. This is all that
 * a port to another processor has to define. */
#if defined(__riscv) && !defined(__riscv_atomic) && !defined(TASK_CRITICAL)
#define TASK_CRITICAL(...)                                                                         \
    do {                                                                                           \
        unsigned long task__status;                                                                \
        __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(task__status)::"memory");                  \
        __VA_ARGS__ __asm__ volatile("csrs mstatus, %0" ::"r"(task__status & 8) : "memory");       \
    } while (0)
#endif
