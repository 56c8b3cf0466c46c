from trace import *


def counter(code):
    for i in range(2):
        yield i
    raise code("source")


def looper(code):
    source = counter(code=code)
    try:
        try:
            for x in source:
                yield x
            trace("not reached")
        except EFIRST:
            show_caught()
        for x in source:
            trace("not reached")
        yield 10
    finally:
        trace("finally")


for code in EFIRST, ESECOND, GEN_STOP, GEN_CANCELLED:
    g = looper(code=code)
    show_next_text(g)
    show_next_text(g)
    show_next_text(g)
    show_next_text(g)
