from trace import *


OBEYS, RETURNS, RAISES, YIELDS, STOPS, EXITS = ANSWERS = range(6)


def child(answer):
    try:
        yield 1
    except BaseException:
        show_caught()
        if answer == OBEYS:
            raise
        if answer == RAISES:
            raise ESECOND
        if answer == YIELDS:
            yield 2
        if answer == STOPS:
            raise GEN_STOP
        if answer == EXITS:
            raise GEN_EXIT
    return 7


def parent(answer, of_child):
    try:
        value = yield from child(answer=of_child)
        trace("returned %d", value)
    except BaseException:
        trace("parent")
        show_caught()
        if answer == OBEYS:
            raise
        if answer == RAISES:
            raise ETHIRD
        if answer == YIELDS:
            yield 3
        if answer == STOPS:
            raise GEN_STOP
        if answer == EXITS:
            raise GEN_EXIT
    return 8


for c in ANSWERS:
    for p in ANSWERS:
        g = parent(answer=p, of_child=c)
        trace("child %d, parent %d", c, p)
        show_next(g)
        show_close(g)
        show_next(g)
        for code in EFIRST, GEN_EXIT, GEN_CANCELLED, GEN_STOP:
            g = parent(answer=p, of_child=c)
            show_next(g)
            show_throw(g, code)
            show_next(g)
