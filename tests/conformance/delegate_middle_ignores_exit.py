from trace import *


def inner():
    try:
        yield 1
    finally:
        trace("inner leaves")


def middle():
    try:
        yield from inner()
    except GEN_EXIT:
        trace("middle ignores it")
        yield 2


def outer():
    try:
        yield from middle()
        trace("not reached")
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
show_throw(g, GEN_EXIT)
show_next(g)
