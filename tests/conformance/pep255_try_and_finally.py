from trace import *


def f():
    try:
        try:
            yield 1
            try:
                yield 2
                raise EFIRST
                yield 3
            except EFIRST:
                yield 4
                yield 5
                raise EFIRST
            except Exception:
                yield 6
            yield 7
        except Exception:
            yield 8
        yield 9
        try:
            yield 10
        except Exception:
            yield 11
    finally:
        yield 12
    yield 13


g = f()
show_rest(g)
for steps in range(1, 11):
    g = f()
    for i in range(1, steps):
        next(g)
    show_next(g)
    show_throw(g, ESECOND)
    show_next(g)
    show_close(g)
