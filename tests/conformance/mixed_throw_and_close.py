from trace import *


def e():
    try:
        yield 1
    except BaseException:
        trace("e")
        show_caught()
        raise


def d():
    try:
        yield from e()
    except BaseException:
        trace("d")
        show_caught()
        raise


def c():
    try:
        yield from d()
    except BaseException:
        trace("c")
        show_caught()
        raise


def b():
    try:
        yield from c()
    except BaseException:
        trace("b")
        show_caught()
        raise


def a():
    try:
        yield from b()
    except BaseException:
        trace("a")
        show_caught()
        raise


g = a()
show_next(g)
show_throw_text(g, EFIRST, "thrown")
g = a()
show_next(g)
show_throw(g, GEN_EXIT)
g = a()
show_next(g)
show_close(g)
show_state(g)
