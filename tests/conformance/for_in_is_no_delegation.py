from trace import *


def counter():
    try:
        for i in range(5):
            yield i
    except Exception:
        trace("not reached")


def looper(source):
    try:
        for x in source:
            yield x
    except BaseException:
        show_caught()
        raise


source = counter()
for i in range(2):
    g = looper(source=source)
    show_next(g)
    if i == 0:
        show_throw(g, EFIRST)
    else:
        show_close(g)
    show_state(source)
    show_next(source)
