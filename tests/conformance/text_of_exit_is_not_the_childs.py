from trace import *


def inner():
    try:
        yield 1
    except BaseException:
        trace("inner")
        show_caught()
        raise


def middle():
    try:
        yield from inner()
    except BaseException:
        trace("middle")
        show_caught()
        raise


def outer():
    try:
        yield from middle()
    except BaseException:
        trace("outer")
        show_caught()
        raise


g = outer()
show_next(g)
show_throw_text(g, GEN_EXIT, "thrown")
