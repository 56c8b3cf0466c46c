/* A list that is made beforehand, and a range whose items are made one by one, when they are
 * wanted. Python 2 had `range` and `xrange` for the two. In Python:
 *
 *     range_list = [x for x in range(1, 6)]
 *     print(range_list)
 *     for num in range_list: ...
 *     for num in range(1, 6): ...
 */
#include <stdio.h>
#include "itertools.h"

iter_define_range(range, int);

int main(void)
{
    int range_list[5];
    size_t count = 0;

    if (iter_list(iter_range(1, 6), range_list, &count) != 0)
        return 1;
    printf("[");
    for (size_t i = 0; i < count; i++)
        printf("%s%d", i > 0 ? ", " : "", range_list[i]);
    printf("]\n");

    for (size_t i = 0; i < count; i++)
        printf("(wasteful) the square of %d is %d\n", range_list[i], range_list[i] * range_list[i]);

    gen_for (num, range, .range = ITER_RANGE(1, 6))
        printf("(correct way) the square of %d is %d\n", num, num * num);
    return 0;
}
