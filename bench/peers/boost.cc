// A range on a stack of its own, switched by Boost.Context.
#include <boost/context/fiber.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

__attribute__((noinline)) static std::uint64_t sum_of(long stop, long step)
{
    namespace ctx = boost::context;
    std::uint64_t sum = 0;
    long item = 0;
    ctx::fiber range([&item, stop, step](ctx::fiber &&consumer) {
        for (long i = 0; i < stop; i += step) {
            item = i;
            consumer = std::move(consumer).resume();
        }
        return std::move(consumer);
    });
    for (;;) {
        range = std::move(range).resume();
        if (!range)
            return sum;
        sum = sum * 3 + static_cast<std::uint64_t>(item);
        __asm__ volatile("" : "+r"(sum));
    }
}

int main(int argc, char **argv)
{
    using clock = std::chrono::steady_clock;
    volatile long stop = argc > 1 ? std::atol(argv[1]) : 1000000, step = 1;
    volatile std::uint64_t sum = sum_of(stop, step);
    auto start = clock::now();
    sum = sum_of(stop, step);
    std::chrono::duration<double, std::nano> ns = clock::now() - start;
    std::printf("%.3f\n", ns.count() / static_cast<double>(stop));
    return sum == 0;
}
