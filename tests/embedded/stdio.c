/* printf for targets whose C library, picolibc or avr-libc, asks for a function that puts a character;
 * and its exit. */
#include <stdio.h>
#include <stdlib.h>
#include "board.h"

static int put(char c, FILE *file)
{
    (void)file;
    board_put(c);
    return 0;
}

#if defined(__AVR__)
static FILE out = FDEV_SETUP_STREAM(put, NULL, _FDEV_SETUP_WRITE);
__attribute__((constructor)) static void open_out(void)
{
    stdout = &out;
}
#else
static FILE out = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdout = &out;
#endif
