from trace import *


ENDS, RAISES, YIELDS = ANSWERS = range(3)


def cleaner(answer):
    trace("cleaner")
    if answer == RAISES:
        raise EFIRST
    if answer == YIELDS:
        yield 2
    return 7


def child(answer):
    try:
        yield 1
    finally:
        value = yield from cleaner(answer=answer)
        trace("cleaned %d", value)


def parent(answer):
    try:
        yield from child(answer=answer)
        trace("parent goes on")
    except BaseException:
        show_caught()
        raise


for answer in ANSWERS:
    g = parent(answer=answer)
    show_next(g)
    show_close(g)
    show_state(g)
    g = parent(answer=answer)
    show_next(g)
    show_throw(g, EFOURTH)
    show_rest(g)
