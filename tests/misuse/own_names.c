/* No misuse: names of the program's own, which are none of the macros' business.
 *
 * expect gcc clang g++ clang++ -Wall -Wextra -Wshadow -Wno-missing-field-initializers: no warning
 * expect run: 25 0,7 1,9 1 3 1 3 0
 */
#include "misuse.h"

#include "itertools.h"

extern int at, begin, call, code, count, done, each, end, exc, first, frame, from, g, i, in, index_,
    io, is_signed, it, item, items, least, left, length, line, loop, more, most, n, name, once, out,
    r, result, second, skip, source, st, start_, status, step, stop, to, total, up, v, value, w,
    where, x, y;
int at, begin, call, code, count, done, each, end, exc, first, frame, from, g, i, in, index_, io,
    is_signed, it, item, items, least, left, length, line, loop, more, most, n, name, once, out, r,
    result, second, skip, source, st, start_, status, step, stop, to, total, up, v, value, w, where,
    x, y;

iter_define_range(ints, int);
iter_define_count(counts, long);
iter_define_filter(odds, ints, each_, each_ % 2);
iter_define_takewhile(few, odds, each_, each_ < 5);
iter_define_dropwhile(rest, few, each_, each_ < 1);
iter_define_map(squares, odds, int, each_, each_ *each_);
iter_define_accumulate(sums, odds, int, sum_, each_, sum_ + each_);
iter_define_islice(slices, sums);
iter_define_enumerate(numbered, squares);
iter_define_zip(zips, ints, counts);
iter_define_chain(chains, few, rest);

gen_declare(all, int, int);
struct all {
    struct gen gen;
    struct gen_unwind unwind[1];
    struct chains chains;
    int kept;
};
gen_define(all)
{
    gen_begin();
    gen_try_finally {
        gen_try {
            gen_for_in (self->kept, chains, &self->chains)
                gen_yield(self->kept);
        }
        gen_except (EOF) {
            gen_reraise();
        }
        gen_end_try
    }
    gen_finally {
        gen_yield_from(chains, &self->chains);
    }
    gen_end_finally
    gen_end();
}

int main(void)
{
    struct all a = {
        .chains = {.first = {.source = {.source = {.range = ITER_RANGE(10)}}},
                   .second = {.source = {.source = {.source = {.range = ITER_RANGE(4)}}}}}};
    int got;
    gen_for (sum, slices, .source = {.source = {.source = {.range = ITER_RANGE(10)}}}, .start = 4,
             .stop = 5)
        printf("%d ", sum);
    gen_for (both, zips, .first = {.range = ITER_RANGE(2)}, .second = {.start = 7, .step = 2})
        printf("%d,%ld ", both.first, both.second);
    gen_each (got, all, &a)
        printf("%d ", got);
    printf("%d\n", at + begin);
    return 0;
}
