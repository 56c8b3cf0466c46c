/* A buffer of a gen_stack that is moved while in use. The stack points into the old one, which
 * nothing here can know; where that is gone, the address sanitizer sees it.
 *
 * expect sanitizer: heap-use-after-free
 */
#include <stdlib.h>
#include <string.h>

#include "misuse.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    gen_yield(1);
    gen_yield(2);
    gen_end();
}

int main(void)
{
    enum { SIZE = 256 };
    char *buffer = malloc(SIZE), *bigger = malloc(2 * SIZE);
    struct gen_stack s;
    struct gen_any it;
    if (buffer == NULL || bigger == NULL)
        return 1;
    gen_stack_init(&s, buffer, SIZE);
    it = gen_start(&s, numbers);
    resume(it);
    memcpy(bigger, buffer, SIZE);
    free(buffer);
    resume(it);
    free(bigger);
    return 0;
}
