from trace import *


NOBODY, INNER, MIDDLE, OUTER = WHO = range(4)


def inner(who):
    try:
        yield 1
    except BaseException:
        trace("inner")
        show_caught()
        if who == INNER:
            yield 2
        else:
            raise


def middle(who):
    try:
        yield from inner(who=who)
    except BaseException:
        trace("middle")
        show_caught()
        if who == MIDDLE:
            yield 3
        else:
            raise


def outer(who):
    try:
        yield from middle(who=who)
    except BaseException:
        trace("outer")
        show_caught()
        if who == OUTER:
            yield 4
        else:
            raise


def root(who):
    try:
        yield from outer(who=who)
    except BaseException:
        trace("root")
        show_caught()


for who in WHO:
    g = root(who=who)
    show_next(g)
    show_close(g)
    show_state(g)
    g = root(who=who)
    show_next(g)
    show_throw(g, GEN_EXIT)
    show_state(g)
