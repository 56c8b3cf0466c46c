// A range as a C++20 coroutine, with a generator as small as one can be.
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

struct generator {
    struct promise_type {
        long item;
        generator get_return_object() { return {handle::from_promise(*this)}; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        std::suspend_always yield_value(long x) noexcept
        {
            item = x;
            return {};
        }
        void return_void() noexcept {}
        void unhandled_exception() { std::terminate(); }
    };
    using handle = std::coroutine_handle<promise_type>;

    handle h;
    generator(handle h) : h(h) {}
    generator(generator &&other) noexcept : h(std::exchange(other.h, nullptr)) {}
    ~generator()
    {
        if (h)
            h.destroy();
    }
    bool next()
    {
        h.resume();
        return !h.done();
    }
    long item() const { return h.promise().item; }
};

static generator range(long stop, long step)
{
    for (long i = 0; i < stop; i += step)
        co_yield i;
}

__attribute__((noinline)) static std::uint64_t sum_of(long stop, long step)
{
    std::uint64_t sum = 0;
    generator g = range(stop, step);
    while (g.next()) {
        sum = sum * 3 + static_cast<std::uint64_t>(g.item());
        __asm__ volatile("" : "+r"(sum));
    }
    return sum;
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
