from trace import *


def shown(item):
    trace("evaluated %d", item)
    return item


def child():
    try:
        yield shown(1)
    except GEN_EXIT:
        yield shown(2)


def parent():
    try:
        yield from child()
    except BaseException:
        show_caught()
        yield shown(3)
    yield shown(4)


g = parent()
show_next(g)
show_close(g)
show_next(g)
show_next(g)
g = parent()
show_next(g)
show_throw(g, GEN_EXIT)
show_next(g)
show_close(g)
