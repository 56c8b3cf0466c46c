from trace import *


def count(start):
    while True:
        yield start
        start += 1


def without(factor, source):
    for x in source:
        if x % factor != 0:
            yield x


def primes():
    source = count(start=2)
    while True:
        p = next(source)
        yield p
        source = without(factor=p, source=source)


for p in primes():
    trace("prime %d", p)
    if p > 40:
        break
