/* itertools.h as C++: the static form, and the frames of the dynamic one. */
#include <cstdlib>

#include "itertools.h"

iter_define_range(ints, int);
iter_define_map(squares, ints, int, x, x *x);
iter_define_filter(odds, squares, x, x % 2);
iter_define_takewhile(small, odds, x, x < 50);
iter_define_dropwhile(late, ints, x, x % 5 != 3);
iter_define_islice(ten, odds);
iter_define_enumerate(numbered, odds);
iter_define_zip(both, ints, squares);
iter_define_chain(two, ints, squares);
iter_define_accumulate(sums, ints, long, total, x, total + x);
iter_define_count(counter, unsigned);

static void require(bool holds)
{
    if (!holds)
        std::exit(1);
}

static bool is_odd(const void *item, void *)
{
    return *static_cast<const int *>(item) % 2 != 0;
}

gen_declare(twice, int);
struct twice {
    struct gen gen;
    struct gen_any it;
    int x;
};
gen_define(twice)
{
    gen_begin();
    iter_for_in (self->x, self->it)
        gen_yield(2 * self->x);
    gen_end();
}

int main()
{
    int sum = 0, x = 0, room[3];
    const struct ints_value by_three = ITER_RANGE(0, 20, 3);
    struct ints it = ints_iter(by_three);

    struct small s = small();
    s.source.source.source.range = ints_value ITER_RANGE(99);
    gen_each (x, small, &s)
        sum += x;
    require(sum == 1 + 9 + 25 + 49);
    require(ints_length(by_three) == 7 && ints_contains(by_three, 9));

    struct iter_filter filter = {};
    filter.source = ints_any(&it);
    filter.predicate = is_odd;
    filter.item = &x;
    filter.size = sizeof x;
    struct twice t = twice();
    t.it = iter_filter_any(&filter);
    int y = 0;
    sum = 0;
    gen_each (y, twice, &t)
        sum += y;
    require(sum == 2 * (3 + 9 + 15));

    it = ints_iter(by_three);
    struct iter_tees tees = ITER_TEES(ints_any(&it), room);
    struct iter_tee tee = {};
    sum = 0;
    iter_for (int, z, iter_tee_init(&tee, &tees))
        sum += z;
    require(sum == 63);
    return 0;
}
