/* Python's range: a value of which one can ask much, and which makes iterators. In Python:
 *
 *     range_val = range(1, 3)
 *     for val in range_val: print("iteration1:", val)
 *     for val in range_val: print("iteration2:", val)
 *     reverse_range = [x for x in reversed(range(1, 10))]
 */
#include <inttypes.h>
#include <stdio.h>
#include "itertools.h"

iter_define_range(range, int); /* the value: struct range_value; its iterator: struct range */

static const char *py_bool(bool b)
{
    return b ? "True" : "False";
}

int main(void)
{
    const struct range_value range_val = ITER_RANGE(1, 3), ten = ITER_RANGE(1, 10);
    const struct range_value none = ITER_RANGE(0), odds = ITER_RANGE(1, 10, 2);
    struct range it = range_iter(range_val), it2 = range_iter(range_val);
    struct range reverse_range = range_reversed(ten), some = range_iter(ten);
    uintmax_t index = 0;
    int val = 0, item = 0;

    /* Each iterator sees the whole range. */
    gen_each (val, range, &it)
        printf("iteration1: %d\n", val);
    gen_each (val, range, &it2)
        printf("iteration2: %d\n", val);

    printf("reverse_range: [");
    gen_each (val, range, &reverse_range)
        printf("%s%d", val == 9 ? "" : ", ", val);
    printf("]\n");

    printf("start: %d stop: %d step: %" PRIdMAX "\n", odds.start, odds.stop, odds.step);
    printf("len: %" PRIuMAX "\n", range_length(odds));
    if (range_at(odds, -1, &item))
        printf("odds[-1]: %d\n", item);
    if (!range_at(odds, 5, &item))
        printf("odds[5]: IndexError\n");
    printf("7 in odds: %s, 8 in odds: %s\n", py_bool(range_contains(odds, 7)),
           py_bool(range_contains(odds, 8)));
    printf("odds.count(7): %d\n", range_contains(odds, 7)); /* an item is in it once or not */
    if (range_index(odds, 7, &index))
        printf("odds.index(7): %" PRIuMAX "\n", index);
    if (!range_index(odds, 8, &index))
        printf("odds.index(8): ValueError\n");
    printf("bool(range(0)): %s\n", py_bool(range_length(none) > 0));
    printf("odds == range(1, 11, 2): %s\n",
           py_bool(range_equal(odds, (struct range_value)ITER_RANGE(1, 11, 2))));

    /* An iterator's frame has what is left: __length_hint__, and __setstate__ by assignment. */
    range_next(&some, &item);
    range_next(&some, &item);
    printf("left after two: %" PRIuMAX "\n", range_length(some.range));
    some.range.start = 9;
    while (range_next(&some, &item))
        printf("set to the end: %d\n", item);
    return 0;
}
