# targets.sh - what run.sh and sizes.sh know of the targets. Set by `target NAME`:
#   cc, flags    the compiler, and what selects the processor
#   board        start-up code and linker script: board.c, board.ld (none: the library's)
#   emulator     runs an ELF file, whose name follows it
#
# No heap: a call of malloc becomes one of __wrap_malloc, which there is nowhere.

targets='cortex-m0 cortex-m3 cortex-m4 rv32imc atmega328p'
no_heap='-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free'

# icount: a clock that counts instructions, so that interrupts come between any two of them.
arm='qemu-system-arm -display none -monitor none -serial none -semihosting -icount shift=4'
target() {
    picolibc=--specs=picolibc.specs
    case $1 in
    cortex-m0) # with more memory than a microbit has, for tests that are many in one program
        cc=arm-none-eabi-gcc flags='-mcpu=cortex-m0 -mthumb' board=cortex_m
        emulator="$arm -machine microbit -global nrf51-soc.flash-size=0x400000
            -global nrf51-soc.sram-size=0x400000 -kernel"
        ;;
    cortex-m3)
        cc=arm-none-eabi-gcc flags='-mcpu=cortex-m3 -mthumb' board=cortex_m
        emulator="$arm -machine mps2-an385 -kernel"
        ;;
    cortex-m4)
        cc=arm-none-eabi-gcc board=cortex_m
        flags='-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16'
        emulator="$arm -machine mps2-an386 -kernel"
        ;;
    rv32imc)
        cc=riscv64-unknown-elf-gcc flags='-march=rv32imc -misa-spec=2.2 -mabi=ilp32' board=riscv
        emulator='qemu-system-riscv32 -machine virt -m 128M -bios none -display none -monitor none
            -serial stdio -icount shift=4 -kernel'
        ;;
    atmega328p)
        cc=avr-gcc flags='-mmcu=atmega328p -DF_CPU=16000000UL' board=avr picolibc=
        emulator="$build/avr_run"
        ;;
    esac
}
