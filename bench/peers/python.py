# A range as a generator of CPython's. Integers have no end there, so the sum is cut to 64 bits.
import sys
import time


def numbers(stop, step):
    i = 0
    while i < stop:
        yield i
        i += step


def sum_of(stop, step):
    total = 0
    for x in numbers(stop, step):
        total = total * 3 + x & 0xffffffffffffffff
    return total


stop = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
sum_of(stop, 1)
start = time.perf_counter()
sum_of(stop, 1)
print("%.3f" % ((time.perf_counter() - start) * 1e9 / stop))
