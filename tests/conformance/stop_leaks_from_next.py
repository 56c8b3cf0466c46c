from trace import *


def range3():
    for i in range(3):
        yield i


def pairs():
    src = range3()
    while True:
        a = next(src)
        b = next(src)
        yield 10 * a + b


g = pairs()
show_next(g)
show_next(g)
show_next(g)
