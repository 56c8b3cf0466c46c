/* A generator through all its states: created, running (seen from inside), suspended and closed. To
 * make one runs nothing of its body; the first next() does. In Python:
 *
 *     def my_range(from_val, to_val):
 *         while from_val < to_val:
 *             yield from_val
 *             from_val += 1
 *     range_generator = my_range(10, 12)
 *     inspect.getgeneratorstate(range_generator)
 */
#include <stdio.h>
#include "gen.h"

static const char *state_name(enum gen_state state)
{
    static const char *const names[] = {"GEN_CREATED", "GEN_RUNNING", "GEN_SUSPENDED",
                                        "GEN_CLOSED"};
    return names[state];
}

gen_declare(my_range, int);
struct my_range {
    struct gen gen;
    int from_val, to_val;
};
gen_define(my_range)
{
    gen_begin();
    printf("(generator) my_range from_val: %d to_val: %d\n", self->from_val, self->to_val);
    while (self->from_val < self->to_val) {
        printf("(generator) The generator instance is in running state, computes the next value to "
               "be returned by the yield statement\n");
        printf("(generator) inspect.getgeneratorstate(range_generator): %s\n",
               state_name(gen_state(self)));
        printf("(generator) before yield from_val: %d\n", self->from_val);
        gen_yield(self->from_val);
        self->from_val++;
    }
    printf("(generator) leaving the generator function, iteration is finished\n");
    gen_end();
}

static void print_state(const struct my_range *range_generator)
{
    printf("inspect.getgeneratorstate(range_generator): %s\n",
           state_name(gen_state(range_generator)));
}

int main(void)
{
    struct my_range range_generator = {.from_val = 10, .to_val = 12};
    int val = 0;

    print_state(&range_generator);

    if (my_range_next(&range_generator, &val))
        printf("return value of next(range_generator): %d\n", val);
    print_state(&range_generator);

    if (my_range_next(&range_generator, &val))
        printf("return value of next(range_generator): %d\n", val);

    if (!my_range_next(&range_generator, &val) && gen_error(&range_generator) == 0)
        printf("Upon leaving the generator function, received exception of type(stop_iter): "
               "<class 'StopIteration'>\n");
    print_state(&range_generator);

    gen_for (num, my_range, .from_val = 0, .to_val = 7)
        printf("num: %d\n", num);
    return 0;
}
