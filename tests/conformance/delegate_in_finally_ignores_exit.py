from trace import *


def child(item):
    yield item
    trace("child %d goes on", item)


def middle():
    try:
        yield from child(item=1)
    finally:
        trace("finally")
        yield from child(item=2)
        trace("finally goes on")


def outer():
    try:
        yield from middle()
        trace("outer goes on")
    except BaseException:
        show_caught()
    yield 3


g = outer()
show_next(g)
show_close(g)
show_state(g)
show_next(g)
g = outer()
show_next(g)
show_throw(g, EFIRST)
show_close(g)
show_state(g)
g = outer()
show_rest(g)
