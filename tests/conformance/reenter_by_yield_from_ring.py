from trace import *


def first():
    trace("first")
    yield 1
    yield from b
    yield 2


def second():
    trace("second")
    yield 3
    yield from a
    yield 4


a = first()
b = second()
show_rest(a)
show_state(a)
show_state(b)
show_next(b)
