from trace import *


def inner():
    try:
        raise ESECOND("inner")
    except Exception:
        show_caught()
        yield 1
    raise ETHIRD("left")


def caller():
    try:
        raise EFIRST("caller")
    except Exception:
        g = inner()
        show_next(g)
        show_caught()
        show_next(g)
        show_caught()
        show_throw(g, EFOURTH)
        show_caught()
        raise
    yield 1


g = caller()
show_next_text(g)
