from trace import *


def child():
    show_state(root)
    show_next(root)
    yield 1
    show_send(root, 5)
    show_throw(root, EFIRST)
    yield 2
    show_throw(root, GEN_EXIT)
    show_close(root)
    show_state(root)
    return 7


def parent():
    value = yield from child()
    trace("returned %d", value)
    show_close(root)
    yield 3


root = parent()
show_state(root)
show_rest(root)
show_state(root)
