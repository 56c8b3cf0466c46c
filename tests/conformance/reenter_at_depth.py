from trace import *


def meddle(g):
    show_state(g)
    show_next(g)
    show_send(g, 5)
    show_throw(g, EFIRST)
    show_close(g)


def inner():
    try:
        meddle(a)
        meddle(b)
        meddle(c)
        yield 1
    finally:
        meddle(a)
        meddle(b)
        meddle(c)


def middle():
    yield from c
    yield 2


def outer():
    yield from b
    yield 3


for closes in 0, 1:
    a = outer()
    b = middle()
    c = inner()
    show_next(a)
    if closes:
        show_close(a)
    else:
        show_rest(a)
    show_state(a)
    show_state(b)
    show_state(c)
