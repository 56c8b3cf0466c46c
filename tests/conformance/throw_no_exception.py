from trace import *


def counter():
    try:
        yield 1
        yield 2
    except BaseException:
        trace("not reached")
    try:
        raise 0
    except TypeError:
        trace("nothing raised")


def throw_nothing(g):
    try:
        g.throw(0)
    except TypeError:
        trace("refused")


g = counter()
throw_nothing(g)
show_state(g)
show_next(g)
throw_nothing(g)
show_state(g)
show_next(g)
show_next(g)
throw_nothing(g)
show_state(g)
