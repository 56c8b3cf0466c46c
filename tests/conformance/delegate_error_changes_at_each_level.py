from trace import *


def inner():
    try:
        yield 1
    except EFIRST:
        show_caught()
        raise ESECOND("inner")


def middle():
    try:
        try:
            yield from inner()
        except ESECOND:
            show_caught()
            raise ETHIRD("middle")
    finally:
        show_caught()


def outer():
    try:
        yield from middle()
    except ETHIRD:
        show_caught()
        raise EFOURTH("outer")


g = outer()
show_next(g)
show_throw_text(g, EFIRST, "thrown")
show_state(g)
