/* Simple, but with large numbers it takes long, and nothing else runs meanwhile: what a coroutine
 * must not call (see print_matches.c). 2305843009213693951, which is 2**61 - 1, takes seconds.
 * Usage: is_prime number ... In Python:
 *
 *     def is_prime(x):
 *         if x < 2: return False
 *         for i in range(2, int(sqrt(x) + 1)):
 *             if x % i == 0: return False
 *         return True
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_prime(long long x)
{
    for (long long i = 2; i <= x / i; i++)
        if (x % i == 0)
            return false;
    return x >= 2;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: is_prime number ...\n");
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        char *end;
        long long x;
        errno = 0;
        x = strtoll(argv[i], &end, 10);
        if (errno != 0 || end == argv[i] || *end != '\0') {
            fprintf(stderr, "is_prime: '%s' is no number, or too large\n", argv[i]);
            return 1;
        }
        printf("%s\n", is_prime(x) ? "True" : "False");
    }
    return 0;
}
