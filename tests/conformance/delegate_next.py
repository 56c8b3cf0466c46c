from trace import *


def child():
    trace("child begins")
    yield 1
    yield 2
    trace("child ends")


def parent():
    trace("parent begins")
    yield 0
    yield from child()
    trace("parent goes on")
    yield 3
    trace("parent ends")


g = parent()
show_rest(g)
show_next(g)
