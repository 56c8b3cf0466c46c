/* send() to a generator that was declared without a type of what it is sent.
 *
 * expect gcc -std=c11 -Werror=implicit-function-declaration: error: 'numbers_send'
 * expect gcc clang: warning -Wimplicit-function-declaration
 * expect g++: error: 'numbers_send'
 * expect clang++: error: undeclared identifier 'numbers_send'
 */
#include "gen.h"

gen_declare(numbers, int);
struct numbers {
    struct gen gen;
    int n;
};
gen_define(numbers)
{
    gen_begin();
    gen_yield(1);
    gen_end();
}

int main(void)
{
    struct numbers g = {{0, 0}, 0};
    return (int)numbers_send(&g, 1, NULL);
}
